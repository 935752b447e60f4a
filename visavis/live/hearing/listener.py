"""From a microphone's samples to what was said."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from visavis.errors import VisavisError
from visavis.live.hearing.ear import Ear, Transcript
from visavis.live.hearing.turns import END, Change, Turns, patience
from visavis.live.hearing.vad import WINDOW, VoiceActivity
from visavis.speech.types import Samples

log = logging.getLogger(__name__)

BARGE_IN = 0.25
"""Seconds of voice that interrupt the avatar; less may be a cough or an "mhm"."""


class Listener:
    """Follows one microphone.

    The transcript is begun at the first short pause, so that it is mostly there when the turn ends.

    Args:
        ear: understands.
        on_start: the person began a turn.
        on_voice: the turn has lasted long enough to be meant (once a turn).
        on_stop: the person ended a turn; told the seconds of silence that ended it.
        on_text: what was said in it; not called where nothing was understood.
        on_error: the turn could not be understood.
        confidence: transcripts below it are taken as nothing.
    """

    def __init__(
        self,
        ear: Ear,
        *,
        on_start: Callable[[], None],
        on_voice: Callable[[], None],
        on_stop: Callable[[float], None],
        on_text: Callable[[str], Awaitable[None]],
        on_error: Callable[[VisavisError], None],
        confidence: float,
    ) -> None:
        self._ear = ear
        self._on_start, self._on_voice = on_start, on_voice
        self._on_stop, self._on_text = on_stop, on_text
        self._on_error = on_error
        self._confidence = confidence
        self._vad: VoiceActivity | None = None
        self._turns = Turns()
        self._rest = np.zeros(0, np.float32)
        self._guess: asyncio.Task[Transcript] | None = None
        self._meant = False
        self._manual = False
        self._thread = ThreadPoolExecutor(1, "visavis-vad")
        self._answers: set[asyncio.Task[None]] = set()
        self.enabled = True

    def hold(self) -> None:
        """Take everything from here to `release` as one turn (push to talk)."""
        self._manual = True
        self._change(self._turns.begin())

    def release(self) -> None:
        """End the turn that `hold` began."""
        self._manual = False
        self._change(self._turns.finish())

    async def push(self, samples: Samples) -> None:
        """Take the next samples at 16 kHz, any number."""
        if not self.enabled:
            self._rest = np.zeros(0, np.float32)
            if self._turns.finish():
                self._guess = None
                self._ear.drop()
                self._on_stop(self._turns.quiet)
            return
        self._rest = np.concatenate([self._rest, samples])
        loop = asyncio.get_running_loop()
        while len(self._rest) >= WINDOW:
            window, self._rest = self._rest[:WINDOW], self._rest[WINDOW:]
            if self._vad is None:
                self._vad = await loop.run_in_executor(self._thread, VoiceActivity)
            likely = await loop.run_in_executor(self._thread, self._vad, window)
            if self._manual:
                likely = 1.0
            change = self._turns.push(window, likely)
            if self._turns.speaking and change is not Change.BEGUN:
                self._ear.follow(window)
            self._change(change)
            if self._turns.speaking and not self._meant and self._turns.voiced >= BARGE_IN:
                self._meant = True
                self._on_voice()

    def _change(self, change: Change | None) -> None:
        if change is Change.BEGUN:
            self._meant = False
            self._ear.follow(self._turns.samples)
            self._on_start()
        elif change is Change.PAUSED:
            self._guess = asyncio.ensure_future(self._ear.guess(self._turns.samples))
            self._guess.add_done_callback(self._judge)
        elif change is Change.RESUMED:
            self._turns.patience = END
            self._guess = None
        elif change is Change.ENDED:
            self._on_stop(self._turns.quiet)
            guess, self._guess = self._guess, None
            task = asyncio.ensure_future(self._tell(guess, self._turns.samples))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    def _judge(self, guess: "asyncio.Task[Transcript]") -> None:
        """Wait longer where the words so far are no end, and less where they ask."""
        if guess.cancelled() or guess.exception() is not None or guess is not self._guess:
            return
        text = guess.result().text
        self._turns.patience = patience(text) if text or self._ear.settled else END

    async def _tell(self, guess: "asyncio.Task[Transcript] | None", samples: Samples) -> None:
        known = guess if self._ear.settled else None
        try:
            heard = await (known or self._ear.transcribe(samples))
        except VisavisError as error:
            self._on_error(error)
            return
        if heard.text and heard.confidence >= self._confidence:
            await self._on_text(heard.text)

    async def close(self) -> None:
        """Give threads and connections back."""
        for task in self._answers:
            task.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)
        await self._ear.close()
