"""Fetches one model in a process of its own: ``puller.py MANIFEST CACHE``; tells each step."""

import sys
from pathlib import Path

from visavis.models.manifest import Manifest
from visavis.models.store import Store


def report(name: str, done_bytes: int, total_bytes: int) -> None:
    sys.stdout.write(f"{name} {done_bytes} {total_bytes}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    described, cache = Path(sys.argv[1]), Path(sys.argv[2])
    sys.stdout.write("started\n")
    sys.stdout.flush()
    Store(Manifest.model_validate_json(described.read_text()), cache).ensure("tiny", report)
    sys.stdout.write("finished\n")
