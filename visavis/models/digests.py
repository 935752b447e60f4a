"""Hashes of files."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from visavis.models.manifest import Digest


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def accepted(path: Path, digests: Iterable[Digest], *, again: bool = False) -> bool:
    """Whether a file is one of those that ``digests`` name.

    Args:
        path: the file.
        digests: what it may be.
        again: read it even if this process has hashed it before and it has not changed since.
    """
    status = path.stat()
    wanted = {digest.sha256 for digest in digests if digest.bytes == status.st_size}
    if not wanted:
        return False
    if again:
        return sha256_of(path) in wanted
    return _remembered(path, status.st_size, status.st_mtime_ns) in wanted


@lru_cache(maxsize=512)
def _remembered(path: Path, _size: int, _mtime_ns: int) -> str:
    return sha256_of(path)


def describe_size(count: int) -> str:
    """A number of bytes for people, e.g. ``92.4 MB``."""
    if count >= 1_000_000:
        return f"{count / 1e6:.1f} MB"
    return f"{count / 1e3:.1f} kB" if count >= 1_000 else f"{count} bytes"
