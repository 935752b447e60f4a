"""KonPro: make, look at, list, cancel and delete videos."""

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, ValidationError

from visavis.domain.errors import FieldError
from visavis.domain.order import MOST_VIDEOS
from visavis.domain.videos import View
from visavis.errors import SceneError
from visavis.server.context import Call, CallDep, iso
from visavis.server.konpro_settings import Files, Settings, order_of
from visavis.store.tables import Video
from visavis.templates import filled

router = APIRouter(tags=["Videos"])

STATUS = {"cancelled": "failed"}
"""KonPro knows no cancelled videos; a client that polls must see an end."""


class CreateVideo(BaseModel):
    """A person, a voice and a text."""

    avatar_id: str = Field(min_length=1, max_length=100)
    voice_id: str = Field(min_length=1, max_length=100)
    text: str = Field(default="", description="What is said; scenes have texts of their own.")
    settings: Settings = Settings()


class Created(BaseModel):
    """The job that was started."""

    job_id: str
    status: str = Field(examples=["processing"])
    estimated_time: int = Field(description="Seconds until the video is there.")
    message: str
    job_ids: list[str] = Field(default=[], description="Of a batch, in the order of its rows.")


@router.post("/v1/video-avatars", summary="Create a video", response_model_exclude_unset=True)
def create_video(body: CreateVideo, call: CallDep) -> Created:
    """Accept a video, or one for every row of a batch; they are rendered in the background."""
    service, rows = call.service, body.settings.batch
    avatar = service.avatars.find(call.workspace, body.avatar_id, by="label")
    files = Files(call)
    orders = [
        order_of(call, files, one.text, one.voice_id, one.settings) for one in _written_out(body)
    ]
    views = service.videos.create_all(
        call.workspace,
        avatar,
        orders,
        dialect="konpro",
        title=body.settings.title,
        webhook_url=body.settings.webhook_url,
        callback_id=body.settings.callback_id,
        id=call.ticket,
    )
    more = {"job_ids": [view.video.id for view in views]} if rows else {}
    return Created(
        job_id=views[0].video.id,
        status="processing",
        estimated_time=max(1, round(max(view.seconds_left for view in views))),
        message="Video generation started",
        **more,
    )


def _written_out(body: CreateVideo) -> list[CreateVideo]:
    """The call with its variables replaced, once for every row of its batch.

    Raises:
        FieldError: a batch that is too long, or a variable without a value.
    """
    wanted = body.settings
    if len(wanted.batch) > MOST_VIDEOS:
        raise FieldError(
            "batch", f"The batch has {len(wanted.batch)} rows; {MOST_VIDEOS} are the most."
        )
    if not wanted.batch and not wanted.variables:
        return [body]
    template = body.model_dump(exclude={"settings": {"batch", "variables"}})
    written = []
    for number, row in enumerate(wanted.batch or [{}]):
        field = f"batch.{number}" if wanted.batch else "variables"
        try:
            written.append(CreateVideo.model_validate(filled(template, wanted.variables | row)))
        except SceneError as error:
            raise FieldError(field, error.message, error.remedy) from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise FieldError(field, f"{place}: {first['msg']}.") from error
    return written


def job(call: Call, view: View) -> dict[str, Any]:
    """Everything that is known of a video."""
    video = view.video
    return {
        "job_id": video.id,
        "video_id": video.id,
        "status": STATUS.get(video.status, video.status),
        "stage": video.stage,
        "progress": round(view.percent),
        "position": view.position,
        "estimated_time": round(view.seconds_left),
        "video_url": call.video_link(video, "video"),
        "thumbnail_url": call.video_link(video, "cover"),
        "cover_url": call.video_link(video, "cover"),
        "caption_url": call.video_link(video, "captions"),
        "subtitle_url": call.video_link(video, "srt"),
        "preview_url": call.video_link(video, "preview"),
        "credentials_url": call.video_link(video, "credentials"),
        "duration": video.duration,
        "title": video.title or None,
        "callback_id": video.callback_id,
        "error": failure(video),
        "timings": video.timings or None,
        "created_at": iso(video.created_at),
        "started_at": iso(video.started_at),
        "completed_at": iso(video.finished_at),
    }


