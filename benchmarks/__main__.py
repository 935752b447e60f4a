"""Measure this machine: ``python -m benchmarks [area ...]``.

Each ``bench_<area>.py`` beside this file has ``rows()``, which gives (what, measured, target).
"""

import importlib
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rich.console import Console
from rich.table import Table


def main() -> None:
    """Print one table of all the areas, or of those named."""
    here = Path(__file__).parent
    areas = sys.argv[1:] or sorted(path.stem[6:] for path in here.glob("bench_*.py"))
    table = Table("area", "what", "measured", "target", title="This machine")
    console = Console()
    for area in areas:
        with console.status(f"measuring {area}"):
            for what, measured, target in importlib.import_module(
                f"benchmarks.bench_{area}"
            ).rows():
                table.add_row(area, what, measured, target)
    console.print(table)


if __name__ == "__main__":
    main()
