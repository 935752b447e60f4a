"""How long a video will take is learned from the renders before it."""

import math
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flows import somebody_waits
from installations import Installation

from visavis.domain.estimates import Estimates
from visavis.domain.order import Order
from visavis.store.tables import Speed

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
            row = session.get_one(Speed, "render:540p:mp4:full")
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
