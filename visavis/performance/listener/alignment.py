"""When each phone of a known text is said in a recording of it: forced alignment.

The likeliest way through the phones of the text, in order, with silence allowed between words, by
dynamic programming over the listener's probabilities (Viterbi; Rabiner, "A tutorial on hidden
Markov models", Proceedings of the IEEE 77, 1989). Only a band of states around the likeliest one is
kept, so memory grows with the length of the sound and not with its square.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from visavis.performance.errors import PerformanceError
from visavis.performance.listener.classes import PHONES, phone_class
from visavis.performance.listener.decoding import SECONDS
from visavis.speech.phones import INVENTORY, Segment
from visavis.speech.types import Phone

Floats = npt.NDArray[np.float32]

BAND = 1600
"""States that are kept at a time: about 800 phones, more than a minute of speech."""

_SKIP = -9.0  # what leaving out a phone of the text costs
_NEVER = -1e4
_FLOOR = 1e-4
# Into a state from itself, the one before, over a silence, and over a phone that was not said.
_REACH = ((0, 0.0), (1, 0.0), (2, 0.0), (4, _SKIP))


@dataclass(frozen=True, slots=True)
class Sound:
    """One phone of a text.

    Attributes:
        symbol: IPA, see `Phone.symbol`.
        stress: see `Phone.stress`.
        begins: whether a word begins with it, so that silence may come before it.
    """

    symbol: str
    stress: int = 0
    begins: bool = False


def align(phones: Floats, sounds: Sequence[Sound]) -> list[Phone | None]:
    """The times of `sounds`, in order; None for those that were left out.

    Args:
        phones: (n, classes) logarithms of probabilities, see `Heard.phones`.
        sounds: what is said.

    Raises:
        PerformanceError: nothing to align, or more sounds than can be said in that time.
    """
    count = len(phones)
    if not sounds or len(sounds) > count * 0.7:
        raise PerformanceError(
            f"The text has {len(sounds)} sounds for {count * SECONDS:.1f} s of recording.",
            "Give the words that are heard in the recording, or no text.",
        )
    path = _path(_emissions(phones, sounds), len(sounds))
    found: list[Phone | None] = []
    edges = np.flatnonzero(np.diff(path)) + 1
    starts = np.concatenate([[0], edges])
    ends = np.concatenate([edges, [count]])
    where = {int(path[a]): (a * SECONDS, b * SECONDS) for a, b in zip(starts, ends, strict=True)}
    for number, sound in enumerate(sounds):
        times = where.get(2 * number + 1)
        found.append(Phone(sound.symbol, *times, sound.stress) if times else None)
    return found


def _emissions(phones: Floats, sounds: Sequence[Sound]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(n, sounds + 1) logarithms, silence last, and which sounds silence may come before."""
    chosen = np.array([phone_class(sound.symbol) for sound in sounds] + [0])
    likely = np.log(np.exp(phones) @ _alike() + _FLOOR)[:, chosen]
    begins = np.array([sound.begins for sound in sounds] + [True])
    begins[0] = True
    return np.asarray(likely, np.float32), begins


@cache
def _alike() -> Floats:
    """(classes, classes): how well one phone, heard, speaks for another that was expected.

    Voices and accents differ from the text's phones mostly in neighbouring ones.
    """
    table = np.eye(len(PHONES), dtype=np.float32)
    for a, name in enumerate(PHONES):
        for b, other in enumerate(PHONES):
            if a != b and name in INVENTORY and other in INVENTORY:
                table[a, b] = _near(INVENTORY[name], INVENTORY[other])
    return table


def _near(one: Segment, other: Segment) -> float:
    if one.is_vowel != other.is_vowel:
        return 0.0
    if one.is_vowel:
        far = abs(one.openness - other.openness) + 0.5 * (one.place != other.place)
        return 0.5 * float(np.exp(-2 * far))
    if one.closes_lips != other.closes_lips:
        return 0.02
    return 0.2 * (one.manner == other.manner) + 0.15 * (one.place == other.place)


def _path(emissions: tuple[Floats, npt.NDArray[np.bool_]], count: int) -> npt.NDArray[np.int64]:
    """The state of every step: 2 i + 1 is sound i, 2 i the silence before it."""
    likely, begins = emissions
    states = 2 * count + 1
    band = min(BAND, states)
    steps = len(likely)
    back = np.zeros((steps, band), np.int8)
    lows = np.zeros(steps, np.int64)
    score = np.full(band, _NEVER * steps)
    score[: min(2, band)] = 0.0
    low = 0
    for step in range(steps):
        if step:
            best = int(np.argmax(score))
            ahead = min(max(0, low + best - band // 2), states - band)
            # The end must stay within reach, whatever the sound seems to say.
            shift = max(0, ahead - low)
            score = np.concatenate([score[shift:], np.full(shift, _NEVER * steps)])
            low += shift
            came = np.full((len(_REACH), band), _NEVER * steps)
            for row, (jump, price) in enumerate(_REACH):
                came[row, jump:] = score[: band - jump] + price if jump else score
            index = np.arange(low, low + band)
            came[2:, index % 2 == 0] = _NEVER * steps  # silence follows a sound, or itself
            back[step] = np.argmax(came, axis=0)
            score = came.max(axis=0)
        index = np.arange(low, low + band)
        sounding = index % 2 == 1
        value = np.where(sounding, likely[step, np.minimum(index // 2, count - 1)], 0.0)
        silence = np.where(begins[index // 2], likely[step, count], _NEVER)
        score = score + np.where(sounding, value, silence)
        lows[step] = low
    return _traced(score, back, lows, states)


def _traced(
    score: npt.NDArray[np.float64],
    back: npt.NDArray[np.int8],
    lows: npt.NDArray[np.int64],
    states: int,
) -> npt.NDArray[np.int64]:
    path = np.zeros(len(back), np.int64)
    last = [s for s in (states - 1, states - 2) if 0 <= s - lows[-1] < len(score)]
    if not last:
        raise PerformanceError(
            "The recording ends before the text does.",
            "Give the words that are heard in the recording, or no text.",
        )
    state = max(last, key=lambda s: float(score[s - lows[-1]]))
    for step in range(len(back) - 1, -1, -1):
        path[step] = state
        state -= _REACH[int(back[step, state - lows[step]])][0]
    return path
