"""LiveAvatar's calls, so that its stock livekit plugin drives our avatars: ``api_url`` is our
``/v1/sessions``."""

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from visavis.domain.errors import FieldError
from visavis.live.api.streaming import CallerDep, ok
from visavis.live.service.order import LiveOrder

router = APIRouter(tags=["LiveAvatar"], prefix="/v1/sessions")

QUALITY = {"low": "low", "medium": "medium", "high": "high", "very_high": "high"}


class RoomConfig(BaseModel):
    """The room that the avatar is to enter."""

    model_config = ConfigDict(extra="ignore")
    livekit_room: str = Field(default="", max_length=200)
    livekit_url: str = Field(min_length=1, max_length=500)
    livekit_client_token: str = Field(min_length=1, max_length=4000)


class TokenBody(BaseModel):
    """A session whose sound comes from outside."""

    model_config = ConfigDict(extra="ignore")
    mode: str = "LITE"
    avatar_id: Annotated[str, Field(max_length=100)] = "default"
    is_sandbox: bool = False
    video_quality: str = "high"
    livekit_config: RoomConfig


class StartBody(BaseModel):
    """A session that was made."""

    model_config = ConfigDict(extra="ignore")
    session_id: Annotated[str, Field(max_length=100)]


@router.post("/token", summary="Make a session for a voice from outside")
async def token(body: TokenBody, caller: CallerDep) -> dict[str, Any]:
    """The avatar will enter the given room; its voice comes over the socket that `start` names."""
    caller.only_keys()
    if body.mode != "LITE":
        raise FieldError("mode", f"There is no mode {body.mode[:40]!r} here.", "Use LITE.")
    if body.video_quality not in QUALITY:
        raise FieldError("video_quality", "No such quality.", f"Use {', '.join(QUALITY)}.")
    await caller.check_room(body.livekit_config.livekit_url)
    order = LiveOrder(
        avatar=body.avatar_id,
        quality=QUALITY[body.video_quality],
        codec="H264",
        idle_seconds=180,
        room_url=body.livekit_config.livekit_url,
        room_token=body.livekit_config.livekit_client_token,
        lip_sync_only=True,
    )
    session = await caller.sessions.begin(caller.workspace, order)
    secret = await to_thread.run_sync(
        caller.sessions.records.make_token, caller.workspace, session.limit + 60, session.id
    )
    return ok({"session_id": session.id, "session_token": secret})


@router.post("/start", summary="Let the avatar enter its room")
async def start(body: StartBody, caller: CallerDep) -> dict[str, Any]:
    """Where its voice is to be sent."""
    session = await caller.session(body.session_id)
    await caller.sessions.start(session)
    secret = await to_thread.run_sync(
        caller.sessions.records.make_token, caller.workspace, session.limit + 60, session.id
    )
    url = (
        f"{caller.socket_base}/v1/ws/streaming.realtime"
        f"?session_id={session.id}&session_token={secret}"
    )
    return ok({"session_id": session.id, "ws_url": url, "max_session_duration": session.limit})


@router.post("/stop", summary="End a session")
async def stop(body: StartBody, caller: CallerDep) -> dict[str, Any]:
    """Everything of it is free when the answer comes."""
    await caller.sessions.end(await caller.session(body.session_id), "stopped")
    return ok(None)
