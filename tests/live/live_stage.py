"""A conversation whose answers, sound and air are released by a test."""

import asyncio
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
    """One conversation; `more` goes to it."""

    def __init__(self, **more: Any) -> None:
        self.timeline = Timeline(RATE, Fraction(25))
        self.thinker = Thinker()
        self.events: list[dict[str, Any]] = []
        speaker = Speaker(self.timeline, self._speak, lambda *_: None)
        self.close = speaker.close
        self.conversation = Conversation(
            self.timeline, speaker, self.thinker, self.events.append, **more
        )

    def _speak(self, text: str, spoken: int) -> Iterator[Speech]:
        yield Speech(np.ones(RATE // 10, np.float32), RATE, text=text)

    async def air(self, event: str = "avatar_start_talking", times: int = 1) -> dict[str, Any]:
        """Play until something happened so often; what it told the last time."""
        while len(told := [e for e in self.events if e["type"] == event]) < times:
            for mark in self.timeline.take().marks:
                self.conversation.on_mark(mark)
            await asyncio.sleep(0)
        return told[-1]


def on_stage(play: Callable[[Stage], Any], **more: Any) -> None:
    """Let a test play on a stage of its own."""

    async def run() -> None:
        stage = Stage(**more)
        try:
            await play(stage)
        finally:
            stage.conversation.close()
            stage.close()

    asyncio.run(run())
