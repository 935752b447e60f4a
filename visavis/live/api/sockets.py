"""What all sockets of live sessions do: let their owner in, work until either side ends, close."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from anyio import to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect

from visavis.domain.errors import ForbiddenError
from visavis.errors import VisavisError
from visavis.live.service.records import PREFIX
from visavis.live.service.session import Session, Watcher
from visavis.live.service.sessions import Sessions

POLICY = 1008


async def session_of(sessions: Sessions, socket: WebSocket) -> Session | None:
    """The session that a socket's address names and its token opens; None, and closed, if none."""
    name = socket.query_params.get("session_id", "")
    token = socket.query_params.get("session_token", "")
    try:
        return await sessions.get(await to_thread.run_sync(_workspace, sessions, name, token), name)
    except VisavisError:
        await socket.close(POLICY)
        return None


def _workspace(sessions: Sessions, session_id: str, token: str) -> str:
    """Whose session a token or an API key may open a socket of."""
    if not token.startswith(PREFIX):
        return sessions.service.keys.authenticate(token).workspace_id
    row = sessions.records.token(token)
    if row.session_id != session_id:
        raise ForbiddenError("This session token is not of this session.", "Use its own.")
    return row.workspace_id


@contextlib.asynccontextmanager
async def attending(session: Session, socket: WebSocket, watcher: Watcher) -> AsyncIterator[None]:
    """Tell a watcher of the session's events as long as the block runs; close the socket after."""
    unwatch = session.watch(watcher)
    try:
        yield
    finally:
        unwatch()
        await hang_up(socket)


async def hang_up(socket: WebSocket) -> None:
    """Close a socket that may be closed already."""
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close()


async def until_one_ends(*work: Coroutine[Any, Any, None]) -> list[BaseException | None]:
    """Run all at once until the first is done, end the rest; the error of each, or None."""
    tasks = [asyncio.create_task(item) for item in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    return [item if isinstance(item, BaseException) else None for item in ended]
