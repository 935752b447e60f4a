"""How long things take here: measured, remembered and added up."""

import math
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain.order import Order
from visavis.domain.script import pauses, spoken_length
from visavis.pace import LETTERS_PER_SECOND
from visavis.store.tables import Speed

REST_SECONDS = 0.5
"""What is seen before the first and after the last word."""

OVERHEAD_SECONDS = 3.5
"""From the start of a try to its first frame, until it was measured."""

FINISH_SECONDS = 0.5
"""Joining and publishing, until they were measured."""

AVATAR_SECONDS = 30.0
"""Making an avatar of its sources, until it was measured."""

SPEAKING, DRAWING = 0.22, 0.37
"""Seconds of work for a second of video at 720p and 25 frames a second on two cores. What was never
made here is guessed from them, and from how this machine did with other kinds of video."""

VOICE = "voice"
"""Kind of what makes a person's own voice, beside the kinds of avatars."""

_LEARN = 0.3
_LONGEST_FINISH, _LONGEST_AVATAR = 120.0, 3600.0


class Estimates:
    """Figures of this installation, kept in the table of speeds.

    What a job takes is kept in seconds that it takes alone; `visavis.domain.backlog` says how long
    it takes beside others.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _known(self) -> dict[str, float]:
        rows = self._session.execute(sa.select(Speed.name, Speed.value))
        return {name: float(value) for name, value in rows}

    def _value(self, name: str, default: float) -> float:
        return self._known.get(name, default)

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
        return parts * self.overhead() + duration * ratio + self.finish()

    def overhead(self) -> float:
        """Seconds from the start of a try to its first frame."""
        return self._value("overhead", OVERHEAD_SECONDS)

    def finish(self) -> float:
        """Seconds from the end of its last render until a video is there."""
        return self._value("finish", FINISH_SECONDS)

    def avatar_seconds(self, kind: str) -> float:
        """Seconds that making an avatar of this kind, or a `VOICE`, takes."""
        return self._value(f"avatar:{kind}", AVATAR_SECONDS * self._value("pace", 1.0))

    def learn(
        self,
        order: Order,
        letters: float,
        duration: float,
        wall: float,
        idle: float,
        share: float = 1.0,
    ) -> None:
        """Remember one render.

        Args:
            order: what was rendered.
            letters: spoken length of its text, 0 where sound was given.
            duration: seconds of video that came out.
            wall: seconds that it took in all.
            idle: seconds of it before the first frame, spent on starting.
            share: speed it had beside others, as a share of its speed alone.
        """
        if duration < 0.5:
            return
        self._learn("overhead", max(idle, 0.05) * share)
        ratio = max(wall - idle, 0.01) * share / duration
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
        """Remember what making an avatar or a voice took, in seconds alone."""
        self._learn(f"avatar:{kind}", min(seconds, _LONGEST_AVATAR))


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
