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
from typing import Any

import numpy as np
import pytest
from live_dispatch import Dispatcher
from live_server import Caller
from livekit import rtc
from test_live_outside import agent_session, sings
from test_live_rooms import KEYS, Rooms

from visavis.errors import InvalidInputError
from visavis.live.settings import LiveSettings
from visavis.live.worker import run_worker

pytest.importorskip("livekit.agents", reason="the extra `worker` is not installed")

from visavis.live.worker.job import Wish, wish_of

LONG = "The harbour is old, and many ships have come and gone there in all the years. " * 3


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


def test_a_dispatched_avatar_is_seen_speaks_answers_and_falls_silent(
    tmp_path: Path, question: np.ndarray
) -> None:
    rooms = Rooms()
    dispatcher = Dispatcher(KEYS, rooms.url)
    written: list[str] = []

    async def read(reader: rtc.TextStreamReader) -> None:
        written.append(await reader.read_all())

    async def run() -> None:
        caller = Caller()
        reading: list[asyncio.Task[None]] = []
        caller.room.register_text_stream_handler(
            "lk.transcription",
            lambda reader, _who: reading.append(asyncio.create_task(read(reader))),
        )
        await caller.enter(rooms.url, KEYS.token("wanted", "ann", seconds=120))
        prompt = "The library opens at ten o'clock on Sunday. " + LONG
        wish = {"quality": "low", "prompt": prompt, "opening": "Welcome!", "video_encoding": "H264"}
        await asyncio.to_thread(dispatcher.dispatch, "a-face", "wanted", json.dumps(wish))
        await caller.until(lambda: caller.frames > 5 and caller.saw("avatar_stop_talking"), 120)
        assert caller.size == (640, 360)
        assert caller.loud
        (avatar,) = caller.room.remote_participants.values()
        tracks = [item.track for item in avatar.track_publications.values() if item.track]
        stats = [part for track in tracks for part in await track.get_stats()]
        codecs = {part.codec.codec.mime_type.lower() for part in stats if part.HasField("codec")}
        assert "video/h264" in codecs
        assert "video/vp8" not in codecs

        await caller.speak(question, 48_000)
        await caller.until(
            lambda: any("ten" in item["message"] for item in caller.saw("avatar_talking_message"))
        )
        assert "sunday" in caller.saw("user_talking_message")[0]["message"].lower()

        talking = len(caller.saw("avatar_start_talking"))
        await say(caller, "Tell me about the harbour, please.")
        await caller.until(lambda: len(caller.saw("avatar_start_talking")) > talking)
        stopped = len(caller.saw("avatar_stop_talking"))
        await say(caller, "push_to_talk:start")  # somebody else's word, no text to answer
        await say(caller, "push_to_talk:stop")
        await caller.room.local_participant.send_text(
            "When does it open on Sunday?", topic="lk.chat"
        )
        await caller.until(lambda: len(caller.saw("avatar_stop_talking")) > stopped + 1)
        cut, whole = caller.saw("avatar_stop_talking")[-2:]
        assert cut["duration_ms"] < whole["duration_ms"]
        await asyncio.gather(*reading)
        await caller.leave()

    try:
        with worker(dispatcher, tmp_path / "worker.log"):
            assert dispatcher.names == ["a-face"]
            asyncio.run(run())
    finally:
        dispatcher.close()
        rooms.close()
    assert any("Welcome!" in text for text in written)


def test_a_dispatched_avatar_is_the_face_of_another_agent(tmp_path: Path) -> None:
    from livekit.agents.voice.avatar import DataStreamAudioOutput

    rooms = Rooms()
    dispatcher = Dispatcher(KEYS, rooms.url)

    class Dispatched:
        """Gives a session of livekit-agents the worker's avatar."""

        async def start(self, made: Any, joined: rtc.Room, **_where: str) -> None:
            here = set(joined.remote_participants)
            wish = json.dumps({"quality": "low", "lip_sync_only": True})
            came = asyncio.Event()
            joined.on("participant_connected", lambda _who: came.set())
            await asyncio.to_thread(dispatcher.dispatch, "a-face", "face", wish)
            await asyncio.wait_for(came.wait(), 60)
            (face,) = set(joined.remote_participants) - here
            made.output.audio = DataStreamAudioOutput(joined, destination_identity=face)

    async def run() -> None:
        async with agent_session(rooms, "face") as (made, joined, caller):
            await sings(Dispatched(), made, joined, caller, rooms)

    try:
        with worker(dispatcher, tmp_path / "worker.log"):
            asyncio.run(run())
    finally:
        dispatcher.close()
        rooms.close()


async def say(caller: Caller, text: str) -> None:
    await caller.room.local_participant.publish_data(json.dumps(text).encode())


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
