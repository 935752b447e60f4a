"""Who speaks when: tasks, answers, interruptions."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from visavis.errors import VisavisError
from visavis.live.agent.latency import Latency
from visavis.live.agent.silence import PATIENCE, Silence
from visavis.live.answers.clauses import clauses
from visavis.live.answers.types import Answerer, AnswerError, Said
from visavis.live.avatar.speaker import Speaker
from visavis.live.avatar.timeline import Mark, Timeline
from visavis.speech.types import Speech

log = logging.getLogger(__name__)

MAX_WAITING = 64
"""Tasks that may wait to be spoken."""

HISTORY = 40

SORRY = "I am sorry, I cannot answer just now."

Emit = Callable[[dict[str, Any]], None]
"""Tells everybody outside what happens; ``type`` names it as HeyGen's clients know it."""


class Conversation:
    """Turns tasks and what is heard into speech, and tells what is going on.

    Args:
        timeline: what is heard.
        speaker: makes the sound.
        answerer: finds answers.
        emit: told of everything that clients are to know.
        still_there: what is asked of a person who says nothing; empty for nothing.
        patience: seconds after which that is.
    """

    def __init__(
        self,
        timeline: Timeline,
        speaker: Speaker,
        answerer: Answerer,
        emit: Emit,
        still_there: str = "",
        patience: float = PATIENCE,
    ) -> None:
        self._timeline = timeline
        self._speaker = speaker
        self._answerer = answerer
        self._emit = emit
        self._history: list[Said] = []
        self._texts: dict[str, list[str]] = {}
        self._begun: set[str] = set()
        self._answers: dict[str, asyncio.Task[None]] = {}
        self._turn = ""
        self._fell_silent = 0.0
        self._latencies: dict[str, Latency] = {}
        self._silence = Silence(
            lambda: emit({"type": "user_silence"}),
            (lambda: self.repeat(str(uuid.uuid4()), still_there)) if still_there else None,
            patience,
        )
        self.last_active = time.monotonic()

    @property
    def speaking(self) -> bool:
        """Whether anything is said or about to be."""
        return bool(self._texts)

    @property
    def waiting(self) -> int:
        """Tasks that are not over."""
        return len(self._texts)

    def repeat(self, task: str, text: str) -> None:
        """Say a text as it is."""
        self._open(task).worded()
        self._speaker.say(task, text)

    def talk(self, task: str, text: str, *, heard: float = 0.0) -> None:
        """Answer a text; `heard` is when the person fell silent, in monotonic seconds, where it was
        spoken."""
        self._open(task).asked(heard)
        self._speaker.begin(task)
        self._answers[task] = asyncio.create_task(self._answer(task, text))

    def sound(self, task: str, speech: Speech) -> None:
        """Let sound be heard that was made elsewhere; the first of a task begins it."""
        if task not in self._texts:
            self._open(task)
            self._timeline.open(task)
        self._timeline.add(task, speech)

    def sound_ends(self, task: str) -> None:
        """Nothing more comes of a task of `sound`."""
        self._timeline.close(task)

    def _open(self, task: str) -> Latency:
        self.last_active = time.monotonic()
        self._silence.stop()
        self._texts[task] = []
        self._latencies[task] = latency = Latency()
        return latency

    def _clause(self, task: str, text: str) -> None:
        if (latency := self._latencies.get(task)) is not None:
            latency.worded()
        self._speaker.add(task, text)

    async def _answer(self, task: str, text: str) -> None:
        history = list(self._history)
        self._remember("user", text)
        answer = ""
        try:
            async with aclosing(_closing(self._answerer.answer(history, text))) as pieces:
                async for clause in clauses(pieces):
                    answer = f"{answer} {clause}".strip()
                    self._clause(task, clause)
        except AnswerError as error:
            log.warning("no answer: %s", error.message)
            self._emit({"type": "error", "task_id": task, "code": error.code})
            self._clause(task, SORRY)
        finally:
            self._speaker.end(task)
            self._answers.pop(task, None)
            if answer:
                self._remember("assistant", answer)

    def _remember(self, role: str, text: str) -> None:
        self._history.append(Said(role, text))
        del self._history[:-HISTORY]

    def interrupt(self) -> None:
        """Be silent now, and forget what was to be said."""
        self.last_active = time.monotonic()
        for task in self._answers.values():
            task.cancel()
        self._timeline.cut()
        self._speaker.forget()

    def failed(self, task: str, error: VisavisError) -> None:
        """A text could not be spoken."""
        self._emit({"type": "error", "task_id": task, "code": error.code, "message": str(error)})

    # What is heard ------------------------------------------------------------------------------

    def on_mark(self, mark: Mark) -> None:
        """Something of the timeline is heard now."""
        task = mark.utterance
        if mark.kind == "begin":
            self._begun.add(task)
            stages = self._latencies[task].stages(mark.added) if task in self._latencies else {}
            self._emit({"type": "avatar_start_talking", "task_id": task, "latency_ms": stages})
        elif mark.kind == "say":
            self._texts.setdefault(task, []).append(mark.text)
            self._emit(
                {"type": "avatar_talking_message", "task_id": task, "message": mark.text + " "}
            )
        elif mark.kind == "end":
            self._end(mark)

    def _end(self, mark: Mark) -> None:
        task = mark.utterance
        self.last_active = time.monotonic()
        said = " ".join(self._texts.pop(task, []))
        self._latencies.pop(task, None)
        begun = task in self._begun
        self._begun.discard(task)
        if begun:
            self._emit({"type": "avatar_end_message", "task_id": task})
            self._emit(
                {
                    "type": "avatar_stop_talking",
                    "task_id": task,
                    "duration_ms": round(mark.seconds * 1000, 1),
                }
            )
        self._emit(
            {
                "type": "task_done",
                "task_id": task,
                "duration_ms": round(mark.seconds * 1000, 1),
                "interrupted": mark.cut,
                "text": said,
            }
        )
        if not self.speaking:
            self._silence.begin()

    def close(self) -> None:
        """Wait for nobody any more."""
        self._silence.stop()

    # What the person does -----------------------------------------------------------------------

    def person_starts(self) -> None:
        """The person begins a turn."""
        self.last_active = time.monotonic()
        self._silence.broken()
        self._turn = str(uuid.uuid4())
        self._emit({"type": "user_start"})

    def person_means_it(self) -> None:
        """The turn is more than a cough: the avatar falls silent."""
        if self.speaking:
            self.interrupt()

    def person_stops(self, silence: float) -> None:
        """The person ends the turn, after seconds of silence."""
        self.last_active = time.monotonic()
        self._fell_silent = self.last_active - silence
        if not self.speaking:
            self._silence.begin()
        self._emit({"type": "user_stop"})

    def not_understood(self, error: VisavisError) -> None:
        """What the person said could not be written down."""
        log.warning("not understood: %s", error.message)
        self._emit({"type": "error", "task_id": self._turn, "code": error.code})

    async def person_said(self, text: str, *, written: bool = False) -> None:
        """The person said or wrote something: answer."""
        self._silence.broken()
        self._emit({"type": "user_talking_message", "task_id": self._turn, "message": text})
        self._emit({"type": "user_end_message", "task_id": self._turn})
        if self.speaking:
            self.interrupt()
        heard = 0.0 if written else self._fell_silent
        self.talk(str(uuid.uuid4()), text, heard=heard)


async def _closing(pieces: Any) -> Any:
    """The pieces as an asynchronous generator, which can be closed."""
    async for piece in pieces:
        yield piece
