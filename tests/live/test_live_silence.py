"""A person who says nothing is noticed, and asked where the client wants that."""

import asyncio
from typing import Any

import pytest
from live_stage import Stage, on_stage

from visavis.live.agent.silence import PROMPTS, prompt_of
from visavis.live.rooms.access import Keys
from visavis.live.service.order import LiveOrder
from visavis.live.service.rooms import Place
from visavis.live.service.session import Session

SOON = 0.01


def told(stage: Stage, kind: str) -> int:
    return sum(event["type"] == kind for event in stage.events)


def test_a_silent_person_is_asked_twice_and_then_left_alone() -> None:
    async def play(stage: Stage) -> None:
        stage.conversation.repeat("hello", "Hello.")
        await stage.air("user_silence", 3)
        assert told(stage, "avatar_start_talking") == 3, "hello, and two questions"
        said = [e["message"] for e in stage.events if e["type"] == "avatar_talking_message"]
        assert said == ["Hello. ", "Hm? ", "Hm? "]

    on_stage(play, still_there="Hm?", patience=SOON)


def test_who_spoke_may_be_asked_again() -> None:
    async def play(stage: Stage) -> None:
        stage.conversation.repeat("hello", "Hello.")
        await stage.air("user_silence", 3)
        stage.conversation.person_starts()
        stage.conversation.person_stops(0.4)
        await stage.air("user_silence", 4)
        await stage.air("avatar_start_talking", 4)

    on_stage(play, still_there="Hm?", patience=SOON)


def test_silence_is_told_but_nothing_is_asked_unless_wanted() -> None:
    async def play(stage: Stage) -> None:
        stage.conversation.repeat("hello", "Hello.")
        await stage.air("user_silence")
        assert not stage.conversation.speaking
        assert told(stage, "avatar_start_talking") == 1

    on_stage(play, patience=SOON)


def test_nobody_is_silent_while_they_or_the_avatar_speak() -> None:
    async def play(stage: Stage) -> None:
        loop = asyncio.get_running_loop()
        stage.conversation.repeat("hello", "Hello.")
        await stage.air("task_done")
        stage.conversation.person_starts()
        before = told(stage, "user_silence")
        passed = asyncio.Event()
        loop.call_later(5 * SOON, passed.set)
        await passed.wait()
        stage.conversation.person_stops(0.4)
        stage.conversation.repeat("again", "Again.")
        passed.clear()
        loop.call_later(5 * SOON, passed.set)
        await passed.wait()
        assert told(stage, "user_silence") == before

    on_stage(play, patience=SOON)


def test_every_language_of_the_voices_asks_in_its_own_words() -> None:
    assert prompt_of("pt-BR-dora") == PROMPTS["pt"]
    assert prompt_of("en-GB-emma") == prompt_of("some-voice-of-mine") == PROMPTS["en"]


class SlowAgent:
    """Enters a room once it is let."""

    def __init__(self) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def do(self, what: str, **more: Any) -> None:
        self.asked.set()

    async def until(self, kind: str, seconds: float = 0.0) -> None:
        if kind == "entered":
            await self.let.wait()


def test_a_session_is_not_idle_while_the_avatar_enters() -> None:
    async def run() -> None:
        agent = SlowAgent()
        session = Session(
            id="s", workspace="w", order=LiveOrder(), place=Place(Keys("k", "s"), "", ""), url="",
            token="", limit=60.0, agent=agent,  # type: ignore[arg-type]
        )  # fmt: skip
        much_later = session.active + 1000
        assert session.idle(much_later) == pytest.approx(1000)
        entering = asyncio.create_task(session.start("", ""))
        await agent.asked.wait()
        assert session.idle(much_later) == 0
        agent.let.set()
        assert await entering
        assert session.idle(session.active + 10) == pytest.approx(10)

    asyncio.run(run())
