"""Transcripts of services elsewhere, through their LiveKit plugins: sound is sent as it comes, so
that most is understood when the turn ends."""

import asyncio
import contextlib
import logging
import math
import time
from typing import Any

import aiohttp
import numpy as np
from livekit import rtc

from visavis.live.hearing.ear import HearingError, Transcript
from visavis.live.plugins import plugin
from visavis.speech.types import Samples

log = logging.getLogger(__name__)

RATE = 16_000
SILENCE = 0.5
"""Seconds of it after a turn."""

LAST, SETTLED, NOTHING = 5.0, 0.3, 2.0
"""Longest waits for the words of a turn that is over: where some are not final yet, where all were
final before it ended, and where none came at all."""

MODULES = {"deepgram": "deepgram", "gladia": "gladia", "assembly_ai": "assemblyai"}
"""Providers as clients name them, and their plugins."""


def open_service(provider: str, key: str, url: str, language: str, http: Any) -> Any:
    """The plugin's recogniser.

    Args:
        provider: a key of `MODULES`.
        key: of the account.
        url: of the service; empty for its own.
        language: two letters, or empty to find out where the service can.
        http: an aiohttp session.

    Raises:
        PluginError: the plugin is not installed.
    """
    made = plugin(MODULES[provider])
    more: dict[str, Any] = {"api_key": key, "http_session": http, "sample_rate": RATE}
    if url:
        more["base_url"] = url
    if provider == "deepgram":
        more |= {"language": language or "multi", "filler_words": False}
    elif provider == "gladia":
        more |= {"languages": [language] if language else None, "code_switching": not language}
    elif language:
        more["language_codes"] = [language]
    return made.STT(**more)


class _Turn:
    """One turn on its way to the service."""

    def __init__(self, service: Any) -> None:
        from livekit.agents import APIConnectOptions

        options = APIConnectOptions(max_retry=1, retry_interval=0.3, timeout=5.0)
        self._stream = service.stream(conn_options=options)
        self._final: list[str] = []
        self._sure: list[float] = []
        self._interim = ""
        self._language = ""
        self._asked = math.inf
        self._settled = False
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self._reading.add_done_callback(lambda _task: self._changed.set())

    def push(self, samples: Samples) -> None:
        """More sound."""
        if self._reading.done():
            return  # it failed; `end` says why
        pcm = (np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16)
        self._stream.push_frame(rtc.AudioFrame(pcm.tobytes(), RATE, 1, len(pcm)))

    @property
    def so_far(self) -> Transcript:
        """What was understood up to here."""
        parts = [*self._final, self._interim]
        sure = sum(self._sure) / len(self._sure) if self._sure else 1.0
        return Transcript(" ".join(part for part in parts if part), sure, self._language)

    async def end(self) -> Transcript:
        """Nothing more is said: what was it?"""
        try:
            if not self._reading.done():
                # Silence is what makes these services settle on the last words. The input stays
                # open: some plugins hang up with it, before those words are in.
                self.push(np.zeros(round(SILENCE * RATE), np.float32))
                self._stream.flush()
            self._asked = time.monotonic()
            while (left := self._patience()) > 0.0:
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), left)
            if self._reading.done():
                self._reading.result()
            return self.so_far
        finally:
            await self.close()

    def _patience(self) -> float:
        """Seconds that more is worth waiting for."""
        if self._settled or self._reading.done():
            return 0.0
        wait = LAST if self._interim else SETTLED if self._final else NOTHING
        return self._asked + wait - time.monotonic()

    async def close(self) -> None:
        """Hang up."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._stream.aclose()

    async def _read(self) -> None:
        from livekit.agents.stt import SpeechEventType

        async for event in self._stream:
            heard = event.alternatives[0] if event.alternatives else None
            if heard is None:
                continue
            if event.type == SpeechEventType.INTERIM_TRANSCRIPT:
                self._interim = heard.text.strip()
            elif event.type == SpeechEventType.FINAL_TRANSCRIPT:
                self._interim = ""
                self._final.append(heard.text.strip())
                # Services that do not say how sure they are leave it at nought.
                self._sure.append(float(heard.confidence) or 1.0)
                self._language = str(heard.language or "").split("-")[0].lower()
                self._settled = time.monotonic() >= self._asked
            self._changed.set()


class CloudEar:
    """Understands by a service of others.

    Args:
        provider: a key of `MODULES`.
        key, url, language: see `open_service`.

    Raises:
        PluginError: the plugin is not installed.
    """

    settled = False

    def __init__(self, provider: str, key: str, url: str = "", language: str = "") -> None:
        plugin(MODULES[provider])
        self._provider = provider
        self._http = aiohttp.ClientSession()
        self._service = open_service(provider, key, url, language, self._http)
        self._turn: _Turn | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def warm_up(self) -> None:
        """Nothing to load."""

    def follow(self, samples: Samples) -> None:
        """Send more of the turn in hand."""
        if self._turn is None:
            self._turn = _Turn(self._service)
        self._turn.push(samples)

    def drop(self) -> None:
        """Hang up on the turn in hand."""
        turn, self._turn = self._turn, None
        if turn is not None:
            task = asyncio.create_task(turn.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def guess(self, samples: Samples) -> Transcript:
        """What the service made of it so far."""
        return self._turn.so_far if self._turn is not None else Transcript("", 0.0)

    async def transcribe(self, samples: Samples) -> Transcript:
        """What the service makes of the turn.

        Raises:
            HearingError: it does not answer, or refuses the key.
        """
        from livekit.agents import APIError

        turn, self._turn = self._turn, None
        if turn is None:
            return Transcript("", 0.0)
        try:
            return await turn.end()
        except (APIError, aiohttp.ClientError, TimeoutError) as error:
            status = getattr(error, "status_code", "")
            why = f"{type(error).__name__} {status}".strip()
            raise HearingError(
                f"{self._provider} did not write down what was said ({why}).",
                "Check the key of the service and whether it can be reached.",
            ) from error

    async def close(self) -> None:
        """Hang up."""
        self.drop()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self._service.aclose()
        await self._http.close()
