"""Making one file of a model out of archives, downloads and byte ranges."""

import hashlib
import importlib.metadata
import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from visavis.errors import ModelError
from visavis.models import clients
from visavis.models.digests import accepted, describe_size
from visavis.models.download import download
from visavis.models.errors import (
    MissingModelError,
    NoClientError,
    NoNetworkError,
    SourceUnavailableError,
    WrongHashError,
)
from visavis.models.manifest import (
    Archive,
    Digest,
    File,
    Hex,
    Manifest,
    Member,
    Model,
    Part,
    Remote,
    Source,
    Text,
)
from visavis.models.progress import Meter, Progress
from visavis.models.sources import by_hand

_CHUNK = 1 << 20


class Workshop:
    """Makes the files of one model in a folder of its own, and keeps there what a kill interrupts.

    The caller holds the model's lock.

    Args:
        manifest: where the archives are described.
        model: whose files are made.
        work: folder for archives and half-made files; its archives and downloads are used again.
        given: a folder that may hold archives already.
        progress: told of every download.
    """

    def __init__(
        self,
        manifest: Manifest,
        model: Model,
        work: Path,
        given: Path | None,
        progress: Progress | None,
    ) -> None:
        self._manifest = manifest
        self._model = model
        self._work = work
        self._given = given
        self._progress = progress
        self._meter = Meter(model.name, None, {})
        self._readers: dict[str, Callable[[str], IO[bytes]]] = {}
        self._failed: dict[str, ModelError] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._work.mkdir(parents=True, exist_ok=True)
        for stale in self._work.glob("fetch-*"):
            shutil.rmtree(stale, ignore_errors=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def expect(self, files: list[File]) -> int:
        """Count what the first sources of ``files`` will download, for the progress.

        Returns:
            Bytes of disk that the downloads and the files need together.
        """
        sizes: dict[object, int] = {}
        for file in files:
            for part in file.sources[0].parts:
                if isinstance(part, Member):
                    archive = self._manifest.archives[part.archive]
                    if self._installed(archive, part.member) is None:
                        sizes[part.archive] = archive.bytes
                elif isinstance(part, Remote):
                    sizes[part.url] = (part.digest or file).bytes
        self._meter = Meter(self._model.name, self._progress, sizes)
        return sum(sizes.values()) + sum(file.bytes for file in files)

    def make(self, file: File) -> Path:
        """Make a file from the first source that works.

        Returns:
            The finished, checked file inside the work folder.

        Raises:
            WrongHashError: the last source that answered had other bytes.
            NoNetworkError, NoClientError, MissingModelError: no source worked; each is named.
        """
        failures: list[ModelError] = []
        for source in file.sources:
            try:
                return self._join(file, source)
            except (
                NoClientError,
                NoNetworkError,
                SourceUnavailableError,
                WrongHashError,
            ) as failure:
                failures.append(failure)
        raise self._summary(file, failures)

    def _join(self, file: File, source: Source) -> Path:
        digest = file.digest_from(source)
        target = self._work / f"{file.name}.making"
        hashed = hashlib.sha256()
        size = 0
        with target.open("wb") as stream:
            for part in source.parts:
                for chunk in self._bytes_of(part, digest):
                    size += len(chunk)
                    if size > digest.bytes:
                        break
                    hashed.update(chunk)
                    stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        if size != digest.bytes or hashed.hexdigest() != digest.sha256:
            target.unlink()
            raise WrongHashError(
                f"{file.name} made from {_origin(source)} has SHA-256 {hashed.hexdigest()[:12]}..,"
                f" not {digest.sha256[:12]}.."
            )
        return target

    def _bytes_of(self, part: Part, whole: Digest) -> Iterator[bytes]:
        match part:
            case Hex():
                yield bytes.fromhex(part.hex)
            case Text():
                yield part.text.encode()
            case Remote():
                path = self._downloaded(part.url, part.digest or whole)
                yield from _chunks(path.open("rb"), 0, None)
            case Member():
                yield from _chunks(self._member(part), part.start, part.end)

    def _downloaded(self, url: str, digest: Digest) -> Path:
        path = self._work / f"{digest.sha256[:16]}.download"
        resumed = path.exists()
        try:
            self._download(url, digest, path)
            if resumed and not accepted(path, [digest], again=True):
                # What was kept may be to blame, not the server.
                path.unlink()
                self._download(url, digest, path)
            if not accepted(path, [digest], again=True):
                path.unlink()
                raise WrongHashError(f"{url} is not the file with SHA-256 {digest.sha256[:12]}..")
        except ModelError:
            self._meter.dropped(url)
            raise
        return path

    def _download(self, url: str, digest: Digest, path: Path) -> None:
        size = digest.bytes
        download(url, size, path, lambda done: self._meter.reached(url, done, size))

    def _member(self, part: Member) -> IO[bytes]:
        archive = self._manifest.archives[part.archive]
        installed = self._installed(archive, part.member)
        if installed is not None:
            return installed.open("rb")
        if part.archive in self._failed:
            raise self._failed[part.archive]
        if part.archive not in self._readers:
            try:
                path = self._archive(part.archive, archive)
            except ModelError as failure:
                self._failed[part.archive] = failure
                self._meter.dropped(part.archive)
                raise
            self._readers[part.archive] = self._reader(path)
        try:
            return self._readers[part.archive](part.member)
        except KeyError as error:
            raise SourceUnavailableError(f"{part.archive} has no {part.member}.") from error

    def _installed(self, archive: Archive, member: str) -> Path | None:
        """The member in an installed package of exactly the archive's version."""
        if archive.client != "pip":
            return None
        try:
            distribution = importlib.metadata.distribution(archive.package)
        except importlib.metadata.PackageNotFoundError:
            return None
        if distribution.version != archive.version:
            return None
        path = Path(str(distribution.locate_file(member)))
        return path if path.is_file() else None

    def _archive(self, name: str, archive: Archive) -> Path:
        """The archive's file: given by the user, kept from an interrupted run, or fetched."""
        if self._given is not None and (self._given / name).is_file():
            given = self._given / name
            if not accepted(given, [archive], again=True):
                raise WrongHashError(
                    f"{given} has {given.stat().st_size} bytes and is not the release with SHA-256"
                    f" {archive.sha256[:12]}.."
                )
            return given
        kept = self._work / name
        if not (kept.is_file() and accepted(kept, [archive], again=True)):
            fetched = clients.fetch(
                archive, self._work, lambda done: self._meter.reached(name, done, archive.bytes)
            )
            if not accepted(fetched, [archive], again=True):
                raise WrongHashError(
                    f"{archive.client} fetched another {name} than the one with SHA-256"
                    f" {archive.sha256[:12]}.."
                )
            fetched.rename(kept)
        self._meter.reached(name, archive.bytes, archive.bytes)
        return kept

    def _reader(self, path: Path) -> Callable[[str], IO[bytes]]:
        if path.suffix == ".whl":
            return self._open.enter_context(zipfile.ZipFile(path)).open
        tar = self._open.enter_context(tarfile.open(path))  # noqa: SIM115  closed by the stack

        def read(member: str) -> IO[bytes]:
            return tar.extractfile(member) or io.BytesIO()

        return read

    def _summary(self, file: File, failures: list[ModelError]) -> ModelError:
        tried = " ".join(dict.fromkeys(failure.message for failure in failures))
        message = (
            f"{file.name} of model {self._model.name!r} ({describe_size(file.bytes)}) could not be"
            f" fetched. {tried}"
        )
        remedies = " ".join(dict.fromkeys(f.remedy for f in failures if f.remedy))
        remedy = f"{remedies} {by_hand(self._manifest, self._model, file)}".strip()
        for kind in (WrongHashError, NoNetworkError, NoClientError):
            if any(isinstance(failure, kind) for failure in failures):
                return kind(message, remedy)
        return MissingModelError(message, remedy)


def _origin(source: Source) -> str:
    names: list[str] = []
    for part in source.parts:
        if isinstance(part, Member):
            names.append(part.archive)
        elif isinstance(part, Remote):
            names.append(part.url)
    return " and ".join(dict.fromkeys(names)) or "the manifest"


def _chunks(stream: IO[bytes], start: int, end: int | None) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        left = None if end is None else end - start
        while left is None or left > 0:
            chunk = stream.read(_CHUNK if left is None else min(_CHUNK, left))
            if not chunk:
                return
            left = None if left is None else left - len(chunk)
            yield chunk
