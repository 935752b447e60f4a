"""How long a video will take is learned from the renders before it."""

import heapq
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from conftest import in_process
from flows import somebody_waits
from hypothesis import example, given, settings
from hypothesis import strategies as st
from installations import Installation
from sqlalchemy.orm import Session

from visavis.domain.backlog import Backlog
from visavis.domain.estimates import Estimates
from visavis.domain.order import Order
from visavis.domain.runs import Attempt
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
        cores: what they share: one core until the first frame, `DRAWING_CORES` from there.
        pace: how many times as long as on ours everything takes.
        letters: what the voice says in a second.
    """

    slots: int
    cores: int
    pace: float
    letters: float

    def seconds(self, order: Order, text: str) -> float:
        """How long a video of a text becomes."""
        return 0.9 + spoken_length(text) / self.letters / order.speed

    def wall(self, order: Order, text: str) -> tuple[float, float]:
        """What a render takes alone until its first frame, and after it."""
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


DRAWING_CORES = 1.6


MACHINES = [Machine(1, 2, 1.0, 15.0), Machine(2, 2, 4.0, 11.0), Machine(4, 16, 0.3, 19.0)]
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
    clear(empty, found)
    found.makes(empty, ORDERS[0], SENTENCE * 3)
    return found


def clear(service: Service, machine: Machine) -> None:
    """Nothing was ever made, and one worker runs."""
    with service.core.database.write() as session:
        for table in (Speed, Segment, Video, Avatar, Worker):
            kept = session.query(table)
            (kept.filter(Avatar.kind != "stock") if table is Avatar else kept).delete()
        seen = time.time() + 1e6
        slots, cores = machine.slots, machine.cores
        session.add(Worker(id="w", beat=1, slots=slots, host="h", cores=cores, seen_at=seen))


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


@dataclass
class Render:
    """One that runs in a `World`."""

    attempt: Attempt
    duration: float
    phases: list[tuple[float, float]]  # cores and seconds alone
    began: float
    first: float = 0.0
    share: float = 0.0

    @property
    def left(self) -> float:
        return self.phases[0][1]


class World:
    """Renders videos as a machine would, by a clock of its own, and reports them as workers do."""

    def __init__(self, service: Service, machine: Machine, patch: pytest.MonkeyPatch) -> None:
        self.service, self.machine, self.now = service, machine, time.time()
        self.ended: dict[str, float] = {}
        self._queue: list[tuple[int, int, str, int]] = []
        self._finishing: list[tuple[float, str]] = []
        self._running: list[Render] = []
        patch.setattr(time, "time", lambda: self.now)
        patch.setattr(service.queue, "render", self._enqueue)
        patch.setattr(service.queue, "finish", self._finish)

    def _enqueue(self, _session: Session, video: str, number: int, priority: int) -> None:
        heapq.heappush(self._queue, (priority, len(self._queue) + len(self.ended), video, number))

    def _finish(self, _session: Session, video: str) -> None:
        heapq.heappush(self._finishing, (self.now + 0.7 * self.machine.pace, video))

    def run(self) -> None:
        """Until nothing is left to do."""
        while self._queue or self._running or self._finishing:
            while self._queue and len(self._running) < self.machine.slots:
                self._begin(*heapq.heappop(self._queue)[2:])
            speed = self._speed()
            steps = [render.left / speed for render in self._running]
            steps += [at - self.now for at, _ in self._finishing]
            self._pass(max(0.0, min(steps)), speed)
            while self._finishing and self._finishing[0][0] <= self.now:
                video = heapq.heappop(self._finishing)[1]
                assert self.service.runs.publish(video, {}, 1.0, {})
                self.ended[video] = self.now

    def _speed(self) -> float:
        wanted = sum(render.phases[0][0] for render in self._running)
        return min(1.0, self.machine.cores / wanted) if wanted else 1.0

    def _begin(self, video: str, number: int) -> None:
        attempt = self.service.runs.begin(video, number)
        assert attempt is not None
        idle, rest = self.machine.wall(attempt.order, attempt.text)
        duration = self.machine.seconds(attempt.order, attempt.text)
        phases = [(1.0, idle), (DRAWING_CORES, rest)]
        self._running.append(Render(attempt, duration, phases, self.now))

    def _pass(self, seconds: float, speed: float) -> None:
        with self.service.core.database.read() as session:
            share = Backlog(session).share() if self._running else 1.0
        self.now += seconds
        for render in list(self._running):
            render.share += share * seconds
            cores, left = render.phases[0]
            render.phases[0] = (cores, left - seconds * speed)
            if render.left > 1e-9:
                continue
            render.phases.pop(0)
            if render.phases:
                render.first = self.now - render.began
            else:
                self._running.remove(render)
                self._done(render)

    def _done(self, render: Render) -> None:
        wall = self.now - render.began
        said = {
            "duration": render.duration,
            "wall": wall,
            "starting": render.first,
            "share": render.share / wall,
        }
        assert self.service.runs.done(render.attempt, "key", said)


TAUGHT = Order(text=SENTENCE * 4, **PLAIN)
LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=6)
LOOKS = st.sampled_from([order for order in ORDERS if not order.filmed])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    size=st.sampled_from([(1, 1), (1, 2), (2, 2), (2, 4), (3, 16), (4, 4)]),
    pace=st.floats(0.3, 4.0),
    letters=st.floats(11.0, 19.0),
    lengths=LENGTHS,
    looks=st.lists(LOOKS, min_size=6, max_size=6),
)
@example((2, 2), 1.0, 15.0, [2, 4, 12, 1, 2, 4], [ORDERS[0], ORDERS[5]] * 3)
def test_everybody_in_a_queue_is_told_the_time(
    empty: Service,
    size: tuple[int, int],
    pace: float,
    letters: float,
    lengths: list[int],
    looks: list[Order],
) -> None:
    """Videos of all kinds are asked for at once, on a machine that has rendered side by side."""
    machine = Machine(*size, pace, letters)
    clear(empty, machine)
    orders = [replace(look, text=SENTENCE * n) for n, look in zip(lengths, looks, strict=False)]
    with pytest.MonkeyPatch.context() as patch:
        world = World(empty, machine, patch)
        for _ in range(3):
            ask(empty, TAUGHT)
        world.run()
        begun = world.now
        told = dict(ask(empty, order) for order in orders)
        world.run()
    for video, seconds in told.items():
        really = world.ended[video] - begun
        assert near(seconds, really) or abs(seconds - really) < 1.0, (seconds, really)


def test_a_render_beside_others_teaches_what_it_takes_alone(empty: Service) -> None:
    """Four at once on one core took four times as long each."""
    machine = Machine(4, 1, 1.0, 15.0)
    clear(empty, machine)
    with pytest.MonkeyPatch.context() as patch:
        world = World(empty, machine, patch)
        for _ in range(8):
            ask(empty, TAUGHT)
        world.run()
    with empty.core.database.read() as session:
        estimates = Estimates(session)
        told = estimates.work_seconds(TAUGHT, estimates.speech_seconds(TAUGHT))
    assert near(told, DRAWING_CORES * sum(machine.wall(TAUGHT, TAUGHT.text)))


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
    ready = empty.avatars.find(owner, 1, by="number")
    order = ORDERS[0]
    first = empty.videos.create(owner, ready, order, dialect="konpro")
    empty.videos.cancel(owner, first.video.id)
    with empty.core.database.write() as session:
        Estimates(session).learn_avatar("footage", 40.0)
        waiting = Avatar(
            workspace_id=owner,
            name="A",
            kind="footage",
            status="processing",
            voice="en-US-heart",
            sources={},
            consent={},
            created_at=now,
        )
        session.add(waiting)
    second = empty.videos.create(owner, waiting, order, dialect="konpro")
    assert near(second.seconds_left - first.seconds_left, 40.0)
