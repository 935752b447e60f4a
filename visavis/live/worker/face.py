"""The face of an `AgentSession`: what LiveKit's `AvatarRunner` drives."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from livekit import rtc
from livekit.agents.voice.avatar import (
    AudioReceiver,
    AudioSegmentEnd,
    AvatarOptions,
    AvatarRunner,
    QueueAudioOutput,
    VideoGenerator,
)

from visavis.live.agent.config import FPS, RATE
from visavis.live.avatar.painter import Painter
from visavis.live.avatar.player import Player
from visavis.live.avatar.publisher import CODECS, publish_options, quality_named
from visavis.live.avatar.timeline import Mark, Timeline
from visavis.performance.listener import PromptListener
from visavis.speech.types import Speech

SPEECH = "visavis.speech"
"""Key of `AudioFrame.userdata` under which a frame carries the phones of its sound."""


def sound_frame(speech: Speech) -> rtc.AudioFrame:
    """A clause as LiveKit hands sound on, with its phones beside it."""
    samples = (np.clip(speech.samples, -1.0, 1.0) * 32767.0).astype(np.int16)
    frame = rtc.AudioFrame(samples.tobytes(), speech.rate, 1, len(samples))
    frame.userdata[SPEECH] = speech
    return frame


class Output(QueueAudioOutput):
    """Where an `AgentSession` sends its sound. It is told what was heard by the face, which knows;
    the runner counts the silence between utterances too."""

    def __init__(self) -> None:
        super().__init__(sample_rate=RATE, wait_playback_start=True)
        self._heard = 0.0

    def begun(self) -> None:
        """An utterance begins to be heard."""
        self.on_playback_started(created_at=time.time())

    def ended(self, seconds: float) -> None:
        """That many seconds of it were heard."""
        self._heard = seconds

    def notify_playback_started(self) -> None:
        """Nothing: see `begun`."""

    def notify_playback_finished(self, playback_position: float, interrupted: bool) -> None:
        """Tell the session, by the face's own count."""
        super().notify_playback_finished(self._heard, interrupted)


class Face(VideoGenerator):
    """An avatar that speaks what is pushed, and breathes, blinks and listens when nothing is.

    Sound and picture leave by the clock of `Player`, whatever drives this.

    Args:
        painter: draws it.
        output: told when an utterance begins and ends to be heard.
        tell: told of every mark at the instant it is heard.
    """

    def __init__(self, painter: Painter, output: Output, tell: Callable[[Mark], None]) -> None:
        self.timeline = Timeline(RATE, Fraction(FPS))
        self.player = Player(self.timeline, painter, self, self._marked)
        self._painter = painter
        self._output = output
        self._tell = tell
        self._lips = PromptListener(RATE)
        self._utterance = ""
        self._cut: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._out: asyncio.Queue[rtc.VideoFrame | rtc.AudioFrame | AudioSegmentEnd] = (
            asyncio.Queue()
        )

    async def push_audio(self, frame: rtc.AudioFrame | AudioSegmentEnd) -> None:
        """Let sound be heard after what waits already; its end ends the utterance."""
        if isinstance(frame, AudioSegmentEnd):
            self.timeline.close(self._utterance)
            self._utterance = ""
            self._lips.reset()
            return
        if not self._utterance:
            self._utterance = str(uuid.uuid4())
            self.timeline.open(self._utterance)
        self.timeline.add(self._utterance, frame.userdata.get(SPEECH) or self._heard(frame))

    def _heard(self, frame: rtc.AudioFrame) -> Speech:
        """Sound whose phones are unknown: they are heard."""
        pcm = np.frombuffer(frame.data, np.int16).reshape(-1, frame.num_channels)
        samples = (pcm.astype(np.float32) / 32768.0).mean(axis=1)
        return Speech(samples, frame.sample_rate, self._lips(samples))

    async def clear_buffer(self) -> None:
        """Fall silent now; returns once that is heard."""
        self._utterance = ""
        if self.timeline.cut():
            self._cut = self._loop.create_future()
            await self._cut

    def _marked(self, mark: Mark) -> None:
        if mark.kind == "begin":
            self._output.begun()
        elif mark.kind == "end":
            self._output.ended(mark.seconds)
            if not mark.cut:
                self._out.put_nowait(AudioSegmentEnd())
            elif self._cut is not None and not self._cut.done():
                self._cut.set_result(None)
        self._tell(mark)

    async def __aiter__(
        self,
    ) -> AsyncIterator[rtc.VideoFrame | rtc.AudioFrame | AudioSegmentEnd]:
        """Sound and pictures, each at its instant.

        Raises:
            Exception: whatever broke the drawing.
        """
        playing = asyncio.create_task(self.player.play())
        try:
            while True:
                getting = asyncio.ensure_future(self._out.get())
                await asyncio.wait({getting, playing}, return_when=asyncio.FIRST_COMPLETED)
                if playing.done():
                    getting.cancel()
                    playing.result()
                    return
                yield getting.result()
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    # As the outlet of the player ----------------------------------------------------------------

    async def sound(self, samples: npt.NDArray[np.int16]) -> None:
        """Hand on sound that is heard now."""
        self._out.put_nowait(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))

    def picture(self, planes: npt.NDArray[np.uint8], timestamp_us: int) -> None:
        """Hand on a picture that is seen now; comes from the thread that shows."""
        width, height = self._painter.size
        frame = rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, planes.tobytes())
        self._loop.call_soon_threadsafe(self._out.put_nowait, frame)


class Runner(AvatarRunner):
    """Publishes with the codec, size and bit rate that were asked for, before anybody listens.

    LiveKit's runner has no argument for either, so its way of publishing is replaced; it has no
    queues here, because `Face` keeps the time.

    Args:
        room: where.
        output: where the sound comes from.
        face: speaks it.
        quality: a name of `QUALITIES`.
        codec: ``H264`` or ``VP8``.
    """

    def __init__(
        self, room: rtc.Room, output: AudioReceiver, face: Face, quality: str, codec: str
    ) -> None:
        self._quality = quality_named(quality)
        self._codec = CODECS[codec]
        width, height = self._quality.size
        super().__init__(
            room,
            audio_recv=output,
            video_gen=face,
            options=AvatarOptions(width, height, FPS, RATE, 1),
            _queue_size_ms=0,
            _lazy_publish=False,
        )

    async def _publish_track(self) -> None:
        async with self._lock:
            if self._video_publication is not None:
                return
            await self._room_connected_fut
            local = self._room.local_participant
            sound, picture = publish_options(self._quality, FPS, self._codec)
            self._audio_publication, self._video_publication = await asyncio.gather(
                local.publish_track(
                    rtc.LocalAudioTrack.create_audio_track("avatar_audio", self._audio_source),
                    sound,
                ),
                local.publish_track(
                    rtc.LocalVideoTrack.create_video_track("avatar_video", self._video_source),
                    picture,
                ),
            )
