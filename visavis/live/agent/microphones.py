"""The sound of the people in the room."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import numpy as np
from livekit import rtc

from visavis.speech.types import Samples

log = logging.getLogger(__name__)

RATE = 16_000

Heard = Callable[[Samples], Awaitable[None]]


class Microphones:
    """Follows the audio tracks of everybody who is no program.

    Args:
        room: where.
        heard: given samples at 16 kHz as they come.
        first: called when the first track is there.
    """

    def __init__(self, room: rtc.Room, heard: Heard, first: Callable[[], None]) -> None:
        self._heard = heard
        self._first: Callable[[], None] | None = first
        self._tasks: dict[str, asyncio.Task[None]] = {}
        room.on("track_subscribed", self._subscribed)
        room.on("track_unsubscribed", self._unsubscribed)

    def _subscribed(
        self,
        track: rtc.Track,
        _publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if track.kind != rtc.TrackKind.KIND_AUDIO or agent:
            return
        if self._first is not None:
            self._first()
            self._first = None
        self._tasks[track.sid] = asyncio.create_task(self._follow(track))

    def _unsubscribed(
        self,
        track: rtc.Track,
        _publication: rtc.RemoteTrackPublication,
        _participant: rtc.RemoteParticipant,
    ) -> None:
        if (task := self._tasks.pop(track.sid, None)) is not None:
            task.cancel()

    async def _follow(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        try:
            async for event in stream:
                pcm = np.frombuffer(event.frame.data, np.int16)
                await self._heard(pcm.astype(np.float32) / 32768.0)
        finally:
            await stream.aclose()

    def close(self) -> None:
        """Stop following."""
        for task in self._tasks.values():
            task.cancel()
