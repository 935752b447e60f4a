"""Whisper off the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from visavis.live.hearing.whisper import Transcript, Whisper
from visavis.speech.types import Samples


class LocalEar:
    """Understands on this machine, one stretch at a time.

    Args:
        language: two letters, or empty to find out each time.
    """

    def __init__(self, language: str = "") -> None:
        self._whisper = Whisper(language)
        self._thread = ThreadPoolExecutor(1, "visavis-ear")

    def warm_up(self) -> None:
        """Begin to load, so that the first turn need not wait."""
        self._thread.submit(self._whisper.load)

    async def transcribe(self, samples: Samples) -> Transcript:
        """What is said in samples at 16 kHz."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._whisper.transcribe, samples)
