"""How long a video will take is learned from the renders before it."""

import heapq
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import pytest
from conftest import in_process
from flows import somebody_waits
from installations import Installation

from visavis.domain.estimates import Estimates
from visavis.domain.order import Order
from visavis.domain.script import spoken_length
from visavis.jobs.service import Service
from visavis.store.tables import Avatar, Segment, Speed, Video, Worker

ORDER = Order(text="Some text.", voice="en-US-heart")


def test_two_renders_that_end_at_once_both_teach(installation: Installation) -> None:
    """On Postgres the second one waits for the rows of the first, and adds to them."""
    order = Order(text="Some text.", voice="en-US-heart", resolution="540p")

    def second() -> None:
        with installation.opened() as service, service.core.database.write() as session:
            Estimates(session).learn(order, 100, 5.0, 20.0, 1.0)

    with installation.opened() as service, ThreadPoolExecutor(1) as pool:
        database = service.core.database
        with database.write() as session:
            Estimates(session).learn(order, 100, 5.0, 10.0, 1.0)
            session.flush()
            later = pool.submit(second)
            while not later.done() and not somebody_waits(database):
                time.sleep(0.05)
        later.result()
        with database.read() as session:
            row = session.get_one(Speed, "render:540p:25:mp4:full:voice")
    assert row.samples == 2
    assert 1.8 < row.value < 3.8


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_nothing_is_learned_from_nonsense(one_machine: Installation, seconds: float) -> None:
    with one_machine.opened() as service:
        with service.core.database.read() as session:
            before = Estimates(session).work_seconds(ORDER, 10.0)
        with service.core.database.write() as session:
            Estimates(session).learn(ORDER, 0, 5.0, seconds, seconds)
        with service.core.database.read() as session:
            after = Estimates(session).work_seconds(ORDER, 10.0)
    assert math.isfinite(after)
    assert 0 < after <= before


@dataclass(frozen=True)
class Machine:
    """A machine as it really is, which the estimates have to find out.

    Attributes:
        slots: renders at once.
        pace: how many times as long as on ours everything takes.
        letters: what the voice says in a second.
    """

    slots: int
    pace: float
    letters: float

    def seconds(self, order: Order, text: str) -> float:
        """How long a video of a text becomes."""
        return 0.9 + spoken_length(text) / self.letters / order.speed

    def wall(self, order: Order, text: str) -> tuple[float, float]:
        """What a render takes until its first frame, and after it."""
        pixels = (int(order.resolution[:-1]) / 720) ** 2
        drawing = 0.35 * pixels * order.fps / 25 * (2.6 if order.format == "webm" else 1)
        return 2.5 * self.pace, self.seconds(order, text) * (0.25 + drawing) * self.pace

    def makes(self, service: Service, order: Order, text: str) -> None:
        """Render a video and learn from it, as the worker does."""
        idle, rest = self.wall(order, text)
        with service.core.database.write() as session:
            estimates, length = Estimates(session), spoken_length(text)
            estimates.learn(order, length, self.seconds(order, text), idle + rest, idle)
            estimates.learn_finish(0.7 * self.pace)


