"""The web studio: its pages, and signing a browser in and out."""

import gzip
import json
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib import resources

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from visavis.domain.errors import BusyError, ForbiddenError, InvalidKeyError
from visavis.domain.idempotency import Replayed
from visavis.errors import VisavisError
from visavis.jobs.service import Service
from visavis.server import samples
from visavis.server.dialect import status_of
from visavis.server.sessions import cookie_name, from_this_machine, same_origin, session_key
from visavis.store.config import ServiceSettings

PAGES = (
    "/", "/create", "/gallery", "/gallery/voices", "/avatars/new", "/live", "/videos",
    "/videos/{id}", "/keys", "/webhooks", "/usage",
)  # fmt: skip
"""Paths that the studio draws in the browser."""

WELCOME_HOURS = 24.0
SESSION_DAYS = 30
BROWSER_KEY = "This browser"
_CALLS_A_MINUTE = 1200
_SESSION = "/studio/session"
_NEW_LINK = "`visavis admin link` prints a new one."
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the built studio, ready to be sent."""

    content: bytes
    packed: bytes
    mime: str
    etag: str


@lru_cache(maxsize=1)
def static_files() -> dict[str, StaticFile]:
    """The built studio by path, e.g. ``assets/index-1a2b.js``; empty where it was not built."""
    root = resources.files("visavis.server") / "static"
    found: dict[str, StaticFile] = {}
    folders = [("", root)] if root.is_dir() else []
    while folders:
        prefix, folder = folders.pop()
        for entry in folder.iterdir():
            if entry.is_dir():
                folders.append((f"{prefix}{entry.name}/", entry))
                continue
            content = entry.read_bytes()
            mime = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
            text = mime.startswith("text/") or mime.endswith(("javascript", "json", "svg+xml"))
            found[prefix + entry.name] = StaticFile(
                content,
                gzip.compress(content, 9, mtime=0) if text else b"",
                f"{mime}; charset=utf-8" if text else mime,
                f'"{sha256(content).hexdigest()[:20]}"',
            )
    return found


def policy(settings: ServiceSettings) -> str:
    """The Content-Security-Policy of the pages: nothing but this server.

    Files come from the S3 server as well where links lead straight to it.
    """
    files = "'self' blob:"
    if settings.blob_links == "direct":
        files += f" {settings.s3_endpoint or 'https://*.amazonaws.com'}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src {files} data:; media-src {files}; connect-src {files}; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def welcome_link(service: Service) -> str:
    """A link that signs one browser on this machine in, once.

    The plain address signs nobody in: every user and program of a machine can reach its loopback,
    and so can the whole world through a tunnel, but only who started the server reads what it says.
    """
    settings = service.core.settings
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    query = service.core.links.query("put", _SESSION, WELCOME_HOURS * 3600)
    return f"http://{host}:{settings.port}/#{query}"


class Studio:
    """Answers of the studio's own routes."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._headers = {
            "Content-Security-Policy": policy(service.core.settings),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
        }

    def page(self, request: Request) -> Response:
        """The one page; which of `PAGES` it shows is the browser's matter."""
        if "index.html" not in static_files():
            text = (
                "The studio is not built. Run `make serve`, or `npm ci && npm run build` in web/."
            )
            return PlainTextResponse(text, 503)
        return self._file(request, "index.html", "no-cache")

    def static(self, request: Request) -> Response:
        """A file that a page needs; its name changes with its content."""
        path = "assets/" + request.path_params["path"]
        return self._file(request, path, "public, max-age=31536000, immutable")

    def icon(self, request: Request) -> Response:
        """The icon that browsers ask for."""
        return self._file(request, "icon.svg", "public, max-age=86400")

    def _file(self, request: Request, name: str, cache: str) -> Response:
        file = static_files().get(name)
        if file is None:
            return PlainTextResponse("There is no such file.", 404)
        headers = {**self._headers, "ETag": file.etag, "Cache-Control": cache}
        if file.packed:
            headers["Vary"] = "Accept-Encoding"
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        packed = file.packed and "gzip" in request.headers.get("accept-encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        return Response(file.packed if packed else file.content, 200, headers, file.mime)

    async def session(self, request: Request) -> Response:
        """``GET``: is this browser signed in; ``POST``: sign in; ``DELETE``: sign out."""
        try:
            if not same_origin(request.headers):
                raise ForbiddenError("Only the studio's own pages may ask this.")
            if request.method == "POST":
                return await self._sign_in(request)
            if request.method == "DELETE":
                return await to_thread.run_sync(self._sign_out, request)
            return await to_thread.run_sync(self._state, request)
        except VisavisError as error:
            body = {"error": {"code": error.code, "message": str(error)}}
            return JSONResponse(body, status_of(error))

    def _state(self, request: Request) -> Response:
        body: dict[str, object] = {"signed_in": False, "local": from_this_machine(request)}
        try:
            who = self._service.keys.authenticate(session_key(request.headers))
        except InvalidKeyError:
            return JSONResponse(body)
        body |= {"signed_in": True, "key": who.key_name, "scopes": sorted(who.scopes)}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def _sign_in(self, request: Request) -> Response:
        raw = b""
        async for piece in request.stream():
            raw += piece
            if len(raw) > _LONGEST:
                raise InvalidKeyError("This is no API key.")
        try:
            body = json.loads(raw)
            given, welcome = str(body.get("key", "")).strip(), body.get("welcome")
        except (ValueError, AttributeError) as error:
            raise InvalidKeyError("The body is no JSON object.") from error
        if welcome is not None:
            signature = self._check_welcome(request, welcome)
            given = await to_thread.run_sync(self._browser_key, signature)
        else:
            await to_thread.run_sync(self._service.keys.authenticate, given)
        answer = JSONResponse({"signed_in": True})
        answer.set_cookie(
            cookie_name(request.headers),
            given,
            max_age=SESSION_DAYS * 86_400,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    def _check_welcome(self, request: Request, welcome: object) -> str:
        fields = welcome if isinstance(welcome, dict) else {}
        expires, signature = str(fields.get("expires", "")), str(fields.get("signature", ""))
        if not from_this_machine(request):
            raise ForbiddenError(
                "This link works only in a browser on the machine that runs Visavis.",
                "Sign in with an API key: `visavis admin keys create`.",
            )
        links = self._service.core.links
        plain = expires.isdecimal() and expires.isascii() and signature.isascii()
        if not plain or not links.allows("put", _SESSION, int(expires), signature):
            raise InvalidKeyError("This link has expired.", _NEW_LINK)
        return signature

    def _browser_key(self, signature: str) -> str:
        keys = self._service.keys
        workspace = keys.workspace("default")
        try:
            ticket = self._service.idempotency.begin(workspace, _SESSION, signature, b"")
        except BusyError:
            ticket = Replayed(409, b"")
        if isinstance(ticket, Replayed):
            raise InvalidKeyError("This link was used already.", _NEW_LINK)
        self._service.idempotency.finish(ticket, 200, b"")
        text, _ = keys.create(
            workspace,
            BROWSER_KEY,
            ["read", "write", "admin"],
            SESSION_DAYS * 86_400.0,
            _CALLS_A_MINUTE,
        )
        return text

    def _sign_out(self, request: Request) -> Response:
        answer = JSONResponse({"signed_in": False})
        answer.delete_cookie(cookie_name(request.headers), httponly=True, samesite="strict")
        try:
            who = self._service.keys.authenticate(session_key(request.headers))
        except InvalidKeyError:
            return answer
        if who.key_name == BROWSER_KEY:
            self._service.keys.revoke(who.workspace_id, who.key_id)
        return answer


def routes(service: Service) -> list[BaseRoute]:
    """The studio's pages, their files, and ``/studio/session``."""
    studio = Studio(service)
    return [
        *(Route(path, studio.page, methods=["GET"]) for path in PAGES),
        Route("/assets/{path:path}", studio.static, methods=["GET"]),
        Route("/favicon.ico", studio.icon, methods=["GET"]),
        Route("/icon.svg", studio.icon, methods=["GET"]),
        Route(_SESSION, studio.session, methods=["GET", "POST", "DELETE"]),
        *samples.routes(service),
    ]
