"""Voices from outside: stock plugins and the socket drive our avatars; nothing of them is ours."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
import websockets
from live_server import ROOT, Caller, LiveServer
from test_live_rooms import KEYS, Rooms

RATE = 24_000


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    server = Rooms()
    yield server
    server.close()


def vowels(seconds: float) -> np.ndarray:
    """Sung vowels: int16 at 24 kHz."""
    time = np.arange(round(seconds * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * 140 * n * time) / n for n in range(1, 20))
    return (3000 * voice).astype(np.int16)


def test_a_voice_over_the_socket_is_heard_and_told_of(live: LiveServer, key: str) -> None:
    async def run() -> None:
        headers = {"x-api-key": key}
        async with httpx.AsyncClient(base_url=live.url, headers=headers, timeout=60) as client:
            body = {"quality": "low", "audio_input": "socket"}
            data = (await client.post("/v1/streaming/new", json=body)).json()["data"]
            caller = Caller()
            async with websockets.connect(data["realtime_endpoint"]) as socket:
                state = json.loads(await socket.recv())
                assert (state["type"], state["state"]) == ("session.state_updated", "connected")
                await caller.enter(data["url"], data["access_token"])
                await caller.until(lambda: caller.frames > 5)

                async def speak(seconds: float) -> None:
                    audio = base64.b64encode(vowels(seconds).tobytes()).decode()
                    await socket.send(json.dumps({"type": "agent.speak", "audio": audio}))

                async def told() -> str:
                    return str(json.loads(await asyncio.wait_for(socket.recv(), 20))["type"])

                await speak(0.6)
                await speak(0.4)
                await socket.send(json.dumps({"type": "agent.speak_end"}))
                assert await told() == "agent.speak_started"
                assert await told() == "agent.speak_ended"
                assert len(caller.loud) > 50
                assert not caller.events, "the SDK's events are not for this kind of session"
                await speak(8.0)
                assert await told() == "agent.speak_started"
                await socket.send(json.dumps({"type": "agent.interrupt"}))
                assert await told() == "agent.speak_interrupted"
            await client.post("/v1/streaming/stop", json={"session_id": data["session_id"]})
            await caller.leave()

    asyncio.run(run())


@contextlib.asynccontextmanager
async def agent_session(rooms: Rooms, room: str) -> AsyncIterator[tuple[Any, Any, Caller]]:
    """livekit-agents' own session in a room, with a voice that sings, and a caller."""
    from livekit import rtc
    from livekit.agents import AgentSession, APIConnectOptions, tts, utils

    class Chunk(tts.ChunkedStream):
        async def _run(self, output_emitter: tts.AudioEmitter) -> None:
            output_emitter.initialize(
                request_id="r", sample_rate=RATE, num_channels=1, mime_type="audio/pcm"
            )
            output_emitter.push(vowels(0.06 * len(self.input_text)).tobytes())
            output_emitter.flush()

    class Singer(tts.TTS):
        def __init__(self) -> None:
            super().__init__(
                capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1
            )

        def synthesize(
            self, text: str, *, conn_options: APIConnectOptions | None = None
        ) -> tts.ChunkedStream:
            return Chunk(
                tts=self, input_text=text, conn_options=conn_options or APIConnectOptions()
            )

    joined, caller = rtc.Room(), Caller()
    async with utils.http_context.open():
        await caller.enter(rooms.url, KEYS.token(room, "caller", seconds=120))
        await joined.connect(rooms.url, KEYS.token(room, "agent", seconds=120, agent=True))
        made = AgentSession(tts=Singer())
        yield made, joined, caller
        await made.aclose()
        await joined.disconnect()
        await caller.leave()


async def sings(avatar: Any, made: Any, joined: Any, caller: Caller, rooms: Rooms) -> None:
    """Let the agent speak through the avatar; the caller must see it, hear it, and it must end."""
    from livekit.agents import Agent
    from livekit.agents.voice.room_io import RoomOptions

    await avatar.start(
        made,
        joined,
        livekit_url=rooms.url,
        livekit_api_key=KEYS.key,
        livekit_api_secret=KEYS.secret,
    )
    options = RoomOptions(audio_output=False, audio_input=False, text_input=False)
    await made.start(Agent(instructions="sing"), room=joined, room_options=options)
    await caller.until(lambda: caller.frames > 5)
    speech = made.say("La la la la la la la la la la.")
    await asyncio.wait_for(speech.wait_for_playout(), 40)
    assert len(caller.loud) > 50
    heard = len(caller.loud)
    speech = made.say("La la la la la la la la la la. " * 10)
    await caller.until(lambda: len(caller.loud) > heard + 30)
    await made.interrupt()
    await asyncio.wait_for(speech.wait_for_playout(), 20)
    assert speech.interrupted


def test_the_stock_liveavatar_plugin_drives_our_avatar(
    live: LiveServer, key: str, rooms: Rooms
) -> None:
    plugin = pytest.importorskip("livekit.plugins.liveavatar")

    async def run() -> None:
        async with agent_session(rooms, "liveavatar") as (made, joined, caller):
            avatar = plugin.AvatarSession(
                avatar_id="default",
                api_url=f"{live.url}/v1/sessions",
                api_key=key,
                video_quality="low",
            )
            await sings(avatar, made, joined, caller, rooms)
            await avatar.aclose()

    asyncio.run(run())


def test_our_plugin_gives_livekit_agents_a_face(
    live: LiveServer, key: str, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("livekit.agents")
    import livekit.plugins as plugins

    folder = ROOT / "plugins/livekit-plugins-visavis/livekit/plugins"
    monkeypatch.setattr(plugins, "__path__", [*plugins.__path__, str(folder)])
    from livekit.plugins import visavis

    async def run() -> None:
        async with agent_session(rooms, "visavis") as (made, joined, caller):
            avatar = visavis.AvatarSession(
                avatar="default", api_url=live.url, api_key=key, quality="low"
            )
            await sings(avatar, made, joined, caller, rooms)
            await avatar.aclose()
            sessions = httpx.get(
                f"{live.url}/v1/streaming/sessions", headers={"x-api-key": key}
            ).json()
            assert sessions["data"]["total"] == 0

    asyncio.run(run())
