"""A file that appears whole or not at all."""

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.container import OutputContainer

from visavis.errors import MediaError

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".m4a": "mp4", ".webm": "webm"}
"""Container by suffix of the file name."""


def container_of(path: Path) -> str:
    """``"mp4"``, ``"mov"`` or ``"webm"``, by the suffix.

    Raises:
        MediaError: another suffix.
    """
    kind = CONTAINERS.get(path.suffix.lower())
    if kind is None:
        raise MediaError(
            f"{path.name} does not say what kind of file it is.", "End its name in .mp4 or .webm."
        )
    return kind


def reserve(path: Path) -> Path:
    """Create the hidden empty file that is renamed to `path` when it is whole.

    Raises:
        MediaError: the folder is missing or cannot be written to.
    """
    if path.is_dir():
        raise MediaError(f"{path} is a folder.", "Give the name of a file.")
    part = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except OSError as error:
        raise MediaError(
            f"{path} cannot be written: {error.strerror}.",
            "Give a path in a folder that exists and that you may write to.",
        ) from error
    return part


class Target:
    """An output container on a hidden file beside its path; a context manager.

    The path is replaced by one rename when the block ends well; otherwise it is left as it was.

    Args:
        path: where the file shall be; its suffix chooses the container.
        metadata: tags such as ``title`` and ``comment``.

    Raises:
        MediaError: unknown suffix, or the folder cannot be written to.
    """

    def __init__(self, path: Path, metadata: dict[str, str]) -> None:
        self.path = path
        self.kind = container_of(path)
        self._part = reserve(path)
        options = {} if self.kind == "webm" else {"movflags": "+faststart+use_metadata_tags"}
        self.container: OutputContainer = av.open(
            str(self._part), "w", format=self.kind, options=options
        )
        self.container.metadata.update(metadata)

    def mux(self, packets: Any) -> None:
        """Write packets.

        Raises:
            MediaError: the disk is full, or the packets do not fit the container.
        """
        try:
            self.container.mux(packets)
        except (av.FFmpegError, OSError) as error:
            raise self.failure(error) from error

    def failure(self, error: BaseException) -> MediaError:
        """What to tell the user when the media library gave up."""
        return MediaError(
            f"Writing {self.path.name} stopped: {error}.", "Is there room on the disk?"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.container.close()
            if kind is None:
                self._part.replace(self.path)
        except (av.FFmpegError, OSError) as problem:
            raise self.failure(problem) from problem
        finally:
            self._part.unlink(missing_ok=True)
