"""Texts to sound on a timeline, clause by clause, in a thread of its own."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from visavis.errors import VisavisError
from visavis.live.avatar.timeline import Timeline
from visavis.speech.types import Speech

log = logging.getLogger(__name__)

AHEAD = 8.0
"""Seconds of sound that are made ahead of the listener; more would be in vain when interrupted."""

Speak = Callable[[str, int], Iterator[Speech]]
"""Speaks a text after a number of clauses of the same utterance; yields clauses as they are
ready."""


@dataclass(slots=True)
class _Work:
    utterance: str
    texts: "queue.SimpleQueue[str | None]"


class Speaker:
    """Speaks utterances one after the other.

    Args:
        timeline: where their sound goes.
        speak: makes it.
        on_error: told of an utterance that cannot be spoken; called in this thread.
    """

    def __init__(
        self, timeline: Timeline, speak: Speak, on_error: Callable[[str, VisavisError], None]
    ) -> None:
        self._timeline = timeline
        self._speak = speak
        self._on_error = on_error
        self._work: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._open: dict[str, queue.SimpleQueue[str | None]] = {}
        self._calm = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visavis-speech", daemon=True)
        self._thread.start()

    def begin(self, utterance: str) -> None:
        """Queue an utterance whose text comes in pieces."""
        texts: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._open[utterance] = texts
        self._timeline.open(utterance)
        self._work.put(_Work(utterance, texts))

    def add(self, utterance: str, text: str) -> None:
        """More of an utterance that has begun: whole clauses."""
        if (texts := self._open.get(utterance)) is not None:
            texts.put(text)

    def end(self, utterance: str) -> None:
        """All of an utterance is there."""
        if (texts := self._open.pop(utterance, None)) is not None:
            texts.put(None)

    def say(self, utterance: str, text: str) -> None:
        """Queue a whole text."""
        self.begin(utterance)
        self.add(utterance, text)
        self.end(utterance)

    def forget(self) -> None:
        """Drop the text of all utterances that were cut from the timeline."""
        for utterance in list(self._open):
            self.end(utterance)

    def close(self) -> None:
        """End the thread after the clause in hand."""
        self.forget()
        self._calm.set()
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            spoken = 0
            while (text := work.texts.get()) is not None:
                try:
                    spoken += self._say(work.utterance, text, spoken)
                except VisavisError as error:
                    self._on_error(work.utterance, error)
            self._timeline.close(work.utterance)

    def _say(self, utterance: str, text: str, spoken: int) -> int:
        """Speak one text; how many clauses it had."""
        if not self._timeline.is_open(utterance):
            return 0
        clauses = 0
        for speech in self._speak(text, spoken):
            clauses += 1
            self._timeline.add(utterance, speech)
            while self._timeline.is_open(utterance) and self._timeline.ahead > AHEAD:
                if self._calm.wait(0.25):
                    return clauses
            if not self._timeline.is_open(utterance):
                break
        return clauses
