"""The guarded client: nothing inside is reached, nothing endless is read."""

import ipaddress
import socket
import time
from pathlib import Path

import pytest
from conftest import RawServer, Receiver
from hypothesis import given
from hypothesis import strategies as st

from visavis.domain import fetch
from visavis.domain.errors import LinkError
from visavis.domain.fetch import Fetcher, is_public
from visavis.store.config import ServiceSettings

INSIDE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://localhost/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://0x7f.0.0.1/",
    "http://0x7f000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://127.0.0.1:8400/",
    "http://127.0.0.1%2f@example.com/",
]
MALFORMED = [
    "",
    "example.com/a.mp3",
    "ftp://example.com/a",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://",
    "http:///path",
    "http://user:word@example.com/",
    "http://exa mple.com/",
    "http://example.com:99999/",
    "http://example.com\\@127.0.0.1/",
    "http://example.com/\r\nX-Evil: 1",
    "http://" + "a" * 3000,
]


def fetcher(tmp_path: Path, **more: object) -> Fetcher:
    return Fetcher(ServiceSettings(data_dir=tmp_path, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("link", INSIDE + MALFORMED)
def test_links_inside_or_malformed_are_refused(tmp_path: Path, link: str) -> None:
    guarded = fetcher(tmp_path)
    with pytest.raises(LinkError):
        guarded.check(link)
    with pytest.raises(LinkError):
        guarded.fetch(link, tmp_path / "out")
    with pytest.raises(LinkError):
        guarded.send("POST", link, {}, b"{}", 5)


def test_a_name_that_resolves_inside_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lookup(_host: str, port: int, **_: object) -> list[object]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(fetch.socket, "getaddrinfo", lookup)
    with pytest.raises(LinkError, match="public internet"):
        fetcher(tmp_path).check("https://rebinder.example/")


def test_a_name_that_changes_its_mind_is_refused_at_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """DNS rebinding: public when checked, inside when connected."""
    port = int(receiver.url.rpartition(":")[2])
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])

    def lookup(_host: str, _port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(fetch.socket, "getaddrinfo", lookup)
    receiver.files["/secret"] = ("text/plain", b"inside")
    with pytest.raises(LinkError, match="public internet"):
        fetcher(tmp_path).fetch(f"http://rebinder.example:{port}/secret", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_redirect_inside_is_refused(tmp_path: Path, receiver: Receiver) -> None:
    host = receiver.url.removeprefix("http://")
    allowed = fetcher(tmp_path, fetch_allow="127.0.0.1/32")
    for target in (
        "http://127.0.0.2:1/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
    ):
        receiver.redirects["/go"] = target
        with pytest.raises(LinkError):
            allowed.fetch(f"http://{host}/go", tmp_path / "out")
    receiver.redirects |= {"/go": f"{receiver.url}/go"}
    with pytest.raises(LinkError, match="redirects"):
        allowed.fetch(f"http://{host}/go", tmp_path / "out")
    receiver.redirects["/go"] = "/file"
    receiver.files["/file"] = ("audio/wav", b"sound")
    assert allowed.fetch(f"http://{host}/go", tmp_path / "out").mime == "audio/wav"
    assert (tmp_path / "out").read_bytes() == b"sound"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n"


def drip(connection: socket.socket, first: bytes, each: bytes) -> None:
    connection.sendall(first)
    for _ in range(3000):
        connection.sendall(each)
        time.sleep(0.1)


@pytest.mark.parametrize("first", [HEAD + b"\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_slow_bodies_and_slow_headers_end_at_the_deadline(
    tmp_path: Path, raw_server: RawServer, first: bytes
) -> None:
    link = raw_server(lambda connection: drip(connection, first, b"a"))
    with pytest.raises(LinkError, match="in time"):  # and not after the minutes that it drips
        fetcher(tmp_path, fetch_allow="127.0.0.0/8", fetch_seconds=1).fetch(link, tmp_path / "o")


def test_endless_bodies_end_at_the_limit(tmp_path: Path, raw_server: RawServer) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    small = fetcher(tmp_path, fetch_allow="127.0.0.0/8", max_upload=100_000)
    with pytest.raises(LinkError, match="larger"):
        small.fetch(raw_server(flood), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_lie_about_the_length_is_told_before_reading(
    tmp_path: Path, raw_server: RawServer
) -> None:
    link = raw_server(lambda c: c.sendall(HEAD + b"Content-Length: 99999999999\r\n\r\n"))
    with pytest.raises(LinkError, match="larger"):
        fetcher(tmp_path, fetch_allow="127.0.0.0/8").fetch(link, tmp_path / "out")


def test_what_is_not_http_is_an_error_of_the_link(tmp_path: Path, raw_server: RawServer) -> None:
    link = raw_server(lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"))
    with pytest.raises(LinkError):
        fetcher(tmp_path, fetch_allow="127.0.0.0/8").fetch(link, tmp_path / "out")


def test_a_receiver_that_is_slow_endless_or_points_inside_is_left(
    tmp_path: Path, raw_server: RawServer
) -> None:
    """Webhooks: what a receiver answers is hardly read, and where it points is not followed."""

    def flood(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    guarded = fetcher(tmp_path, fetch_allow="127.0.0.0/8")
    answer = guarded.send("POST", raw_server(flood), {}, b"{}", 60)
    assert answer.status == 200
    assert 0 < len(answer.body) <= 1000
    slowly = raw_server(lambda c: drip(c, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"))
    with pytest.raises(LinkError, match="in time"):
        guarded.send("POST", slowly, {}, b"{}", 0.5)
    away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    sent = raw_server(lambda connection: connection.sendall(away))
    assert guarded.send("POST", sent, {}, b"{}", 60).status == 302


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_as_public_in_every_wrapping(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    mapped = ipaddress.IPv6Address(f"::ffff:{plain}")
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) | number)
    six = ipaddress.IPv6Address((0x2002 << 112) | (number << 80))
    assert {is_public(address) for address in (mapped, nat64, six)} == {is_public(plain)}
