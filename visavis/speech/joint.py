"""Where and how two parts of a clause are joined; the second was spoken over the first's end."""

from collections.abc import Sequence

import numpy as np

from visavis.speech.types import Samples, Word

_CROSS = 0.01
"""Seconds in which one part fades into the other; their voices are in phase."""

_HOP = 0.01
_STEPS = (0.6, 1.4)
"""Bounds of how much louder the second part is made."""


def quietest(samples: Samples, rate: int, begin: float, end: float, words: Sequence[Word]) -> float:
    """A good place to join: where a word begins, else where the sound is faintest.

    Args:
        samples: the first part.
        rate: samples per second.
        begin: seconds within the samples, the earliest place.
        end: the latest.
        words: with times within the samples.
    """
    starts = [word.start for word in words if begin <= word.start <= end]
    if starts:
        return starts[-1]
    hop = round(_HOP * rate)
    first, last = round(begin * rate) // hop, round(end * rate) // hop
    blocks = samples[first * hop : last * hop].reshape(-1, hop).astype(np.float64)
    return (first + int((blocks**2).mean(axis=1).argmin()) + 0.5) * hop / rate


def level(first: Samples, second: Samples) -> float:
    """By how much the second of two parts is to be multiplied to be as loud as the first.

    Args:
        first: a stretch of sound as the first part has it.
        second: the same stretch as the second has it.
    """
    energies = [float(np.square(part, dtype=np.float64).mean()) for part in (first, second)]
    ratio = np.sqrt(energies[0] / max(energies[1], 1e-12))
    return float(np.clip(ratio, *_STEPS))


def crossed(first: Samples, second: Samples, joint: int, rate: int) -> Samples:
    """The first part up to a joint and the second after it, with `_CROSS` of both in between.

    Args:
        first: up to a little beyond the joint at least.
        second: on the same clock; what it holds before the joint is not heard.
        joint: sample from which on the second is heard too.
        rate: samples per second.
    """
    count = round(_CROSS * rate)
    ramp = np.linspace(0.0, 1.0, count, dtype=np.float32)
    both = slice(joint, joint + count)
    middle = first[both] * (1 - ramp) + second[both] * ramp
    return np.concatenate([first[:joint], middle, second[joint + count :]])
