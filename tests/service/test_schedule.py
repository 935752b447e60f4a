"""Jobs that wait for slots and share the cores end when a slow, plain simulation says so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.domain.schedule import Job, ends, share

LANES = {"render": 2, "make": 1}


@st.composite
def jobs(draw: st.DrawFn) -> list[Job]:
    """Jobs in both lanes; renders may wait for something that is made."""
    made = [Job("make", draw(st.floats(0.1, 60))) for _ in range(draw(st.integers(0, 4)))]
    after = st.none() | st.integers(0, len(made) - 1) if made else st.none()
    render = st.builds(Job, st.just("render"), st.floats(0.1, 60), after)
    return made + draw(st.lists(render, min_size=1, max_size=8))


def plainly(todo: list[Job], capacity: float) -> list[float]:
    """The same, looking at every job again whenever anything ends."""
    left = [job.work for job in todo]
    ended: dict[int, float] = {}
    running: list[int] = []
    now = 0.0
    while len(ended) < len(todo):
        for number, job in enumerate(todo):
            busy = sum(todo[other].lane == job.lane for other in running)
            waits = job.after is not None and job.after not in ended
            if number not in running and number not in ended and not waits:
                running += [number] * (busy < LANES[job.lane])
        speed = min(1.0, capacity / len(running))
        first = min(running, key=lambda number: left[number])
        passed = left[first]
        now += passed / speed
        for number in running:
            left[number] -= passed
        running.remove(first)
        ended[first] = now
    return [ended[number] for number in range(len(todo))]


@settings(derandomize=True)
@given(todo=jobs(), capacity=st.floats(0.5, 4))
def test_ends_are_those_of_a_plain_simulation(todo: list[Job], capacity: float) -> None:
    found = ends(todo, LANES, capacity)
    assert found == pytest.approx(plainly(todo, capacity), rel=1e-6)
    assert all(
        end >= job.work * 0.999 / max(1e-9, share(1, capacity))
        for end, job in zip(found, todo, strict=True)
    )


def test_two_that_share_the_cores_take_longer_than_one() -> None:
    two = [Job("render", 10.0), Job("render", 10.0)]
    assert ends(two[:1], LANES, 1.25) == [10.0]
    assert ends(two, LANES, 1.25) == [16.0, 16.0]
    assert ends(two, LANES, 2.0) == [10.0, 10.0]


def test_jobs_that_wait_for_each_other_are_told() -> None:
    with pytest.raises(ValueError, match="each other"):
        ends([Job("render", 1.0, 1), Job("render", 1.0, 0)], LANES, 1.0)
