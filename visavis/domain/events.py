"""What is told to whom when a video or an avatar ends, in each dialect's words."""

import json
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain.core import Core
from visavis.store.tables import Avatar, Delivery, Endpoint, Video, new_id

Body = dict[str, Any]

KONPRO_EVENTS = (
    "avatar_video.success", "avatar_video.fail",
    "video_translate.success", "video_translate.fail", "personalized_video",
)  # fmt: skip
JOGGAI_EVENTS = tuple(
    f"{name}_{end}"
    for name in (
        "generated_video", "generated_avatar_video", "generated_product_video",
        "generated_template_video", "generated_translate_video", "create_avatar",
        "generated_photo_avatar", "generated_script", "generated_image", "generated_motion",
    )
    for end in ("success", "failed")
)  # fmt: skip
MOSAIC_FLAGS = ("RUN_STARTED", "RUN_PROGRESS", "RUN_FINISHED")


def file_url(core: Core, video: Video, name: str, base: str = "") -> str | None:
    """A fresh link to one file of a video, None where it has no such file.

    Args:
        core: whose links.
        video: whose file.
        name: ``video``, ``cover``, ``captions``, ``srt`` or ``vtt``.
        base: address of the API as the client sees it.
    """
    if video.status != "completed" or name not in video.files:
        return None
    settings = core.settings
    path = f"/files/videos/{video.id}/{video.files[name]['name']}"
    query = core.links.query("get", path, settings.link_hours * 3600)
    return f"{base or base_url(core)}{path}?{query}"


def base_url(core: Core) -> str:
    """Address of the API where no call says how the client reached it."""
    settings = core.settings
    return settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"


def announce_video(core: Core, session: Session, video: Video) -> None:
    """Queue what must be told of a video's present state, in the transaction that changed it."""
    if video.webhook_url:
        told = _video_event(core, video.dialect, video)
        if told:
            _queue(core, session, video, None, video.dialect, video.webhook_url, *told)
    if video.status not in ("completed", "failed", "cancelled"):
        return
    for endpoint in _endpoints(session, video.workspace_id):
        told = _video_event(core, endpoint.dialect, video)
        if told and (not endpoint.events or told[0] in endpoint.events):
            _queue(core, session, video, endpoint.id, endpoint.dialect, endpoint.url, *told)


def announce_avatar(core: Core, session: Session, avatar: Avatar) -> None:
    """Queue what must be told of an avatar that is ready or failed."""
    if avatar.workspace_id is None or avatar.kind == "lip_sync":
        return
    for endpoint in _endpoints(session, avatar.workspace_id):
        if endpoint.dialect != "joggai":
            continue
        end = "success" if avatar.status == "ready" else "failed"
        stem = "generated_photo_avatar" if avatar.kind == "portrait" else "create_avatar"
        event = f"{stem}_{end}"
        if endpoint.events and event not in endpoint.events:
            continue
        data: Body = {"avatar_id": avatar.number, "name": avatar.name, "status": avatar.status}
        if avatar.error_message:
            data["error_msg"] = avatar.error_message
        body = _joggai(event, f"{avatar.id}:{event}", data)
        _queue(core, session, avatar, endpoint.id, "joggai", endpoint.url, event, body)


def _endpoints(session: Session, workspace_id: str) -> list[Endpoint]:
    query = sa.select(Endpoint).where(
        Endpoint.workspace_id == workspace_id, Endpoint.status == "enabled"
    )
    return list(session.scalars(query))


def _queue(
    core: Core,
    session: Session,
    about: Video | Avatar,
    endpoint_id: str | None,
    dialect: str,
    url: str,
    event: str,
    body: Body,
) -> None:
    once = f"{about.id}:{event}:{endpoint_id or 'request'}"
    if session.scalar(sa.select(Delivery.id).where(Delivery.once == once)):
        return
    row = Delivery(
        id=f"msg_{new_id().replace('-', '')}",
        workspace_id=about.workspace_id,
        endpoint_id=endpoint_id,
        dialect=dialect,
        url=url,
        event=event,
        subject=about.id,
        once=once,
        body=json.dumps(body, separators=(",", ":")),
        next_at=time.time(),
    )
    session.add(row)
    session.flush()
    core.jobs.deliver(session, row.id, 1, 0.0)


def _video_event(core: Core, dialect: str, video: Video) -> tuple[str, Body] | None:
    done = video.status == "completed"
    ended = video.status in ("completed", "failed", "cancelled")
    if dialect == "mosaic":
        return _mosaic_event(core, video, ended)
    if not ended:
        return None
    if dialect == "joggai":
        event = "generated_avatar_video_" + ("success" if done else "failed")
        return event, _joggai(event, f"{video.id}:{event}", _joggai_video(core, video, done))
    return _konpro_event(core, video, done)


def _konpro_event(core: Core, video: Video, done: bool) -> tuple[str, Body]:
    event = "avatar_video.success" if done else "avatar_video.fail"
    data: Body = {
        "video_id": video.id,
        "job_id": video.id,
        "callback_id": video.callback_id,
        "folder_id": None,
    }
    if done:
        data |= {
            "status": "completed",
            "url": file_url(core, video, "video"),
            "video_url": file_url(core, video, "video"),
            "gif_download_url": None,
            "video_share_page_url": None,
            "thumbnail_url": file_url(core, video, "cover"),
            "duration": video.duration,
        }
    else:
        data |= {"status": "failed", "msg": video.error_message, "code": video.error_code}
    return event, {"event_type": event, "event_data": data}


def _joggai_video(core: Core, video: Video, done: bool) -> Body:
    data: Body = {
        "video_id": video.id,
        "project_id": video.id,
        "status": "completed" if done else "failed",
        "video_url": file_url(core, video, "video"),
        "cover_url": file_url(core, video, "cover"),
        "duration": video.duration,
    }
    if not done:
        data["error_msg"] = video.error_message
    return data


def _joggai(event: str, seed: str, data: Body) -> Body:
    return {"event_id": f"evt_{seed}", "event": event, "timestamp": int(time.time()), "data": data}


def _mosaic_event(core: Core, video: Video, ended: bool) -> tuple[str, Body] | None:
    if video.status == "processing":
        flag = "RUN_PROGRESS"
    else:
        flag = "RUN_FINISHED" if ended else "RUN_STARTED"
    status = "running" if not ended else video.status
    outputs = []
    if video.status == "completed":
        outputs.append(
            {
                "id": video.id,
                "video_url": file_url(core, video, "video"),
                "thumbnail_url": file_url(core, video, "cover"),
                "completed_at": video.finished_at,
            }
        )
    body: Body = {
        "flag": flag,
        "agent_id": video.callback_id,
        "run_id": video.id,
        "status": status,
        "node_status_counts": {
            "completed": int(video.status == "completed"),
            "in_progress": int(not ended),
            "failed": int(video.status == "failed"),
        },
        "triggered_by": "api",
        "updated_nodes": [],
        "outputs": outputs,
        "needs_credits": False,
        "errors": [video.error_message] if video.status == "failed" else [],
    }
    return flag, body
