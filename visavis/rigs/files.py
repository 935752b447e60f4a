"""The one file that a rig is kept in: a zip with a JSON header and the members of its kind."""

import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from visavis.errors import InvalidInputError

FORMAT = "visavis-rig"
VERSION = 1
HEADER = "rig.json"
LARGEST_MEMBER = 256 * 1024 * 1024


class RigError(InvalidInputError):
    """A rig file that cannot be read, or that asks for what is not installed."""

    code = "invalid_rig"


@dataclass(frozen=True, slots=True)
class RigFile:
    """What a rig file holds.

    Attributes:
        kind: the name under which its loader is found, see `visavis.rigs.load`.
        meta: what the kind keeps as JSON.
        members: file name to content.
    """

    kind: str
    meta: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, bytes] = field(default_factory=dict)

    def member(self, name: str) -> bytes:
        """One member's content.

        Raises:
            RigError: the file lacks it.
        """
        try:
            return self.members[name]
        except KeyError:
            raise RigError(
                f"The rig file has no member {name!r}.", "Create the avatar again."
            ) from None


def write_rig(path: Path, content: RigFile) -> None:
    """Write a rig file in one step: nobody ever sees half of it."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "kind": content.kind,
        "members": sorted(content.members),
        "meta": dict(content.meta),
    }
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(HEADER, json.dumps(header, indent=1))
            for name, data in content.members.items():
                archive.writestr(name, data)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def read_rig(path: Path) -> RigFile:
    """Read a rig file and check that it is whole.

    Raises:
        RigError: not a rig file, damaged, or written by a newer version.
    """
    if not path.is_file():
        raise RigError(f"There is no rig file at {path}.", "Give the path of a saved avatar.")
    try:
        with zipfile.ZipFile(path) as archive:
            header = _header(path, archive)
            members = {name: _member(archive, name) for name in header["members"]}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError) as error:
        raise RigError(
            f"{path.name} is damaged or not a rig file ({error}).", "Create the avatar again."
        ) from error
    return RigFile(header["kind"], header["meta"], members)


def _header(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        header = json.loads(_member(archive, HEADER))
    except (KeyError, ValueError) as error:
        raise RigError(
            f"{path.name} is a zip file but not a rig: it has no readable {HEADER}.",
            "Give the path of a saved avatar.",
        ) from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise RigError(f"{path.name} is not a rig file.", "Give the path of a saved avatar.")
    version = header.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise RigError(
            f"{path.name} has rig format version {version}; this installation reads up to"
            f" version {VERSION}.",
            "Update visavis, or create the avatar again.",
        )
    kind, names, meta = header.get("kind"), header.get("members"), header.get("meta")
    if not (
        isinstance(kind, str)
        and isinstance(meta, dict)
        and isinstance(names, list)
        and all(isinstance(name, str) for name in names)
    ):
        raise RigError(f"{path.name} has a broken header.", "Create the avatar again.")
    return header


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > LARGEST_MEMBER:
        raise zipfile.BadZipFile(f"{name} unpacks to {info.file_size} bytes")
    return archive.read(info)
