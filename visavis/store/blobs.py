"""Files by key, on disk or in an S3-compatible store, behind one small interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from visavis.store.config import ServiceSettings
from visavis.store.database import StoreError

CHUNK = 1 << 20


class MissingBlobError(Exception):
    """There is nothing under this key."""


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """Size in bytes and entity tag of a stored file."""

    size: int
    etag: str


class Blobs:
    """Stored files. Puts are atomic: a reader sees the whole file or none.

    Every method raises `StoreError` where the store does not answer, and `MissingBlobError` where
    it holds no such key.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        where = settings.blobs
        self._store: LocalStore | S3Store
        if where.startswith("s3://"):
            bucket, _, prefix = where.removeprefix("s3://").partition("/")
            options: dict[str, Any] = {
                "region": settings.s3_region,
                "client_options": {"timeout": "20s", "connect_timeout": "5s"},
                "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
            }
            if settings.s3_endpoint:
                options["endpoint"] = settings.s3_endpoint
                options["client_options"]["allow_http"] = settings.s3_endpoint.startswith("http:")
            if settings.s3_access_key.get_secret_value():
                options["access_key_id"] = settings.s3_access_key.get_secret_value()
                options["secret_access_key"] = settings.s3_secret_key.get_secret_value()
            self._store = S3Store(bucket, prefix=prefix or None, **options)
        else:
            folder = Path(where).absolute()
            folder.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(folder)

    @property
    def remote(self) -> bool:
        """Whether the files are in another server."""
        return isinstance(self._store, S3Store)

    def put(self, key: str, content: Path | bytes, mime: str) -> None:
        """Store a file whole."""
        attributes = {"Content-Type": mime} if self.remote else None
        with _translated(key):
            obstore.put(self._store, key, content, attributes=cast(Any, attributes))

    def head(self, key: str) -> BlobInfo:
        """What is known about a file without reading it."""
        with _translated(key):
            meta = obstore.head(self._store, key)
        return BlobInfo(meta["size"], (meta["e_tag"] or "").strip('"'))

    def read(self, key: str, start: int, end: int) -> bytes:
        """Bytes from `start` up to, not including, `end`."""
        with _translated(key):
            return bytes(obstore.get_range(self._store, key, start=start, end=end))

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The same, in pieces of at most a mebibyte."""
        for begin in range(start, end, CHUNK):
            yield self.read(key, begin, min(begin + CHUNK, end))

    def fetch(self, key: str, path: Path) -> None:
        """Copy a stored file to disk."""
        with _translated(key):
            result = obstore.get(self._store, key)
            with path.open("wb") as out:
                for piece in result.stream(min_chunk_size=CHUNK):
                    out.write(piece)

    def delete(self, *keys: str) -> None:
        """Remove files; those that are gone already are no error."""
        for key in keys:
            try:
                with _translated(key):
                    obstore.delete(self._store, key)
            except MissingBlobError:
                continue

    def delete_under(self, prefix: str) -> None:
        """Remove every file whose key starts with the folder `prefix`."""
        self.delete(*self.keys(prefix))

    def keys(self, prefix: str = "") -> list[str]:
        """Keys under a folder."""
        with _translated(prefix):
            pages = obstore.list(self._store, prefix or None)
            return [meta["path"] for page in pages for meta in page]

    def presigned(self, key: str, seconds: float) -> str | None:
        """A link straight to the store, or None where the store has no links."""
        if not isinstance(self._store, S3Store):
            return None
        with _translated(key):
            return obstore.sign(self._store, "GET", key, timedelta(seconds=seconds))

    def check(self) -> None:
        """Ask the store whether it answers."""
        with _translated(""):
            next(iter(obstore.list(self._store, ".check", chunk_size=1)), None)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise MissingBlobError(key) from error
    except (BaseError, OSError) as error:
        raise StoreError(
            f"The file store does not answer ({type(error).__name__}).", "Try again in a moment."
        ) from error
