"""How much of its speed alone a job has while others run beside it."""

import time

from visavis.domain.backlog import Backlog
from visavis.jobs.service import Service
from visavis.store.database import StoreError

LOOK_EVERY = 1.0
"""Seconds between two looks at what runs."""


class Meter:
    """Looks now and then at what runs; the first time when it is made."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._began = self._last = time.monotonic()
        self._work = 0.0
        self._speed = 1.0
        self._ask()

    def look(self) -> None:
        """Call it often; it asks the database once in `LOOK_EVERY` seconds."""
        now = time.monotonic()
        if now - self._last >= LOOK_EVERY:
            self._work += (now - self._last) * self._speed
            self._last = now
            self._ask()

    def share(self) -> float:
        """Mean speed since the beginning, as a share of the speed alone."""
        now = time.monotonic()
        work = self._work + (now - self._last) * self._speed
        return work / (now - self._began) if now > self._began else self._speed

    def _ask(self) -> None:
        try:
            with self._service.core.database.read() as session:
                self._speed = Backlog(session).share()
        except StoreError:
            return  # a job outlives a database that is away
