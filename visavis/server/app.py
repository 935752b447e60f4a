"""The whole HTTP application: dialects by first path segment, files, health, metrics."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from visavis import __version__
from visavis.domain.errors import FieldError
from visavis.errors import VisavisError
from visavis.jobs.service import Service
from visavis.server import (
    files,
    health,
    joggai_catalogue,
    joggai_videos,
    konpro_account,
    konpro_catalogue,
    konpro_videos,
    konpro_webhooks,
    mosaic,
    mosaic_runs,
    openapi,
    own,
)
from visavis.server.dialect import Dialect, MethodError, RouteError, refusal, request_id_of
from visavis.server.edge import Edge
from visavis.server.gate import Gate
from visavis.server.joggai import JoggAI
from visavis.server.konpro import KonPro
from visavis.server.limits import Limiter
from visavis.server.mosaic import Mosaic
from visavis.server.parts import Part
from visavis.server.sessions import Sessions

DIALECTS: dict[str, tuple[Dialect, tuple[APIRouter, ...], str, tuple[str, ...]]] = {
    "konpro": (
        KonPro(),
        (
            konpro_videos.router,
            konpro_catalogue.router,
            konpro_account.router,
            konpro_webhooks.router,
        ),
        "Visavis in KonPro's dialect",
        ("v1",),
    ),
    "joggai": (
        JoggAI(),
        (joggai_catalogue.router, joggai_videos.router),
        "Visavis in JoggAI's dialect (v2)",
        ("v2",),
    ),
    "mosaic": (
        Mosaic(),
        (mosaic.router, mosaic_runs.router),
        "Visavis in Mosaic's dialect",
        ("avatar-profiles", "uploads", "whoami", "agent", "agent_run"),
    ),
    "visavis": (own.Own(), (own.router,), "Visavis's own additions", ("api",)),
}
"""Manners, routes, title, and the first path segments that belong to a dialect."""

STREAMS = frozenset({("POST", "/v1/asset")})
"""Calls whose body is a file."""


def dialect_app(
    service: Service,
    dialect: Dialect,
    routers: Sequence[APIRouter],
    title: str,
) -> FastAPI:
    """The routes of one dialect, with its errors and its own OpenAPI document."""
    app = FastAPI(
        title=title,
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.service = service
    for router in routers:
        app.include_router(router)

    def told(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, VisavisError):
            raise error
        return refusal(dialect, error, request_id_of(request))

    def invalid(request: Request, error: Exception) -> JSONResponse:
        return refusal(dialect, openapi.field_error(error), request_id_of(request))

    def http(request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 405:
            allow = dict(getattr(error, "headers", None) or {})
            told = MethodError("This path is not asked that way.", "See the documentation.")
            return refusal(dialect, told, request_id_of(request), allow)
        if status == 404:
            return refusal(dialect, RouteError("There is no such path."), request_id_of(request))
        return refusal(
            dialect, FieldError("body", "The body cannot be read as JSON."), request_id_of(request)
        )

    def broken(request: Request, _error: Exception) -> JSONResponse:
        return refusal(
            dialect, openapi.UnforeseenError("Something went wrong here."), request_id_of(request)
        )

    app.add_exception_handler(VisavisError, told)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, broken)
    return app


def _operation_id(route: APIRoute) -> str:
    """FastAPI's own, but ``a.b`` and ``a/b`` are two."""
    path = re.sub(r"\W", "_", route.path_format.replace(".", "__"))
    return f"{route.name}{path}_{sorted(route.methods or ())[0].lower()}"


class Dispatcher:
    """Sends a call to the application that owns the first segment of its path."""

    def __init__(self, owners: dict[str, ASGIApp]) -> None:
        self._owners = owners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch, or answer 404."""
        path = scope.get("path", "/")
        app = self._owners.get(path.split("/", 2)[1] if "/" in path else "")
        if app is not None:
            await app(scope, receive, send)
            return
        answer: Response = JSONResponse({"error": "not_found", "detail": "No such path."}, 404)
        await answer(scope, receive, send)


def create_app(
    service: Service, extra: Sequence[BaseRoute] = (), parts: Sequence[Part] = ()
) -> ASGIApp:
    """The API of one installation.

    Args:
        service: the domain; closed when the application shuts down.
        extra: routes of our own that come before the dialects', e.g. the web studio.
        parts: what extras of the installation bring; opened and closed with the application.
    """
    limiter = Limiter()
    apps = {
        name: dialect_app(service, dialect, routers, title)
        for name, (dialect, routers, title, _) in DIALECTS.items()
    }
    documents: dict[str, Callable[[], dict[str, Any]]] = {
        name: partial(openapi.document, app, DIALECTS[name][0]) for name, app in apps.items()
    }
    for part in parts:
        documents |= part.documents
    owners: dict[str, ASGIApp] = {}
    for name, (dialect, _, _, segments) in DIALECTS.items():
        gate = Gate(apps[name], service, dialect, limiter, STREAMS)
        owners |= dict.fromkeys(segments, gate)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            for part in parts:
                await part.open()
                opened.push_async_callback(part.close)
            yield
        service.close()

    root = Starlette(
        routes=[
            *health.routes(service),
            *(route for part in parts for route in part.routes),
            *extra,
            *files.routes(service),
            *openapi.routes(documents),
        ],
        lifespan=lifespan,
    )
    root.router.default = Dispatcher(owners)
    origins = [part.strip() for part in service.core.settings.cors_origins.split(",")]
    with_cors = CORSMiddleware(
        root,
        allow_origins=origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["X-Request-Id", "Retry-After", "RateLimit", "Content-Range"],
    )
    return Edge(Sessions(with_cors))
