"""Live sessions over HTTP with a real server, real agents and a real caller."""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import websockets
from live_calls import Client, session
from live_server import Caller, LiveServer, children, running
from live_services import WORDS, Services
from livekit import rtc

from visavis.live.hearing.turns import END_ASKED

KNOWLEDGE = "The library opens at ten o'clock on Sunday. It closes at six. On Monday it is closed."


def test_an_avatar_repeats_what_it_is_told(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key, video_encoding="H264", voice={"rate": 1.1}) as call:
            caller = call.caller
            await caller.until(lambda: caller.frames > 5)
            assert caller.size == (640, 360)
            task = await call.do("task", text="Hello! How are you?", task_type="repeat")
            await caller.until(lambda: caller.saw("avatar_stop_talking"))
            kinds = [item["type"] for item in caller.events]
            assert kinds[0] == "avatar_start_talking"
            assert kinds[-2:] == ["avatar_end_message", "avatar_stop_talking"]
            said = "".join(item["message"] for item in caller.saw("avatar_talking_message"))
            assert said.split() == ["Hello!", "How", "are", "you?"]
            assert {item["task_id"] for item in caller.events} == {task["task_id"]}
            assert caller.loud
            assert set(caller.events[0]["latency_ms"]) == {"speaking", "lips"}

    asyncio.run(run())


def test_a_synchronous_task_answers_when_it_was_said(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key) as call:
            began = time.monotonic()
            task = await call.do("task", text="One, two, three.", task_mode="sync")
            assert task["duration_ms"] > 500
            assert time.monotonic() - began > task["duration_ms"] / 1000

    asyncio.run(run())


def test_an_interrupt_is_heard_at_once(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key) as call:
            caller = call.caller
            text = "This is a long sentence that goes on and on, and on, until it is cut off. " * 5
            await call.do("task", text=text)
            await call.do("task", text="This one waits, and is never heard.")
            await caller.until(lambda: len(caller.loud) > 50)
            began = time.monotonic()
            await call.do("interrupt")
            await caller.until(lambda: caller.saw("avatar_stop_talking", began))
            quiet = time.monotonic()
            await call.do("task", text="Yes?", task_mode="sync")
            after = [at for at in caller.loud if began + 1.0 < at < quiet]
            assert not after
            texts = [item["message"] for item in caller.saw("avatar_talking_message", quiet)]
            assert texts == ["Yes? "]

    asyncio.run(run())


def test_it_answers_from_what_it_was_told(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key, knowledge_base=KNOWLEDGE) as call:
            await call.do(
                "task", text="When does it open on Sunday?", task_type="talk", task_mode="sync"
            )
            said = "".join(i["message"] for i in call.caller.saw("avatar_talking_message"))
            assert "ten o'clock on Sunday" in said

    asyncio.run(run())


def test_it_hears_a_question_and_answers_aloud(
    live: LiveServer, key: str, question: np.ndarray
) -> None:
    async def run() -> None:
        async with session(live, key, knowledge_base=KNOWLEDGE) as call:
            caller = call.caller
            await caller.until(lambda: caller.frames > 3)
            await caller.speak(question, 48_000)
            await caller.until(lambda: caller.saw("avatar_stop_talking"), 60)
            assert caller.saw("user_start")
            assert caller.saw("user_stop")
            heard = caller.saw("user_talking_message")[0]["message"].lower()
            assert "library" in heard
            assert "sunday" in heard
            said = "".join(i["message"] for i in caller.saw("avatar_talking_message"))
            assert "ten o'clock" in said
            stages = caller.saw("avatar_start_talking")[0]["latency_ms"]
            assert list(stages) == ["hearing", "thinking", "speaking", "lips"]
            assert stages["hearing"] >= END_ASKED * 1000  # the silence that ends a question

    asyncio.run(run())


