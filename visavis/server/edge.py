"""The outermost layer: request ids, trailing slashes, logs and metrics."""

import logging
import re
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger("visavis.access")

CALLS = Counter("visavis_http_requests_total", "Calls.", ["method", "route", "status"])
SECONDS = Histogram(
    "visavis_http_request_seconds",
    "Seconds until the answer began.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


class Edge:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the call, pass it on, and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else f"req-{secrets.token_hex(8)}"
        scope["visavis.request_id"] = request_id
        notes: dict[str, Any] = {}
        scope["visavis.log"] = notes
        path: str = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope["path"] = path.rstrip("/") or "/"
            scope["raw_path"] = scope["path"].encode()
        began = time.perf_counter()
        status = 500

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            route = _route(scope)
            CALLS.labels(scope["method"], route, str(status)).inc()
            SECONDS.labels(scope["method"], route).observe(seconds)
            log.info(
                "call",
                extra={
                    "request_id": request_id,
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 2),
                    **notes,
                },
            )


def _route(scope: Scope) -> str:
    """The template of the path that was matched, so that ids do not multiply the metrics."""
    route = scope.get("route")
    return str(getattr(route, "path", None) or "unmatched")