MACHINES = [Machine(1, 1.0, 15.0), Machine(2, 4.0, 11.0), Machine(4, 0.3, 19.0)]
SENTENCE = "The boats went back to sea one after the other. "
PLAIN = {"voice": "en-US-heart", "seed": 1}
ORDERS = [
    Order(text=SENTENCE * times, **PLAIN, **look)
    for times, look in (
        (1, {}), (12, {"resolution": "1080p"}), (3, {"fps": 50}), (80, {}), (2, {"speed": 1.5}),
        (5, {"resolution": "360p"}), (6, {"format": "webm"}), (1, {"layout": "pip"}),
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An installation in which nothing renders by itself."""
    with in_process(tmp_path_factory.mktemp("estimates")) as (_, service):
        yield service


@pytest.fixture(params=MACHINES, ids=["ours", "slow", "fast"])
def machine(empty: Service, request: pytest.FixtureRequest) -> Machine:
    """A machine that has made one short video so far."""
    found: Machine = request.param
    with empty.core.database.write() as session:
        for table in (Speed, Segment, Video, Worker):
            session.query(table).delete()
        session.add(Worker(id="worker", beat=1, slots=found.slots, seen_at=time.time() + 3600))
    found.makes(empty, ORDERS[0], SENTENCE * 3)
    return found


def ask(service: Service, order: Order) -> tuple[str, float]:
    """A video's id and its estimated time."""
    owner = service.keys.workspace("estimates")
    avatar = service.avatars.find(owner, 1, by="number")
    view = service.videos.create(owner, avatar, order, dialect="konpro")
    return view.video.id, view.seconds_left


def near(estimated: float, really: float) -> bool:
    return really / 1.5 <= estimated <= really * 1.5


def test_one_video_is_enough_to_foresee_others(empty: Service, machine: Machine) -> None:
    """Longer and larger ones, of frame rates, formats and layouts that were never made here."""
    for order in ORDERS:
        parts = texts_of(empty, order)
        with empty.core.database.read() as session:
            estimates = Estimates(session)
            seconds = estimates.speech_seconds(order)
            estimated = estimates.work_seconds(order, seconds, len(parts))
        really = sum(sum(machine.wall(order, part)) for part in parts) + 0.7 * machine.pace
        assert near(estimated, really), (order.resolution, len(order.text), estimated, really)


def texts_of(service: Service, order: Order) -> list[str]:
    """The texts of the segments that an order is cut into."""
    video, _ = ask(service, order)
    with service.core.database.write() as session:
        rows = session.query(Segment).filter(Segment.video_id == video).order_by(Segment.number)
        found = [str(row.work["text"]) for row in rows]
        session.query(Segment).filter(Segment.video_id == video).delete()
        session.query(Video).filter(Video.id == video).delete()
    return found


def test_the_queue_ahead_is_counted(empty: Service, machine: Machine) -> None:
    """Every video is told its time when it is asked for, behind all that were asked for before."""
    texts = [texts_of(empty, order) for order in ORDERS]
    assert max(map(len, texts)) > 2, "one is rendered in segments"
    told = [ask(empty, order)[1] for order in ORDERS]
    free = [0.0] * machine.slots
    for number, (order, parts) in enumerate(zip(ORDERS, texts, strict=True)):
        ended = 0.0
        for part in parts:
            end = heapq.heappop(free) + sum(machine.wall(order, part))
            heapq.heappush(free, end)
            ended = max(ended, end)
        really = ended + 0.7 * machine.pace
        assert near(told[number], really), (number, told[number], really)


def test_what_runs_is_told_by_how_far_it_is(
    empty: Service, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, now = ORDERS[1], time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    video, told = ask(empty, order)
    attempt = empty.runs.begin(video, 0)
    assert attempt is not None
    owner = attempt.video.workspace_id
    idle, rest = machine.wall(order, order.text)
    for share in (0.0, 0.3, 0.6, 0.9):
        empty.runs.advance(attempt, "rendering", share * 100)
        monkeypatch.setattr(time, "time", lambda at=now + idle + rest * share: at)
        left = empty.videos.get(owner, video).seconds_left
        really = rest * (1 - share) + 0.7 * machine.pace
        assert near(left, max(1.0, really)) or left <= 1.0, (share, left, really)
    assert told > 0


def test_a_video_that_waits_for_its_avatar_counts_it(
    empty: Service, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, now = empty.keys.workspace("estimates"), time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    names = count()
    with empty.core.database.write() as session:
        Estimates(session).learn_avatar("footage", 40.0)
        waiting = Avatar(
            workspace_id=owner,
            name=f"A{next(names)}",
            kind="footage",
            status="processing",
            voice="en-US-heart",
            sources={},
            consent={},
            created_at=now,
        )
        session.add(waiting)
    ready = empty.avatars.find(owner, 1, by="number")
    order = ORDERS[0]
    first = empty.videos.create(owner, ready, order, dialect="konpro")
    empty.videos.cancel(owner, first.video.id)
    second = empty.videos.create(owner, waiting, order, dialect="konpro")
    assert second.seconds_left - first.seconds_left == pytest.approx(40.0, abs=0.1)
