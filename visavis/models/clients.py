"""Package-registry clients: pip and npm, run with the user's own configuration."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from visavis.errors import ModelError
from visavis.models.digests import describe_size
from visavis.models.errors import (
    TRY_AGAIN,
    NoClientError,
    NoNetworkError,
    SourceUnavailableError,
    StorageError,
)
from visavis.models.manifest import Archive

_NO_NETWORK = (
    "newconnectionerror",
    "connecttimeout",
    "connection refused",
    "connection broken",
    "name resolution",
    "network is unreachable",
    "max retries exceeded",
    "enotfound",
    "econnrefused",
    "econnreset",
    "eai_again",
    "etimedout",
    "enetunreach",
    "ehostunreach",
)
_POLL_S = 0.2


def fetch(archive: Archive, folder: Path, reached: Callable[[int], None]) -> Path:
    """Fetch an archive with its registry's client.

    Args:
        archive: what to fetch.
        folder: where to work; the file is left in a new folder inside it.
        reached: told now and then how many bytes have arrived.

    Returns:
        The fetched file, whatever the client called it; its hash is not checked here.

    Raises:
        NoClientError: pip or npm is not installed.
        NoNetworkError: the registry did not answer.
        SourceUnavailableError: the registry does not have it, or the client failed.
        StorageError: the client ran out of disk space.
    """
    command = _pip(archive) if archive.client == "pip" else _npm(archive)
    work = Path(tempfile.mkdtemp(prefix="fetch-", dir=folder))
    output = work / "output"
    output.mkdir()
    log = work / "log"
    with (
        log.open("wb") as stream,
        subprocess.Popen(  # noqa: S603  arguments are the manifest's
            command, cwd=output, env=_environment(work), stdout=stream, stderr=stream
        ) as process,
    ):
        try:
            while True:
                try:
                    process.wait(_POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    reached(_weight(work))
        except BaseException:
            process.kill()
            raise
    fetched = [path for path in output.iterdir() if path.suffix in {".whl", ".tgz"}]
    if process.returncode != 0 or len(fetched) != 1:
        raise _failure(archive, log.read_text(encoding="utf-8", errors="replace"))
    return fetched[0]


def _pip(archive: Archive) -> list[str]:
    if find_spec("pip") is not None:
        client = [sys.executable, "-m", "pip"]
    elif (found := shutil.which("pip") or shutil.which("pip3")) is not None:
        client = [found]
    else:
        raise NoClientError(
            f"pip is not installed, and {archive.package} comes through it.",
            f"Run: {sys.executable} -m ensurepip",
        )
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    options += ["--no-deps", "--ignore-requires-python", "--only-binary", ":all:", "--dest", "."]
    if archive.platform is not None:
        options += ["--platform", archive.platform]
    if archive.python is not None:
        options += ["--python-version", archive.python]
    return [*client, "download", *options, archive.requirement]


def _npm(archive: Archive) -> list[str]:
    client = shutil.which("npm")
    if client is None:
        raise NoClientError(
            f"npm is not installed, and {archive.package} comes through it.",
            "Install Node.js 20 or newer.",
        )
    return [client, "pack", archive.requirement, "--ignore-scripts", "--loglevel", "error"]


def _environment(work: Path) -> Mapping[str, str]:
    # pip writes what has arrived below TMPDIR: it can be measured there, and goes when we clean up.
    return {**os.environ, "TMPDIR": str(work)}


def _weight(folder: Path) -> int:
    """Bytes of all files below, which may vanish while they are counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(parent, name).stat().st_size
    return total


def _failure(archive: Archive, log: str) -> ModelError:
    if "no space left" in log.lower() or "enospc" in log.lower():
        return StorageError(
            f"The disk is full: {archive.client} could not write {archive.requirement}"
            f" ({describe_size(archive.bytes)}).",
            "Free some space, or set VISAVIS_CACHE_DIR to a folder on another disk.",
        )
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if "err" in line.lower()] or lines
    reason = errors[-1][:200] if errors else "it said nothing"
    if any(sign in log.lower() for sign in _NO_NETWORK):
        return NoNetworkError(
            f"{archive.client} could not reach its registry for {archive.requirement}.",
            TRY_AGAIN,
        )
    return SourceUnavailableError(
        f"{archive.client} could not fetch {archive.requirement}: {reason}."
    )
