"""What runs, what waits, and when a video will be there behind all that."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain.estimates import VOICE, Estimates
from visavis.domain.schedule import Job, ends, share
from visavis.store.tables import Avatar, Segment, Video, Voice, Worker

CORES_EACH = 1.75
"""Cores that a render keeps busy while nothing runs beside it."""

_RENDER, _MAKE = "render", "make"
_WORKER_FRESH = 60.0
_LOOKED_AT = 100  # parts of videos in a queue that are looked at one by one
_OVERDUE = 0.25  # what something that is late still takes, as a share of what it has taken
_TELLING = 20.0  # percent from which a render's own speed says more than that of earlier ones
_BUSY = ("pending", "processing")


@dataclass(frozen=True, slots=True)
class Machines:
    """What works here.

    Attributes:
        workers: processes that take jobs.
        slots: renders that may run at once over all of them.
        capacity: jobs that may run at once before they slow each other down.
    """

    workers: int
    slots: int
    capacity: float


class Backlog:
    """Everything that has not ended, as it is in the database now."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._estimates = Estimates(session)

    def machines(self) -> Machines:
        """The workers that were heard of lately; one that is slow where there is none."""
        fresh = time.time() - _WORKER_FRESH
        query = sa.select(Worker.slots, Worker.host, Worker.cores).where(Worker.seen_at > fresh)
        rows = self._session.execute(query).all()
        if not rows:
            return Machines(1, 1, 1.0)
        cores = {host: cores for _, host, cores in rows}
        slots = sum(each for each, _, _ in rows)
        return Machines(len(rows), max(1, slots), max(1.0, sum(cores.values()) / CORES_EACH))

    def share(self) -> float:
        """Speed of whatever runs now, as a share of its speed alone."""
        renders = (
            sa.select(sa.func.count())
            .select_from(Segment)
            .join(Video, Segment.video_id == Video.id)
            .where(Video.status == "processing", Segment.status == "processing")
        )
        running = self._session.scalar(renders) or 0
        for table in (Avatar, Voice):
            made = sa.select(sa.func.count()).where(table.status == "processing")
            running += self._session.scalar(made) or 0
        return share(running, self.machines().capacity)

    def ready_in(self, video: Video) -> float:
        """Seconds until a video will be there, behind what runs and what waits before it.

        Whoever asks later may slow it down where slots share cores. Nobody knows, so the answer is
        the geometric mean of nobody and of enough to fill the slots.
        """
        machines = self.machines()
        makes = list(self._makes())
        rows = self._rows(video)
        running = sum(row.part == "processing" for row in rows) + sum(make.runs for make in makes)
        speed = share(running, machines.capacity)
        pieces = sorted(self._pieces(rows, speed), key=lambda piece: piece.order)
        jobs = [Job(_MAKE, make.left(speed)) for make in makes]
        made_by = {make.id: number for number, make in enumerate(makes)}
        rest = self._rest(video, rows) / machines.slots
        own = []
        for piece in pieces:
            if piece.video == video.id:
                if rest > 0:
                    jobs += [Job(_RENDER, rest)] * machines.slots
                    rest = 0.0
                own.append(len(jobs))
            jobs.append(Job(_RENDER, piece.work, made_by.get(piece.avatar)))
        lanes = {_RENDER: machines.slots, _MAKE: machines.workers}
        alone = _last(own, ends(jobs, lanes, machines.capacity))
        beside = alone
        if own and machines.slots > machines.capacity:
            more = Job(_RENDER, 2 * sum(job.work for job in jobs), jobs[own[0]].after)
            beside = _last(own, ends(jobs + [more] * machines.slots, lanes, machines.capacity))
        return math.sqrt(alone * beside) + self._estimates.finish()

    def _makes(self) -> Iterator["_Make"]:
        """Avatars and voices that are being made or wait for it, in their order."""
        found: list[Any] = []
        for table, kind, begun in (
            (Avatar, Avatar.kind, Avatar.updated_at),
            (Voice, sa.literal(VOICE), Voice.created_at),
        ):
            query = (
                sa.select(table.id, kind, table.status, begun, table.created_at)
                .where(table.status.in_(_BUSY))
                .order_by(table.created_at)
            )
            found += self._session.execute(query.limit(_LOOKED_AT)).all()
        found.sort(key=lambda row: (row[2] != "processing", row[4]))
        for name, kind, status, begun, _ in found:
            work = self._estimates.avatar_seconds(kind)
            yield _Make(name, work, status == "processing", time.time() - begun)

    def _rows(self, video: Video) -> Sequence[Any]:
        """Segments of a video, of those that run and of those that may come before its last part.

        A video's rows follow each other, in the order of their numbers.
        """
        last = video.fair_tag + int(video.expected_work)
        query = (
            sa.select(
                Video.id,
                Video.status,
                Video.stage,
                Video.fair_tag,
                Video.expected_work,
                Video.created_at,
                Video.started_at,
                Video.avatar_id,
                Segment.number,
                Segment.status.label("part"),
                Segment.percent,
                Segment.weight,
            )
            .join(Segment, Segment.video_id == Video.id)
            .where(
                sa.or_(
                    Video.status == "processing",
                    sa.and_(Video.status == "pending", Video.fair_tag <= last),
                )
            )
            .order_by(
                sa.case((Video.id == video.id, 0), else_=1),
                Video.status.desc(),  # those that run come before those that are pending
                Video.fair_tag,
                Video.created_at,
                Video.id,
                Segment.number,
            )
        )
        return self._session.execute(query.limit(_LOOKED_AT)).all()

    def _pieces(self, rows: Sequence[Any], speed: float) -> Iterator["_Piece"]:
        """What is left to render, where whatever runs has this share of its speed alone now."""
        starting, finish = self._estimates.overhead(), self._estimates.finish()
        for _, group in groupby(rows, key=lambda row: row.id):
            parts = list(group)
            video = parts[0]
            whole = max(1e-6, sum(part.weight for part in parts))
            drawing = max(0.5, video.expected_work - len(parts) * starting - finish)
            before = 0.0
            for part in parts:
                draw = drawing * part.weight / whole
                behind = int(before / whole * video.expected_work)
                before += part.weight
                if part.part == "done":
                    continue
                runs = part.part == "processing"
                work = starting + draw
                if runs and len(parts) == 1 and video.started_at:
                    spent = max(0.0, time.time() - video.started_at)
                    work = _left(part.percent, starting, draw, spent * speed)
                elif runs and part.percent > 0:
                    work = draw * (1 - part.percent / 100)
                order = (not runs, video.fair_tag + behind, video.created_at, video.id, part.number)
                waits = video.avatar_id if video.stage == "avatar" else ""
                yield _Piece(order, work, video.id, waits)

    def _rest(self, video: Video, rows: Sequence[Any]) -> float:
        """Seconds of work of what waits before a video and was not looked at one by one."""
        if len(rows) < _LOOKED_AT:
            return 0.0
        total = self._session.scalar(
            sa.select(sa.func.sum(Video.expected_work)).where(
                Video.status == "pending", Video.fair_tag < video.fair_tag
            )
        )
        seen = {
            row.id: row.expected_work
            for row in rows
            if row.status == "pending" and row.fair_tag < video.fair_tag
        }
        return max(0.0, float(total or 0.0) - float(sum(seen.values())))


def _last(numbers: Sequence[int], ended: Sequence[float]) -> float:
    return max((ended[number] for number in numbers), default=0.0)


@dataclass(frozen=True, slots=True)
class _Make:
    id: str
    work: float
    runs: bool
    since: float

    def left(self, speed: float) -> float:
        """Seconds of work that are left, where it had this share of its speed alone so far."""
        if not self.runs:
            return self.work
        spent = max(0.0, self.since) * speed
        return max(self.work - spent, spent * _OVERDUE, 0.5)


@dataclass(frozen=True, slots=True)
class _Piece:
    order: tuple[bool, int, float, str, int]
    work: float
    video: str
    avatar: str


def _left(percent: float, starting: float, draw: float, spent: float) -> float:
    """Seconds of work that are left of a render that has taken so many.

    Args:
        percent: how far it says it is.
        starting: what it takes until the first frame.
        draw: what it takes from there.
        spent: what it has taken.
    """
    if percent <= 0:
        return max(starting + draw - spent, draw)
    if percent >= _TELLING and spent > 1:
        draw = max(spent - starting, spent / 2) / (percent / 100)
    return draw * (1 - percent / 100)
