"""The weight files on this machine: found, fetched, checked."""

import fcntl
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from visavis.models.assembly import Workshop
from visavis.models.digests import accepted, describe_size, sha256_of
from visavis.models.errors import (
    MissingModelError,
    StorageError,
    UnknownModelError,
    WrongHashError,
)
from visavis.models.manifest import File, Manifest, Model
from visavis.models.progress import Progress
from visavis.models.sources import by_hand

_MAKE_ROOM = "Free some space, or set VISAVIS_CACHE_DIR to a folder that you may write to."


class Store:
    """A cache folder, and perhaps a folder that the user filled, seen through a manifest.

    Safe for several threads and processes at once: whoever comes first fetches, the others wait.

    Args:
        manifest: what exists.
        cache: where fetched files go, one folder for each model version.
        given: a folder with files or archives that the user brought; looked at first, never
            written to.
    """

    def __init__(self, manifest: Manifest, cache: Path, given: Path | None = None) -> None:
        self._manifest = manifest
        self._cache = cache
        self._given = given

    def model(self, name: str) -> Model:
        """The manifest's entry; raises UnknownModelError."""
        model = self._manifest.model(name)
        if model is None:
            known = ", ".join(model.name for model in self._manifest.models)
            raise UnknownModelError(f"There is no model {name!r}.", f"Known models: {known}.")
        return model

    def find(self, model: Model, file: File) -> Path | None:
        """Where a file lies, without fetching it.

        A file in the user's folder is hashed, once in a process; one in the cache was hashed before
        it was put there, so its size is enough.

        Raises:
            WrongHashError: the user's folder has a file of that name with other bytes.
            StorageError: a folder may not be read.
        """
        try:
            return self._given_file(model, file) or self._cached_file(model, file)
        except OSError as error:
            raise StorageError(
                f"{error.filename} cannot be read: {error.strerror}.",
                "Change its permissions, or set VISAVIS_CACHE_DIR and VISAVIS_MODELS_DIR.",
            ) from error

    def _given_file(self, model: Model, file: File) -> Path | None:
        if self._given is None:
            return None
        if not self._given.is_dir():
            raise StorageError(
                f"The folder for models, {self._given}, does not exist.",
                "Correct or unset VISAVIS_MODELS_DIR.",
            )
        for folder in (model.folder, model.name):
            path = self._given / folder / file.name
            if path.is_file():
                if not accepted(path, file.digests):
                    raise _wrong(model, file, path)
                return path
        return None

    def _cached_file(self, model: Model, file: File) -> Path | None:
        path = self._cache / model.folder / file.name
        sizes = {digest.bytes for digest in file.digests}
        return path if path.is_file() and path.stat().st_size in sizes else None

    def present(self, name: str) -> bool:
        """Whether every file of a model is here."""
        model = self.model(name)
        return all(self.find(model, file) is not None for file in model.files)

    def locate(self, name: str, file_name: str) -> Path:
        """Where one file lies; never fetches.

        Raises:
            UnknownModelError: no such model, or the model has no such file.
            MissingModelError: it is not here; the message names every way to get it.
            WrongHashError: the user's folder has other bytes under its name.
        """
        model = self.model(name)
        file = model.file(file_name)
        if file is None:
            names = ", ".join(file.name for file in model.files)
            raise UnknownModelError(
                f"Model {name!r} has no file {file_name!r}.", f"It has {names}."
            )
        path = self.find(model, file)
        if path is None:
            raise MissingModelError(
                f"{file.name} of model {name!r} ({describe_size(file.bytes)}) is not here.",
                f"Run: visavis models pull {name}. {by_hand(self._manifest, model, file)}",
            )
        return path

    def ensure(self, name: str, progress: Progress | None = None) -> Mapping[str, Path]:
        """The files of a model by file name, fetched where they are missing.

        Raises:
            ModelError: one of the classes of `visavis.models.errors`, naming the file, what was
                tried and what to do.
        """
        model = self.model(name)
        if self._missing(model):
            with self._locked(model):
                # Another process may have fetched them while this one waited for the lock.
                missing = self._missing(model)
                if missing:
                    self._fetch(model, missing, progress)
        return {file.name: self.locate(name, file.name) for file in model.files}

    def pull(self, names: Iterable[str], progress: Progress | None = None) -> None:
        """Fetch what is missing of several models; all names are checked before the first fetch."""
        for model in [self.model(name) for name in names]:
            self.ensure(model.name, progress)

    def verify(self, name: str) -> Mapping[str, Path]:
        """Hash every file of a model.

        Returns:
            The files by name.

        Raises:
            MissingModelError: a file is not here.
            WrongHashError: a file's bytes are not the manifest's.
        """
        model = self.model(name)
        found = {file.name: self.locate(name, file.name) for file in model.files}
        for file in model.files:
            if not accepted(found[file.name], file.digests, again=True):
                raise _wrong(model, file, found[file.name])
        return found

    def _missing(self, model: Model) -> list[File]:
        return [file for file in model.files if self.find(model, file) is None]

    def _fetch(self, model: Model, missing: list[File], progress: Progress | None) -> None:
        work = self._cache / f"{model.folder}.partial"
        target = self._cache / model.folder
        with _storage_errors(self._cache):
            target.mkdir(parents=True, exist_ok=True)
            with Workshop(self._manifest, model, work, self._given, progress) as workshop:
                self._check_space(model, workshop.expect(missing))
                for file in missing:
                    workshop.make(file).rename(target / file.name)
            shutil.rmtree(work)

    def _check_space(self, model: Model, needed: int) -> None:
        free = shutil.disk_usage(self._cache).free
        if free < needed:
            raise StorageError(
                f"{self._cache} has {describe_size(free)} free; {model.name} needs"
                f" {describe_size(needed)} while it is fetched.",
                _MAKE_ROOM,
            )

    @contextmanager
    def _locked(self, model: Model) -> Iterator[None]:
        with _storage_errors(self._cache):
            self._cache.mkdir(parents=True, exist_ok=True)
            stream = (self._cache / f"{model.folder}.lock").open("w")
        with stream:
            # The kernel drops the lock when its holder dies, however it dies.
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


@contextmanager
def _storage_errors(cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{error.filename or cache} cannot be written: {error.strerror or error}.",
            _MAKE_ROOM,
        ) from error


def _wrong(model: Model, file: File, path: Path) -> WrongHashError:
    return WrongHashError(
        f"{path} is not {file.name} of model {model.name!r}: it has {path.stat().st_size} bytes and"
        f" SHA-256 {sha256_of(path)}, not {file.bytes} bytes and {file.sha256}.",
        f"Delete it and run: visavis models pull {model.name}",
    )
