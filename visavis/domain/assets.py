"""Files that a workspace uploads or links to."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Literal, cast
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from visavis.domain.core import Core
from visavis.domain.errors import ConflictError, FieldError, NotFoundError
from visavis.errors import MediaError
from visavis.store.tables import Asset, new_id

Kind = Literal["image", "video", "audio"]
KINDS: tuple[Kind, ...] = ("image", "video", "audio")

MIMES: dict[str, Kind] = {
    "image/jpeg": "image", "image/png": "image", "image/webp": "image", "image/gif": "image",
    "video/mp4": "video", "video/webm": "video", "video/quicktime": "video",
    "video/x-matroska": "video", "video/x-msvideo": "video", "video/x-m4v": "video",
    "audio/mpeg": "audio", "audio/mp3": "audio", "audio/wav": "audio", "audio/x-wav": "audio",
    "audio/wave": "audio", "audio/mp4": "audio", "audio/x-m4a": "audio", "audio/aac": "audio",
    "audio/ogg": "audio", "audio/flac": "audio", "audio/opus": "audio", "audio/webm": "audio",
}  # fmt: skip
"""Types that are taken, and what they hold."""


class Assets:
    """Take files in, look them up, hand them out."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._database = core.database

    def reserve(
        self, workspace_id: str, kind: Kind, mime: str, name: str, id: str | None = None
    ) -> Asset:
        """A place for a file that the client sends later."""
        asset_id = id or new_id()
        row = Asset(
            id=asset_id,
            workspace_id=workspace_id,
            kind=kind,
            mime=mime,
            name=Path(name).name[:300],
            status="pending",
            key=f"assets/{workspace_id}/{asset_id}/file",
        )
        with self._database.write() as session:
            if found := session.get(Asset, asset_id):
                return found
            session.add(row)
        return row

    def fill(self, asset_id: str, path: Path, mime: str = "") -> Asset:
        """Take the bytes of a reserved file; signed links lead here, so no workspace is asked.

        Raises:
            NotFoundError: nothing was reserved.
            ConflictError: it was filled and checked before.
        """
        with self._database.read() as session:
            row = session.get(Asset, asset_id)
        if row is None:
            raise NotFoundError("upload", asset_id)
        if row.status == "ready":
            raise ConflictError("This upload was finished before.", "Ask for a new one.")
        self._core.blobs.put(row.key, path, mime or row.mime)
        with self._database.write() as session:
            row = session.merge(row)
            row.size, row.status, row.mime = path.stat().st_size, "uploaded", mime or row.mime
        return row

    def finalize(self, workspace_id: str, asset_id: str, kind: Kind | None = None) -> Asset:
        """Check a file that was sent; doing so again changes nothing.

        Raises:
            NotFoundError: no such upload here.
            FieldError: nothing was sent, or it is not media of its kind.
        """
        row = self.get(workspace_id, asset_id, kind)
        if row.status == "ready":
            return row
        if row.status == "pending":
            raise FieldError("upload", "Nothing was uploaded yet.", "Send the file first.")
        with self._spool() as folder:
            path = folder / "file"
            self._core.blobs.fetch(row.key, path)
            facts = self._examine(path, cast(Kind, row.kind))
        with self._database.write() as session:
            row = session.merge(row)
            row.status, row.meta = "ready", facts
        return row

    def add(
        self, workspace_id: str, mime: str, name: str, path: Path, id: str | None = None
    ) -> Asset:
        """Take and check a file in one go.

        Raises:
            FieldError: not one of `MIMES`, or not what it says.
        """
        return self._keep(workspace_id, path, kind_of(mime), mime, name, id)

    def from_link(self, workspace_id: str, link: str, kind: Kind, field: str) -> Asset:
        """Fetch a link now and keep it; a link to our own asset is used as it is.

        Raises:
            FieldError: the link cannot be used; the message says why.
        """
        if own := self._own(workspace_id, link, kind):
            return own
        with self._spool() as folder:
            path = folder / "file"
            fetched = self._core.fetcher.fetch(link, path)
            name = Path(urlsplit(link).path).name or "file"
            mime = fetched.mime if MIMES.get(fetched.mime) == kind else f"{kind}/*"
            try:
                return self._keep(workspace_id, path, kind, mime, name, None)
            except FieldError as error:
                raise FieldError(field, error.message, error.remedy, error.code) from error

    def _own(self, workspace_id: str, link: str, kind: Kind) -> Asset | None:
        parts = urlsplit(link)
        query = parse_qs(parts.query)
        folder, _, tail = parts.path.rpartition("/files/assets/")
        asset_id = tail.partition("/")[0]
        if folder or not asset_id or "signature" not in query:
            return None
        expires = query.get("expires", ["0"])[0]
        signature = query["signature"][0]
        if not expires.isdigit() or not self._core.links.allows(
            "get", parts.path, int(expires), signature
        ):
            return None
        return self.finalize(workspace_id, asset_id, kind)

    def _keep(
        self, workspace_id: str, path: Path, kind: Kind, mime: str, name: str, id: str | None
    ) -> Asset:
        facts = self._examine(path, kind)
        row = self.reserve(workspace_id, kind, mime, name, id)
        self._core.blobs.put(row.key, path, mime)
        with self._database.write() as session:
            row = session.merge(row)
            row.status, row.size, row.meta = "ready", path.stat().st_size, facts
        return row

    def _examine(self, path: Path, kind: Kind) -> dict[str, object]:
        try:
            facts = self._core.probe(path)
        except MediaError as error:
            raise FieldError(kind, error.message, error.remedy, "invalid_media") from error
        fits = facts.kind == kind or (kind == "audio" and facts.has_sound)
        if not fits:
            raise FieldError(
                kind, f"The file holds {facts.kind}, not {kind}.", "Send another.", "invalid_media"
            )
        return asdict(facts)

    def get(self, workspace_id: str, asset_id: str, kind: Kind | None = None) -> Asset:
        """The asset of this id.

        Raises:
            NotFoundError: none in this workspace, or of another kind.
        """
        with self._database.read() as session:
            row = session.scalar(
                sa.select(Asset).where(Asset.id == asset_id, Asset.workspace_id == workspace_id)
            )
        if row is None or (kind and row.kind != kind):
            raise NotFoundError(kind or "asset", asset_id)
        return row

    def all(
        self, workspace_id: str, kind: str = "", limit: int = 100, before: float | None = None
    ) -> list[Asset]:
        """Ready files, newest first."""
        query = sa.select(Asset).where(Asset.workspace_id == workspace_id, Asset.status == "ready")
        if kind:
            query = query.where(Asset.kind == kind)
        if before is not None:
            query = query.where(Asset.created_at < before)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(Asset.created_at.desc()).limit(limit)))

    def forget_unfinished(self, older_than: float) -> int:
        """Remove uploads that were reserved but never finished; returns how many."""
        old = sa.and_(Asset.status != "ready", Asset.created_at < time.time() - older_than)
        with self._database.read() as session:
            rows = list(session.scalars(sa.select(Asset).where(old).limit(100)))
        for row in rows:
            with self._database.write() as session:
                session.execute(sa.delete(Asset).where(Asset.id == row.id, old))
            self._core.blobs.delete(row.key)
        return len(rows)

    @contextlib.contextmanager
    def _spool(self) -> Iterator[Path]:
        folder = self._core.settings.work_dir / "spool"
        folder.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def kind_of(mime: str) -> Kind:
    """What a type holds.

    Raises:
        FieldError: it is not taken.
    """
    kind = MIMES.get(mime.partition(";")[0].strip().lower())
    if kind is None:
        raise FieldError(
            "content_type", f"Files of type {mime[:60]!r} are not taken.", "Send jpeg, png, mp4..."
        )
    return kind
