"""How long each stage of the line worked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """Seconds of processor time by stage.

    Waiting does not count, for other stages or for other programs. What a library does in threads
    of its own does not count either: the voice's second thread, about a third of its work. Stages
    run side by side: their sum may exceed the wall clock.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()
        self._started = time.perf_counter()

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the processor time that this thread spends inside to `stage`."""
        start = time.thread_time()
        try:
            yield
        finally:
            spent = time.thread_time() - start
            with self._lock:
                self._seconds[stage] = self._seconds.get(stage, 0.0) + spent

    def add(self, other: "Timings") -> None:
        """Count the stages of `other` as well."""
        for stage, spent in other.stages.items():
            with self._lock:
                self._seconds[stage] = self._seconds.get(stage, 0.0) + spent

    @property
    def stages(self) -> dict[str, float]:
        """Seconds by stage, in the order the stages first reported."""
        with self._lock:
            return dict(self._seconds)

    @property
    def wall(self) -> float:
        """Seconds since this was made."""
        return time.perf_counter() - self._started
