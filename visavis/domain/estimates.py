"""How long things take here: measured, remembered and added up."""

import math
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain.order import Order
from visavis.domain.script import pauses, spoken_length
from visavis.store.tables import Speed, Video, Worker

LETTERS_PER_SECOND = 14.5
"""What a voice says in a second until it was measured."""

OVERHEAD_SECONDS = 4.0
"""Starting a process, loading models and publishing, until they were measured."""

_LEARN = 0.3
_WORKER_FRESH = 60.0
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
        """How long a text will be when spoken."""
        rate = self._value(f"letters:{order.voice}", LETTERS_PER_SECOND) * order.speed
        return spoken_length(order.text) / rate + pauses(order.text)

    def work_seconds(self, order: Order, duration: float) -> float:
        """Wall-clock seconds that rendering `duration` seconds will take in one slot."""
        ratio = self._value(_ratio_name(order), _ratio_guess(order))
        return self._value("overhead", OVERHEAD_SECONDS) + duration * ratio

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
        self._learn(_ratio_name(order), max(wall - idle, 0.01) / duration)
        if letters >= 20:
            self._learn(f"letters:{order.voice}", letters / duration / order.speed)

    def slots(self) -> int:
        """Renders that may run at once over all workers."""
        fresh = time.time() - _WORKER_FRESH
        total = self._session.scalar(
            sa.select(sa.func.sum(Worker.slots)).where(Worker.seen_at > fresh)
        )
        return max(1, int(total or 0))

    def queue_seconds(self, before_tag: int | None = None) -> float:
        """Work that is ahead of a video, in seconds of one slot."""
        waiting = sa.select(sa.func.sum(Video.expected_work)).where(Video.status == "pending")
        if before_tag is not None:
            waiting = waiting.where(Video.fair_tag < before_tag)
        total = float(self._session.scalar(waiting) or 0.0)
        running = sa.select(Video.expected_work, Video.started_at).where(
            Video.status == "processing"
        )
        now = time.time()
        for work, started in self._session.execute(running.limit(200)):
            elapsed = now - (started or now)
            total += max(0.5, work - elapsed, elapsed * _OVERDUE)
        return total


def _insert(session: Session) -> Any:
    """The INSERT that knows ON CONFLICT; only workers learn, and a dialect is slow to import."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as into_sqlite

        return into_sqlite
    from sqlalchemy.dialects.postgresql import insert as into_postgres

    return into_postgres


def _ratio_name(order: Order) -> str:
    return f"render:{order.resolution}:{order.format}:{order.layout}"


def _ratio_guess(order: Order) -> float:
    digits = order.resolution.removesuffix("p")
    pixels = ((int(digits) if digits.isdigit() else 2160) / 720) ** 2
    return float(0.25 + 0.75 * pixels) * (2.0 if order.format == "webm" else 1.0)
