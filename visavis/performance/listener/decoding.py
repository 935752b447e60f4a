"""From probabilities of phones to phones: which were said, from when to when."""

import numpy as np
import numpy.typing as npt

from visavis.performance.listener.classes import PHONES
from visavis.performance.listener.features import RATE, STEP
from visavis.performance.visemes import viseme_of
from visavis.speech.phones import BREATH, INVENTORY
from visavis.speech.types import Phone

Floats = npt.NDArray[np.float32]

SECONDS = STEP / RATE
"""Seconds of one step."""

CHANGE = 1.2
"""What going from one phone to another costs, in logarithms of probability: no flicker."""

DOUBT = 0.7
"""What any phone costs against silence, at every step: what may be no speech rests the mouth."""

CONTACT = 0.9
"""What favours a phone that closes the lips: a contact that is missed is seen at once."""

GASP = 0.35
"""What breath costs against silence and speech, at every step."""

SHORTEST_BREATH = 8
"""Steps of the shortest breath; around phrases the mouth is open that long without one."""

SURE = 0.03
"""A phone that is less probable than this was not it."""

LONGEST = 30
"""Steps after which a phone that still sounds is given out and begins again."""

_STATES = (*PHONES, BREATH)
_BREATH = len(PHONES)
_VOWEL = np.array([name in INVENTORY and INVENTORY[name].is_vowel for name in PHONES])
_CLOSES = np.array([name in INVENTORY and INVENTORY[name].closes_lips for name in PHONES])
_TOUCHES = np.array([shape is not None and shape.closure + shape.tuck > 0
                     for shape in map(viseme_of, PHONES)])  # fmt: skip
_DOUBTS = np.append(np.where(np.arange(_BREATH) == 0, 0.0, DOUBT - CONTACT * _CLOSES), GASP)
_NEVER = 1e-9
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
        self._heard: list[tuple[npt.NDArray[np.float64], float]] = []
        self._decided = 0
        self._open: tuple[int, int] = (0, 0)  # the phone that sounds, and its first step
        self._sounded: list[tuple[npt.NDArray[np.float64], float]] = []
        self._habit: float | None = None

    @property
    def settled(self) -> float:
        """Seconds before which no phone begins that was not given out yet."""
        return (self._open[1] if self._open[0] else self._decided) * SECONDS

    def push(self, phones: Floats, loudness: Floats, activity: Floats | None = None) -> list[Phone]:
        """Phones that have ended.

        Args:
            phones: (n, classes) logarithms of probabilities of the next steps.
            loudness: (n,) decibels of the same steps, to tell stressed vowels.
            activity: (n,) how much the mouth is thought to move, 0..1. Silence in which it does is
                breath; without it none is told.
        """
        done: list[Phone] = []
        moves = np.zeros(len(phones)) if activity is None else np.clip(activity, 0.0, 1.0)
        for row, loud, moved in zip(phones.astype(np.float64), loudness, moves, strict=True):
            likely = np.append(row, row[0] + np.log(moved + _NEVER))
            likely[0] += np.log(1.0 - moved + _NEVER)
            self._step(likely - _DOUBTS)
            self._heard.append((np.exp(row), float(loud)))
            if len(self._back) > self._lag:
                self._decide(self._path()[0], done)
        return done

    def cut(self) -> list[Phone]:
        """What is decided of the phone that sounds; the rest of it follows as another."""
        done: list[Phone] = []
        self._close(done)
        self._open = (self._open[0], self._decided)
        self._sounded = []
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
        heard = self._heard.pop(0)
        if state != self._open[0] or self._decided - self._open[1] >= LONGEST:
            self._close(done)
            self._open = (state, self._decided)
            self._sounded = []
        self._sounded.append(heard)
        self._decided += 1

    def _close(self, done: list[Phone]) -> None:
        state, first = self._open
        steps = self._decided - first
        if not state or steps < (SHORTEST_BREATH if state == _BREATH else 1):
            return
        start, end = first * SECONDS, self._decided * SECONDS
        if state == _BREATH:
            done.append(Phone(BREATH, start, end))
        else:
            done.append(Phone(PHONES[state], start, end, self._stress(state), self._others(state)))

    def _others(self, state: int) -> tuple[tuple[str, float], ...]:
        """What else it may have been; contacts are made or not, never half."""
        if _TOUCHES[state]:
            return ()
        likely = np.mean([row for row, _ in self._sounded], axis=0)
        likely[_TOUCHES] = 0.0
        likely[0] = 0.0
        likely /= likely.sum() + _NEVER
        others = np.flatnonzero(likely > SURE)
        return tuple((PHONES[k], float(likely[k])) for k in others if k != state)

    def _stress(self, state: int) -> int:
        """2 for a vowel that is louder than this speaker's are, or as loud and long."""
        if not _VOWEL[state]:
            return 0
        loud = max(loud for _, loud in self._sounded)
        if self._habit is None:
            self._habit = loud
        above = loud - self._habit
        self._habit += 0.1 * above
        return 2 if above > (0.0 if len(self._sounded) >= _LONG else _LOUDER) else 0
