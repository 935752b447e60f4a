"""Small steps that many tests take."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from calls import PATIENCE

from visavis.store.database import Database

T = TypeVar("T")


def create(client: httpx.Client, text: str = "Hello there.", **settings: Any) -> str:
    """Ask for a video in KonPro's dialect; its id."""
    answer = client.post(
        "/v1/video-avatars",
        json={
            "avatar_id": "avatar-1",
            "voice_id": "en-US-heart",
            "text": text,
            "settings": settings,
        },
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["job_id"])


def until(what: Callable[[], T], told: str = "", seconds: float = PATIENCE) -> T:
    """What a question answers, once the answer is true."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, told or f"still {answer!r} after {seconds:.0f} s"
        time.sleep(0.05)
    return answer


def wait_for(
    client: httpx.Client, job: str, *ends: str, seconds: float = PATIENCE
) -> dict[str, Any]:
    """The job, once it is in one of `ends` (completed or failed by default)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = client.get(f"/v1/video-avatars/{job}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        if body["status"] in (ends or ("completed", "failed")):
            return body
        time.sleep(0.1)
    raise AssertionError(f"still {body['status']} ({body['stage']}) after {seconds} s")


def somebody_waits(database: Database) -> bool:
    """Whether a session waits for a lock; SQLite's writers wait before they have begun."""
    if database.on_sqlite:
        return True
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with database.engine.connect() as connection:
        return bool(connection.exec_driver_sql(query).scalar())
