"""Make an avatar from its sources."""

import logging
import secrets
import time
from pathlib import Path

import sqlalchemy as sa

from visavis.domain import events
from visavis.domain.avatars import waiting_videos
from visavis.domain.videos import start
from visavis.jobs.processes import ChildError, StoppedError, run_child
from visavis.jobs.rendering import attempt_folder, patiently
from visavis.jobs.service import Service
from visavis.store.blobs import MissingBlobError
from visavis.store.database import StoreError
from visavis.store.tables import Avatar

log = logging.getLogger(__name__)

MAX_FAILED = 3
LONGEST_SECONDS = 1800.0


def create_avatar(service: Service, avatar_id: str) -> None:
    """Turn the sources into a rig; whatever happens, the avatar ends ready or failed."""
    for attempt in range(1, MAX_FAILED + 1):
        fence = secrets.token_hex(8)
        avatar = patiently(_begin, service, avatar_id, fence)
        if avatar is None:
            return
        try:
            files = _create(service, avatar, fence)
        except StoppedError:
            return
        except (ChildError, StoreError) as error:
            code, message = error.code, error.message
            if error.retryable and attempt < MAX_FAILED:
                time.sleep(attempt)
                continue
            patiently(_settle, service, avatar_id, fence, {}, code, message)
        except MissingBlobError:
            patiently(_settle, service, avatar_id, fence, {}, "invalid_source", "A source is gone.")
        else:
            patiently(_settle, service, avatar_id, fence, files, "", "")
        return


def _begin(service: Service, avatar_id: str, fence: str) -> Avatar | None:
    with service.core.database.write() as session:
        avatar = session.scalar(sa.select(Avatar).where(Avatar.id == avatar_id).with_for_update())
        if avatar is None or avatar.status not in ("pending", "processing"):
            return None
        avatar.status, avatar.fence, avatar.updated_at = "processing", fence, time.time()
        return avatar


def _wanted(service: Service, avatar_id: str, fence: str) -> bool:
    with service.core.database.read() as session:
        found = session.scalar(sa.select(Avatar.fence).where(Avatar.id == avatar_id))
    return found == fence


def _create(service: Service, avatar: Avatar, fence: str) -> dict[str, str]:
    blobs = service.core.blobs
    home = f"avatars/{avatar.workspace_id}/{avatar.id}"
    with attempt_folder(service, f"avatar-{avatar.id}") as folder:
        job: dict[str, object] = {
            "kind": avatar.kind,
            "rig": str(folder / "made.avatar"),
            "cover": str(folder / "cover.jpg"),
            "memory_mb": service.core.settings.render_memory_mb,
        }
        for kind in ("image", "video", "audio"):
            job[kind] = _source(service, avatar, kind, folder)
        run_child(
            "visavis.jobs.avatar_child",
            job,
            folder=folder,
            wanted=lambda: _wanted(service, avatar.id, fence),
            longest=LONGEST_SECONDS,
        )
        files = {"rig_key": f"{home}/{fence}.avatar", "cover_key": f"{home}/{fence}.jpg"}
        patiently(blobs.put, files["rig_key"], folder / "made.avatar", "application/octet-stream")
        patiently(blobs.put, files["cover_key"], folder / "cover.jpg", "image/jpeg")
    return files


def _source(service: Service, avatar: Avatar, kind: str, folder: Path) -> str:
    asset_id = avatar.sources.get(kind)
    if not asset_id or avatar.workspace_id is None:
        return ""
    asset = service.assets.get(avatar.workspace_id, asset_id)
    path = folder / f"{kind}.{asset.meta.get('format', 'bin')}"
    patiently(service.core.blobs.fetch, asset.key, path)
    return str(path)


def _settle(
    service: Service, avatar_id: str, fence: str, files: dict[str, str], code: str, message: str
) -> None:
    core = service.core
    with core.database.write() as session:
        avatar = session.scalar(sa.select(Avatar).where(Avatar.id == avatar_id).with_for_update())
        if avatar is None or avatar.fence != fence:
            return
        avatar.updated_at = time.time()
        if files:
            avatar.status = "ready"
            avatar.rig_key, avatar.cover_key = files["rig_key"], files["cover_key"]
        else:
            avatar.status, avatar.error_code, avatar.error_message = "failed", code, message
        events.announce_avatar(core, session, avatar)
        for video in waiting_videos(session, avatar_id):
            if files:
                start(core, session, video)
                continue
            video.status, video.stage, video.finished_at = "failed", "failed", time.time()
            video.error_code = "avatar_failed"
            video.error_message = f"Its avatar failed: {message}"
            events.announce_video(core, session, video)
    log.info("avatar settled", extra={"avatar": avatar_id, "good": bool(files)})


def give_up_avatar(service: Service, avatar_id: str, code: str, message: str) -> None:
    """End an avatar that cannot be made, and the videos that wait for it."""
    fence = secrets.token_hex(8)
    if _begin(service, avatar_id, fence) is not None:
        _settle(service, avatar_id, fence, {}, code, message)
