"""Rigs of any kind, found by entry point."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from visavis.rigs.files import RigError, RigFile, read_rig
from visavis.rigs.types import Rig

GROUP = "visavis.rigs"


class RigKind(Protocol):
    """What an entry point of the group `visavis.rigs` names: usually the rig's own class."""

    def read(self, content: RigFile) -> Rig:
        """A rig from its file.

        Raises:
            RigError: the members are missing or broken.
        """
        ...


def kinds() -> tuple[str, ...]:
    """Names of the kinds that are installed."""
    return tuple(sorted(entry_points(group=GROUP).names))


def load(path: Path) -> Rig:
    """Read a rig that any kind's `save` wrote.

    Raises:
        RigError: no such file, not a rig, damaged, newer than this installation, or of a kind
            that is not installed.
    """
    content = read_rig(path)
    found = tuple(entry_points(group=GROUP, name=content.kind))
    if not found:
        raise RigError(
            f"{path.name} is a rig of the kind {content.kind!r}; installed are"
            f" {', '.join(kinds()) or 'none'}.",
            f"Install the package that provides the rig kind {content.kind!r}.",
        )
    kind: RigKind = found[0].load()
    return kind.read(content)
