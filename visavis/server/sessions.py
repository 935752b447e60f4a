"""Browsers that are signed in: a cookie that holds an API key, where no script can read it."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "visavis_session"
MARK = "x-visavis-studio"
"""Header that the studio's own pages send. No other site can: it would need a preflight that
allows credentials, and none does."""

_PROXY = ("x-forwarded-for", "x-real-ip", "forwarded")


def cookie_name(headers: Headers) -> str:
    """Browsers share cookies between ports, so the name tells installations apart."""
    return f"{COOKIE}_{urlsplit('//' + headers.get('host', '')).port or 0}"


def same_origin(headers: Headers) -> bool:
    """Whether a page of ours sent this call."""
    if MARK not in headers or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def from_this_machine(request: Request) -> bool:
    """Whether the call came over loopback, to a loopback name, and through no proxy.

    The name is looked at because a page elsewhere may point its own name at 127.0.0.1.
    """
    name = request.url.hostname or ""
    if request.client is None or any(header in request.headers for header in _PROXY):
        return False
    return _loopback(request.client.host) and (name == "localhost" or _loopback(name))


def _loopback(address: str) -> bool:
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def session_key(headers: Headers) -> str:
    """The API key in the cookie of a call, empty where it must not count."""
    if not same_origin(headers):
        return ""
    return cookie_parser(headers.get("cookie", "")).get(cookie_name(headers), "")


class Sessions:
    """ASGI middleware: a call of the studio carries the key of its cookie.

    Calls that bring a key of their own are left alone, and so are calls that another site's page
    may have caused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the key where every dialect looks for one."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "x-api-key" not in headers and "authorization" not in headers:
                key = session_key(headers)
                if key and key.isascii() and key.isprintable():
                    scope["headers"] = [*scope["headers"], (b"x-api-key", key.encode())]
        await self._app(scope, receive, send)
