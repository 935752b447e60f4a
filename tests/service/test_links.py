"""No route fetches or calls anything inside: every place where a link may stand, in every form."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from conftest import RawServer, in_process
from material import clip, picture, tone
from starlette.testclient import TestClient

from visavis.domain import fetch
from visavis.jobs.service import Service

OUTSIDE = "127.0.0.2"
"""Stands for the open internet: the one address that the installation may reach."""

FORMS = (
    "http://127.0.0.1:{port}/a", "http://127.1:{port}/a", "http://2130706433:{port}/a",
    "http://0177.0.0.1:{port}/a", "http://017700000001:{port}/a", "http://0x7f000001:{port}/a",
    "http://0x7f.0.0.1:{port}/a", "http://0:{port}/a", "http://localhost:{port}/a",
    "http://inside.example:{port}/a", "http://[::1]:{port}/a", "http://[::ffff:127.0.0.1]:{port}/a",
    "http://169.254.169.254/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/", "http://10.0.0.1/a",
    "http://192.168.1.1/a", "http://[fd00::1]/a", "file:///etc/passwd", "ftp://example.com/a",
    "http://user:word@example.com/a", "http:///a",
)  # fmt: skip
"""Links that lead inside, or are none; `port` is where somebody inside listens."""


class Workspace:
    """Calls of one workspace, within this process."""

    def __init__(self, client: TestClient, service: Service, name: str) -> None:
        self._client, self.service = client, service
        self.id = service.keys.workspace(name)
        key, *_ = service.keys.create(self.id, "test", ["read", "write", "admin"])
        self._headers = {"x-api-key": key}
        self.own: dict[str, dict[str, Any]] = {}
        for kind, data, mime in (
            ("image", picture(), "image/png"),
            ("audio", tone(5.0), "audio/wav"),
            ("video", clip(), "video/mp4"),
        ):
            answer = client.post(
                "/v1/asset", content=data, headers=self._headers | {"Content-Type": mime}
            )
            self.own[kind] = answer.json()

    def send(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        return self._client.request(method, path, json=body, headers=self._headers)

    def made(self) -> int:
        """Videos, avatars, voices and receivers that are there."""
        with self.service.core.database.read() as session:
            from visavis.store.tables import Avatar, Endpoint, Video, Voice

            return sum(
                session.query(table).filter(table.workspace_id == self.id).count()
                for table in (Video, Avatar, Voice, Endpoint)
            )


Body = Callable[[Workspace, str], dict[str, Any]]


def konpro(**settings: Any) -> dict[str, Any]:
    usual = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Hi."}
    return usual | {"settings": settings}


def scene(**look: Any) -> dict[str, Any]:
    return konpro(scenes=[{"text": "Hi."} | look]) | {"text": ""}


def joggai(voice: dict[str, Any], **more: Any) -> dict[str, Any]:
    avatar = {"avatar_id": 1, "avatar_type": 0}
    return {"avatar": avatar, "voice": {"voice_id": "en-US-heart"} | voice,
            "aspect_ratio": "square", "screen_style": 1} | more  # fmt: skip


def profile(**sources: str) -> dict[str, Any]:
    return {"name": "Ana", "sources": sources}


SCRIPT = {"type": "script", "script": "Hi."}
VIDEOS, JOGG = "POST /v1/video-avatars", "POST /v2/create_video_from_avatar"
SYNC, PROFILES = "POST /v2/create_lip_sync_video", "POST /avatar-profiles/create"

FETCHED: dict[str, tuple[str, Body]] = {
    "konpro background": (VIDEOS, lambda _, link: konpro(background=link)),
    "konpro visual": (VIDEOS, lambda _, link: konpro(visual=link, layout="split")),
    "konpro music": (VIDEOS, lambda _, link: konpro(music={"source": link})),
    "konpro watermark": (VIDEOS, lambda _, link: konpro(watermark={"image": link})),
    "konpro intro": (VIDEOS, lambda _, link: konpro(intro=link)),
    "konpro outro": (VIDEOS, lambda _, link: konpro(outro=link)),
    "konpro scene background": (VIDEOS, lambda _, link: scene(background=link)),
    "konpro scene visual": (VIDEOS, lambda _, link: scene(visual=link, layout="pip")),
    "konpro variable": (
        VIDEOS, lambda _, link: konpro(background="{{place}}", batch=[{"place": link}]),
    ),
    "joggai audio": (JOGG, lambda _, link: joggai({"type": "audio", "audio_url": link})),
    "joggai custom voice": (
        "POST /v2/voices/custom", lambda _, link: {"name": "Ana", "audio_url": link},
    ),
    "joggai lip sync video": (
        SYNC, lambda who, link: {"video_url": link, "audio_url": who.own["audio"]["url"]},
    ),
    "joggai lip sync audio": (
        SYNC, lambda who, link: {"video_url": who.own["video"]["url"], "audio_url": link},
    ),
    "mosaic video": (PROFILES, lambda _, link: profile(video_url=link)),
    "mosaic image": (
        PROFILES, lambda who, link: profile(image_url=link, audio_id=who.own["audio"]["id"]),
    ),
    "mosaic audio": (
        PROFILES, lambda who, link: profile(image_id=who.own["image"]["id"], audio_url=link),
    ),
}  # fmt: skip
"""Every place of a link that is fetched: the call, and its body with the link in that place."""

CALLED: dict[str, tuple[str, Body]] = {
    "konpro webhook": (VIDEOS, lambda _, link: konpro(webhook_url=link)),
    "konpro endpoint": ("POST /v1/webhook/endpoint.add", lambda _, link: {"url": link}),
    "joggai webhook": (JOGG, lambda _, link: joggai(SCRIPT, webhook_url=link)),
    "joggai endpoint": ("POST /v2/endpoint", lambda _, link: {"url": link}),
    "mosaic callback": (
        "POST /agent/a/run",
        lambda who, link: {
            "update_params": {"t": {"avatar_profile_id": stock(who), "script": "Hi."}},
            "callback_url": link,
        },
    ),
    "visavis webhook": (
        "POST /api/videos",
        lambda _, link: {"avatar_id": "avatar-1", "text": "Hi.", "webhook_url": link},
    ),
}
"""Every place of a link that is called later."""


def stock(who: Workspace) -> str:
    return who.service.avatars.find(who.id, 1, by="number").id


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Service]]:
    more = {"VISAVIS_FETCH_ALLOW": f"{OUTSIDE}/32", "VISAVIS_MAX_UPLOAD": "2000000"}
    with in_process(tmp_path_factory.mktemp("links"), **more) as made:
        yield made


@pytest.fixture(scope="module")
def who(installed: tuple[TestClient, Service]) -> Workspace:
    return Workspace(*installed, "links")


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Somebody who listens inside, and a name that leads there."""
    known = socket.getaddrinfo

    def lookup(host: str, *place: Any, **more: Any) -> Any:
        return known("127.0.0.1" if host == "inside.example" else host, *place, **more)

    monkeypatch.setattr(fetch.socket, "getaddrinfo", lookup)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def refused(who: Workspace, call: str, body: dict[str, Any]) -> str:
    """What the caller is told of a link that cannot be used."""
    answer = who.send(*call.split(" "), body)
    # what does not begin like a link may be taken for the id of a file, of which there is none
    assert answer.status_code in (400, 404), (body, answer.text)
    assert who.made() == 0, "a call that was refused left something behind"
    return answer.text


