"""The door of a dialect: key, limits, body size and Idempotency-Key, before any route."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from visavis.domain.errors import MissingKeyError, RateError, TooLargeError
from visavis.domain.idempotency import Replayed, Ticket
from visavis.domain.keys import Principal
from visavis.errors import VisavisError
from visavis.jobs.service import Service
from visavis.server.dialect import Dialect, refusal
from visavis.server.limits import Allowance, Limiter
from visavis.store.database import StoreError

log = logging.getLogger(__name__)

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """ASGI middleware of one dialect.

    What passes has ``scope["visavis.principal"]``, and with an Idempotency-Key
    ``scope["visavis.ticket"]``.

    Args:
        app: the dialect's routes.
        service: the domain.
        dialect: whose manners.
        limiter: shared by all dialects.
        streams: paths (method, path) whose body is a file and is read by the route itself.
    """

    def __init__(
        self,
        app: ASGIApp,
        service: Service,
        dialect: Dialect,
        limiter: Limiter,
        streams: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self._app = app
        self._service = service
        self._dialect = dialect
        self._limiter = limiter
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call through or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        extra: dict[str, str] = {}
        try:
            await self._pass(scope, receive, send, extra)
        except VisavisError as error:
            request_id = scope.get("visavis.request_id", "")
            await refusal(self._dialect, error, request_id, extra)(scope, receive, send)

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, extra: dict[str, str]
    ) -> None:
        headers = Headers(scope=scope)
        principal = await self._who(headers)
        scope["visavis.principal"] = principal
        scope["visavis.log"]["workspace"] = principal.workspace_id
        extra |= self._count(principal, scope["method"])
        sending = _with_headers(send, extra)
        if scope["method"] in READING:
            principal.need("read")
            await self._app(scope, receive, sending)
            return
        principal.need("write")
        body: bytes | None = None
        if (scope["method"], scope["path"]) not in self._streams:
            body = await self._body(receive, headers)
            receive = _replay(body)
        key = headers.get("idempotency-key")
        if key is None:
            await self._app(scope, receive, sending)
            return
        fingerprint = body if body is not None else headers.get("content-length", "").encode()
        await self._once(scope, receive, sending, key, fingerprint)

    async def _who(self, headers: Headers) -> Principal:
        key = self._dialect.key(headers)
        if not key:
            raise MissingKeyError("The call has no API key.", "Send it as documented.")
        return await to_thread.run_sync(self._service.keys.authenticate, key)

    def _count(self, principal: Principal, method: str) -> dict[str, str]:
        rule = self._dialect.rate
        if method not in rule.methods:
            return {}
        limit = principal.rate_limit or self._service.core.settings.rate_limit or rule.calls
        name = f"{self._dialect.name}:{principal.key_id}"
        allowance = self._limiter.take(name, limit)
        if not allowance.allowed:
            raise RateError(f"At most {limit} calls a minute are allowed.", allowance.reset)
        return _rate_headers(allowance)

    async def _body(self, receive: Receive, headers: Headers) -> bytes:
        limit = self._service.core.settings.max_body
        declared = headers.get("content-length", "0")
        parts: list[bytes] = []
        size = int(declared) if declared.isdigit() else 0
        while size <= limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            parts.append(message.get("body", b""))
            size = sum(map(len, parts))
            if not message.get("more_body", False):
                break
        if size > limit:
            raise TooLargeError(f"The body is larger than {limit} bytes.", "Send less.")
        return b"".join(parts)

    async def _once(
        self, scope: Scope, receive: Receive, send: Send, key: str, fingerprint: bytes
    ) -> None:
        idempotency = self._service.idempotency
        workspace = scope["visavis.principal"].workspace_id
        begun = await to_thread.run_sync(
            idempotency.begin, workspace, f"{scope['method']} {scope['path']}", key, fingerprint
        )
        if isinstance(begun, Replayed):
            answer = Response(
                begun.body,
                begun.status,
                {"Idempotency-Replayed": "true"},
                media_type="application/json",
            )
            await answer(scope, receive, send)
            return
        scope["visavis.ticket"] = begun
        held = _Held()
        try:
            await self._app(scope, receive, held)
        finally:
            await to_thread.run_sync(
                self._settle, begun, held.status, held.body if held.plain else None
            )
            for message in held.messages:
                await send(message)

    def _settle(self, ticket: Ticket, status: int, body: bytes | None) -> None:
        """Keep or forget the answer, before the client can act on it.

        A store that is away right now does not take the answer from the client: the ticket's id
        leads a later try to the same thing.
        """
        try:
            self._service.idempotency.finish(ticket, status, body)
        except StoreError as error:
            log.warning("answer not kept", extra={"code": error.code})


class _Held:
    """Holds an answer back; answers of calls that write are small."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status = 500
        self.plain = False
        """Whether it is JSON, which is kept for the next call; a picture is made anew."""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            mime = Headers(raw=message.get("headers", [])).get("content-type", "")
            self.plain = mime.startswith("application/json")
        self.messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _with_headers(send: Send, extra: dict[str, str]) -> Callable[[Message], Awaitable[None]]:
    async def wrapped(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra.items():
                headers[name] = value
        await send(message)

    return wrapped


def _rate_headers(allowance: Allowance) -> dict[str, str]:
    """The fields in use, and those of draft-ietf-httpapi-ratelimit-headers-09."""
    return {
        "X-RateLimit-Limit": str(allowance.limit),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-RateLimit-Reset": str(allowance.reset),
        "RateLimit-Policy": f'"default";q={allowance.limit};w=60',
        "RateLimit": f'"default";r={allowance.remaining};t={allowance.reset}',
    }


def principal_of(scope: Scope) -> Principal:
    """Who calls, behind the gate."""
    found: Principal = scope["visavis.principal"]
    return found


def ticket_id(scope: Scope) -> str | None:
    """What a new thing must be called where the call has an Idempotency-Key."""
    ticket: Ticket | None = scope.get("visavis.ticket")
    return ticket.id if ticket else None
