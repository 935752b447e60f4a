"""Sound and picture on air, by one clock."""

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from visavis.live.avatar.painter import Painter
from visavis.live.avatar.timeline import Mark, Slot, Timeline

log = logging.getLogger(__name__)

BUFFER = 0.06
"""Seconds between the instant at which it is settled what will be heard, and that instant; a
picture has as long to be drawn."""

PIECE = 0.01
"""Seconds of sound that are handed out at a time, as WebRTC takes them."""

FADE = 2
"""Pieces in which sound that is cut off fades, of those that were settled and not yet sent."""

STALL = 0.25
"""Seconds by which the sound may be late and still catch up; after that it goes on from where it
is, and the clock with it."""

LATE = 0.5
"""Frames by which a picture may miss its time; one that is expected to miss it by more is left
out."""

_NEWEST = 0.2
"""How much the last picture counts for the time that the next one is expected to take."""

Picture = npt.NDArray[np.uint8]


class Outlet(Protocol):
    """Where sound and picture go."""

    async def sound(self, samples: npt.NDArray[np.int16]) -> None:
        """Send `PIECE` seconds of mono samples, now."""
        ...

    def picture(self, planes: Picture, timestamp_us: int) -> None:
        """Show a picture now. May be called from another thread."""
        ...


@dataclass(slots=True)
class Counts:
    """What was played.

    Attributes:
        frames: pictures that were shown.
        dropped: pictures that were left out because they were late.
        gaps: times at which the sound stalled for longer than `STALL`.
        gap_seconds: silence that nobody asked for, in seconds.
        worst_late: seconds by which a picture was shown late at most, since it was last asked.
    """

    frames: int = 0
    dropped: int = 0
    gaps: int = 0
    gap_seconds: float = 0.0
    worst_late: float = 0.0


@dataclass(frozen=True, slots=True)
class _Piece:
    """Sound, and the instant at which it is sent."""

    samples: npt.NDArray[np.int16]
    at: float


@dataclass(frozen=True, slots=True)
class _Due:
    """A slot with what is expected to follow, and the instant at which it is heard."""

    slots: list[Slot]
    at: float


class Player:
    """Plays a timeline with pictures until it is stopped.

    There is one clock: sound is sent, and the picture of it shown, at the start plus the samples
    before it. A late picture is left out; late sound catches up, so that none is ever lost and the
    two never drift apart. One thread draws and another shows what is drawn, so that a picture that
    waits for its instant does not keep the next one waiting.

    Args:
        timeline: what is to be heard.
        painter: draws what is to be seen.
        outlet: where both go.
        on_mark: told of marks at the instant they are heard, in the loop's thread.
    """

    def __init__(
        self,
        timeline: Timeline,
        painter: Painter,
        outlet: Outlet,
        on_mark: Callable[[Mark], None],
    ) -> None:
        self.timeline = timeline
        self.counts = Counts()
        self._length = timeline.length / timeline.rate
        self._painter = painter
        self._outlet = outlet
        self._on_mark = on_mark
        self._due: queue.SimpleQueue[_Due | None] = queue.SimpleQueue()
        self._drawn: queue.SimpleQueue[tuple[Picture, float] | None] = queue.SimpleQueue()
        self._took = 0.0
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._watched, args=(work,), name=name, daemon=True)
            for work, name in ((self._draw, "visavis-picture"), (self._show, "visavis-show"))
        ]

    async def play(self) -> None:
        """Play until cancelled.

        Raises:
            Exception: whatever broke the drawing.
        """
        for thread in self._threads:
            thread.start()
        due = time.monotonic() + BUFFER
        pieces: deque[_Piece] = deque()
        cuts = self.timeline.cuts
        try:
            while self._failure is None:
                following = min(due - BUFFER, pieces[0].at if pieces else due)
                await asyncio.sleep(max(0.0, following - time.monotonic()))
                now = time.monotonic()
                if self.timeline.cuts != cuts:
                    cuts = self.timeline.cuts
                    pieces = _faded(pieces)
                if pieces and (late := now - pieces[0].at) > STALL:
                    self.counts.gaps += 1
                    self.counts.gap_seconds += late
                    pieces = deque(_Piece(item.samples, item.at + late) for item in pieces)
                    due += late
                while due - BUFFER <= now:
                    pieces += self._begin(due)
                    due += self._length
                while pieces and pieces[0].at <= now:
                    await self._outlet.sound(pieces.popleft().samples)
            raise self._failure
        finally:
            self._stopped.set()
            self._due.put(None)
            for thread in self._threads:
                await asyncio.to_thread(thread.join)

    def _begin(self, due: float) -> list["_Piece"]:
        """Take the next slot, which is heard at `due`: its picture is begun, its sound cut up."""
        slot = self.timeline.take()
        self._due.put(_Due([slot, *self.timeline.peek(self._painter.ahead)], due))
        loop = asyncio.get_running_loop()
        for mark in slot.marks:
            loop.call_at(loop.time() + due - time.monotonic(), self._on_mark, mark)
        sound = (np.clip(slot.speech.samples, -1.0, 1.0) * 32767.0).astype(np.int16)
        step = round(PIECE * self.timeline.rate)
        return [
            _Piece(sound[start : start + step], due + start / self.timeline.rate)
            for start in range(0, len(sound), step)
        ]

    def _watched(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - raised again by `play`
            self._failure = error

    def _draw(self) -> None:
        try:
            while (due := self._due.get()) is not None and not self._stopped.is_set():
                began = time.monotonic()
                # never so much that a painter who is always slow shows nothing any more
                expected = began + min(self._took, self._length)
                behind = expected > due.at + LATE * self._length
                planes = self._painter.paint(due.slots, draw=not behind)
                if planes is None:
                    self.counts.dropped += 1
                    continue
                self._took += _NEWEST * (time.monotonic() - began - self._took)
                self._drawn.put((planes, due.at))
        finally:
            self._drawn.put(None)

    def _show(self) -> None:
        while (drawn := self._drawn.get()) is not None:
            planes, at = drawn
            if self._stopped.wait(max(0.0, at - time.monotonic())):
                return
            self.counts.worst_late = max(self.counts.worst_late, time.monotonic() - at)
            self._outlet.picture(planes, round(at * 1e6))
            self.counts.frames += 1


def _faded(pieces: "deque[_Piece]") -> "deque[_Piece]":
    """The same with the sound running out at once."""
    count = sum(len(item.samples) for item in list(pieces)[:FADE])
    fall = np.linspace(1.0, 0.0, max(1, count), dtype=np.float32)
    faded: deque[_Piece] = deque()
    for item in pieces:
        part, fall = fall[: len(item.samples)], fall[len(item.samples) :]
        samples = np.zeros_like(item.samples)
        samples[: len(part)] = item.samples[: len(part)] * part
        faded.append(_Piece(samples, item.at))
    return faded
