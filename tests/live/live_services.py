"""The edge of paid services: what Deepgram, Gladia, AssemblyAI and ElevenLabs answer, as their
documentation has it, so that their real plugins can be run without an account."""

import asyncio
import base64
import json
import threading
from typing import Any

import numpy as np
import numpy.typing as npt
from aiohttp import WSMsgType, web

KEY = "a-key-of-the-account"
WORDS = "When does the library open on Sunday?"
ENOUGH = 8000
"""Samples of sound after which the first words are understood."""


class Services:
    """All four on one port, in a thread of their own.

    Args:
        said: (n,) int16 at 24 kHz, what every voice of ElevenLabs says, as often as a text is long.
    """

    def __init__(self, said: npt.NDArray[np.int16]) -> None:
        self._said = said
        self.heard: dict[str, int] = {}
        self.queries: dict[str, dict[str, str]] = {}
        self.spoken: list[dict[str, Any]] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    @property
    def environment(self) -> dict[str, str]:
        """Settings that point a server here."""
        keys = {f"VISAVIS_LIVE_{name}_KEY": KEY for name in ("DEEPGRAM", "GLADIA", "ELEVENLABS")}
        urls = {"DEEPGRAM": self.deepgram, "GLADIA": self.gladia, "ELEVENLABS": self.elevenlabs}
        return keys | {f"VISAVIS_LIVE_{name}_URL": url for name, url in urls.items()}

    @property
    def deepgram(self) -> str:
        return f"http://127.0.0.1:{self.port}/deepgram/v1/listen"

    @property
    def gladia(self) -> str:
        return f"http://127.0.0.1:{self.port}/gladia/v2/live"

    @property
    def assembly_ai(self) -> str:
        return f"ws://127.0.0.1:{self.port}/assemblyai"

    @property
    def elevenlabs(self) -> str:
        return f"http://127.0.0.1:{self.port}/elevenlabs/v1"

    async def _run(self) -> None:
        app = web.Application()
        app.router.add_get("/deepgram/v1/listen", self._deepgram)
        app.router.add_post("/gladia/v2/live", self._gladia_begins)
        app.router.add_get("/gladia/socket", self._gladia)
        app.router.add_get("/assemblyai/v3/ws", self._assembly_ai)
        app.router.add_post("/elevenlabs/v1/text-to-speech/{voice}/stream", self._elevenlabs)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = int(runner.addresses[0][1])
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)

    def _note(self, service: str, request: web.Request) -> None:
        self.heard[service] = 0
        self.queries[service] = dict(request.query)

    async def _deepgram(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Token {KEY}":
            return web.Response(status=401)
        self._note("deepgram", request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)

        async def results(text: str, *, final: bool) -> None:
            words = [{"word": text, "start": 0.0, "end": 1.0, "confidence": 0.98}]
            alternative = {"transcript": text, "confidence": 0.98, "words": words}
            await socket.send_json(
                {
                    "type": "Results",
                    "metadata": {"request_id": "1"},
                    "is_final": final,
                    "speech_final": final,
                    "channel": {"alternatives": [alternative]},
                }
            )

        async for message in socket:
            if message.type is WSMsgType.BINARY:
                before = self.heard["deepgram"]
                self.heard["deepgram"] += len(message.data) // 2
                if before < ENOUGH <= self.heard["deepgram"]:
                    await results(WORDS[:10], final=False)
            elif json.loads(message.data)["type"] == "Finalize":
                await results(WORDS, final=True)
        return socket

    async def _gladia_begins(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Gladia-Key") != KEY:
            return web.Response(status=401)
        self._note("gladia", request)
        url = f"ws://127.0.0.1:{self.port}/gladia/socket"
        return web.json_response({"id": "1", "url": url}, status=201)

    async def _gladia(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        told = False
        async for message in socket:
            said = json.loads(message.data)
            if said["type"] != "audio_chunk":
                continue
            sound = base64.b64decode(said["data"]["chunk"])
            self.heard["gladia"] += len(sound) // 2
            if not any(sound) and not told:
                told = True
                for final in (False, True):
                    utterance = {"text": WORDS, "confidence": 0.9, "language": "en", "words": []}
                    data = {"is_final": final, "utterance": utterance}
                    await socket.send_json({"type": "transcript", "data": data})
        return socket

    async def _assembly_ai(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != KEY:
            return web.Response(status=401)
        self._note("assemblyai", request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "Begin", "id": "1", "expires_at": 0})
        told = False
        async for message in socket:
            if message.type is not WSMsgType.BINARY:
                continue
            self.heard["assemblyai"] += len(message.data) // 2
            if not any(message.data) and not told:
                told = True
                words = [
                    {"text": word, "start": 0, "end": 1, "confidence": 0.9}
                    for word in WORDS.split()
                ]
                await socket.send_json(
                    {
                        "type": "Turn",
                        "end_of_turn": True,
                        "turn_is_formatted": True,
                        "transcript": WORDS,
                        "words": words,
                        "language_code": "en",
                    }
                )
        return socket

    async def _elevenlabs(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("xi-api-key") != KEY:
            return web.Response(status=401)
        body = await request.json()
        self.spoken.append({**body, "voice": request.match_info["voice"], **request.query})
        assert request.query["output_format"] == "pcm_24000"
        spoken = np.resize(self._said, round(0.06 * len(body["text"]) * 24_000))
        answer = web.StreamResponse(headers={"content-type": "audio/pcm"})
        await answer.prepare(request)
        await answer.write(spoken.tobytes())
        await answer.write_eof()
        return answer