def test_services_by_key_hear_and_speak(
    live: LiveServer, key: str, question: np.ndarray, services: Services
) -> None:
    pytest.importorskip("livekit.plugins.deepgram")
    pytest.importorskip("livekit.plugins.elevenlabs")
    voice = {"voice_id": "theirs", "elevenlabs_settings": {"stability": 0.3}}

    async def run() -> None:
        async with session(
            live, key, knowledge_base=KNOWLEDGE, voice=voice, stt_settings={"provider": "deepgram"}
        ) as call:
            assert call.data["stt_provider"] == "deepgram"
            caller = call.caller
            await caller.until(lambda: caller.frames > 3)
            await caller.speak(question, 48_000)
            await caller.until(lambda: caller.saw("avatar_stop_talking"), 60)
            assert caller.saw("user_talking_message")[0]["message"] == WORDS
            assert caller.loud
            assert services.spoken[-1]["voice"] == "theirs"
            assert services.spoken[-1]["voice_settings"]["stability"] == 0.3

    asyncio.run(run())


def test_a_service_without_a_key_is_told_and_replaced(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with Client(live, key) as client:
            made = await client.call("new", stt_settings={"provider": "assembly_ai"})
            assert made["stt_provider"] == "local"
            await client.call("stop", session_id=made["session_id"])

    asyncio.run(run())


def test_both_spellings_and_both_kinds_of_key(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with Client(live, key) as client:
            token = (await client.call("create_token", mark="."))["token"]
            async with httpx.AsyncClient(
                base_url=live.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
            ) as browser:
                made = await browser.post("/v1/streaming.new", json={"avatar_name": "default"})
                name = made.json()["data"]["session_id"]
                other = await client.call("new", quality="low")
                foreign = await browser.post(
                    "/v1/streaming.stop", json={"session_id": other["session_id"]}
                )
                assert foreign.status_code == 403
                again = await browser.post("/v1/streaming.new", json={})
                assert again.status_code == 403
                assert (await browser.get("/v1/streaming/list")).status_code == 403
                assert (await browser.get("/v1/avatars")).status_code == 401
                stopped = await browser.post("/v1/streaming.stop", json={"session_id": name})
                assert stopped.status_code == 200
            await client.call("stop", mark=".", session_id=other["session_id"])
            for path in ("/v2/streaming.list", "/v1/streaming/sessions", "/v1/streaming.list"):
                assert (await client.get(path)).json()["data"]["total"] == 0
            history = (await client.get("/v1/streaming/sessions/history")).json()["data"]
            assert {name, other["session_id"]} <= {i["session_id"] for i in history["sessions"]}
            avatars = (await client.get("/v1/streaming/avatar.list")).json()["data"]
            assert avatars

    asyncio.run(run())


BAD = [
    ({"quality": "ultra"}, 400),
    ({"video_encoding": "AV1"}, 400),
    ({"version": "v3"}, 400),
    ({"avatar_id": "nobody"}, 404),
    ({"voice": {"voice_id": "nobody"}}, 404),
    ({"voice": {"rate": 9}}, 400),
    ({"voice": {"elevenlabs_settings": {"stability": 2}}}, 400),
    ({"voice": {"emotion": "furious"}}, 400),
    ({"stt_settings": {"provider": "parrot"}}, 400),
    ({"stt_settings": {"confidence": 2}}, 400),
    ({"activity_idle_timeout": 5}, 400),
    ({"activity_idle_timeout": 5000}, 400),
    ({"knowledge_base_id": "none"}, 404),
    ({"livekit_settings": {"room": "x"}}, 400),
    *[
        ({"livekit_settings": {"url": url, "token": "t"}}, 400)
        for url in (
            "ws://10.0.0.1:7880", "wss://169.254.169.254", "ws://[::1]:7880", "ws://0xa000001",
            "http://192.168.1.1", "ftp://example.com", "wss",
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), BAD, ids=[str(body) for body, _ in BAD])
def test_a_wrong_order_is_refused_at_once(
    live: LiveServer, key: str, body: dict[str, Any], status: int
) -> None:
    answer = httpx.post(f"{live.url}/v1/streaming/new", json=body, headers={"x-api-key": key})
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["data"] is None
    assert told["message"]
    assert told["error"]["request_id"]


def test_an_agent_is_not_sent_to_a_room_inside(live: LiveServer, key: str) -> None:
    room = {"livekit_url": "ws://10.0.0.1:7880", "livekit_client_token": "t"}
    answer = httpx.post(
        f"{live.url}/v1/sessions/token", json={"livekit_config": room}, headers={"x-api-key": key}
    )
    assert answer.status_code == 400
    assert "public internet" in answer.json()["message"]


def test_calls_without_a_key_or_a_session_are_refused(live: LiveServer, key: str) -> None:
    new = f"{live.url}/v1/streaming/new"
    assert httpx.post(new, json={}).status_code == 401
    assert httpx.post(new, json={}, headers={"x-api-key": "wrong"}).status_code == 401
    wrong = {"Authorization": "Bearer st_vis_wrong"}
    assert httpx.post(new, json={}, headers=wrong).status_code == 401
    task = {"session_id": "none", "text": "Hi"}
    known = {"x-api-key": key}
    assert httpx.post(f"{live.url}/v1/streaming/task", json=task, headers=known).status_code == 404


def test_a_session_is_of_its_workspace(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key) as call, Client(live, live.key("strangers")) as stranger:
            for what in ("task", "interrupt", "stop", "start", "keep_alive"):
                body = {"session_id": call.id, "text": "Hi"}
                answer = await stranger.post(f"/v1/streaming/{what}", json=body)
                assert answer.status_code == 404, what

    asyncio.run(run())


def test_too_much_at_once_is_refused_and_harms_nobody(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key) as call:
            huge = {"session_id": call.id, "text": "a" * (8 << 20)}
            answer = await call.client.post("/v1/streaming/task", json=huge)
            assert answer.status_code == 413
            for _ in range(10):
                await asyncio.gather(*(call.do("task", text="So much.") for _ in range(100)))
            await call.do("interrupt")
            frames = call.caller.frames
            await call.caller.until(lambda: call.caller.frames > frames + 10)
            await call.do("task", text="Still here.", task_mode="sync")

    asyncio.run(run())


def test_slots_are_limited_and_freed(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with Client(live, key) as client:
            made = [await client.call("new", quality="low") for _ in range(3)]
            full = await client.post("/v1/streaming/new", json={})
            assert full.status_code == 429
            assert full.json()["code"] == 10004
            assert full.headers["retry-after"]
            for item in made:
                await client.call("stop", session_id=item["session_id"])
            again = await client.call("new", quality="low")
            await client.call("stop", session_id=again["session_id"])
            late = await client.post(
                "/v1/streaming/start", json={"session_id": again["session_id"]}
            )
            assert late.status_code == 409
            assert late.json()["code"] == 10005

    asyncio.run(run())


def test_a_crash_of_an_agent_ends_its_session(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key) as call:
            await call.caller.until(lambda: call.caller.frames > 3)
            assert live.process
            agent = call.caller.room.remote_participants["avatar"]
            assert agent
            victims = [
                pid
                for pid in children(live.process.pid)
                if b"agent.process" in Path(f"/proc/{pid}/cmdline").read_bytes()
            ]
            busiest = max(
                victims, key=lambda pid: Path(f"/proc/{pid}/stat").read_text().split()[13].zfill(9)
            )
            os.kill(busiest, signal.SIGKILL)
            await asyncio.wait_for(call.caller.gone.wait(), 20)
            answer = await call.client.post(
                "/v1/streaming/task", json={"session_id": call.id, "text": "Hi"}
            )
            assert answer.status_code == 409
            history = (await call.client.get("/v1/streaming/sessions/history")).json()["data"]
            found = next(i for i in history["sessions"] if i["session_id"] == call.id)
            assert found["end_reason"] == "agent_crashed"
            assert found["duration"] > 0

    asyncio.run(run())


def test_knowledge_bases(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with Client(live, key) as client:
            base = "/v1/streaming/knowledge_base"
            body = {"name": "Library", "opening": "Welcome.", "prompt": "You are a librarian.",
                    "documents": [{"title": "Hours", "text": KNOWLEDGE}]}  # fmt: skip
            made = (await client.post(f"{base}/create", json=body)).json()["data"]
            name = made["id"]
            listed = (await client.get(f"{base}/list")).json()["data"]["list"]
            assert name in [item["id"] for item in listed]
            changed = (await client.post(f"{base}/{name}", json={"name": "Books"})).json()["data"]
            assert changed["name"] == "Books"
            assert changed["documents"] == made["documents"]
            async with session(live, key, knowledge_base_id=name) as call:
                caller = call.caller
                await call.do(
                    "task", text="Is it closed on Monday?", task_type="chat", task_mode="sync"
                )
                said = "".join(i["message"] for i in caller.saw("avatar_talking_message"))
                assert "On Monday it is closed." in said
            async with Client(live, live.key("strangers")) as stranger:
                assert (await stranger.get(f"{base}/{name}")).status_code == 404
            assert (await client.delete(f"{base}/{name}")).status_code == 200
            assert (await client.get(f"{base}/{name}")).status_code == 404
            assert (await client.post(f"{base}/create", json={})).status_code == 400

    asyncio.run(run())


def test_tokens_of_other_sessions_and_old_ones_open_no_socket(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with Client(live, key) as client:
            one = await client.call("new", quality="low")
            other = await client.call("new", quality="low")
            foreign = other["realtime_endpoint"].replace(other["session_id"], one["session_id"])
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(foreign)
            for item in (one, other):
                await client.call("stop", session_id=item["session_id"])
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(one["realtime_endpoint"])

    asyncio.run(run())


def test_nonsense_on_the_sockets_ends_them_alone(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with session(live, key) as call:
            base = live.url.replace("http", "ws")
            chat = f"{base}/v1/ws/streaming.chat?session_id={call.id}&session_token="
            for token in ("", "wrong", "st_vis_wrong"):
                with pytest.raises(websockets.InvalidStatus):
                    await websockets.connect(chat + token)
            async with websockets.connect(chat + key) as socket:
                with contextlib.suppress(websockets.ConnectionClosed):
                    for _ in range(30):
                        await socket.send(b"\xff\xff\xff")
                await asyncio.wait_for(socket.wait_closed(), 10)
            async with websockets.connect(call.data["realtime_endpoint"]) as socket:
                assert "connected" in await socket.recv()
                await socket.send('{"type": "agent.speak", "audio": "!!"}')
                assert "error" in await socket.recv()
            await call.do("task", text="Fine.", task_mode="sync")

    asyncio.run(run())


def test_idle_and_left_sessions_end_and_a_restart_closes_what_was_open(tmp_path: Path) -> None:
    async def vanish(live: LiveServer, key: str) -> None:
        async with Client(live, key) as client:
            data = await client.call("new", quality="low")
            await client.call("start", session_id=data["session_id"])
            caller = Caller()
            await caller.enter(data["url"], data["access_token"])
            await caller.until(lambda: caller.frames > 3)
            address = f"session_id={data['session_id']}&session_token={key}"
            async with websockets.connect(
                f"{live.url.replace('http', 'ws')}/v1/ws/streaming.chat?{address}"
            ) as socket:
                await caller.leave()
                await asyncio.wait_for(socket.wait_closed(), 60)

    async def both(live: LiveServer, key: str) -> None:
        await asyncio.gather(idle(live, key), vanish(live, key))

    async def idle(live: LiveServer, key: str) -> None:
        async with session(live, key, activity_idle_timeout=30) as call:
            await asyncio.wait_for(call.caller.gone.wait(), 120)
            answer = await call.client.post(
                "/v1/streaming/keep_alive", json={"session_id": call.id}
            )
            assert answer.status_code == 409

    async def restart(live: LiveServer, key: str) -> str:
        """Restart the server under a caller; the name of the session that was on."""
        async with Client(live, key) as client:
            data = await client.call("new", quality="low")
            await client.call("start", session_id=data["session_id"])
        caller = Caller()
        await caller.enter(data["url"], data["access_token"])
        await caller.until(lambda: caller.frames > 3)
        assert live.process
        left = children(live.process.pid)
        live.stop(signal.SIGKILL)
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in left):
            assert time.monotonic() < deadline, "processes outlived the server"
            await asyncio.sleep(0.1)
        await asyncio.to_thread(live.start)
        await caller.leave()
        stranger = Caller()
        with pytest.raises(rtc.ConnectError):
            await stranger.enter(data["url"], data["access_token"])
        return str(data["session_id"])

    settings = {"VISAVIS_LIVE_SPARES": "0", "VISAVIS_LIVE_GONE_SECONDS": "5"}
    with running(tmp_path, **settings) as live:
        key = live.key()
        asyncio.run(both(live, key))
        name = asyncio.run(restart(live, key))
        answer = httpx.get(
            f"{live.url}/v1/streaming/sessions/history", headers={"x-api-key": key}
        ).json()["data"]["sessions"]
        reasons = {item["session_id"]: item["end_reason"] for item in answer}
        assert reasons[name] == "server_restarted"
        assert {"idle_timeout", "caller_left"} <= set(reasons.values())
