"""The only way out: an HTTP client that reaches public addresses alone, within limits."""

import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import certifi
import httpcore

from visavis.domain.errors import LinkError
from visavis.store.config import ServiceSettings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_REDIRECTS = 5
MAX_LINK = 2048
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet, also where it wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo:
            wrapped = address.teredo[1]
        if wrapped:
            return is_public(wrapped)
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, allowed: Iterable[Network]) -> list[str]:
    """The addresses of a host, all of them checked.

    Raises:
        LinkError: unknown host, or one that has any address which is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise LinkError(f"The host {host[:100]!r} is not known.", "Check the link.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    for text in addresses:
        address = ipaddress.ip_address(text)
        if not is_public(address) and not any(address in network for network in allowed):
            raise LinkError(
                f"The host {host[:100]!r} is not on the public internet.",
                "Use a public link, or allow its network with VISAVIS_FETCH_ALLOW.",
            )
    return addresses


class _Stream(httpcore.NetworkStream):
    """A connection that ends at a deadline however slowly its bytes drip."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(left, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects to the very addresses that were checked, so no second look-up can differ."""

    def __init__(self, allowed: list[Network], deadline: float) -> None:
        self._inner = httpcore.SyncBackend()
        self._allowed = allowed
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout("deadline")
        for last, address in _marked(resolve(host, port, self._allowed)):
            try:
                inner = self._inner.connect_tcp(
                    address, port, min(left, timeout or left), local_address, socket_options
                )
                return _Stream(inner, self._deadline)
            except httpcore.ConnectError:
                if last:
                    raise
        raise httpcore.ConnectError("no address")


def _marked(items: list[str]) -> Iterator[tuple[bool, str]]:
    for index, item in enumerate(items):
        yield index == len(items) - 1, item


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched: its declared type without parameters, and its size in bytes."""

    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: status code, headers with lower-case names, first bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetcher:
    """Fetches and posts within the limits of an installation. Every method raises `LinkError`."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._allowed: list[Network] = list(settings.fetch_allow)
        self._seconds = settings.fetch_seconds
        self._max = settings.max_upload
        self._context = ssl.create_default_context(cafile=certifi.where())

    def check(self, link: str) -> None:
        """Refuse a link that is malformed or points inside, without calling it."""
        host, port = _split(link)
        resolve(host, port, self._allowed)

    def check_room(self, link: str) -> None:
        """The same for the address of a room server, whose scheme may be ws or wss.

        Whoever enters the room looks its name up again: a name that changes in between is not found
        out.
        """
        self.check(f"http{link[2:]}" if link[:2].lower() == "ws" else link)

    def fetch(self, link: str, path: Path, max_bytes: int | None = None) -> Fetched:
        """Get a file, following redirects that stay outside.

        Args:
            link: http or https.
            path: where the bytes go.
            max_bytes: largest file that is taken.
        """
        limit = min(max_bytes or self._max, self._max)
        deadline = time.monotonic() + self._seconds
        for _ in range(MAX_REDIRECTS + 1):
            host, port = _split(link)
            resolve(host, port, self._allowed)
            with self._called("GET", link, {}, b"", deadline) as response:
                headers = _headers(response)
                if response.status in (301, 302, 303, 307, 308) and "location" in headers:
                    link = urljoin(link, headers["location"])
                    continue
                if response.status != 200:
                    raise LinkError(f"The link answered {response.status}.", "Check the link.")
                size = _save(response, path, limit)
                mime = headers.get("content-type", "").partition(";")[0].strip().lower()
                return Fetched(mime, size)
        raise LinkError(f"The link redirects more than {MAX_REDIRECTS} times.")

    def send(
        self, method: str, link: str, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Answer:
        """Call a receiver once; redirects are not followed."""
        deadline = time.monotonic() + seconds
        with self._called(method, link, headers, body, deadline) as response:
            first = next(iter(response.iter_stream()), b"")[:1000]
            return Answer(response.status, _headers(response), first)

    @contextlib.contextmanager
    def _called(
        self, method: str, link: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> Iterator[httpcore.Response]:
        host, _ = _split(link)
        sent = {
            "Host": urlsplit(link).netloc.rpartition("@")[2],
            "User-Agent": "Visavis/1.0",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        if method not in ("GET", "OPTIONS"):
            sent["Content-Length"] = str(len(body))
        backend = _Backend(self._allowed, deadline)
        timeouts = {"connect": 10.0, "read": 15.0, "write": 15.0, "pool": 10.0}
        try:
            with (
                httpcore.ConnectionPool(self._context, network_backend=backend) as pool,
                pool.stream(
                    method,
                    httpcore.URL(link),
                    headers=[(k.encode(), v.encode()) for k, v in sent.items()],
                    content=body or None,
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                yield response
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise LinkError(
                f"The host {host[:100]!r} did not answer in time or not in HTTP "
                f"({type(error).__name__}).",
                "Check the link and its server.",
            ) from error


def _split(link: str) -> tuple[str, int]:
    """Host and port of a link that is at least well formed."""
    try:
        parts = urlsplit(link)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError as error:
        raise LinkError("The link is malformed.", "Use https://host/path.") from error
    plain = link.isascii() and link.isprintable() and " " not in link and "\\" not in link
    if len(link) > MAX_LINK or not plain or parts.scheme not in ("http", "https"):
        raise LinkError("The link is not an http or https link.", "Use https://host/path.")
    if not parts.hostname or parts.username or parts.password:
        raise LinkError("The link has no host or carries a password.", "Use https://host/path.")
    return parts.hostname, port


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}


def _save(response: httpcore.Response, path: Path, limit: int) -> int:
    declared = _headers(response).get("content-length", "0")
    size = int(declared) if declared.isdigit() else 0
    if size <= limit:
        size = 0
        with path.open("wb") as out:
            for piece in response.iter_stream():
                size += len(piece)
                if size > limit:
                    break
                out.write(piece)
    if size > limit:
        path.unlink(missing_ok=True)
        raise LinkError(f"The file is larger than {limit} bytes.", "Use a smaller file.")
    return size
