"""Make an avatar from its sources."""

import logging
import secrets
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain import events
from visavis.domain.avatars import LIP_SYNC, waiting_videos
from visavis.domain.estimates import Estimates
from visavis.domain.videos import start
from visavis.jobs.attempts import make, still
from visavis.jobs.fitting import enqueue_fit
from visavis.jobs.meter import Meter
from visavis.jobs.processes import ChildError, run_child
from visavis.jobs.rendering import attempt_folder, patiently
from visavis.jobs.service import Service
from visavis.jobs.voicing import match_voice
from visavis.store.tables import Avatar, Voice

log = logging.getLogger(__name__)

LONGEST_SECONDS = 1800.0
DEFAULT_VOICE = "en-US-heart"
"""Speaks where no voice was chosen and none could be made."""


def create_avatar(service: Service, avatar_id: str) -> None:
    """Turn the sources into a rig; whatever happens, the avatar ends ready or failed."""
    make(
        service,
        partial(_begin, service, avatar_id),
        partial(_create, service),
        partial(_settle, service, avatar_id),
        "A source is gone.",
    )


def _begin(service: Service, avatar_id: str, fence: str) -> Avatar | None:
    with service.core.database.write() as session:
        avatar = session.scalar(sa.select(Avatar).where(Avatar.id == avatar_id).with_for_update())
        if avatar is None or avatar.status not in ("pending", "processing"):
            return None
        avatar.status, avatar.fence, avatar.updated_at = "processing", fence, time.time()
        return avatar


def _create(service: Service, avatar: Avatar, fence: str, meter: Meter) -> dict[str, Any]:
    blobs = service.core.blobs
    home = f"avatars/{avatar.workspace_id}/{avatar.id}"

    def wanted() -> bool:
        meter.look()
        return still(service, Avatar.fence, avatar.id, fence)

    with attempt_folder(service, f"avatar-{avatar.id}") as folder:
        job: dict[str, object] = {
            "kind": "footage" if avatar.kind == LIP_SYNC else avatar.kind,
            "rig": str(folder / "made.avatar"),
            "cover": str(folder / "cover.jpg"),
            "memory_mb": service.core.settings.render_memory_mb,
        }
        for kind in ("image", "video", "audio"):
            job[kind] = _source(service, avatar, kind, folder)
        heard = str(job["audio"] or job["video"]) if _gets_voice(avatar) else ""
        job["heard"] = heard
        made = run_child(
            "visavis.jobs.avatar_child",
            job,
            folder=folder,
            wanted=wanted,
            longest=LONGEST_SECONDS,
        )
        files: dict[str, Any] = {
            "rig_key": f"{home}/{fence}.avatar",
            "cover_key": f"{home}/{fence}.jpg",
            "warnings": made["warnings"],
        }
        if heard:
            voice = _voice(service, avatar, fence, Path(heard), folder, wanted)
            files |= voice | {"warnings": made["warnings"] + voice.get("warnings", [])}
        patiently(blobs.put, files["rig_key"], folder / "made.avatar", "application/octet-stream")
        patiently(blobs.put, files["cover_key"], folder / "cover.jpg", "image/jpeg")
    return files


def _voice(
    service: Service,
    avatar: Avatar,
    fence: str,
    heard: Path,
    folder: Path,
    wanted: Callable[[], bool],
) -> dict[str, Any]:
    """The person's own voice; where none can be made of what is heard, a stock voice speaks."""
    key = f"voices/{avatar.workspace_id}/{avatar.id}/{fence}.voice"
    try:
        made = match_voice(
            service, heard, folder, key, name=avatar.name, language="", wanted=wanted
        )
    except ChildError as error:
        said = f"A stock voice speaks for it: {error.message}"
        warning = {"check": "own_voice", "message": said, "remedy": "Choose a voice, or try again."}
        return {"voice_problem": said, "warnings": [warning]}
    return {
        "voice_key": key,
        "voice_base": made["nearest"],
        "voice_language": made["language"],
        "voice_similarity": made["similarity"],
        "warnings": made["warnings"],
    }


def _keep_voice(service: Service, session: Session, avatar: Avatar, files: dict[str, Any]) -> None:
    """Let an avatar speak with the voice that was made of its sound."""
    if problem := files.get("voice_problem"):
        avatar.error_message = problem
    if "voice_key" not in files or avatar.workspace_id is None:
        avatar.voice = avatar.voice or DEFAULT_VOICE
        return
    session.merge(
        Voice(
            id=avatar.id,
            workspace_id=avatar.workspace_id,
            name=avatar.name,
            language=files["voice_language"],
            status="ready",
            base=files["voice_base"],
            key=files["voice_key"],
            avatar_id=avatar.id,
            source=avatar.sources.get("audio") or avatar.sources.get("video"),
            consent=avatar.consent,
            similarity=files["voice_similarity"],
        )
    )
    avatar.voice = avatar.id
    session.flush()
    enqueue_fit(service, session, avatar.id)


def _gets_voice(avatar: Avatar) -> bool:
    """Whether a voice is made of its sound: not where one was chosen, nor for a video alone."""
    return not avatar.voice and avatar.kind != LIP_SYNC


def _source(service: Service, avatar: Avatar, kind: str, folder: Path) -> str:
    asset_id = avatar.sources.get(kind)
    if not asset_id or avatar.workspace_id is None:
        return ""
    asset = service.assets.get(avatar.workspace_id, asset_id)
    path = folder / f"{kind}.{asset.meta.get('format', 'bin')}"
    patiently(service.core.blobs.fetch, asset.key, path)
    return str(path)


def _settle(
    service: Service,
    avatar_id: str,
    fence: str,
    made: dict[str, Any] | None,
    code: str,
    message: str,
    seconds: float = 0.0,
) -> None:
    core = service.core
    with core.database.write() as session:
        avatar = session.scalar(sa.select(Avatar).where(Avatar.id == avatar_id).with_for_update())
        if avatar is None or avatar.fence != fence:
            return
        avatar.updated_at = time.time()
        if made:
            Estimates(session).learn_avatar(avatar.kind, seconds)
            avatar.status = "ready"
            avatar.rig_key, avatar.cover_key = made["rig_key"], made["cover_key"]
            avatar.warnings = made["warnings"]
            _keep_voice(service, session, avatar, made)
        else:
            avatar.status, avatar.error_code, avatar.error_message = "failed", code, message
        events.announce_avatar(core, session, avatar)
        for video in waiting_videos(session, avatar_id):
            if made:
                start(core, session, video)
                continue
            video.status, video.stage, video.finished_at = "failed", "failed", time.time()
            video.error_code = "avatar_failed"
            video.error_message = f"Its avatar failed: {message}"
            events.announce_video(core, session, video)
    log.info("avatar settled", extra={"avatar": avatar_id, "good": bool(made)})


def give_up_avatar(service: Service, avatar_id: str, code: str, message: str) -> None:
    """End an avatar that cannot be made, and the videos that wait for it."""
    fence = secrets.token_hex(8)
    if _begin(service, avatar_id, fence) is not None:
        _settle(service, avatar_id, fence, None, code, message)
