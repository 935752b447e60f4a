"""Videos: ask for one, look at it, stop it, delete it."""

import math
import time
import uuid
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain import events
from visavis.domain.assets import Assets
from visavis.domain.avatars import LIP_SYNC, Avatars
from visavis.domain.backlog import Backlog
from visavis.domain.core import Core
from visavis.domain.errors import ConflictError, FieldError, NotFoundError
from visavis.domain.estimates import Estimates
from visavis.domain.order import Order
from visavis.domain.quotas import Quotas
from visavis.domain.script import split, spoken_length
from visavis.domain.voices import Voices
from visavis.pace import LETTERS_PER_SECOND
from visavis.store.tables import Asset, Avatar, Segment, Video, new_id

ACTIVE = ("pending", "processing")
FINAL = ("completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class View:
    """A video as its owner is shown it.

    Attributes:
        percent: 0 to 100.
        position: videos that are ahead of it in the queue; 0 when it runs or is done.
        seconds_left: how long it will still take, 0 when done.
    """

    video: Video
    percent: float
    position: int
    seconds_left: float


class Videos:
    """What a workspace does with its videos."""

    def __init__(self, core: Core, assets: Assets, avatars: Avatars, voices: Voices) -> None:
        self._core = core
        self._database = core.database
        self._assets = assets
        self._avatars = avatars
        self._voices = voices

    def create(
        self,
        workspace_id: str,
        avatar: Avatar,
        order: Order,
        *,
        dialect: str,
        title: str = "",
        webhook_url: str = "",
        callback_id: str | None = None,
        id: str | None = None,
    ) -> View:
        """Accept a video; everything that can be wrong with it is said here.

        Args:
            workspace_id: who asks.
            avatar: as `Avatars.find` gave it.
            order: what it shall be.
            dialect: whose words its webhooks use.
            title: for people.
            webhook_url: told when it ends.
            callback_id: given back in webhooks.
            id: what it must be called; asking twice with one id makes one video.

        Raises:
            FieldError, NotFoundError, LinkError, QuotaError: what is wrong.
        """
        return self.create_all(
            workspace_id,
            avatar,
            [order],
            dialect=dialect,
            title=title,
            webhook_url=webhook_url,
            callback_id=callback_id,
            id=id,
        )[0]

    def create_all(
        self,
        workspace_id: str,
        avatar: Avatar,
        orders: list[Order],
        *,
        dialect: str,
        title: str = "",
        webhook_url: str = "",
        callback_id: str | None = None,
        id: str | None = None,
    ) -> list[View]:
        """Accept several videos, all of them or none; arguments and errors are those of `create`.

        The first has the given id, the others ids that follow from it.
        """
        orders = [self._checked(workspace_id, avatar, order) for order in orders]
        if webhook_url:
            self._core.fetcher.check(webhook_url)
        if len(title) > 300 or len(callback_id or "") > 300:
            raise FieldError("title", "A title has at most 300 characters.")
        sounds = [self._sounds(workspace_id, order) for order in orders]
        first = id or new_id()
        videos = [
            Video(
                id=str(uuid.uuid5(uuid.UUID(first), str(number))) if number else first,
                workspace_id=workspace_id,
                dialect=dialect,
                title=title,
                webhook_url=webhook_url,
                callback_id=callback_id,
            )
            for number in range(len(orders))
        ]
        with self._database.write() as session:
            if session.get(Video, first):
                rows = [self._get(session, workspace_id, video.id) for video in videos]
                return [self._view(session, row) for row in rows]
            if avatar.status != "ready":  # it may have become so since it was looked up
                avatar = _locked(session, avatar)
            return [
                self._accept(session, video, avatar, order, seconds)
                for video, order, seconds in zip(videos, orders, sounds, strict=True)
            ]

    def lip_sync(
        self, workspace_id: str, clip: Asset, order: Order, *, dialect: str, id: str | None = None
    ) -> View:
        """Accept a video in which the person of a clip says what `order` lets them say.

        An avatar is made of the clip first; it serves this video alone and goes with it.

        Raises:
            FieldError, NotFoundError, QuotaError: what is wrong.
        """
        order.check(self._core.settings.max_text, self._core.offers.get())
        sounds = self._sounds(workspace_id, order)
        video = Video(id=id or new_id(), workspace_id=workspace_id, dialect=dialect)
        with self._database.write() as session:
            if session.get(Video, video.id):
                return self._view(session, self._get(session, workspace_id, video.id))
            avatar = self._avatars.of_clip(session, clip, video.id)
            return self._accept(session, video, avatar, order, sounds)

    def _accept(
        self, session: Session, video: Video, avatar: Avatar, order: Order, sounds: dict[str, float]
    ) -> View:
        """Fill in what is known of a video, and put it into the queue or behind its avatar.

        Args:
            sounds: seconds of the assets that are heard instead of voices.
        """
        estimates = Estimates(session)
        heard = (order.audio, *(scene.audio for scene in order.scenes))
        recorded = sum(sounds[sound] for sound in heard if sound)
        video.expected_seconds = recorded + estimates.speech_seconds(order)
        Quotas(session).need(video.workspace_id, video.expected_seconds)
        waits = avatar.status != "ready"
        video.avatar_id, video.request = avatar.id, order.as_json()
        video.status, video.stage = "pending", "avatar" if waits else "queued"
        video.fair_tag = self._fair_tag(session, video.workspace_id)
        segments = self._segments(video, order, sounds)
        video.expected_work = estimates.work_seconds(order, video.expected_seconds, len(segments))
        session.add(video)
        session.flush()
        session.add_all(segments)
        if not waits:
            session.flush()
            start(self._core, session, video)
        events.announce_video(self._core, session, video)
        return self._view(session, video)

    def _checked(self, workspace_id: str, avatar: Avatar, order: Order) -> Order:
        _need_good(avatar)
        order.check(self._core.settings.max_text, self._core.offers.get())
        if order.voice or order.text:
            if not order.voice and avatar.status != "ready":
                return order  # it gets its voice when it is ready
            slug = order.voice or avatar.voice
            if not slug:
                raise FieldError("voice", "No voice is given and the avatar has none.")
            order = replace(order, voice=self._voices.find(workspace_id, slug).slug)
        return order

    def _sounds(self, workspace_id: str, order: Order) -> dict[str, float]:
        """Seconds of the assets that are heard instead of voices."""
        longest = self._core.settings.max_audio_seconds
        found = {}
        for sound in order.sounds():
            seconds = float(self._assets.get(workspace_id, sound).meta.get("duration", 0.0))
            if not 0 < seconds <= longest:
                raise FieldError(
                    "audio", f"The sound lasts {seconds:.1f} s, at most {longest:.0f} s are taken."
                )
            found[sound] = seconds
        return found

    def _segments(self, video: Video, order: Order, sounds: dict[str, float]) -> list[Segment]:
        longest = self._core.settings.segment_seconds * LETTERS_PER_SECOND * order.speed
        if order.filmed:
            lengths = [
                sounds[scene.audio] * LETTERS_PER_SECOND
                if scene.audio
                else spoken_length(scene.text)
                for scene in order.scenes
            ]
            return [
                Segment(
                    video_id=video.id,
                    number=number,
                    work={"text": "\n".join(s.text for s in order.scenes[a:b]), "scenes": [a, b]},
                    weight=max(1.0, sum(lengths[a:b])),
                )
                for number, (a, b) in enumerate(order.chapters(longest, lengths))
            ]
        whole = order.audio or order.music  # music must not begin anew in the middle
        texts = [order.text] if whole else split(order.text, longest)
        return [
            Segment(
                video_id=video.id,
                number=number,
                work={"text": text},
                weight=max(1.0, spoken_length(text)),
            )
            for number, text in enumerate(texts)
        ]

    def _fair_tag(self, session: Session, workspace_id: str) -> int:
        """Start tag of start-time fair queueing (Goyal, Vin, Cheng 1996), in seconds of work."""
        now = session.scalar(
            sa.select(sa.func.max(Video.fair_tag)).where(Video.status == "processing")
        )
        own = session.scalar(
            sa.select(sa.func.max(Video.fair_tag + Video.expected_work)).where(
                Video.workspace_id == workspace_id, Video.status.in_(ACTIVE)
            )
        )
        return min(max(1, int(now or 0), math.ceil(own or 0)), 2**31 - 1)

    def _get(self, session: Session, workspace_id: str, video_id: str) -> Video:
        row = session.scalar(
            sa.select(Video).where(Video.id == video_id, Video.workspace_id == workspace_id)
        )
        if row is None:
            raise NotFoundError("video", video_id)
        return row

    def get(self, workspace_id: str, video_id: str) -> View:
        """One video of this workspace.

        Raises:
            NotFoundError: none.
        """
        with self._database.read() as session:
            return self._view(session, self._get(session, workspace_id, video_id))

    def _view(self, session: Session, video: Video) -> View:
        if video.status in FINAL:
            return View(video, 100.0 if video.status == "completed" else 0.0, 0, 0.0)
        left = max(1.0, Backlog(session).ready_in(video))
        if video.status == "pending":
            position = session.scalar(
                sa.select(sa.func.count())
                .select_from(Video)
                .where(Video.status == "pending", Video.fair_tag < video.fair_tag)
            )
            return View(video, 0.0, position or 0, left)
        parts = sa.select(Segment.percent, Segment.weight).where(Segment.video_id == video.id)
        rows = session.execute(parts).all()
        total = sum(weight for _, weight in rows) or 1.0
        percent = min(99.0, sum(done * weight for done, weight in rows) / total * 0.97)
        return View(video, percent, 0, left)

    def page(
        self,
        workspace_id: str,
        *,
        title: str = "",
        status: str = "",
        limit: int = 20,
        before: tuple[float, str] | None = None,
        dialect: str = "",
        callback_id: str = "",
    ) -> tuple[list[Video], int]:
        """Videos, newest first, and how many there are.

        Args:
            workspace_id: who asks.
            title: only those whose title holds this.
            status: only those in this state.
            limit: at most this many.
            before: only those older than this (created_at, id).
            dialect: only those asked for in this dialect.
            callback_id: only those with this callback id.
        """
        where: list[sa.ColumnElement[bool]] = [Video.workspace_id == workspace_id]
        if title:
            where.append(Video.title.icontains(title, autoescape=True))
        if status:
            where.append(Video.status == status)
        if dialect:
            where.append(Video.dialect == dialect)
        if callback_id:
            where.append(Video.callback_id == callback_id)
        with self._database.read() as session:
            total = session.scalar(sa.select(sa.func.count()).select_from(Video).where(*where))
            if before is not None:
                where.append(sa.tuple_(Video.created_at, Video.id) < before)
            query = sa.select(Video).where(*where)
            newest = query.order_by(Video.created_at.desc(), Video.id.desc())
            return list(session.scalars(newest.limit(limit))), total or 0

    def cancel(self, workspace_id: str, video_id: str) -> View:
        """Stop a video; its renders end within a second.

        Raises:
            NotFoundError: none of this workspace.
            ConflictError: it has ended already.
        """
        with self._database.write() as session:
            video = self._get(session, workspace_id, video_id)
            if video.status == "cancelled":
                return self._view(session, video)
            if video.status in FINAL:
                raise ConflictError(f"The video is {video.status} already.", "Delete it instead.")
            video.status, video.stage, video.finished_at = "cancelled", "cancelled", time.time()
            video.error_code, video.error_message = "cancelled", "It was cancelled."
            events.announce_video(self._core, session, video)
            return self._view(session, video)

    def delete(self, workspace_id: str, video_id: str) -> None:
        """Remove a video, running or done, with its files.

        Raises:
            NotFoundError: none of this workspace.
        """
        with self._database.write() as session:
            video = self._get(session, workspace_id, video_id)
            remove(self._core, session, video)
        remove_files(self._core, video)


def folder_of(video: Video) -> str:
    """Where the files of a video are kept."""
    return f"videos/{video.workspace_id}/{video.id}"


def remove(core: Core, session: Session, video: Video) -> None:
    """Delete the rows of a video, and of the avatar that was made for it alone."""
    session.execute(sa.delete(Segment).where(Segment.video_id == video.id))
    session.execute(sa.delete(Avatar).where(Avatar.id == video.id, Avatar.kind == LIP_SYNC))
    session.delete(video)


def remove_files(core: Core, video: Video) -> None:
    """Delete what is kept of a video, and of the avatar that was made for it alone."""
    core.blobs.delete_under(folder_of(video))
    core.blobs.delete_under(f"avatars/{video.workspace_id}/{video.id}")


def start(core: Core, session: Session, video: Video) -> None:
    """Put every segment of a video into the queue, each behind the work of those before it."""
    query = sa.select(Segment).where(Segment.video_id == video.id).order_by(Segment.number)
    segments = list(session.scalars(query))
    total = sum(segment.weight for segment in segments)
    before = 0.0
    for segment in segments:
        behind = int(before / total * video.expected_work)
        core.jobs.render(session, video.id, segment.number, video.fair_tag + behind)
        before += segment.weight
    video.stage = "queued"


def _locked(session: Session, avatar: Avatar) -> Avatar:
    """An avatar as it is now; it stays so until the transaction ends.

    Raises:
        NotFoundError, FieldError: it was deleted or has failed meanwhile.
    """
    query = sa.select(Avatar).where(Avatar.id == avatar.id).with_for_update(read=True)
    row = session.scalar(query)
    if row is None:
        raise NotFoundError("avatar", avatar.id)
    _need_good(row)
    return row


def _need_good(avatar: Avatar) -> None:
    if avatar.status == "failed":
        raise FieldError(
            "avatar",
            f"The avatar failed: {avatar.error_message or 'unknown reason'}",
            "Create a new one.",
            "avatar_failed",
        )
