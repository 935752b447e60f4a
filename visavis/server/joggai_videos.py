"""JoggAI: videos, lip sync, uploads and webhooks."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from visavis.domain.assets import MIMES, kind_of
from visavis.domain.errors import FieldError, NotFoundError, TooLargeError
from visavis.domain.events import JOGGAI_EVENTS
from visavis.domain.order import Order
from visavis.server.context import Call, CallDep
from visavis.server.joggai import envelope
from visavis.server.konpro_account import asset_link
from visavis.store.tables import Asset, Avatar, Endpoint, Video

router = APIRouter(tags=["Videos"])

LAYOUTS = {1: "full", 2: "split", 3: "pip"}
STATUS = {"cancelled": "failed"}
UPLOAD_SECONDS = 3600.0
_MAX_NUMBER = 2**53


class AvatarChoice(BaseModel):
    """Which person."""

    avatar_id: int = Field(ge=1, le=_MAX_NUMBER)
    avatar_type: Literal[0, 1] = Field(description="0 public, 1 custom or photo")


class VoiceChoice(BaseModel):
    """What is heard: a script that a voice speaks, or a sound."""

    type: Literal["script", "audio"]
    voice_id: str = Field(min_length=1, max_length=100)
    script: str | None = None
    audio_url: str | None = Field(default=None, max_length=2048)


class CreateVideo(BaseModel):
    """A talking avatar video."""

    avatar: AvatarChoice
    voice: VoiceChoice
    aspect_ratio: Literal["portrait", "landscape", "square"]
    screen_style: Literal[1, 2, 3] = Field(
        description="1 full screen, 2 split screen, 3 picture in picture"
    )
    caption: bool = False
    webhook_url: Annotated[str, Field(max_length=2048)] = ""
    video_name: Annotated[str, Field(max_length=300)] = ""


@router.post("/v2/create_video_from_avatar", summary="Create a talking avatar video")
def create_video(body: CreateVideo, call: CallDep) -> dict[str, Any]:
    """Accept a video; it is rendered in the background."""
    voice = body.voice
    if voice.type == "script" and (not voice.script or voice.audio_url):
        raise FieldError("voice.script", "A voice of type script needs script, and no audio_url.")
    if voice.type == "audio" and (not voice.audio_url or voice.script):
        raise FieldError("voice.audio_url", "A voice of type audio needs audio_url, and no script.")
    avatar = _avatar(call, body.avatar)
    audio = ""
    if voice.audio_url:
        assets = call.service.assets
        audio = assets.from_link(call.workspace, voice.audio_url, "audio", "voice.audio_url").id
    order = Order(
        text=voice.script or "",
        voice=voice.voice_id,
        audio=audio,
        aspect=body.aspect_ratio,
        layout=LAYOUTS[body.screen_style],
        captions=body.caption,
        resolution="1080p",
    )
    view = call.service.videos.create(
        call.workspace,
        avatar,
        order,
        dialect="joggai",
        title=body.video_name,
        webhook_url=body.webhook_url,
        id=call.ticket,
    )
    return envelope({"video_id": view.video.id})


def _avatar(call: Call, chosen: AvatarChoice) -> Avatar:
    row = call.service.avatars.find(call.workspace, chosen.avatar_id, by="number")
    if (row.workspace_id is None) != (chosen.avatar_type == 0):
        raise NotFoundError("avatar of this type", str(chosen.avatar_id))
    return row


def _video(call: Call, video: Video, key: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        key: video.id,
        "status": STATUS.get(video.status, video.status),
        "created_at": int(video.created_at),
    }
    if video.status == "completed":
        data |= {
            "video_url": call.video_link(video, "video"),
            "cover_url": call.video_link(video, "cover"),
            "duration": video.duration,
        }
    if video.status in ("failed", "cancelled"):
        data["error_msg"] = video.error_message
    return data


@router.get("/v2/avatar_video/{video_id}", summary="Get a video")
def get_video(video_id: str, call: CallDep) -> dict[str, Any]:
    """Status, and links once it is completed."""
    view = call.service.videos.get(call.workspace, video_id)
    return envelope(_video(call, view.video, "video_id"))


class LipSync(BaseModel):
    """A video whose lips shall follow a sound."""

    video_url: str = Field(min_length=1, max_length=2048)
    audio_url: str = Field(min_length=1, max_length=2048)
    playback_type: Literal["normal", "normal_reverse", "normal_reverse_by_audio"] = "normal"


@router.post("/v2/create_lip_sync_video", summary="Lip-sync a video")
def lip_sync(body: LipSync, call: CallDep) -> dict[str, Any]:
    """The person of the video says what is heard, for as long as it is heard.

    A clip that is shorter plays on without a visible loop, whichever ``playback_type`` is named.
    """
    assets = call.service.assets
    footage = assets.from_link(call.workspace, body.video_url, "video", "video_url")
    audio = assets.from_link(call.workspace, body.audio_url, "audio", "audio_url")
    order = Order(audio=audio.id, resolution=_resolution(call, footage), aspect="auto")
    view = call.service.videos.lip_sync(
        call.workspace, footage, order, dialect="joggai", id=call.ticket
    )
    return envelope({"task_id": view.video.id})


def _resolution(call: Call, footage: Asset) -> str:
    """The smallest size in which nothing of a clip is lost, the largest where there is none."""
    short = min(footage.meta["size"])
    sizes = sorted(call.service.core.offers.get().resolutions.items(), key=lambda item: item[1])
    return next((name for name, side in sizes if side >= short), sizes[-1][0])


@router.get("/v2/lip_sync_video/{task_id}", summary="Get a lip-synced video")
def get_lip_sync(task_id: str, call: CallDep) -> dict[str, Any]:
    """Status, and links once it is completed."""
    view = call.service.videos.get(call.workspace, task_id)
    return envelope(_video(call, view.video, "task_id"))


class UploadRequest(BaseModel):
    """A file that will be sent."""

    filename: str = Field(min_length=1, max_length=300, examples=["voice.mp3"])
    content_type: str = Field(min_length=3, max_length=100, examples=["audio/mpeg"])
    file_size: int = Field(ge=1, le=_MAX_NUMBER)


@router.post("/v2/upload/asset", summary="Ask for an upload")
def upload_asset(body: UploadRequest, call: CallDep) -> dict[str, Any]:
    """Send the bytes with PUT to ``sign_url``; ``asset_url`` is then usable in requests."""
    limit = call.service.core.settings.max_upload
    if body.file_size > limit:
        raise TooLargeError(f"A file has at most {limit} bytes.", "Send a smaller one.")
    if body.content_type.lower() not in MIMES:
        kind_of(body.content_type)
    row = call.service.assets.reserve(
        call.workspace,
        kind_of(body.content_type),
        body.content_type.lower(),
        body.filename,
        call.ticket,
    )
    path = f"/files/uploads/{row.id}"
    query = call.service.core.links.query("put", path, UPLOAD_SECONDS)
    return envelope({"sign_url": f"{call.base}{path}?{query}", "asset_url": asset_link(call, row)})


class AddEndpoint(BaseModel):
    """A receiver."""

    url: str = Field(min_length=1, max_length=2048)
    events: list[str] | None = None


class UpdateEndpoint(BaseModel):
    """A receiver as it shall be."""

    url: str = Field(min_length=1, max_length=2048)
    status: Literal["enabled", "disabled"]
    events: list[str]


def _endpoint(row: Endpoint) -> dict[str, Any]:
    return {
        "endpoint_id": row.id,
        "url": row.url,
        "secret": row.secret,
        "status": row.status,
        "events": row.events,
        "username": row.workspace_id,
        "created_at": int(row.created_at),
    }


@router.get("/v2/events", summary="List events", tags=["Webhooks"])
def events(_call: CallDep) -> dict[str, Any]:
    """Names of the events that a receiver can hear of."""
    return envelope({"events": list(JOGGAI_EVENTS)})


@router.get("/v2/endpoints", summary="List endpoints", tags=["Webhooks"])
def endpoints(call: CallDep) -> dict[str, Any]:
    """The workspace's receivers."""
    rows = call.service.webhooks.endpoints(call.workspace, "joggai")
    return envelope({"endpoints": [_endpoint(row) for row in rows]})


@router.post("/v2/endpoint", summary="Add an endpoint", tags=["Webhooks"])
def add_endpoint(body: AddEndpoint, call: CallDep) -> dict[str, Any]:
    """At most twenty in a workspace."""
    row = call.service.webhooks.add(
        call.workspace,
        "joggai",
        body.url,
        body.events,
        id=f"wh_{call.ticket}" if call.ticket else None,
    )
    return envelope(_endpoint(row))


@router.put("/v2/endpoint/{endpoint_id}", summary="Change an endpoint", tags=["Webhooks"])
def update_endpoint(endpoint_id: str, body: UpdateEndpoint, call: CallDep) -> dict[str, Any]:
    """Its secret stays."""
    row = call.service.webhooks.update(
        call.workspace, endpoint_id, url=body.url, events=body.events, status=body.status
    )
    return envelope(_endpoint(row))


@router.delete("/v2/endpoint/{endpoint_id}", summary="Delete an endpoint", tags=["Webhooks"])
def delete_endpoint(endpoint_id: str, call: CallDep) -> dict[str, Any]:
    """Nothing more is told to it."""
    call.service.webhooks.delete(call.workspace, endpoint_id)
    return envelope({"endpoint_id": endpoint_id})
