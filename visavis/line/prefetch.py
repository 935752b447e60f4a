"""Run one stage of the line ahead of the next, in a thread of its own."""

import threading
from collections import deque
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class _Channel(Generic[T]):
    """A bounded queue that either side can close."""

    def __init__(self, depth: int) -> None:
        self._items: deque[T] = deque()
        self._depth = depth
        self._changed = threading.Condition()
        self._ended = False
        self._abandoned = False
        self._error: BaseException | None = None

    def put(self, item: T) -> bool:
        """Wait for room and add `item`; False once the reader has gone."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._items) < self._depth or self._abandoned)
            if self._abandoned:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def end(self, error: BaseException | None = None) -> None:
        """Say that nothing more comes, and why if something broke."""
        with self._changed:
            self._ended = True
            self._error = error
            self._changed.notify_all()

    def abandon(self) -> None:
        """Say that nobody reads any more."""
        with self._changed:
            self._abandoned = True
            self._items.clear()
            self._changed.notify_all()

    def take(self) -> tuple[T] | None:
        """The next item in a tuple, or None at the end; raises what broke the writer."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._ended)
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return (item,)
            if self._error is not None:
                raise self._error
            return None


def prefetch(items: Iterator[T], depth: int, name: str) -> Generator[T]:
    """Iterate over `items` in a thread, at most `depth` of them ahead of the reader.

    The heavy stages (inference, warping, encoding) leave Python's lock, so chained prefetches keep
    two cores busy. An error in `items` is raised to the reader in its place. Closing the generator
    stops the thread after the item in hand and closes `items` in that thread.

    Args:
        items: the stage to run ahead.
        depth: how many finished items may wait, at least 1; this bounds the memory held.
        name: the thread's name, for debuggers.
    """
    channel: _Channel[T] = _Channel(depth)

    def run() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                if not channel.put(item):
                    break
        except BaseException as caught:  # noqa: BLE001 - raised again in the reader
            error = caught
        try:
            if isinstance(items, Generator):
                items.close()
        except BaseException as caught:  # noqa: BLE001 - raised again in the reader
            error = error or caught
        channel.end(error)

    thread = threading.Thread(target=run, name=f"visavis-{name}", daemon=True)
    thread.start()
    try:
        while (taken := channel.take()) is not None:
            yield taken[0]
    finally:
        channel.abandon()
        thread.join()
