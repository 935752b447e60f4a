"""The unmodified HeyGen SDK in a browser, both ways of its voice chat."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from live_server import LiveServer, running
from live_tls import TlsFront

HERE = Path(__file__).resolve().parent / "browser"
KNOWLEDGE = "The library opens at ten o'clock on Sunday. It closes at six in the evening."


@pytest.fixture(scope="module")
def browser() -> str:
    """Path of a Chromium, with the clients' packages beside the tests."""
    found = os.environ.get("VISAVIS_TEST_CHROMIUM") or shutil.which("chromium")
    if found is None or shutil.which("node") is None:
        pytest.skip("no browser: install chromium and node to run this")
    if not (HERE / "node_modules").is_dir():
        made = subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=HERE, check=False)
        if made.returncode:
            pytest.skip("the clients' packages could not be fetched with npm")
    return found


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, TlsFront]]:
    """A server that is reached as https://avatar.test, as behind a proxy in production."""
    folder = tmp_path_factory.mktemp("front")
    with running(folder, VISAVIS_PUBLIC_URL="https://avatar.test") as server:
        tls = TlsFront(folder, server.port)
        yield server, tls
        tls.close()


def run(script: str, job: dict[str, Any]) -> dict[str, Any]:
    """What a caller in a browser reports."""
    ran = subprocess.run(
        ["node", str(HERE / script)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    told: dict[str, Any] = json.loads(ran.stdout)
    assert "failed" not in told, told["failed"]
    assert told["errors"] == []
    return told


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["websocket", "livekit"])
def test_the_sdk_talks_is_interrupted_and_chats_by_voice(
    browser: str,
    front: tuple[LiveServer, TlsFront],
    question_file: Path,
    tmp_path: Path,
    transport: str,
) -> None:
    import cv2

    server, tls = front
    made = httpx.post(
        f"{server.url}/v1/streaming.create_token", headers={"x-api-key": server.key()}
    )
    job = {
        "chromium": browser,
        "wav": str(question_file),
        "port": tls.port,
        "token": made.json()["data"]["token"],
        "transport": transport,
        "shot": str(tmp_path / "shot.png"),
        "knowledge": KNOWLEDGE,
    }
    told = run("heygen.mjs", job)
    assert told["size"] == [848, 480]
    assert "library" in told["heard"].lower()
    assert "no language model" in told["answer"]
    assert told["received"]["video"]["frames"] > 100
    assert told["received"]["audio"]["energy"] > 0.01
    names = [event["name"] for event in told["events"]]
    for name in ("avatar_start_talking", "avatar_stop_talking", "user_start", "user_stop"):
        assert name in names
    picture = cv2.imread(str(tmp_path / "shot.png"))
    assert np.asarray(picture).std() > 20, "the page shows a person, not one colour"


@pytest.mark.slow
def test_livekit_client_alone_sees_writes_and_speaks(
    browser: str, front: tuple[LiveServer, TlsFront], question_file: Path, tmp_path: Path
) -> None:
    import cv2

    server, tls = front
    headers = {"x-api-key": server.key()}
    with httpx.Client(base_url=server.url, headers=headers, timeout=120) as client:
        body = {"quality": "medium", "video_encoding": "H264", "knowledge_base": KNOWLEDGE}
        made = client.post("/v1/streaming/new", json=body).json()["data"]
        name = {"session_id": made["session_id"]}
        assert client.post("/v1/streaming/start", json=name).status_code == 200
        job = {
            "chromium": browser,
            "wav": str(question_file),
            "port": tls.port,
            "url": made["url"],
            "room_token": made["access_token"],
            "shot": str(tmp_path / "shot.png"),
        }
        told = run("livekit.mjs", job)
        assert client.post("/v1/streaming/stop", json=name).status_code == 200
    assert tuple(map(int, told["version"].split(".")[:2])) >= (2, 23)
    assert told["frames"] > 50
    kinds = {event["type"] for event in told["events"]}
    assert {"avatar_start_talking", "user_start", "user_stop"} <= kinds
    picture = cv2.imread(str(tmp_path / "shot.png"))
    assert np.asarray(picture).std() > 20, "the page shows a person, not one colour"
