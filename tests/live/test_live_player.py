"""One clock: sound never waits for pictures, pictures are on time or not at all."""

import asyncio
import contextlib
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from visavis.live.avatar.player import Player
from visavis.live.avatar.timeline import Mark, Slot, Timeline
from visavis.speech.types import Speech

RATE = 24_000


class Painter:
    """Takes as long as it is told to."""

    ahead = 4

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.seen: list[int] = []

    def paint(self, slots: list[Slot], *, draw: bool = True) -> Any:
        self.seen.append(slots[0].index)
        if not draw:
            return None
        if self.seconds < 0:
            raise RuntimeError("no paint")
        time.sleep(self.seconds)  # the work itself
        return np.full((6, 4), slots[0].index % 256, np.uint8)


class Outlet:
    """Notes what goes out, and when."""

    def __init__(self) -> None:
        self.sounds: list[tuple[float, np.ndarray]] = []
        self.pictures: list[tuple[float, int, int]] = []

    async def sound(self, samples: np.ndarray) -> None:
        self.sounds.append((time.monotonic(), samples))

    def picture(self, planes: np.ndarray, timestamp_us: int) -> None:
        self.pictures.append((time.monotonic(), int(planes[0, 0]), timestamp_us))


def play(painter: Painter, seconds: float, made: Timeline | None = None) -> tuple[Any, Any, Any]:
    outlet, heard = Outlet(), []
    timeline = made or Timeline(RATE, Fraction(25))

    async def run() -> Player:
        player = Player(
            timeline, painter, outlet, lambda mark: heard.append((mark, time.monotonic()))
        )  # type: ignore[arg-type]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(player.play(), seconds)
        return player

    return asyncio.run(run()), outlet, heard


def test_pictures_are_shown_when_their_sound_is_heard() -> None:
    _, outlet, _ = play(Painter(), 1.0)
    begins = outlet.pictures[0][2] / 1e6 - outlet.pictures[0][1] * 0.04
    assert outlet.sounds[0][0] >= begins - 0.005
    for shown, index, stamp in outlet.pictures:
        # later only where the whole clock was set back by a machine that stood still
        assert stamp / 1e6 >= begins + index * 0.04 - 1e-4
        assert shown >= stamp / 1e6 - 0.005


def test_the_next_picture_is_drawn_while_one_waits_for_its_instant() -> None:
    order: list[tuple[str, int]] = []

    class Noting(Painter):
        def paint(self, slots: list[Slot], *, draw: bool = True) -> Any:
            order.append(("drawn", slots[0].index))
            return super().paint(slots, draw=draw)

    class Showing(Outlet):
        def picture(self, planes: np.ndarray, timestamp_us: int) -> None:
            order.append(("shown", int(planes[0, 0])))
            super().picture(planes, timestamp_us)

    async def run() -> None:
        player = Player(Timeline(RATE, Fraction(25)), Noting(), Showing(), lambda _mark: None)  # type: ignore[arg-type]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(player.play(), 1.5)

    asyncio.run(run())
    shown = [index for kind, index in order if kind == "shown"]
    assert shown == sorted(set(shown))
    assert any(
        ("drawn", index + 1) in order[: order.index(("shown", index))] for index in shown[:-1]
    )


def test_slow_pictures_are_left_out_and_the_sound_goes_on() -> None:
    painter = Painter(0.09)
    player, outlet, _ = play(painter, 1.5)
    assert len(outlet.sounds) >= 120
    assert {len(samples) for _, samples in outlet.sounds} == {RATE // 100}
    assert player.counts.dropped > 0
    assert player.counts.frames >= 5
    assert painter.seen == list(range(len(painter.seen))), "every slot is performed, drawn or not"
    indices = [index for _, index, _ in outlet.pictures]
    assert indices == sorted(set(indices))


def test_marks_are_told_when_they_are_heard() -> None:
    timeline = Timeline(RATE, Fraction(25))
    timeline.open("a")
    timeline.add("a", Speech(np.full(RATE // 5, 0.1, np.float32), RATE, text="Hi."))
    timeline.close("a")
    _, outlet, heard = play(Painter(), 0.8, timeline)
    kinds = [(mark.kind, mark.utterance) for mark, _ in heard]
    assert kinds == [("begin", "a"), ("say", "a"), ("end", "a")]
    begun, ended = heard[0][1], heard[2][1]
    assert begun >= outlet.sounds[0][0] - 0.005
    assert 0.1 < ended - begun < 0.6
    assert isinstance(heard[0][0], Mark)


def test_a_cut_is_silent_within_two_pieces_though_more_was_settled() -> None:
    timeline = Timeline(RATE, Fraction(25))
    timeline.open("a")
    timeline.add("a", Speech(np.full(RATE * 5, 0.5, np.float32), RATE))
    sent: list[float] = []

    class Cutting(Outlet):
        async def sound(self, samples: np.ndarray) -> None:
            sent.append(float(np.abs(samples).max()))
            if len(sent) == 30:
                timeline.cut()
            if len(sent) == 60:
                raise TimeoutError

    async def run() -> None:
        player = Player(timeline, Painter(), Cutting(), lambda _mark: None)  # type: ignore[arg-type]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(player.play(), 20)

    asyncio.run(run())
    assert min(sent[:30]) > 10_000
    loud = [level > 0 for level in sent[30:]]
    # Some pieces may have been due in the same breath; then two fade, and nothing is heard.
    assert loud == sorted(loud, reverse=True)
    assert sum(loud) <= 2 + sum(level > 10_000 for level in sent[30:])
    assert not any(loud[20:])


def test_a_broken_painter_ends_the_show_with_its_error() -> None:
    async def run() -> None:
        timeline = Timeline(RATE, Fraction(25))
        player = Player(timeline, Painter(-1), Outlet(), lambda _mark: None)  # type: ignore[arg-type]
        await asyncio.wait_for(player.play(), 5)

    with pytest.raises(RuntimeError, match="no paint"):
        asyncio.run(run())
