"""Progress bars of fetches for a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as RichProgress

from visavis.models.progress import Progress


@contextmanager
def progress_bars(console: Console | None = None) -> Iterator[Progress]:
    """One bar for each model, while the context lasts.

    Args:
        console: where to draw; standard error by default, so that output can be piped.

    Yields:
        The progress callback that `visavis.models.ensure` and `pull` take.
    """
    bars = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console or Console(stderr=True),
    )
    tasks: dict[str, TaskID] = {}

    def report(name: str, done_bytes: int, total_bytes: int) -> None:
        if name not in tasks:
            tasks[name] = bars.add_task(f"Fetching {name}", total=total_bytes)
        bars.update(tasks[name], completed=done_bytes, total=total_bytes)

    with bars:
        yield report
