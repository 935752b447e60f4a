"""How many calls a key may make: a sliding window for each key, kept by this process."""

import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass

MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a key.

    Attributes:
        allowed: whether this call may go on.
        limit: calls in a window.
        remaining: calls that are left in it.
        reset: seconds until one more is allowed, rounded up.
    """

    allowed: bool
    limit: int
    remaining: int
    reset: int


class Limiter:
    """Counts calls by the monotonic clock, so that a clock step changes nothing."""

    def __init__(self, window: float = 60.0) -> None:
        self._window = window
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, limit: int) -> Allowance:
        """Count one call of `name`, of which `limit` are allowed in a window; 0 is no limit."""
        if not limit:
            return Allowance(True, 0, 0, 0)
        now = time.monotonic()
        with self._lock:
            calls = self._calls.setdefault(name, deque())
            self._calls.move_to_end(name)
            while calls and calls[0] <= now - self._window:
                calls.popleft()
            allowed = len(calls) < limit
            if allowed:
                calls.append(now)
            if len(self._calls) > MAX_KEYS:
                self._calls.popitem(last=False)
            reset = int(calls[0] + self._window - now) + 1
            return Allowance(allowed, limit, limit - len(calls), reset)
