"""Streaming sessions: HeyGen's calls with dots, KonPro's with slashes."""

from collections.abc import Callable
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request

from visavis.domain.errors import FieldError, ForbiddenError
from visavis.live.api.bodies import NewBody, SessionBody, TaskBody
from visavis.live.api.dialect import BY_TOKEN
from visavis.live.service.session import Session
from visavis.live.service.sessions import Sessions
from visavis.server.context import base_of, iso
from visavis.server.gate import principal_of
from visavis.store.live_tables import LiveSession


class Caller:
    """Who calls, and all live sessions."""

    def __init__(self, request: Request) -> None:
        principal = principal_of(request.scope)
        self.sessions: Sessions = request.app.state.sessions
        self.workspace = principal.workspace_id
        token, _, bound = principal.key_id.removeprefix(BY_TOKEN).partition(":")
        self.token = token if principal.key_id.startswith(BY_TOKEN) else ""
        self.bound = bound if self.token else ""
        self.base = base_of(request, self.sessions.service)

    @property
    def socket_base(self) -> str:
        """Our address for sockets."""
        return self.base.replace("http", "ws", 1)

    async def session(self, session_id: str) -> Session:
        """A session that this caller may touch.

        Raises:
            ForbiddenError: a token of another session.
        """
        if self.token and session_id != self.bound:
            raise ForbiddenError("This session token is not of this session.", "Use its own.")
        return await self.sessions.get(self.workspace, session_id)

    async def check_room(self, url: str) -> None:
        """Refuse a room that is inside, unless it is on this installation's own LiveKit server.

        Raises:
            LinkError: it is inside, or no address.
        """
        if url.rstrip("/") != self.sessions.settings.url.rstrip("/"):
            await to_thread.run_sync(self.sessions.service.core.fetcher.check_room, url)

    def only_keys(self) -> None:
        """Refuse session tokens.

        Raises:
            ForbiddenError: it is one.
        """
        if self.token:
            raise ForbiddenError("A session token may not do this.", "Use an API key.")


CallerDep = Annotated[Caller, Depends(Caller)]


def ok(data: Any) -> dict[str, Any]:
    """An answer as clients of both dialects expect it."""
    return {"code": 100, "message": "success", "data": data}


async def create_token(caller: CallerDep) -> dict[str, Any]:
    """A token for one session, to be given to a browser."""
    caller.only_keys()
    made = caller.sessions.records.make_token
    seconds = caller.sessions.settings.token_seconds
    token = await to_thread.run_sync(made, caller.workspace, float(seconds))
    return ok({"token": token})


async def new(body: NewBody, caller: CallerDep) -> dict[str, Any]:
    """Make a session; `start` lets the avatar enter its room."""
    if body.livekit_settings and not (body.livekit_settings.url and body.livekit_settings.token):
        raise FieldError("livekit_settings", "A room of your own needs its url and a token.")
    if body.livekit_settings:
        await caller.check_room(body.livekit_settings.url)
    if caller.bound:
        raise ForbiddenError("This session token was used already.", "Make another.")
    session = await caller.sessions.begin(caller.workspace, body.order(), caller.token)
    secret = await to_thread.run_sync(
        caller.sessions.records.make_token, caller.workspace, session.limit + 60, session.id
    )
    place = session.place
    agent = place.keys.token(
        session.id, "agent", seconds=session.limit + 60, agent=True, hidden_tracks=False
    )
    return ok(
        {
            "session_id": session.id,
            "url": session.url or caller.socket_base,
            "access_token": session.token,
            "session_duration_limit": int(session.limit),
            "is_paid": True,
            "realtime_endpoint": (
                f"{caller.socket_base}/v1/ws/streaming.realtime"
                f"?session_id={session.id}&session_token={secret}"
            ),
            "livekit_agent_token": None if body.livekit_settings else agent,
            "stt_provider": session.hearing,
            "sdp": None,
            "ice_servers": [],
            "ice_servers2": [],
        }
    )


async def start(body: SessionBody, caller: CallerDep) -> dict[str, Any]:
    """Let the avatar enter; the answer comes once it is there."""
    await caller.sessions.start(await caller.session(body.session_id))
    return ok({"status": "active"})


async def task(body: TaskBody, caller: CallerDep) -> dict[str, Any]:
    """Say a text (repeat) or answer it (talk, chat)."""
    session = await caller.session(body.session_id)
    name, milliseconds = await session.say(
        body.text, answer=body.task_type != "repeat", wait=body.task_mode == "sync"
    )
    return ok({"task_id": name, "duration_ms": milliseconds})


async def interrupt(body: SessionBody, caller: CallerDep) -> dict[str, Any]:
    """Be silent now."""
    await (await caller.session(body.session_id)).do("interrupt")
    return ok(None)


