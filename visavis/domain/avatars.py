"""Stock presenters and people's own avatars."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain import events
from visavis.domain.assets import Assets
from visavis.domain.core import Core
from visavis.domain.errors import FieldError, NotFoundError
from visavis.domain.offer import StockAvatar
from visavis.store.tables import Asset, Avatar, Video, Voice, new_id

MIN_SECONDS, MAX_SECONDS = 4.0, 15.0
"""How long a clip or a voice reference of a person may be."""


SHAPE = "aspect_ratio"

LIP_SYNC = "lip_sync"
"""Kind of an avatar that was made of a given clip for one video alone and goes with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Ids of ready assets that an avatar is made from."""

    video: str = ""
    image: str = ""
    audio: str = ""


class Avatars:
    """Find, make and delete avatars."""

    def __init__(self, core: Core, assets: Assets) -> None:
        self._core = core
        self._assets = assets
        self._database = core.database

    def seed(self, stock: list[StockAvatar]) -> None:
        """Bring the stock presenters of this version into the table; numbers stay as they are."""
        presenters = {item.slug: item for item in stock}
        covers = {item.slug: self._keep_cover(item) for item in stock if item.cover}
        with self._database.write() as session:
            known = {
                row.slug: row
                for row in session.scalars(sa.select(Avatar).where(Avatar.kind == "stock"))
            }
            for slug, item in presenters.items():
                row = known.get(slug) or Avatar(slug=slug, kind="stock")
                row.name, row.voice, row.status = item.name, item.voice, "ready"
                row.attributes = dict(item.attributes)
                row.cover_key = covers.get(slug)
                session.add(row)
            for name, row in known.items():
                if name not in presenters:
                    row.status = "failed"
                    row.error_message = "This presenter is not part of this version."

    def _keep_cover(self, item: StockAvatar) -> str:
        picture = Path(item.cover)
        key = f"stock/{item.slug}{picture.suffix}"
        self._core.blobs.put(key, picture, f"image/{picture.suffix[1:]}")
        return key

    def create(
        self,
        workspace_id: str,
        name: str,
        sources: Sources,
        *,
        consent: dict[str, Any],
        voice: str = "",
        id: str | None = None,
    ) -> Avatar:
        """Start making an avatar of a person.

        Args:
            workspace_id: who owns it.
            name: for people.
            sources: a video, or an image with a sound, or an image alone where `voice` is given.
                A video needs sound unless a sound or `voice` is given beside it.
            consent: who said so, when and how; kept with the avatar.
            voice: slug of the voice it speaks with unless told otherwise; then no voice is made of
                the sound, and it may be silent.

        Raises:
            FieldError: sources that are missing or too short or long.
            NotFoundError: an asset that is not in this workspace.
        """
        if not name.strip() or len(name) > 200:
            raise FieldError("name", "An avatar's name has 1 to 200 characters.")
        if not sources.video and not (sources.image and (sources.audio or voice)):
            raise FieldError(
                "sources",
                "An avatar needs a video, or an image and a sound.",
                "Give sources.video_url, or sources.image_url and sources.audio_url.",
            )
        for kind, asset_id in (("video", sources.video), ("audio", sources.audio)):
            if asset_id:
                asset = self._assets.finalize(workspace_id, asset_id)
                _check_length(kind, asset, f"sources.{kind}")
                heard = kind == "video" and not (sources.audio or voice)
                if heard and not asset.meta.get("has_sound"):
                    raise FieldError(
                        "sources.video",
                        "The video has no sound.",
                        "Use one in which the person speaks, or give a sound or a voice beside it.",
                    )
        if sources.image:
            self._assets.finalize(workspace_id, sources.image, "image")
        kind = "footage" if sources.video else "portrait"
        row = Avatar(
            id=id or new_id(),
            workspace_id=workspace_id,
            name=name.strip(),
            kind=kind,
            status="pending",
            voice=voice,
            sources={"video": sources.video, "image": sources.image, "audio": sources.audio},
            consent={**consent, "at": time.time()},
        )
        with self._database.write() as session:
            if found := session.scalar(sa.select(Avatar).where(Avatar.id == row.id)):
                return found
            session.add(row)
            session.flush()
            self._core.jobs.create_avatar(session, row.id)
        return row

    def of_clip(self, session: Session, clip: Asset, video_id: str) -> Avatar:
        """Start making an avatar of a clip for the one video of this id; no list shows it.

        Raises:
            FieldError: the clip is too short or too long.
        """
        _check_length("video", clip, "footage")
        row = Avatar(
            id=video_id,
            workspace_id=clip.workspace_id,
            name=clip.name[:200] or "clip",
            kind=LIP_SYNC,
            status="pending",
            sources={"video": clip.id},
            consent={"statement": "declared by the API key", "at": time.time()},
        )
        session.add(row)
        session.flush()
        self._core.jobs.create_avatar(session, row.id)
        return row

    def _visible(self, workspace_id: str) -> sa.ColumnElement[bool]:
        return sa.or_(Avatar.workspace_id == workspace_id, Avatar.kind == "stock")

    def find(self, workspace_id: str, name: str | int, *, by: str = "id") -> Avatar:
        """One avatar that this workspace may see.

        Args:
            workspace_id: who asks.
            name: what it is called.
            by: ``id`` (UUID), ``number``, or ``label`` (``avatar-<number>``, or a stock slug).

        Raises:
            NotFoundError: none.
        """
        query = sa.select(Avatar).where(self._visible(workspace_id))
        with self._database.read() as session:
            row = session.scalar(query.where(_called(str(name), by)))
        if row is None or (row.kind == "stock" and row.status != "ready"):
            raise NotFoundError("avatar", str(name))
        return row

    def page(
        self,
        workspace_id: str,
        scope: str = "all",
        *,
        kinds: tuple[str, ...] = (),
        attributes: Mapping[str, str] | None = None,
        page: int = 1,
        size: int = 20,
    ) -> tuple[list[Avatar], int]:
        """A page of avatars and how many there are.

        Args:
            workspace_id: who asks.
            scope: ``all``, ``public`` (stock) or ``private`` (own).
            kinds: only these kinds, all where empty.
            attributes: what a presenter must be, e.g. ``{"gender": "female"}``.
            page: from 1.
            size: rows on a page.
        """
        where = [self._visible(workspace_id), Avatar.kind != LIP_SYNC]
        if scope == "public":
            where.append(Avatar.kind == "stock")
        if scope == "private":
            where.append(Avatar.workspace_id == workspace_id)
        if kinds:
            where.append(Avatar.kind.in_(kinds))
        where.append(sa.or_(Avatar.kind != "stock", Avatar.status == "ready"))
        for name, value in (attributes or {}).items():
            said = Avatar.attributes[name].as_string()
            # a presenter of which no shape is said fits every shape
            where.append(sa.or_(said == value, said.is_(None)) if name == SHAPE else said == value)
        with self._database.read() as session:
            total = session.scalar(sa.select(sa.func.count()).select_from(Avatar).where(*where))
            query = sa.select(Avatar).where(*where).order_by(Avatar.number)
            rows = session.scalars(query.offset((page - 1) * size).limit(size))
            return list(rows), total or 0

    def rename(self, workspace_id: str, avatar_id: str, name: str) -> Avatar:
        """Give an own avatar another name."""
        if not name.strip() or len(name) > 200:
            raise FieldError("name", "An avatar's name has 1 to 200 characters.")
        row = self._own(workspace_id, avatar_id)
        with self._database.write() as session:
            row = session.merge(row)
            row.name, row.updated_at = name.strip(), time.time()
        return row

    def delete(self, workspace_id: str, avatar_id: str) -> None:
        """Remove an own avatar with its files; videos made with it stay.

        Raises:
            NotFoundError: none of this workspace's own.
        """
        row = self._own(workspace_id, avatar_id)
        with self._database.write() as session:
            waiting = sa.select(Video).where(
                Video.avatar_id == row.id, Video.status == "pending", Video.stage == "avatar"
            )
            for video in session.scalars(waiting):
                video.status, video.finished_at = "failed", time.time()
                video.error_code = "avatar_deleted"
                video.error_message = "Its avatar was deleted before it was ready."
                events.announce_video(self._core, session, video)
            session.execute(sa.delete(Voice).where(Voice.avatar_id == row.id))
            session.execute(sa.delete(Avatar).where(Avatar.id == row.id))
        self._core.blobs.delete_under(f"avatars/{workspace_id}/{row.id}")
        self._core.blobs.delete_under(f"voices/{workspace_id}/{row.id}")

    def _own(self, workspace_id: str, avatar_id: str) -> Avatar:
        row = self.find(workspace_id, avatar_id)
        if row.workspace_id != workspace_id:
            raise NotFoundError("avatar of your own", avatar_id)
        return row


def waiting_videos(session: Session, avatar_id: str) -> list[Video]:
    """Videos that wait for an avatar."""
    query = sa.select(Video).where(
        Video.avatar_id == avatar_id, Video.status == "pending", Video.stage == "avatar"
    )
    return list(session.scalars(query.order_by(Video.created_at)))


def _called(name: str, by: str) -> sa.ColumnElement[bool]:
    if by == "label":
        number = name.removeprefix("avatar-")
        if number.isascii() and number.isdigit() and len(number) < 18:
            return Avatar.number == int(number)
        return sa.or_(Avatar.slug == name, Avatar.id == name)
    if by == "number":
        return Avatar.number == (int(name) if len(name) < 18 else -1)
    return Avatar.id == name


def _check_length(kind: str, asset: Asset, field: str) -> None:
    seconds = float(asset.meta.get("duration", 0.0))
    if asset.kind != kind:
        raise NotFoundError(kind, asset.id)
    if not MIN_SECONDS - 0.05 <= seconds <= MAX_SECONDS + 0.05:
        raise FieldError(
            field,
            f"The {kind} lasts {seconds:.1f} s.",
            f"It must last {MIN_SECONDS:.0f} to {MAX_SECONDS:.0f} s.",
            "invalid_source",
        )
