"""Whisper off the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from visavis.live.hearing.ear import Transcript
from visavis.live.hearing.whisper import Whisper
from visavis.speech.types import Samples


class LocalEar:
    """Understands on this machine, one stretch at a time.

    Args:
        whisper: understands.
        language: two letters, or empty to find out each time.
    """

    settled = True

    def __init__(self, whisper: Whisper, language: str = "") -> None:
        self._whisper = whisper
        self._language = language
        self._thread = ThreadPoolExecutor(1, "visavis-ear")

    def warm_up(self) -> None:
        """Begin to load, so that the first turn need not wait."""
        self._thread.submit(self._whisper.load)

    def follow(self, samples: Samples) -> None:
        """Nothing: whole stretches are understood at once."""

    def drop(self) -> None:
        """Nothing to drop."""

    async def guess(self, samples: Samples) -> Transcript:
        """What is said so far."""
        return await self.transcribe(samples)

    async def transcribe(self, samples: Samples) -> Transcript:
        """What is said in samples at 16 kHz.

        Raises:
            ModelError: the weights are missing and cannot be fetched.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, self._whisper.transcribe, samples, self._language
        )

    async def close(self) -> None:
        """Give the thread back."""
        self._thread.shutdown(wait=False, cancel_futures=True)
