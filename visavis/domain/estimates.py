"""How long things take here: measured, remembered and added up."""

import heapq
import math
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain.order import Order
from visavis.domain.script import pauses, spoken_length
from visavis.store.tables import Segment, Speed, Video, Worker

LETTERS_PER_SECOND = 14.5
"""What a voice says in a second until it was measured."""

REST_SECONDS = 0.5
"""What is seen before the first and after the last word."""

OVERHEAD_SECONDS = 3.0
"""From the start of a render to its first frame, until it was measured."""

FINISH_SECONDS = 1.0
"""Starting the process, joining and publishing, until they were measured."""

AVATAR_SECONDS = 30.0
"""Making an avatar of its sources, until it was measured."""

SPEAKING, DRAWING = 0.22, 0.37
"""Seconds of work for a second of video at 720p and 25 frames a second on two cores. What was never
made here is guessed from them, and from how this machine did with other kinds of video."""

_LEARN = 0.3
_LONGEST_FINISH, _LONGEST_AVATAR = 120.0, 3600.0
_WORKER_FRESH = 60.0
_LOOKED_AT = 100  # videos of a queue that are looked at one by one
_OVERDUE = 0.25  # what a render that is late still takes, as a share of what it has taken


class Estimates:
    """Figures of this installation, kept in the table of speeds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def _value(self, name: str, default: float) -> float:
        row = self._session.get(Speed, name)
        return float(row.value) if row else default

    def _learn(self, name: str, value: float) -> None:
        """One statement, so that two renders which end at once cannot hinder each other."""
        if not math.isfinite(value) or value <= 0:
            return
        row = _insert(self._session)(Speed).values(name=name, value=value, samples=1)
        moved = Speed.value + (row.excluded.value - Speed.value) * _LEARN
        self._session.execute(
            row.on_conflict_do_update(
                index_elements=[Speed.name], set_={"value": moved, "samples": Speed.samples + 1}
            )
        )

    def speech_seconds(self, order: Order) -> float:
        """How long a text will be when spoken; 0 where there is none."""
        letters = spoken_length(order.text)
        if not letters:
            return 0.0
        usual = self._value("letters", LETTERS_PER_SECOND)
        rate = self._value(f"letters:{order.voice}", usual) * order.speed
        return letters / rate + pauses(order.text) + REST_SECONDS

    def work_seconds(self, order: Order, duration: float, parts: int = 1) -> float:
        """Seconds that one slot needs for a video.

        Args:
            order: what it shall be.
            duration: its seconds.
            parts: segments that it is rendered in, each of which has to be started.
        """
        ratio = self._value(_kind(order), _guess(order) * self._value("pace", 1.0))
        finish = self._value("finish", FINISH_SECONDS)
        return parts * self.overhead() + duration * ratio + finish

    def overhead(self) -> float:
        """Seconds from the start of a render to its first frame."""
        return self._value("overhead", OVERHEAD_SECONDS)

    def avatar_seconds(self, kind: str) -> float:
        """Seconds that making an avatar of this kind takes."""
        return self._value(f"avatar:{kind}", AVATAR_SECONDS * self._value("pace", 1.0))

    def learn(
        self, order: Order, letters: float, duration: float, wall: float, idle: float
    ) -> None:
        """Remember one render.

        Args:
            order: what was rendered.
            letters: spoken length of its text, 0 where sound was given.
            duration: seconds of video that came out.
            wall: seconds the child process took.
            idle: seconds of it before the first frame, spent on starting.
        """
        if duration < 0.5:
            return
        self._learn("overhead", max(idle, 0.05))
        ratio = max(wall - idle, 0.01) / duration
        self._learn(_kind(order), ratio)
        self._learn("pace", ratio / _guess(order))
        if letters >= 20 and duration > 2 * REST_SECONDS and not pauses(order.text):
            rate = letters / (duration - REST_SECONDS) / order.speed
            self._learn("letters", rate)
            if not order.filmed:
                self._learn(f"letters:{order.voice}", rate)

    def learn_finish(self, seconds: float) -> None:
        """Remember what a video took beside its render."""
        self._learn("finish", min(seconds, _LONGEST_FINISH))

    def learn_avatar(self, kind: str, seconds: float) -> None:
        """Remember what making an avatar took."""
        self._learn(f"avatar:{kind}", min(seconds, _LONGEST_AVATAR))

    def slots(self) -> int:
        """Renders that may run at once over all workers."""
        fresh = time.time() - _WORKER_FRESH
        total = self._session.scalar(
            sa.select(sa.func.sum(Worker.slots)).where(Worker.seen_at > fresh)
        )
        return max(1, int(total or 0))

    def ready_in(self, work: float, parts: int, before_tag: int) -> float:
        """Seconds until a video will be there, behind what runs and what waits before it.

        Args:
            work: what it takes, in seconds of one slot.
            parts: segments that may run side by side.
            before_tag: its place in the queue.
        """
        free = [0.0] * self.slots()
        ends = [0.0]
        for seconds, count in (*self._running(), *self._waiting(before_tag), (work, parts)):
            ends = []
            for _ in range(max(1, count)):
                ends.append(heapq.heappop(free) + seconds / max(1, count))
                heapq.heappush(free, ends[-1])
        return max(ends)

    def _running(self) -> Iterator[tuple[float, int]]:
        """Seconds that every running video still takes, and its segments that are not done."""
        share = sa.func.sum(Segment.percent * Segment.weight) / sa.func.sum(Segment.weight) / 100
        left = sa.func.count().filter(Segment.status != "done")
        query = (
            sa.select(Video.expected_work, Video.started_at, share, left, sa.func.count())
            .join(Segment, Segment.video_id == Video.id)
            .where(Video.status == "processing")
            .group_by(Video.id, Video.expected_work, Video.started_at, Video.fair_tag)
            .order_by(Video.fair_tag)
        )
        now = time.time()
        for work, started, done, parts, all_parts in self._session.execute(query.limit(_LOOKED_AT)):
            seconds = work * (1 - done)
            if all_parts == 1:
                elapsed = now - (started or now)
                seconds = max(work - elapsed, elapsed * _OVERDUE)
            yield max(0.5, seconds), parts

    def _waiting(self, before_tag: int) -> Iterator[tuple[float, int]]:
        """Seconds and segments of every video that waits before another, in their order."""
        ahead = (
            Video.status == "pending", Video.stage != "avatar", Video.fair_tag < before_tag
        )  # fmt: skip
        query = (
            sa.select(Video.expected_work, sa.func.count())
            .join(Segment, Segment.video_id == Video.id)
            .where(*ahead)
            .group_by(Video.id, Video.expected_work, Video.fair_tag)
            .order_by(Video.fair_tag)
        )
        seen = 0.0
        rows = self._session.execute(query.limit(_LOOKED_AT)).all()
        for work, parts in rows:
            seen += work
            yield work, parts
        if len(rows) == _LOOKED_AT:  # the rest as a whole, which is spread over all slots
            total = self._session.scalar(sa.select(sa.func.sum(Video.expected_work)).where(*ahead))
            slots = self.slots()
            yield max(0.0, float(total or 0.0) - seen), slots


def _insert(session: Session) -> Any:
    """The INSERT that knows ON CONFLICT; only workers learn, and a dialect is slow to import."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as into_sqlite

        return into_sqlite
    from sqlalchemy.dialects.postgresql import insert as into_postgres

    return into_postgres


def _kind(order: Order) -> str:
    """Name of what takes about the same time for every second of video."""
    way = "film" if order.filmed else order.layout
    heard = "sound" if order.audio else "voice"
    return f"render:{order.resolution}:{order.fps}:{order.format}:{way}:{heard}"


def _guess(order: Order) -> float:
    """Seconds of work for a second of video, where nothing was measured."""
    digits = order.resolution.removesuffix("p")
    pixels = ((int(digits) if digits.isdigit() else 2160) / 720) ** 2
    drawing = DRAWING * pixels * order.fps / 25 * (2.0 if order.format == "webm" else 1.0)
    return SPEAKING + drawing
