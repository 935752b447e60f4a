"""The face of an `AgentSession`: phones travel beside sound, ends are told when they are heard."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("livekit.agents", reason="the extra `worker` is not installed")

from livekit import rtc
from livekit.agents.voice.avatar import AudioSegmentEnd

from visavis.live.avatar.timeline import Mark, Slot
from visavis.live.worker.face import Face, Output, sound_frame
from visavis.speech import Synthesiser, join
from visavis.speech.types import Phone, Speech

RATE = 24_000


class Painter:
    """Notes what it is asked to draw."""

    ahead = 4
    size = (4, 4)

    def __init__(self, *, broken: bool = False) -> None:
        self.slots: list[Slot] = []
        self._broken = broken

    def paint(self, slots: list[Slot], *, draw: bool = True) -> Any:
        if self._broken:
            raise RuntimeError("no paint")
        self.slots.append(slots[0])
        return np.zeros((6, 4), np.uint8)

    @property
    def phones(self) -> list[str]:
        return [phone.symbol for slot in self.slots for phone in slot.speech.phones]


class Told:
    """What came out of a face, and what was told of it."""

    def __init__(self, painter: Painter) -> None:
        self.marks: list[Mark] = []
        self.out: list[Any] = []
        self.finished: list[tuple[float, bool]] = []
        self.started = 0
        self.changed = asyncio.Condition()
        output = Output()
        output.on("playback_started", lambda _event: self._start())
        self.output = output
        self.face = Face(painter, output, self.marks.append)  # type: ignore[arg-type]

    def _start(self) -> None:
        self.started += 1

    async def run(self) -> None:
        async for item in self.face:
            self.out.append(item)
            async with self.changed:
                self.changed.notify_all()

    async def until(self, what: Any) -> None:
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(what), 20)

    def has_ended(self) -> bool:
        return any(isinstance(item, AudioSegmentEnd) for item in self.out)


@contextlib.asynccontextmanager
async def alive(painter: Painter) -> AsyncIterator[Told]:
    told = Told(painter)
    running = asyncio.create_task(told.run())
    try:
        yield told
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def humming(seconds: float) -> Speech:
    samples = np.full(round(seconds * RATE), 0.25, np.float32)
    return Speech(samples, RATE, (Phone("m", 0.0, seconds),), text="Mmm.")


def test_the_phones_of_a_frame_reach_the_lips() -> None:
    painter = Painter()

    async def run() -> Told:
        async with alive(painter) as told:
            await told.face.push_audio(sound_frame(humming(0.3)))
            await told.face.push_audio(AudioSegmentEnd())
            await told.until(told.has_ended)
            return told

    told = asyncio.run(run())
    assert painter.phones == ["m"]
    assert [mark.kind for mark in told.marks] == ["begin", "say", "end"]
    assert told.started == 1
    sounds = [item for item in told.out if isinstance(item, rtc.AudioFrame)]
    heard = np.concatenate([np.frombuffer(item.data, np.int16) for item in sounds])
    assert (
        0.3 * RATE - np.count_nonzero(heard) <= RATE // 25
    )  # the end is told a frame early at most
    assert any(isinstance(item, rtc.VideoFrame) for item in told.out)


def test_sound_without_phones_is_listened_to() -> None:
    painter = Painter()
    said = join(Synthesiser().synthesise("Bob met a farmer.", "en-US-heart"))
    frame = sound_frame(Speech(said.samples, RATE, ()))
    frame.userdata.clear()

    async def run() -> None:
        async with alive(painter) as told:
            await told.face.push_audio(frame)
            await told.face.push_audio(AudioSegmentEnd())
            await told.until(told.has_ended)

    asyncio.run(run())
    assert {"b", "m"} & set(painter.phones)


def test_clearing_returns_once_it_is_silent_and_tells_how_much_was_heard() -> None:
    async def run() -> tuple[Told, float]:
        async with alive(Painter()) as told:
            await told.face.push_audio(sound_frame(humming(5.0)))
            await told.until(lambda: told.started == 1)
            # LiveKit clears twice at every interruption
            await asyncio.wait_for(
                asyncio.gather(told.face.clear_buffer(), told.face.clear_buffer()), 5
            )
            return told, told.face.timeline.ahead

    told, ahead = asyncio.run(run())
    ended = [mark for mark in told.marks if mark.kind == "end"]
    assert len(ended) == 1
    assert ended[0].cut
    assert 0 < ended[0].seconds < 2
    assert ahead == 0
    assert not told.has_ended()


def test_clearing_what_is_silent_is_nothing() -> None:
    async def run() -> None:
        async with alive(Painter()) as told:
            await asyncio.wait_for(told.face.clear_buffer(), 5)

    asyncio.run(run())


def test_a_face_that_cannot_be_drawn_says_why() -> None:
    async def run() -> None:
        await asyncio.wait_for(Told(Painter(broken=True)).run(), 20)

    with pytest.raises(RuntimeError, match="no paint"):
        asyncio.run(run())
