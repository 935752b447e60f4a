"""Every stage of an answer is clocked, and only those that happened."""

import asyncio
import time

import numpy as np
from live_stage import RATE, Stage, on_stage

from visavis.speech.types import Speech


async def stages(stage: Stage) -> dict[str, float]:
    """What the next utterance tells of its stages."""
    return dict((await stage.air())["latency_ms"])


def test_a_spoken_question_is_clocked_in_four_stages() -> None:
    async def play(stage: Stage) -> None:
        began = time.monotonic()
        stage.conversation.person_starts()
        stage.conversation.person_stops(0.45)
        await stage.conversation.person_said("When do you open?")
        await stage.thinker.asked.wait()
        await asyncio.sleep(0.05)
        stage.thinker.allowed.set()
        told = await stages(stage)
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
        assert list(await stages(stage)) == ["thinking", "speaking", "lips"]

    on_stage(play)


def test_a_text_that_is_repeated_takes_no_thinking_and_a_voice_from_outside_no_speaking() -> None:
    async def repeat(stage: Stage) -> None:
        stage.conversation.repeat("told", "Hello.")
        assert list(await stages(stage)) == ["speaking", "lips"]

    async def outside(stage: Stage) -> None:
        stage.conversation.sound("outside", Speech(np.ones(RATE, np.float32), RATE))
        assert list(await stages(stage)) == ["lips"]

    on_stage(repeat)
    on_stage(outside)
