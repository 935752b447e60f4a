"""Live sessions as a part of the HTTP application."""

from collections.abc import Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from visavis.jobs.service import Service
from visavis.live.api import knowledge, liveavatar, streaming
from visavis.live.api.chat import Chat
from visavis.live.api.dialect import Streaming, StreamingGate
from visavis.live.api.realtime import Realtime
from visavis.live.api.relay import Relay
from visavis.live.service.sessions import Sessions
from visavis.live.settings import LiveSettings, live_settings
from visavis.server.app import dialect_app
from visavis.server.limits import Limiter
from visavis.server.openapi import document


class LivePart:
    """Routes of live sessions, and the processes behind them.

    Args:
        service: the domain.
        settings: of live sessions; by default those of the environment.
    """

    def __init__(self, service: Service, settings: LiveSettings | None = None) -> None:
        self.sessions = Sessions(service, settings or live_settings())
        dialect = Streaming()
        self.app = dialect_app(
            service,
            dialect,
            (streaming.router, knowledge.router, liveavatar.router),
            "Visavis in HeyGen's streaming dialect",
        )
        self.app.state.sessions = self.sessions
        self.documents = {"streaming": partial(document, self.app, dialect)}
        gate = StreamingGate(self.app, service, dialect, Limiter())
        gate.records = self.sessions.records
        chat, relay = Chat(self.sessions), Relay(self.sessions)
        self.routes: Sequence[BaseRoute] = (
            WebSocketRoute("/v1/ws/streaming.chat", chat.socket),
            WebSocketRoute("/v1/ws/streaming.realtime", Realtime(self.sessions).socket),
            WebSocketRoute("/rtc", relay.socket),
            Route("/rtc/validate", relay.validate),
            WebSocketRoute("/rtc/v1", _deny),
            Route("/rtc/v1{rest:path}", _missing),
            Route("/v1/streaming{rest:path}", gate),
            Route("/v2/streaming{rest:path}", gate),
            Route("/v1/sessions/{rest:path}", gate),
        )

    async def open(self) -> None:
        """Begin: called when the application starts."""
        await self.sessions.open()

    async def close(self) -> None:
        """End every session: called when the application ends."""
        await self.sessions.close()


async def _missing(_request: Request) -> Response:
    """Newer clients ask for signalling v1 first and fall back to ``/rtc`` where it is missing."""
    return JSONResponse({"code": 404, "message": "Use /rtc."}, 404)


async def _deny(socket: WebSocket) -> None:
    await socket.send_denial_response(JSONResponse({"code": 404, "message": "Use /rtc."}, 404))
