"""``visavis live worker``: registers as LiveKit's agents do, and puts avatars into rooms."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_dispatch import Dispatcher
from live_server import Caller
from test_live_rooms import KEYS, Rooms

from visavis.errors import InvalidInputError
from visavis.live.settings import LiveSettings
from visavis.live.worker import run_worker

pytest.importorskip("livekit.agents", reason="the extra `worker` is not installed")

from visavis.live.worker.job import Wish, wish_of


@contextlib.contextmanager
def worker(dispatcher: Dispatcher, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command line, registered."""
    environment = os.environ | {
        "VISAVIS_LIVE_URL": dispatcher.url,
        "VISAVIS_LIVE_KEY": KEYS.key,
        "VISAVIS_LIVE_SECRET": KEYS.secret,
        "VISAVIS_LIVE_GONE_SECONDS": "5",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "visavis.cli", "live", "worker", "--name", "a-face"],
            env=environment,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        assert dispatcher.registered.wait(120), log.read_text()[-2000:]
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()[-2000:]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_dispatched_avatar_is_seen_speaks_and_answers(tmp_path: Path) -> None:
    rooms = Rooms()
    dispatcher = Dispatcher(KEYS, rooms.url)

    async def run() -> None:
        caller = Caller()
        await caller.enter(rooms.url, KEYS.token("wanted", "ann", seconds=120))
        prompt = "The library opens at ten o'clock on Sunday."
        wish = {"quality": "low", "prompt": prompt, "opening": "Welcome!"}
        await asyncio.to_thread(dispatcher.dispatch, "a-face", "wanted", json.dumps(wish))
        await caller.until(lambda: caller.frames > 5 and caller.saw("avatar_stop_talking"), 120)
        assert caller.size == (640, 360)
        assert caller.loud
        question = json.dumps("When does it open on Sunday?").encode()
        await caller.room.local_participant.publish_data(question)
        await caller.until(
            lambda: any("ten" in item["message"] for item in caller.saw("avatar_talking_message"))
        )
        await caller.leave()

    try:
        with worker(dispatcher, tmp_path / "worker.log"):
            assert dispatcher.names == ["a-face"]
            asyncio.run(run())
    finally:
        dispatcher.close()
        rooms.close()


@pytest.mark.parametrize(
    "metadata",
    ["nonsense", "[]", '{"avatar": "../secret.png"}', '{"quality": "ultra"}', '{"model": {}}',
     " " * 70_000],
    ids=["no-json", "list", "path", "quality", "unknown", "long"],
)  # fmt: skip
def test_a_wrong_dispatch_is_no_wish(metadata: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's and ours alike
        wish_of(metadata)


def test_a_wish_gets_the_services_that_the_worker_has_keys_of() -> None:
    settings = LiveSettings(deepgram_key="k", llm_url="http://127.0.0.1:1/v1")
    config = Wish(stt_provider="deepgram", language="en-GB").config(settings)
    assert config.hearing == {"provider": "deepgram", "key": "k", "url": ""}
    assert config.model["url"] == "http://127.0.0.1:1/v1"
    assert config.language == "en"
    assert Wish(stt_provider="gladia").config(settings).hearing == {}
    assert wish_of("") == Wish()


def test_a_worker_without_a_server_says_what_to_set() -> None:
    with pytest.raises(InvalidInputError) as caught:
        run_worker("", LiveSettings(url="", key="", secret=""))
    assert "VISAVIS_LIVE_URL" in caught.value.remedy
