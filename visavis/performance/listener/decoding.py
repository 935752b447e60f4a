"""From probabilities of phones to phones: which were said, from when to when."""

import numpy as np
import numpy.typing as npt

from visavis.performance.listener.classes import PHONES
from visavis.performance.listener.features import RATE, STEP
from visavis.speech.phones import INVENTORY
from visavis.speech.types import Phone

Floats = npt.NDArray[np.float32]

SECONDS = STEP / RATE
"""Seconds of one step."""

CHANGE = 1.2
"""What going from one phone to another costs, in logarithms of probability: no flicker."""

DOUBT = 0.7
"""What any phone costs against silence, at every step: what may be no speech rests the mouth."""

CONTACT = 0.6
"""What favours a phone that closes the lips: a contact that is missed is seen at once."""

LONGEST = 30
"""Steps after which a phone that still sounds is given out and begins again."""

_VOWEL = np.array([name in INVENTORY and INVENTORY[name].is_vowel for name in PHONES])
_CLOSES = np.array([name in INVENTORY and INVENTORY[name].closes_lips for name in PHONES])
_DOUBTS = np.where(np.arange(len(PHONES)) == 0, 0.0, DOUBT - CONTACT * _CLOSES)
_LOUDER = 1.5  # decibels above the usual vowel that make a stressed one
_LONG = 5  # steps; a long vowel is stressed where it is louder at all


class Decoder:
    """The likeliest run of phones, decided a fixed time behind the sound (Viterbi).

    Args:
        lag: steps that a decision waits for what comes; fewer answer sooner, more err less.
    """

    def __init__(self, lag: int) -> None:
        self._lag = lag
        self._score: npt.NDArray[np.float64] | None = None
        self._back: list[npt.NDArray[np.intp]] = []
        self._loud: list[float] = []
        self._decided = 0
        self._open: tuple[int, int] = (0, 0)  # the phone that sounds, and its first step
        self._energy: list[float] = []
        self._habit: float | None = None

    @property
    def settled(self) -> float:
        """Seconds before which no phone begins that was not given out yet."""
        return (self._open[1] if self._open[0] else self._decided) * SECONDS

    def push(self, phones: Floats, loudness: Floats) -> list[Phone]:
        """Phones that have ended.

        Args:
            phones: (n, classes) logarithms of probabilities of the next steps.
            loudness: (n,) decibels of the same steps, to tell stressed vowels.
        """
        done: list[Phone] = []
        for row, loud in zip(phones, loudness, strict=True):
            self._step(row.astype(np.float64) - _DOUBTS)
            self._loud.append(float(loud))
            if len(self._back) > self._lag:
                self._decide(self._path()[0], done)
        return done

    def cut(self) -> list[Phone]:
        """What is decided of the phone that sounds; the rest of it follows as another."""
        done: list[Phone] = []
        self._close(done)
        self._open = (self._open[0], self._decided)
        self._energy = []
        return done

    def finish(self) -> list[Phone]:
        """The phones that are left."""
        done: list[Phone] = []
        for state in self._path() if self._back else []:
            self._decide(state, done)
        self._close(done)
        self._open = (0, self._decided)
        return done

    def _step(self, row: npt.NDArray[np.float64]) -> None:
        stay = np.arange(len(row))
        if self._score is None:
            self._score = row.copy()
            self._back.append(stay)
            return
        best = int(np.argmax(self._score))
        moved = self._score[best] - CHANGE
        came = np.where(self._score >= moved, stay, best)
        self._score = np.maximum(self._score, moved) + row
        self._score -= self._score.max()
        self._back.append(came)

    def _path(self) -> list[int]:
        """The likeliest state of every step that is not decided yet."""
        if self._score is None:
            return []
        state = int(np.argmax(self._score))
        path = [state]
        for came in self._back[:0:-1]:
            state = int(came[state])
            path.append(state)
        return path[::-1]

    def _decide(self, state: int, done: list[Phone]) -> None:
        if self._back:
            del self._back[0]
        loud = self._loud.pop(0)
        if state != self._open[0] or self._decided - self._open[1] >= LONGEST:
            self._close(done)
            self._open = (state, self._decided)
            self._energy = []
        self._energy.append(loud)
        self._decided += 1

    def _close(self, done: list[Phone]) -> None:
        state, first = self._open
        if state and self._decided > first:
            start, end = first * SECONDS, self._decided * SECONDS
            done.append(Phone(PHONES[state], start, end, self._stress(state)))

    def _stress(self, state: int) -> int:
        """2 for a vowel that is louder than this speaker's are, or as loud and long."""
        if not _VOWEL[state]:
            return 0
        loud = max(self._energy)
        if self._habit is None:
            self._habit = loud
        above = loud - self._habit
        self._habit += 0.1 * above
        return 2 if above > (0.0 if len(self._energy) >= _LONG else _LOUDER) else 0
