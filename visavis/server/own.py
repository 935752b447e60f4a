"""Visavis's own additions: everything a video can be, in one call, and what to know before it."""

import time
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from visavis import __version__
from visavis.domain.avatars import MAX_SECONDS, MIN_SECONDS
from visavis.domain.errors import ConflictError, FieldError
from visavis.domain.look import COLOURS
from visavis.domain.order import FORMATS, LAYOUTS, Order
from visavis.domain.videos import ACTIVE, View
from visavis.jobs.processes import ChildError
from visavis.pace import LETTERS_PER_SECOND
from visavis.server.context import Call, CallDep, iso
from visavis.server.dialect import RateRule
from visavis.server.konpro import KonPro
from visavis.server.konpro_account import quota_of
from visavis.server.konpro_catalogue import avatar as shown_avatar
from visavis.server.konpro_videos import decode_token, job, page_token
from visavis.server.own_usage import by_day
from visavis.server.samples import background_links, greeting_link, source_of
from visavis.server.stills import Stills
from visavis.store.tables import Video

router = APIRouter(tags=["Visavis"])


class Own(KonPro):
    """Our own manners: KonPro's, with more calls a minute."""

    name = "visavis"
    rate = RateRule(600)


class Look(BaseModel):
    """How a video looks."""

    model_config = ConfigDict(extra="forbid")
    resolution: str = "720p"
    aspect: str = Field(default="landscape", description="One of the offer's aspects.")
    layout: str = Field(default="full", description="full, split or pip.")
    format: str = "mp4"
    background: str = Field(default="", description="Empty for the avatar's own.")
    background_id: str = Field(default="", max_length=64, description="An uploaded picture.")
    captions: bool = False
    caption_style: str = Field(default="classic", description="One of the offer's.")
    emotion: str = "neutral"
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class NewVideo(BaseModel):
    """Who says what, and how it looks."""

    model_config = ConfigDict(extra="forbid")
    avatar_id: str = Field(min_length=1, max_length=100)
    voice_id: str = Field(default="", max_length=100)
    text: str = ""
    audio_id: str = Field(default="", max_length=64, description="An uploaded sound, not a text.")
    title: str = Field(default="", max_length=300)
    webhook_url: str = Field(default="", max_length=2048)
    settings: Look = Look()


class Preview(BaseModel):
    """A picture of a video that is not made yet."""

    model_config = ConfigDict(extra="forbid")
    avatar_id: str = Field(min_length=1, max_length=100)
    text: str = Field(default="", max_length=400, description="Where captions are on.")
    settings: Look = Look()


def _order(call: Call, look: Look, **more: str) -> Order:
    values: dict[str, Any] = look.model_dump(exclude={"background_id"})
    values |= more
    if look.background_id:
        values["background"] = ""
        call.service.assets.get(call.workspace, look.background_id)
    return Order(**values, background_asset=look.background_id)


def asked(failed: ChildError) -> FieldError | ChildError:
    """What a child could not do, as a refusal where the caller can change it."""
    if failed.retryable:
        return failed
    return FieldError("settings", failed.message, code=failed.code)


@router.get("/api/offer", summary="What can be made here")
def offer(call: CallDep) -> dict[str, Any]:
    """Names and limits that the other calls take."""
    core = call.service.core
    offered = core.offers.get()
    named = [name for name in offered.backgrounds if name not in ("own", "blur")]
    return {
        "version": __version__,
        "resolutions": list(offered.resolutions),
        "aspects": list(offered.aspects),
        "layouts": list(LAYOUTS) if "layout" in offered.features else ["full"],
        "formats": list(FORMATS),
        "backgrounds": ["blur", *named],
        "background_links": background_links(call, [name for name in named if name not in COLOURS]),
        "emotions": list(offered.emotions),
        "caption_styles": list(offered.caption_styles),
        "features": list(offered.features),
        "letters_per_second": LETTERS_PER_SECOND,
        "max_text": core.settings.max_text,
        "max_upload": core.settings.max_upload,
        "max_audio_seconds": core.settings.max_audio_seconds,
        "source_seconds": [MIN_SECONDS, MAX_SECONDS],
        "retention_days": core.settings.retention_days,
    }


@router.post("/api/videos", summary="Create a video")
def create(body: NewVideo, call: CallDep) -> dict[str, Any]:
    """Accept a video; it is rendered in the background."""
    service = call.service
    avatar = service.avatars.find(call.workspace, body.avatar_id, by="label")
    voice = body.voice_id or avatar.voice
    if body.audio_id:
        service.assets.finalize(call.workspace, body.audio_id, "audio")
    order = _order(call, body.settings, text=body.text, voice=voice, audio=body.audio_id)
    view = service.videos.create(
        call.workspace,
        avatar,
        order,
        dialect="konpro",
        title=body.title,
        webhook_url=body.webhook_url,
        id=call.ticket,
    )
    return shown(call, view)


def shown(call: Call, view: View) -> dict[str, Any]:
    """A video with what was asked of it."""
    video = view.video
    days = call.service.core.settings.retention_days
    ends = (video.finished_at or 0) + days * 86_400 if days and video.finished_at else None
    asked = dict(video.request)
    return {
        **job(call, view),
        "vtt_url": call.video_link(video, "vtt"),
        "status": video.status,
        "avatar_uuid": video.avatar_id,
        "voice_id": asked.pop("voice", ""),
        "text": asked.pop("text", ""),
        "settings": asked,
        "expires_at": iso(ends),
    }


