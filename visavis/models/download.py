"""Downloads from a model hub: https, a size limit, and resumed where they stopped."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from visavis.models.errors import TRY_AGAIN, NoNetworkError, SourceUnavailableError
from visavis.models.manifest import is_secure

if TYPE_CHECKING:
    import httpx

_CHUNK = 1 << 18
_TIMEOUT_S = 30.0
_REDIRECTS = 5


def download(url: str, size: int, target: Path, reached: Callable[[int], None]) -> None:
    """Download a file, going on from the bytes that ``target`` already has.

    The hash is not checked here.

    Args:
        url: https address.
        size: bytes that it must have.
        target: the file; never grows beyond ``size``.
        reached: told how many bytes are there.

    Raises:
        NoNetworkError: the server did not answer or broke off; what came is kept.
        SourceUnavailableError: the server refuses, redirects to an insecure address, or sends
            another number of bytes than the manifest says.
    """
    import httpx

    have = target.stat().st_size if target.exists() else 0
    if have >= size:
        if have == size:
            return
        target.unlink()
        have = 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    host = urlsplit(url).hostname
    try:
        with (
            httpx.Client(
                follow_redirects=True,
                max_redirects=_REDIRECTS,
                timeout=_TIMEOUT_S,
                event_hooks={"request": [_refuse_insecure]},
            ) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            if response.status_code == httpx.codes.OK:
                have = 0
            elif response.status_code != httpx.codes.PARTIAL_CONTENT:
                raise SourceUnavailableError(f"{host} answered {response.status_code} for {url}.")
            _receive(response.iter_raw(_CHUNK), target, have, url, size, reached)
    except httpx.TooManyRedirects as error:
        raise SourceUnavailableError(f"{url} redirects too often.") from error
    except httpx.TransportError as error:
        raise NoNetworkError(
            f"{host} could not be reached or broke off ({type(error).__name__}).",
            TRY_AGAIN,
        ) from error


def _receive(
    chunks: Iterable[bytes],
    target: Path,
    have: int,
    url: str,
    size: int,
    reached: Callable[[int], None],
) -> None:
    with target.open("r+b" if have else "wb") as stream:
        stream.seek(have)
        for chunk in chunks:
            have += len(chunk)
            if have > size:
                stream.truncate(0)
                raise SourceUnavailableError(f"{url} sends more than the {size} bytes expected.")
            stream.write(chunk)
            reached(have)
    if have < size:
        raise NoNetworkError(
            f"{url} ended after {have} of {size} bytes.",
            TRY_AGAIN,
        )


def _refuse_insecure(request: "httpx.Request") -> None:
    if not is_secure(str(request.url)):
        raise SourceUnavailableError(f"{request.url} is not https; it was not fetched.")
