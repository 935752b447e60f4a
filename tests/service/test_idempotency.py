"""The same Idempotency-Key never does the work twice."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import Client
from flows import wait_for
from installations import environment, settings_of
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from visavis.domain.errors import BusyError
from visavis.domain.idempotency import Idempotency, Ticket
from visavis.jobs.service import Service, open_service
from visavis.server.gate import Gate
from visavis.server.konpro import KonPro
from visavis.server.limits import Limiter
from visavis.store.database import StoreError
from visavis.store.tables import Replay

BODY = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Only once."}


def test_the_same_key_gets_the_same_answer(client: Client) -> None:
    headers = {"Idempotency-Key": "one"}
    first = client.post("/v1/video-avatars", json=BODY, headers=headers)
    second = client.post("/v1/video-avatars", json=BODY, headers=headers)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert client.get("/v1/videos").json()["data"]["total"] == 1
    other = client.post("/v1/video-avatars", json={**BODY, "text": "No"}, headers=headers)
    assert other.status_code == 422
    wait_for(client, first.json()["job_id"])


def test_many_at_once_make_one_video(client: Client) -> None:
    headers = {"Idempotency-Key": "crowd"}

    def ask(_: int) -> tuple[int, str]:
        answer = client.post("/v1/video-avatars", json=BODY, headers=headers)
        return answer.status_code, answer.json().get("job_id", "")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, range(24)))
    assert {status for status, _ in answers} <= {200, 409}
    assert len({job for _, job in answers if job}) == 1
    assert client.get("/v1/videos").json()["data"]["total"] == 1


def test_of_two_calls_that_find_no_key_one_gets_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between one's look and its write the other writes, as two processes may on Postgres."""
    with client.place.opened() as service:
        if service.core.database.on_sqlite:
            pytest.skip("writers take turns on SQLite")
        owner = service.keys.authenticate(client.text).workspace_id
        look = Session.get

        def look_and_be_late(session: Session, *args: Any, **more: Any) -> object:
            found = look(session, *args, **more)
            monkeypatch.setattr(Session, "get", look)
            assert isinstance(service.idempotency.begin(owner, "POST /x", "k", b""), Ticket)
            return found

        monkeypatch.setattr(Session, "get", look_and_be_late)
        with pytest.raises(BusyError):
            service.idempotency.begin(owner, "POST /x", "k", b"")


def test_keys_are_of_a_workspace_and_a_path(client: Client, stranger: Client) -> None:
    headers = {"Idempotency-Key": "shared"}
    mine = client.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    theirs = stranger.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    assert mine != theirs
    key = client.post("/v1/api-keys", json={"name": "k"}, headers=headers)
    assert key.status_code == 200


def test_a_refused_call_may_be_tried_again_with_its_key(client: Client) -> None:
    headers = {"Idempotency-Key": "again"}
    wrong = client.post("/v1/video-avatars", json={**BODY, "avatar_id": "x"}, headers=headers)
    assert wrong.status_code == 404
    assert client.post("/v1/video-avatars", json=BODY, headers=headers).status_code == 200


def test_a_call_that_died_before_its_answer_was_kept_finds_its_video(client: Client) -> None:
    """As after a kill between the video's commit and the answer's."""
    headers = {"Idempotency-Key": "died"}
    first = client.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    with client.place.opened() as service, service.core.database.write() as session:
        row = session.query(Replay).filter(Replay.key == "died").one()
        row.status_code, row.body, row.created_at = None, None, row.created_at - 600
    again = client.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    assert again == first
    assert client.get("/v1/videos").json()["data"]["total"] == 1


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Service]:
    """The domain without a server."""
    service = open_service(settings_of(environment(tmp_path)))
    yield service
    service.close()


def seen_by_client(
    service: Service, status: int, mime: bytes = b"application/json", piece: bytes = b'{"one": '
) -> list[tuple[str, int | None]]:
    """What is kept of the call's key at each message that leaves for the client.

    The answer comes in two pieces; a key that is forgotten shows as 0, an open one as None.
    """
    owner = service.keys.workspace("order")
    key, _ = service.keys.create(owner, "test")
    seen: list[tuple[str, int | None]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with service.core.database.read() as session:
            assert session.query(Replay).one().status_code is None
        headers = [(b"content-type", mime)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"1}"})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        with service.core.database.read() as session:
            row = session.query(Replay).one_or_none()
        seen.append((message["type"], row.status_code if row else 0))

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/v1/video-avatars",
        "headers": [(b"x-api-key", key.encode()), (b"idempotency-key", b"order")],
        "visavis.log": {},
    }
    asyncio.run(Gate(app, service, KonPro(), Limiter())(scope, receive, send))
    return seen


@pytest.mark.parametrize(("status", "kept"), [(200, 200), (404, 0), (503, 0)])
def test_the_key_is_settled_before_the_client_hears_anything(
    quiet: Service, status: int, kept: int
) -> None:
    seen = seen_by_client(quiet, status)
    assert seen[0] == ("http.response.start", kept)
    assert {state for _, state in seen} == {kept}
    assert len(seen) == 3


def test_a_picture_is_answered_and_not_kept(quiet: Service) -> None:
    """It makes nothing that must not be made twice, and is no text that could be kept."""
    seen = seen_by_client(quiet, 200, b"image/webp", b"RIFF\xff\xfe")
    assert [state for _, state in seen] == [0, 0, 0]


def test_an_answer_is_given_although_it_cannot_be_kept(
    quiet: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreError("The database does not answer.")

    monkeypatch.setattr(Idempotency, "finish", away)
    assert seen_by_client(quiet, 200)[0] == ("http.response.start", None)


def test_an_unforeseen_error_is_told_and_frees_the_key(quiet: Service) -> None:
    from visavis.server.app import DIALECTS, dialect_app

    dialect, routers, title, _ = DIALECTS["konpro"]
    app = dialect_app(quiet, dialect, routers, title)
    told: list[Message] = []

    @app.post("/v1/break")
    def broken() -> JSONResponse:
        raise ZeroDivisionError

    async def send(message: Message) -> None:
        told.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    key, _ = quiet.keys.create(quiet.keys.workspace("broken"), "test")
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/v1/break",
        "query_string": b"",
        "headers": [(b"x-api-key", key.encode()), (b"idempotency-key", b"order")],
        "visavis.log": {},
    }
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Gate(app, quiet, dialect, Limiter())(scope, receive, send))
    assert told[0]["status"] == 500
    assert b"PROCESSING_ERROR" in told[1]["body"]
    with quiet.core.database.read() as session:
        assert session.query(Replay).count() == 0
