"""Small steps that many tests take."""

import time
from typing import Any

import httpx


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


def wait_for(client: httpx.Client, job: str, *ends: str, seconds: float = 60.0) -> dict[str, Any]:
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