@router.get("/api/videos", summary="List videos")
def videos(
    call: CallDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    title: Annotated[str, Query(max_length=300)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
    token: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """Newest first, with progress and links."""
    rows, total = call.service.videos.page(
        call.workspace, title=title, status=status, limit=limit, before=decode_token(token)
    )
    last = rows[-1] if len(rows) == limit else None
    return {
        "videos": [shown(call, _view(call, row)) for row in rows],
        "total": total,
        "token": page_token(last.created_at, last.id) if last else None,
    }


def _view(call: Call, row: Video) -> View:
    if row.status in ACTIVE:
        return call.service.videos.get(call.workspace, row.id)
    return View(row, 100.0 if row.status == "completed" else 0.0, 0, 0.0)


@router.get("/api/videos/{video_id}", summary="Get a video")
def video(video_id: str, call: CallDep) -> dict[str, Any]:
    """One video with what was asked of it."""
    return shown(call, call.service.videos.get(call.workspace, video_id))


@router.post("/api/videos/{video_id}/retry", summary="Make a video again")
def retry(video_id: str, call: CallDep) -> dict[str, Any]:
    """A new video of the same order; for one that failed or was cancelled."""
    service = call.service
    old = service.videos.get(call.workspace, video_id).video
    if old.status in ACTIVE:
        raise ConflictError("This video is still being made.", "Cancel it first.")
    avatar = service.avatars.find(call.workspace, old.avatar_id)
    order = replace(Order.from_json(old.request))
    view = service.videos.create(
        call.workspace, avatar, order, dialect=old.dialect, title=old.title, id=call.ticket
    )
    return shown(call, view)


@router.get("/api/usage", summary="Seconds of video by day")
def usage(call: CallDep, days: Annotated[int, Query(ge=1, le=366)] = 30) -> dict[str, Any]:
    """What was made in the last days (UTC), the limit, and what remains of it."""
    quota = quota_of(call)
    return {
        "days": by_day(call, days, time.time()),
        "used": round(quota.used, 1),
        "waiting": round(quota.reserved, 1),
        "limit": quota.total or None,
        "remaining": round(quota.remaining, 1) if quota.total else None,
    }


@router.get("/api/avatars/{avatar_id}", summary="Get an avatar")
def avatar(avatar_id: str, call: CallDep) -> dict[str, Any]:
    """One avatar, with its kind and voice."""
    row = call.service.avatars.find(call.workspace, avatar_id, by="label")
    return {**shown_avatar(call, row), "kind": row.kind, "voice_id": row.voice or None}


@router.get("/api/avatars/{avatar_id}/preview", summary="See an avatar speak")
def greeting(avatar_id: str, call: CallDep) -> dict[str, Any]:
    """A link to a few seconds of it; made when the link is first opened."""
    row = call.service.avatars.find(call.workspace, avatar_id, by="label")
    return {"video_url": greeting_link(call, row)}


@router.post(
    "/api/preview",
    summary="See a video before it is made",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}}},
)
def preview(body: Preview, call: CallDep) -> Response:
    """One picture of the avatar in its scene."""
    service, stills = call.service, Stills.of(call.service)
    row = service.avatars.find(call.workspace, body.avatar_id, by="label")
    _order(call, body.settings, text=body.text or "a", voice="any").check(
        service.core.settings.max_text, service.core.offers.get()
    )
    with stills.folder() as folder:
        output, background = folder / "still.webp", body.settings.background
        if body.settings.background_id:
            asset = service.assets.get(call.workspace, body.settings.background_id)
            file = folder / f"background.{asset.meta.get('format', 'bin')}"
            service.core.blobs.fetch(asset.key, file)
            background = str(file)
        still = {
            "do": "still",
            "avatar": source_of(stills, row),
            "aspect": body.settings.aspect,
            "resolution": "480p",
            "layout": {"pip": "picture-in-picture"}.get(body.settings.layout, body.settings.layout),
            "background": background,
            "background_is_file": bool(body.settings.background_id),
            "captions": (body.text or "Captions look like this") if body.settings.captions else "",
            "caption_style": body.settings.caption_style,
            "output": str(output),
        }
        try:
            stills.ask(still)
        except ChildError as error:
            raise asked(error) from error
        return Response(output.read_bytes(), media_type="image/webp")


class Source(BaseModel):
    """A picture or clip that may become an avatar."""

    model_config = ConfigDict(extra="forbid")
    image_id: str = Field(default="", max_length=64)
    video_id: str = Field(default="", max_length=64)


@router.post("/api/checks", summary="Check a picture or a clip")
def checks(body: Source, call: CallDep) -> dict[str, Any]:
    """What is good, poor or bad about it, and what to do better."""
    if bool(body.image_id) == bool(body.video_id):
        raise FieldError("image_id", "Give either image_id or video_id.")
    kind: Any = "image" if body.image_id else "video"
    asset = call.service.assets.finalize(call.workspace, body.image_id or body.video_id, kind)
    stills = Stills.of(call.service)
    with stills.folder() as folder:
        path = folder / f"source.{asset.meta.get('format', 'bin')}"
        call.service.core.blobs.fetch(asset.key, path)
        middle = float(asset.meta.get("duration", 0.0)) / 2
        try:
            found = stills.ask({"do": "checks", "kind": kind, "path": str(path), "at": middle})
        except ChildError as error:
            raise asked(error) from error
    return {"checks": found["checks"], "duration": asset.meta.get("duration")}
