"""How far a fetch has come."""

from collections.abc import Hashable
from typing import Protocol


class Progress(Protocol):
    """Told how far the fetch of a model has come, from the thread that fetches."""

    def __call__(self, name: str, done_bytes: int, total_bytes: int) -> None:
        """``name`` is the model; the total may change when a source fails and another is tried."""


class Meter:
    """Adds up the downloads of one model and reports them.

    Args:
        name: the model.
        report: whom to tell; None for nobody.
        sizes: bytes of each expected download by a key of the caller's.
    """

    def __init__(self, name: str, report: Progress | None, sizes: dict[Hashable, int]) -> None:
        self._name = name
        self._report = report
        self._sizes = dict(sizes)
        self._done = dict.fromkeys(sizes, 0)
        self.update()

    def update(self) -> None:
        """Tell the figures as they are now."""
        if self._report is not None:
            self._report(self._name, sum(self._done.values()), sum(self._sizes.values()))

    def reached(self, key: Hashable, done: int, size: int) -> None:
        """The download ``key`` of ``size`` bytes has got to ``done`` bytes."""
        self._sizes[key] = size
        self._done[key] = min(done, size)
        self.update()

    def dropped(self, key: Hashable) -> None:
        """The download ``key`` failed and will not be tried again."""
        self._sizes.pop(key, None)
        self._done.pop(key, None)
        self.update()
