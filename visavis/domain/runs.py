"""What a worker reports of a video: begun, advanced, failed, published.

Every attempt at a segment carries a fence, a random word written when it begins. Only the holder of
the newest fence may change the segment, so that an attempt which was given up for dead and wakes up
again changes nothing.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain import events
from visavis.domain.core import Core
from visavis.domain.estimates import Estimates
from visavis.domain.order import Order
from visavis.domain.script import spoken_length
from visavis.domain.videos import ACTIVE, folder_of
from visavis.store.tables import Avatar, Segment, Usage, Video

MAX_BEGUN = 12
"""Attempts that may begin, counting those that died with their worker."""

MAX_FAILED = 3
"""Attempts that may fail by themselves."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a segment."""

    video: Video
    avatar: Avatar
    order: Order
    text: str
    number: int
    fence: str
    scenes: tuple[int, int] | None = None
    """First and last-but-one scene of a film's part."""


class Runs:
    """The worker's side of a video's life."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._database = core.database

    def begin(self, video_id: str, number: int) -> Attempt | None:
        """Start a try at a segment; None where nothing is left to do."""
        with self._database.write() as session:
            video = self._locked(session, video_id)
            segment = session.get(Segment, (video_id, number))
            if video is None or segment is None or video.status not in ACTIVE:
                return None
            if segment.status == "done":
                self._finish_if_whole(session, video)
                return None
            if segment.attempts >= MAX_BEGUN:
                self._fail(
                    session,
                    video,
                    "processing_error",
                    f"Rendering was begun {segment.attempts} times and never ended.",
                )
                return None
            avatar = session.scalar(sa.select(Avatar).where(Avatar.id == video.avatar_id))
            if avatar is None or avatar.status == "failed":
                self._fail(session, video, "avatar_failed", _avatar_reason(avatar))
                return None
            segment.attempts += 1
            segment.fence = secrets.token_hex(8)
            segment.status, segment.stage, segment.percent = "processing", "starting", 0.0
            if video.status == "pending":
                video.status, video.started_at = "processing", time.time()
                video.stage = "rendering"
            order = Order.from_json(video.request)
            text = str(segment.work.get("text", ""))
            scenes = segment.work.get("scenes")
            part = (int(scenes[0]), int(scenes[1])) if scenes else None
            return Attempt(video, avatar, order, text, number, segment.fence, part)

    def _locked(self, session: Session, video_id: str) -> Video | None:
        return session.scalar(sa.select(Video).where(Video.id == video_id).with_for_update())

    def alive(self, attempt: Attempt) -> bool:
        """Whether this try is still wanted."""
        with self._database.read() as session:
            query = (
                sa.select(Video.status)
                .join(Segment, Segment.video_id == Video.id)
                .where(
                    Video.id == attempt.video.id,
                    Segment.number == attempt.number,
                    Segment.fence == attempt.fence,
                )
            )
            return session.scalar(query) in ACTIVE

    def advance(self, attempt: Attempt, stage: str, percent: float) -> None:
        """Note how far a try is."""
        with self._database.write() as session:
            session.execute(  # the video first, as everybody locks them
                sa.update(Video)
                .where(Video.id == attempt.video.id, Video.status == "processing")
                .values(stage=stage[:32])
            )
            session.execute(
                sa.update(Segment)
                .where(
                    Segment.video_id == attempt.video.id,
                    Segment.number == attempt.number,
                    Segment.fence == attempt.fence,
                )
                .values(stage=stage[:32], percent=max(0.0, min(100.0, percent)))
            )

    def done(self, attempt: Attempt, key: str, result: dict[str, Any]) -> bool:
        """Keep what a try made; False where somebody else was given the segment meanwhile."""
        with self._database.write() as session:
            video = self._locked(session, attempt.video.id)
            segment = session.get(Segment, (attempt.video.id, attempt.number))
            if video is None or segment is None or video.status not in ACTIVE:
                return False
            if segment.fence != attempt.fence or segment.status == "done":
                return False
            segment.status, segment.percent, segment.stage = "done", 100.0, "rendered"
            segment.key, segment.result = key, result
            letters = 0.0 if attempt.order.sounds() else spoken_length(attempt.text)
            outside = float(result.get("outside", 0.0))
            Estimates(session).learn(
                attempt.order,
                letters,
                result["duration"],
                outside + result["wall"],
                outside + result["starting"],
                float(result.get("share", 1.0)),
            )
            session.flush()
            self._finish_if_whole(session, video)
            return True

    def _finish_if_whole(self, session: Session, video: Video) -> None:
        left = session.scalar(
            sa.select(sa.func.count())
            .select_from(Segment)
            .where(Segment.video_id == video.id, Segment.status != "done")
        )
        if not left:
            self._core.jobs.finish(session, video.id)

    def failed(self, attempt: Attempt, code: str, message: str, retryable: bool) -> bool:
        """Note that a try failed; True where it shall be tried again."""
        with self._database.write() as session:
            video = self._locked(session, attempt.video.id)
            segment = session.get(Segment, (attempt.video.id, attempt.number))
            if video is None or segment is None or segment.fence != attempt.fence:
                return False
            if video.status not in ACTIVE:
                return False
            failures = int(segment.result.get("failures", 0)) + 1
            segment.result = {"failures": failures}
            if retryable and failures < MAX_FAILED:
                segment.stage = "waiting"
                return True
            self._fail(session, video, code, message)
            return False

    def give_up(self, video_id: str, code: str, message: str) -> None:
        """End a video that cannot be finished."""
        with self._database.write() as session:
            video = self._locked(session, video_id)
            if video is not None and video.status in ACTIVE:
                self._fail(session, video, code, message)

    def _fail(self, session: Session, video: Video, code: str, message: str) -> None:
        video.status, video.stage, video.finished_at = "failed", "failed", time.time()
        video.error_code, video.error_message = code, message
        events.announce_video(self._core, session, video)

    def segments(self, video_id: str) -> tuple[Video, list[Segment]] | None:
        """A video that is ready to be joined, None where there is nothing to do."""
        with self._database.read() as session:
            video = session.get(Video, video_id)
            if video is None or video.status != "processing":
                return None
            query = sa.select(Segment).where(Segment.video_id == video_id)
            segments = list(session.scalars(query.order_by(Segment.number)))
        if any(segment.status != "done" for segment in segments):
            return None
        return video, segments

    def publish(
        self, video_id: str, files: dict[str, Any], duration: float, timings: dict[str, float]
    ) -> bool:
        """Make a video visible whole, by one commit; False where it was ended meanwhile."""
        with self._database.write() as session:
            video = self._locked(session, video_id)
            if video is None or video.status != "processing":
                return False
            video.status, video.stage, video.finished_at = "completed", "completed", time.time()
            video.files, video.duration, video.timings = files, duration, timings
            self._learn_finish(session, video)
            session.add(Usage(workspace_id=video.workspace_id, video_id=video.id, seconds=duration))
            session.flush()
            events.announce_video(self._core, session, video)
            return True

    def _learn_finish(self, session: Session, video: Video) -> None:
        """What a video of one segment took beside rendering it."""
        segments = list(session.scalars(sa.select(Segment).where(Segment.video_id == video.id)))
        if [segment.attempts for segment in segments] != [1]:
            return
        if video.started_at and video.finished_at:
            result = segments[0].result
            render = float(result.get("outside", 0.0)) + float(result["wall"])
            Estimates(session).learn_finish(video.finished_at - video.started_at - render)


def segment_key(attempt: Attempt) -> str:
    """Where what a try made is kept until the video is joined."""
    suffix = attempt.order.format
    return f"{folder_of(attempt.video)}/parts/{attempt.number}-{attempt.fence}.{suffix}"


def _avatar_reason(avatar: Avatar | None) -> str:
    if avatar is None:
        return "Its avatar was deleted."
    return f"Its avatar failed: {avatar.error_message or 'unknown reason'}"
