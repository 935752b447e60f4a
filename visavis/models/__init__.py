"""Where every weight comes from: named, fetched, checked, found.

>>> from visavis import models
>>> files = models.ensure("kokoro")          # doctest: +SKIP
>>> files["model.onnx"]                      # doctest: +SKIP
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from visavis.models.manifest import File, Model, shipped
from visavis.models.progress import Progress
from visavis.models.store import Store
from visavis.settings import settings

__all__ = [
    "File",
    "Model",
    "Progress",
    "catalogue",
    "ensure",
    "locate",
    "present",
    "pull",
    "store",
    "verify",
]


def store() -> Store:
    """The store of this installation, by its settings."""
    chosen = settings()
    return Store(shipped(), chosen.cache_dir / "models", chosen.models_dir)


def catalogue() -> tuple[Model, ...]:
    """Every model there is."""
    return shipped().models


def present(name: str) -> bool:
    """Whether every file of a model is on this machine."""
    return store().present(name)


def ensure(name: str, progress: Progress | None = None) -> Mapping[str, Path]:
    """The files of a model by file name, fetched where they are missing.

    Raises:
        ModelError: it cannot be had; the message names the file, what was tried and what to do.
    """
    return store().ensure(name, progress)


def locate(name: str, file: str) -> Path:
    """Where one file lies; never fetches.

    Raises:
        ModelError: it is not here; the message names the file and every way to get it.
    """
    return store().locate(name, file)


def pull(names: Iterable[str], progress: Progress | None = None) -> None:
    """Fetch what is missing of several models; all names are checked before the first fetch.

    Raises:
        ModelError: as `ensure`.
    """
    store().pull(names, progress)


def verify(names: Iterable[str]) -> None:
    """Hash every file of several models.

    Raises:
        ModelError: a file is missing or has other bytes than the manifest says.
    """
    here = store()
    for name in names:
        here.verify(name)
