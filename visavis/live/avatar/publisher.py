"""The avatar's tracks in a LiveKit room."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from livekit import rtc

from visavis.errors import InvalidInputError, VisavisError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Quality:
    """How the picture is sent.

    Attributes:
        size: width and height in pixels.
        bitrate: bits per second at most.
    """

    size: tuple[int, int]
    bitrate: int


QUALITIES = {
    "low": Quality((640, 360), 500_000),
    "medium": Quality((848, 480), 1_000_000),
    "high": Quality((1280, 720), 2_000_000),
}

CODECS = {"H264": rtc.VideoCodec.H264, "VP8": rtc.VideoCodec.VP8}


Connect = Callable[[], Awaitable[None]]
"""Enters the room."""


class RoomError(VisavisError):
    """The room could not be entered."""

    code = "room_unavailable"
    retryable = True


def quality_named(name: str) -> Quality:
    """A quality by its name.

    Raises:
        InvalidInputError: there is none of that name.
    """
    if name not in QUALITIES:
        raise InvalidInputError(f"There is no quality {name!r}.", f"Use {', '.join(QUALITIES)}.")
    return QUALITIES[name]


def publish_options(
    quality: Quality, fps: int, codec: "rtc.VideoCodec.ValueType"
) -> tuple[rtc.TrackPublishOptions, rtc.TrackPublishOptions]:
    """How an avatar's sound and picture are published."""
    sound = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
    picture = rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA,
        simulcast=False,
        video_codec=codec,
        video_encoding=rtc.VideoEncoding(max_bitrate=quality.bitrate, max_framerate=fps),
    )
    return sound, picture


class Publisher:
    """One avatar's place in a room: exactly one audio and one video track.

    Args:
        rate: samples per second of the sound.
        quality: size and bitrate of the picture.
        fps: frames per second.
        codec: ``H264`` or ``VP8``.
        room: the room, where somebody else enters it; by default one of its own.
    """

    def __init__(
        self,
        rate: int,
        quality: Quality,
        fps: int,
        codec: str = "VP8",
        room: rtc.Room | None = None,
    ) -> None:
        self.room = room or rtc.Room()
        self._rate = rate
        self._quality = quality
        self._fps = fps
        self._codec = CODECS[codec]
        width, height = quality.size
        self._audio = rtc.AudioSource(rate, 1, queue_size_ms=0)
        self._video = rtc.VideoSource(width, height)

    async def enter(self, url: str, token: str) -> None:
        """Connect and publish.

        Raises:
            RoomError: the room does not answer or refuses the token.
        """
        await self.enter_by(
            lambda: self.room.connect(url, token, rtc.RoomOptions(auto_subscribe=True))
        )

    async def enter_by(self, connect: Connect) -> None:
        """The same, connected by somebody else."""
        try:
            await connect()
        except rtc.ConnectError as error:
            raise RoomError(f"The room did not let the avatar in: {error}.") from error
        local = self.room.local_participant
        sound_options, picture_options = publish_options(self._quality, self._fps, self._codec)
        sound = local.publish_track(
            rtc.LocalAudioTrack.create_audio_track("avatar_audio", self._audio), sound_options
        )
        picture = local.publish_track(
            rtc.LocalVideoTrack.create_video_track("avatar_video", self._video), picture_options
        )
        await asyncio.gather(sound, picture)

    async def sound(self, samples: npt.NDArray[np.int16]) -> None:
        """Send 10 ms of mono samples at once; a queue inside WebRTC would keep its own time."""
        await self._audio.capture_frame(
            rtc.AudioFrame(samples.tobytes(), self._rate, 1, len(samples))
        )

    def picture(self, planes: npt.NDArray[np.uint8], timestamp_us: int) -> None:
        """Show a picture in I420."""
        width, height = self._quality.size
        frame = rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, planes.tobytes())
        self._video.capture_frame(frame, timestamp_us=timestamp_us)

    async def say(self, message: bytes, to: list[str], topic: str = "") -> None:
        """Send data to some of the others."""
        if self.room.isconnected():
            await self.room.local_participant.publish_data(
                message, reliable=True, destination_identities=to, topic=topic
            )

    async def leave(self) -> None:
        """Give everything back."""
        await self.room.disconnect()
        await self._audio.aclose()
        await self._video.aclose()


def on_lost(publisher: Publisher, call: Callable[[], None]) -> None:
    """Call `call` once the room is gone for good."""
    loop = asyncio.get_running_loop()
    publisher.room.on("disconnected", lambda _reason: loop.call_soon(call))
