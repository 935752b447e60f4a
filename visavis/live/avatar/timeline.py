"""What is to be heard, cut into slots of one video frame each."""

import threading
import time
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from visavis.speech.types import Phone, Samples, Speech


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happens at an instant of the sound.

    Attributes:
        kind: ``begin`` or ``end`` of an utterance, or ``say`` where a clause of it begins.
        utterance: whose.
        text: the clause.
        seconds: of the utterance that were heard, at its end.
        cut: whether it ended before all of it was heard.
        added: monotonic seconds at which its first sound was put here, at its begin.
    """

    kind: str
    utterance: str
    text: str = ""
    seconds: float = 0.0
    cut: bool = False
    added: float = 0.0


@dataclass(frozen=True, slots=True)
class Slot:
    """The sound of one video frame.

    Attributes:
        index: frame number from 0.
        speech: samples of exactly one frame, with the phones that begin within it.
        key: slots of one index with equal keys hold the same.
        marks: what happens within it.
    """

    index: int
    speech: Speech
    key: tuple[int, int] = (0, 0)
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class _Utterance:
    id: str
    begun: int = -1
    heard: int = 0
    closed: bool = False


@dataclass(slots=True)
class _Waiting:
    """Sound that was not yet sent, and what goes with it, by sample number."""

    samples: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    phones: list[tuple[int, Phone]] = field(default_factory=list)
    marks: list[tuple[int, Mark]] = field(default_factory=list)


class Timeline:
    """The sound of an avatar from its first frame on; silence where nobody has put anything.

    Safe to use from several threads.

    Args:
        rate: samples per second.
        fps: frames per second; must divide `rate`.
    """

    def __init__(self, rate: int, fps: Fraction) -> None:
        length = Fraction(rate) / fps
        if length.denominator != 1:
            raise ValueError(f"{fps} frames per second do not divide {rate} Hz")
        self.rate = rate
        self.length = int(length)
        self._lock = threading.Lock()
        self._position = 0
        self._epoch = 0
        self._waiting = _Waiting()
        self._utterances: list[_Utterance] = []

    @property
    def ahead(self) -> float:
        """Seconds of sound that wait."""
        return len(self._waiting.samples) / self.rate

    @property
    def cuts(self) -> int:
        """How often it was cut."""
        return self._epoch

    @property
    def speaking(self) -> str | None:
        """The utterance that is being heard, None where there is silence."""
        with self._lock:
            return next((item.id for item in self._utterances if item.begun >= 0), None)

    def add(self, utterance: str, speech: Speech) -> None:
        """Put sound after what waits already; ignored where the utterance was cut or closed."""
        with self._lock:
            found = self._find(utterance)
            if found is None or found.closed or not len(speech.samples):
                return
            waiting = self._waiting
            start = self._position + len(waiting.samples)
            waiting.samples = np.concatenate([waiting.samples, speech.samples])
            waiting.phones += [
                (start + max(0, round(phone.start * self.rate)), phone) for phone in speech.phones
            ]
            if found.begun < 0:
                found.begun = start
                waiting.marks.append((start, Mark("begin", utterance, added=time.monotonic())))
            if speech.text:
                waiting.marks.append((start, Mark("say", utterance, speech.text)))
            found.heard += len(speech.samples)

    def open(self, utterance: str) -> None:
        """Announce an utterance; those that are open are heard in the order of their sound."""
        with self._lock:
            if self._find(utterance) is None:
                self._utterances.append(_Utterance(utterance))

    def close(self, utterance: str) -> None:
        """Nothing more comes of an utterance."""
        with self._lock:
            found = self._find(utterance)
            if found is None or found.closed:
                return
            found.closed = True
            end = self._position + len(self._waiting.samples)
            seconds = found.heard / self.rate
            at = max(end - 1, self._position)
            self._waiting.marks.append((at, Mark("end", utterance, seconds=seconds)))

    def is_open(self, utterance: str) -> bool:
        """Whether sound for an utterance is still wanted."""
        with self._lock:
            found = self._find(utterance)
            return found is not None and not found.closed

    def cut(self) -> list[str]:
        """Drop everything that waits; every utterance ends. What was taken already, its player
        lets fade.

        Returns:
            The utterances that were cut.
        """
        with self._lock:
            self._epoch += 1
            # the ends of a cut just before this one are yet to be told
            left = _Waiting(marks=[item for item in self._waiting.marks if item[1].cut])
            cut = []
            for item in self._utterances:
                lost = len(self._waiting.samples) if item.begun >= 0 else 0
                seconds = max(0, item.heard - lost) / self.rate
                mark = Mark("end", item.id, seconds=seconds, cut=True)
                left.marks.append((self._position, mark))
                cut.append(item.id)
            self._waiting, self._utterances = left, []
            return cut

    def take(self) -> Slot:
        """The next slot, for good."""
        with self._lock:
            slot = self._slot(self._position)
            waiting, end = self._waiting, self._position + self.length
            waiting.samples = waiting.samples[self.length :]
            waiting.phones = [item for item in waiting.phones if item[0] >= end]
            waiting.marks = [item for item in waiting.marks if item[0] >= end]
            self._position = end
            ended = {mark.utterance for mark in slot.marks if mark.kind == "end"}
            self._utterances = [item for item in self._utterances if item.id not in ended]
            return slot

    def peek(self, count: int) -> list[Slot]:
        """The next slots as they would be if nothing more came."""
        with self._lock:
            return [self._slot(self._position + n * self.length) for n in range(count)]

    def _find(self, utterance: str) -> _Utterance | None:
        return next((item for item in self._utterances if item.id == utterance), None)

    def _slot(self, start: int) -> Slot:
        waiting, end = self._waiting, start + self.length
        first = start - self._position
        taken = waiting.samples[first : first + self.length]
        samples = np.zeros(self.length, np.float32)
        samples[: len(taken)] = taken
        phones = tuple(
            _moved(phone, (at - start) / self.rate)
            for at, phone in waiting.phones
            if start <= at < end
        )
        marks = tuple(mark for at, mark in waiting.marks if start <= at < end)
        key = (len(taken), self._epoch) if len(taken) or phones else (0, 0)
        return Slot(start // self.length, Speech(samples, self.rate, phones), key, marks)


def _moved(phone: Phone, start: float) -> Phone:
    return Phone(phone.symbol, start, start + phone.end - phone.start, phone.stress)