def failure(video: Video) -> dict[str, str | None] | None:
    """Why a video failed."""
    if video.status not in ("failed", "cancelled"):
        return None
    return {
        "code": (video.error_code or "processing_error").upper(),
        "message": video.error_message,
    }


@router.get("/v1/video-avatars/{job_id}", summary="Get a video")
def get_video(job_id: str, call: CallDep) -> dict[str, Any]:
    """Status, progress and fresh links of one video."""
    return job(call, call.service.videos.get(call.workspace, job_id))


@router.post("/v1/video-avatars/{job_id}/cancel", summary="Cancel a video")
def cancel_video(job_id: str, call: CallDep) -> dict[str, Any]:
    """Stop a video that is waiting or being rendered."""
    return job(call, call.service.videos.cancel(call.workspace, job_id))


@router.delete("/v1/video-avatars/{job_id}", summary="Delete a video")
def delete_video(job_id: str, call: CallDep) -> dict[str, Any]:
    """Remove a video, running or done, with its files."""
    call.service.videos.delete(call.workspace, job_id)
    data = {"success": True, "message": "Video deleted", "deleted_id": job_id}
    return {"data": data, "meta": {}}


@router.get("/v1/video_status", summary="Get a video's status")
def video_status(video_id: str, call: CallDep) -> dict[str, Any]:
    """The same video in the older shape."""
    view = call.service.videos.get(call.workspace, video_id)
    video = view.video
    burnt = call.video_link(video, "video") if video.request.get("captions") else None
    data = {
        "id": video.id,
        "status": STATUS.get(video.status, video.status),
        "video_url": call.video_link(video, "video"),
        "video_url_caption": burnt,
        "thumbnail_url": call.video_link(video, "cover"),
        "gif_url": call.video_link(video, "preview"),
        "caption_url": call.video_link(video, "captions"),
        "duration": video.duration,
        "created_at": int(video.created_at),
        "callback_id": video.callback_id,
        "error": failure(video),
        "progress": round(view.percent),
    }
    return {"code": 100, "data": data, "message": "Success"}


@router.get("/v1/videos", summary="List videos")
def list_videos(
    call: CallDep,
    limit: Annotated[int, Query(ge=0, le=100)] = 20,
    title: Annotated[str, Query(max_length=300)] = "",
    folder_id: str | None = None,
    token: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """Newest first; ``token`` of one answer asks for the next page."""
    if folder_id:
        return _page([], 0, None)
    rows, total = call.service.videos.page(
        call.workspace, title=title, limit=limit, before=decode_token(token)
    )
    last = rows[-1] if rows and len(rows) == limit else None
    return _page(rows, total, page_token(last.created_at, last.id) if last else None)


def _page(rows: list[Video], total: int, token: str | None) -> dict[str, Any]:
    videos = [
        {
            "video_id": row.id,
            "status": STATUS.get(row.status, row.status),
            "created_at": int(row.created_at),
            "type": "GENERATED",
            "folder_id": None,
            "title": row.title or None,
        }
        for row in rows
    ]
    data = {"token": token, "total": total, "videos": videos}
    return {"code": 100, "data": data, "message": None}


def page_token(created_at: float, row_id: str) -> str:
    """Where a page ended."""
    return base64.urlsafe_b64encode(f"{created_at!r}|{row_id}".encode()).decode().rstrip("=")


def decode_token(token: str) -> tuple[float, str] | None:
    """Where the next page begins, None for the first.

    Raises:
        FieldError: it is not one of ours.
    """
    if not token:
        return None
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        when, _, row_id = text.partition("|")
        return float(when), row_id
    except (ValueError, binascii.Error) as error:
        raise FieldError("token", "The page token is not one of ours.") from error
