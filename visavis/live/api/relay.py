"""The room's door on our own port: signalling passes through, media goes by UDP.

One address, one certificate. Only where the room server is the embedded one.
"""

import contextlib
import logging

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from visavis.errors import VisavisError
from visavis.live.api.sockets import hang_up, until_one_ends
from visavis.live.service.sessions import Sessions

log = logging.getLogger(__name__)

MAX_SIGNAL = 1 << 20


class Relay:
    """Passes signalling on.

    Args:
        sessions: know where the room server is.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def validate(self, request: Request) -> Response:
        """Why a client could not come in."""
        try:
            place = await self._sessions.rooms.place()
            async with (
                aiohttp.ClientSession() as client,
                client.get(
                    place.url.replace("ws", "http", 1) + "/rtc/validate",
                    params=dict(request.query_params),
                    headers=_authorization(request.headers.get("authorization")),
                ) as reply,
            ):
                return PlainTextResponse(await reply.text(), reply.status)
        except (VisavisError, aiohttp.ClientError):
            return JSONResponse({"code": 503, "message": "The room server is down."}, 503)

    async def socket(self, socket: WebSocket) -> None:
        """One client's signalling."""
        place = await self._sessions.rooms.place()
        try:
            async with (
                aiohttp.ClientSession() as client,
                client.ws_connect(
                    place.url + "/rtc",
                    params=dict(socket.query_params),
                    headers=_authorization(socket.headers.get("authorization")),
                    max_msg_size=MAX_SIGNAL,
                ) as inner,
            ):
                await socket.accept()
                await _join(socket, inner)
        except aiohttp.WSServerHandshakeError as error:
            await socket.send_denial_response(
                PlainTextResponse("The room did not let you in.", error.status)
            )
        except aiohttp.ClientError:
            with contextlib.suppress(RuntimeError):
                await socket.close(1011)


def _authorization(value: str | None) -> dict[str, str]:
    return {"Authorization": value} if value else {}


async def _join(outer: WebSocket, inner: aiohttp.ClientWebSocketResponse) -> None:
    """Pass messages both ways until either side closes."""

    async def inward() -> None:
        while True:
            message = await outer.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (data := message.get("bytes")) is not None:
                await inner.send_bytes(data)

    async def outward() -> None:
        async for message in inner:
            if message.type is aiohttp.WSMsgType.BINARY:
                await outer.send_bytes(message.data)

    for error in await until_one_ends(inward(), outward()):
        if isinstance(error, Exception) and not isinstance(
            error, (WebSocketDisconnect, ConnectionError, RuntimeError, aiohttp.ClientError)
        ):
            raise error
    await hang_up(outer)
