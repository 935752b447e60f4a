"""Every stage of an answer is clocked, and only those that happened."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from visavis.live.agent.conversation import Conversation
from visavis.live.answers.types import Said
from visavis.live.avatar.speaker import Speaker
from visavis.live.avatar.timeline import Timeline
from visavis.speech.types import Speech

RATE = 24_000


class Thinker:
    """Answers once it is allowed to."""

    def __init__(self) -> None:
        self.asked, self.allowed = asyncio.Event(), asyncio.Event()

    async def answer(self, history: list[Said], text: str) -> AsyncIterator[str]:
        self.asked.set()
        await self.allowed.wait()
        yield "At ten o'clock."


class Stage:
    """A conversation whose answers, sound and air are released by the test."""

    def __init__(self) -> None:
        self.timeline = Timeline(RATE, Fraction(25))
        self.thinker = Thinker()
        self.events: list[dict[str, Any]] = []
        speaker = Speaker(self.timeline, self._speak, lambda *_: None)
        self.close = speaker.close
        self.conversation = Conversation(self.timeline, speaker, self.thinker, self.events.append)

    def _speak(self, text: str, spoken: int) -> Iterator[Speech]:
        yield Speech(np.ones(RATE // 10, np.float32), RATE, text=text)

    async def air(self) -> dict[str, float]:
        """Play until an utterance begins; the stages it tells."""
        while not (told := [e for e in self.events if e["type"] == "avatar_start_talking"]):
            for mark in self.timeline.take().marks:
                self.conversation.on_mark(mark)
            await asyncio.sleep(0)
        return dict(told[0]["latency_ms"])


def on_stage(play: Callable[[Stage], Any]) -> None:
    async def run() -> None:
        stage = Stage()
        try:
            await play(stage)
        finally:
            stage.close()

    asyncio.run(run())


def test_a_spoken_question_is_clocked_in_four_stages() -> None:
    async def play(stage: Stage) -> None:
        began = time.monotonic()
        stage.conversation.person_starts()
        stage.conversation.person_stops(0.45)
        await stage.conversation.person_said("When do you open?")
        await stage.thinker.asked.wait()
        await asyncio.sleep(0.05)
        stage.thinker.allowed.set()
        told = await stage.air()
        whole = (time.monotonic() - began) * 1000 + 450
        assert list(told) == ["hearing", "thinking", "speaking", "lips"]
        assert told["hearing"] >= 450
        assert told["thinking"] >= 45
        assert sum(told.values()) <= whole + 1

    on_stage(play)


def test_a_written_question_was_not_heard() -> None:
    async def play(stage: Stage) -> None:
        stage.thinker.allowed.set()
        stage.conversation.person_stops(0.45)  # a cough, of which nothing was understood
        await stage.conversation.person_said("When do you open?", written=True)
        assert list(await stage.air()) == ["thinking", "speaking", "lips"]

    on_stage(play)


def test_a_text_that_is_repeated_takes_no_thinking_and_a_voice_from_outside_no_speaking() -> None:
    async def repeat(stage: Stage) -> None:
        stage.conversation.repeat("told", "Hello.")
        assert list(await stage.air()) == ["speaking", "lips"]

    async def outside(stage: Stage) -> None:
        stage.conversation.sound("outside", Speech(np.ones(RATE, np.float32), RATE))
        assert list(await stage.air()) == ["lips"]

    on_stage(repeat)
    on_stage(outside)