@pytest.mark.parametrize("place", [*FETCHED, *CALLED])
def test_a_link_that_leads_inside_is_refused(
    who: Workspace, inside: socket.socket, place: str
) -> None:
    call, body = (FETCHED | CALLED)[place]
    for form in FORMS:
        link = form.format(port=port_of(inside))
        refused(who, call, body(who, link))
        assert nobody_came(inside), link


@pytest.mark.parametrize("place", FETCHED)
def test_a_redirect_inside_is_not_followed(
    who: Workspace, inside: socket.socket, raw_server: RawServer, place: str
) -> None:
    call, body = FETCHED[place]
    target = [""]

    def send_away(connection: socket.socket) -> None:
        head = f"HTTP/1.1 302 Found\r\nLocation: {target[0]}\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(head.encode())

    link = raw_server(send_away, OUTSIDE)
    for form in FORMS:
        target[0] = form.format(port=port_of(inside))
        refused(who, call, body(who, link))
        assert nobody_came(inside), target[0]


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n"


@pytest.mark.parametrize("place", FETCHED)
def test_a_body_that_never_ends_is_left_at_the_limit(
    who: Workspace, raw_server: RawServer, place: str
) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        while True:
            connection.sendall(b"x" * 65536)

    call, body = FETCHED[place]
    assert "larger than 2000000 bytes" in refused(who, call, body(who, raw_server(flood, OUTSIDE)))


@pytest.mark.parametrize("place", FETCHED)
def test_a_body_that_drips_is_left_at_the_deadline(
    who: Workspace, raw_server: RawServer, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        while not gone.wait(0.05):
            connection.sendall(b"x")

    call, body = FETCHED[place]
    link = raw_server(drip, OUTSIDE)
    body(who, link)
    monkeypatch.setattr(who.service.core.fetcher, "_seconds", 0.2)
    began = time.monotonic()
    assert "in time" in refused(who, call, body(who, link))
    assert time.monotonic() - began < 60, "it was left, not waited for"
    gone.set()
