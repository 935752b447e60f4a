"""What is missing on this machine, and how to get it."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from visavis.settings import settings

ENOUGH_DISK = 2_000_000_000
"""Bytes that the weights and a few videos need."""


class State(StrEnum):
    """How a check ended; only `MISSING` keeps the product from working."""

    OK = "ok"
    OPTIONAL = "optional"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: the thing.
        state: how it is.
        detail: what was found, with its figure.
        remedy: what to do, empty when nothing is to be done.
    """

    what: str
    state: State
    detail: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything the product needs, cheapest first."""
    yield _python()
    yield _cores()
    yield from _folders()
    yield from _clients()
    yield from _weights()
    yield from _extras()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", State.OK, version)


def _cores() -> Finding:
    cores = len(os.sched_getaffinity(0))
    if cores >= 2:
        return Finding("Processor", State.OK, f"{cores} cores")
    return Finding(
        "Processor", State.OPTIONAL, "1 core", "Two cores are needed for video in real time."
    )


def _folders() -> Iterator[Finding]:
    for what, folder in (
        ("Weights folder", settings().cache_dir),
        ("Data folder", settings().data_dir),
    ):
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(existing).free
        if not existing.is_dir() or not os.access(existing, os.W_OK):
            yield Finding(
                what,
                State.MISSING,
                f"{folder} cannot be written",
                "Set VISAVIS_CACHE_DIR and VISAVIS_DATA_DIR to folders you may write to.",
            )
        elif free < ENOUGH_DISK:
            yield Finding(
                what,
                State.MISSING,
                f"{folder} has {free / 1e9:.1f} GB free",
                f"Free {ENOUGH_DISK / 1e9:.0f} GB or point the folder at another disk.",
            )
        else:
            yield Finding(what, State.OK, f"{folder}, {free / 1e9:.0f} GB free")


def _clients() -> Iterator[Finding]:
    for what, found in (
        ("pip", importlib.util.find_spec("pip") is not None),
        ("npm", shutil.which("npm") is not None),
    ):
        if found:
            yield Finding(what, State.OK, "fetches weights")
        else:
            yield Finding(
                what,
                State.OPTIONAL,
                "not found; some weights come through it",
                f"Install {what}, or put the weights in a folder and set VISAVIS_MODELS_DIR.",
            )


def _weights() -> Iterator[Finding]:
    from visavis import models

    for entry in models.catalogue():
        present = models.present(entry.name)
        needed = entry.extra is None
        if present:
            yield Finding(f"Weights {entry.name}", State.OK, f"{entry.bytes / 1e6:.0f} MB")
        else:
            yield Finding(
                f"Weights {entry.name}",
                State.MISSING if needed else State.OPTIONAL,
                "not fetched yet",
                f"Run: visavis models pull {entry.name}",
            )


def _extras() -> Iterator[Finding]:
    for extra, module, purpose in (
        ("languages", "misaki", "voices in Spanish, French, Hindi, Italian, Portuguese and more"),
    ):
        if importlib.util.find_spec(module) is not None:
            yield Finding(f"Extra {extra}", State.OK, purpose)
        else:
            yield Finding(
                f"Extra {extra}",
                State.OPTIONAL,
                f"not installed: {purpose}",
                f'Run: pip install "visavis[{extra}]"',
            )