async def keep_alive(body: SessionBody, caller: CallerDep) -> dict[str, Any]:
    """Begin the idle timeout anew."""
    session = await caller.session(body.session_id)
    session.check()
    session.touch()
    return ok(None)


async def start_listening(body: SessionBody, caller: CallerDep) -> dict[str, Any]:
    """Hear the person."""
    await (await caller.session(body.session_id)).do("listen", wanted=True)
    return ok(None)


async def stop_listening(body: SessionBody, caller: CallerDep) -> dict[str, Any]:
    """Be deaf until asked to listen again."""
    await (await caller.session(body.session_id)).do("listen", wanted=False)
    return ok(None)


async def stop(body: SessionBody, caller: CallerDep) -> dict[str, Any]:
    """End the session; everything of it is free when the answer comes."""
    await caller.sessions.end(await caller.session(body.session_id), "stopped")
    return ok({"status": "closed"})


def _told(row: LiveSession) -> dict[str, Any]:
    return {
        "session_id": row.id,
        "status": row.status,
        "avatar_id": row.avatar_id,
        "created_at": int(row.created_at),
        "created": iso(row.created_at),
        "started": iso(row.started_at),
        "ended": iso(row.ended_at),
        "duration": round(row.seconds, 1),
        "end_reason": row.end_reason or None,
        **row.request,
    }


async def _list(caller: Caller, *, active: bool, size: int, token: str) -> dict[str, Any]:
    caller.only_keys()
    try:
        before = float(token) if token else None
    except ValueError as error:
        raise FieldError("token", "This page token is not one of ours.") from error

    def page() -> tuple[list[LiveSession], int]:
        return caller.sessions.records.page(
            caller.workspace, active=active, size=size, before=before
        )

    rows, total = await to_thread.run_sync(page)
    following = repr(rows[-1].created_at) if len(rows) == size else None
    sessions = [_told(row) for row in rows]
    return {
        **ok(
            {
                "sessions": sessions,
                "data": sessions,
                "total": total,
                "page": 1,
                "page_size": size,
                "next_pagination_token": following,
            }
        ),
        "total": total,
        "next_pagination_token": following,
    }


Size = Annotated[int, Query(ge=1, le=100)]
Token = Annotated[str, Query(max_length=60)]


async def active(caller: CallerDep, page_size: Size = 20, token: Token = "") -> dict[str, Any]:
    """Sessions that are on."""
    return await _list(caller, active=True, size=page_size, token=token)


async def history(caller: CallerDep, page_size: Size = 20, token: Token = "") -> dict[str, Any]:
    """Sessions that were."""
    return await _list(caller, active=False, size=page_size, token=token)


async def avatars(caller: CallerDep) -> dict[str, Any]:
    """Avatars that can be in a session."""

    def rows() -> list[dict[str, Any]]:
        found, _ = caller.sessions.service.avatars.page(caller.workspace, size=100)
        return [
            {
                "avatar_id": row.slug or f"avatar-{row.number}",
                "pose_name": row.name,
                "name": row.name,
                "default_voice": row.voice or None,
                "is_public": row.kind == "stock",
                "status": "ACTIVE" if row.status == "ready" else row.status.upper(),
                "created_at": int(row.created_at),
            }
            for row in found
            if row.status == "ready"
        ]

    return ok(await to_thread.run_sync(rows))


POSTS: dict[str, Callable[..., Any]] = {
    "create_token": create_token,
    "new": new,
    "start": start,
    "task": task,
    "interrupt": interrupt,
    "keep_alive": keep_alive,
    "start_listening": start_listening,
    "stop_listening": stop_listening,
    "stop": stop,
}
GETS: dict[str, Callable[..., Any]] = {
    "list": active,
    "sessions": active,
    "sessions/active": active,
    "sessions/history": history,
    "active_sessions": active,
    "session_history": history,
    "avatars": avatars,
    "avatar.list": avatars,
    "avatar/list": avatars,
}


def make_router() -> APIRouter:
    """Every call in both spellings and both versions."""
    router = APIRouter(tags=["Streaming"])
    for version in ("/v1", "/v2"):
        for mark in (".", "/"):
            shown = version == "/v1" and mark == "/"
            for name, post in POSTS.items():
                router.add_api_route(
                    f"{version}/streaming{mark}{name}",
                    post,
                    methods=["POST"],
                    include_in_schema=shown,
                )
            for name, get in GETS.items():
                router.add_api_route(
                    f"{version}/streaming{mark}{name}",
                    get,
                    methods=["GET"],
                    include_in_schema=shown,
                )
    return router


router = make_router()
