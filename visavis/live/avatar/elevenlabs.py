"""Voices of ElevenLabs, through its LiveKit plugin."""

import asyncio
import queue
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import aiohttp
import numpy as np

from visavis.errors import VisavisError
from visavis.live.plugins import plugin
from visavis.performance.listener import PromptListener
from visavis.speech.types import Samples, Speech

MODEL = "eleven_turbo_v2_5"
PIECE = 0.2
"""Seconds of sound that are handed on at a time."""

SLOWEST, FASTEST = 0.8, 1.2
"""What the service takes as speed."""

LIMIT = 30.0
"""Seconds without anything from the service."""


class VoiceServiceError(VisavisError):
    """The service spoke nothing."""

    code = "voice_service_failed"
    retryable = True


class ElevenLabs:
    """Speaks texts with a voice of ElevenLabs. Made in the loop that does its requests, called in
    another thread.

    Args:
        asked: voice, key, url (empty for the service's own), and the settings that clients send:
            stability, similarity_boost, style, use_speaker_boost, model_id.
        rate: samples per second of what is spoken.
        speed: 1 for the voice's own.

    Raises:
        PluginError: the plugin is not installed.
    """

    def __init__(self, asked: dict[str, Any], rate: int, speed: float = 1.0) -> None:
        made = plugin("elevenlabs")
        settings: dict[str, Any] = {
            name: asked[name]
            for name in ("stability", "similarity_boost", "style", "use_speaker_boost")
            if asked.get(name) is not None
        }
        settings = {"stability": 0.5, "similarity_boost": 0.75} | settings
        settings["speed"] = min(FASTEST, max(SLOWEST, speed))
        more = {"base_url": asked["url"]} if asked.get("url") else {}
        self._rate = rate
        self._loop = asyncio.get_running_loop()
        self._http = aiohttp.ClientSession()
        self._voice = made.TTS(
            voice_id=asked["voice"],
            api_key=asked["key"],
            model=asked.get("model_id") or MODEL,
            encoding=f"pcm_{rate}",
            voice_settings=made.VoiceSettings(**settings),
            http_session=self._http,
            **more,
        )

    def __call__(self, text: str, spoken: int) -> Iterator[Speech]:
        """The text in pieces, as they come.

        Raises:
            VoiceServiceError: the service does not answer, or refuses the key or the voice.
        """
        lips = PromptListener(self._rate)
        pieces: queue.SimpleQueue[Samples | None] = queue.SimpleQueue()
        speaking = asyncio.run_coroutine_threadsafe(self._fetch(text, pieces), self._loop)
        speaking.add_done_callback(lambda _future: pieces.put(None))
        try:
            said = text
            while (samples := pieces.get(timeout=LIMIT)) is not None:
                yield Speech(samples, self._rate, lips(samples), text=said)
                said = ""
            speaking.result()
        except queue.Empty as error:
            raise VoiceServiceError("ElevenLabs fell silent.", "Try again.") from error
        finally:
            speaking.cancel()

    async def _fetch(self, text: str, pieces: "queue.SimpleQueue[Samples | None]") -> None:
        from livekit.agents import APIConnectOptions, APIError

        options = APIConnectOptions(max_retry=1, retry_interval=0.3, timeout=5.0)
        rest = np.zeros(0, np.float32)
        size = round(PIECE * self._rate)
        try:
            async with aclosing(self._voice.synthesize(text, conn_options=options)) as stream:
                async for heard in stream:
                    pcm = np.frombuffer(heard.frame.data, np.int16).astype(np.float32) / 32768.0
                    rest = np.concatenate([rest, pcm])
                    while len(rest) >= size:
                        pieces.put(rest[:size])
                        rest = rest[size:]
        except APIError as error:
            status = getattr(error, "status_code", "")
            raise VoiceServiceError(
                f"ElevenLabs did not speak ({type(error).__name__} {status}).".replace(" )", ")"),
                "Check the key, and whether the voice is one of the account's.",
            ) from error
        if len(rest):
            pieces.put(rest)

    async def close(self) -> None:
        """Give its connections back."""
        await self._voice.aclose()
        await self._http.close()
