"""Stages that run ahead of each other."""

import threading
from collections.abc import Iterator

import pytest

from visavis.line.prefetch import prefetch


def test_items_arrive_in_order() -> None:
    assert list(prefetch(iter(range(100)), 3, "numbers")) == list(range(100))


def test_chained_stages_run_in_their_own_threads() -> None:
    seen: list[str] = []

    def stage(items: Iterator[int]) -> Iterator[int]:
        for item in items:
            seen.append(threading.current_thread().name)
            yield item + 1

    result = list(prefetch(stage(prefetch(stage(iter(range(5))), 2, "one")), 2, "two"))
    assert result == [2, 3, 4, 5, 6]
    assert set(seen) == {"visavis-one", "visavis-two"}


def test_the_writer_never_runs_further_ahead_than_its_depth() -> None:
    made = 0
    moved = threading.Condition()

    def stage() -> Iterator[int]:
        nonlocal made
        for item in range(50):
            with moved:
                made += 1
                moved.notify_all()
            yield item

    reader = prefetch(stage(), 4, "ahead")
    assert next(reader) == 0
    with moved:
        # One was read, four wait and one is in the writer's hand.
        assert moved.wait_for(lambda: made == 6, timeout=10)
    assert made == 6
    assert list(reader) == list(range(1, 50))


def test_an_error_reaches_the_reader_after_what_came_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("the stage broke")

    reader = prefetch(broken(), 2, "broken")
    assert next(reader) == 1
    with pytest.raises(ValueError, match="the stage broke"):
        next(reader)


def test_closing_the_reader_closes_the_stage() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    reader = prefetch(endless(), 2, "endless")
    assert next(reader) == 1
    reader.close()
    assert closed.is_set()
