"""Brows: raised on the words that matter and at questions, carried a little by pitch."""

import numpy as np

from visavis.performance.motion import Bumps, Drift, Floats
from visavis.performance.score import Cue
from visavis.performance.types import CURVE_INDEX


class Brows:
    """Brow coefficients over time.

    Raises go with pitch accents (Cavé et al., "About the relationship between eyebrow movements
    and F0 variations", ICSLP 1996): about a third of the strong ones, 0.5 s long.

    Args:
        seed: of the draw.
        gain: of every movement.
    """

    def __init__(self, seed: int, gain: float) -> None:
        self._random = np.random.default_rng([seed % 2**32, 3])
        self._drift = Drift(seed * 7 + 3, 2.6, 2)
        self._gain = gain
        self._moves = Bumps(3)
        self._free = 0.0

    def cue(self, cue: Cue) -> None:
        """Hear of something in the speech."""
        chance, size, tilt, hold = (float(value) for value in self._random.random(4))
        if cue.time < self._free:
            return
        if cue.kind == "accent" and chance < 0.7 * cue.strength - 0.15:
            self._raise(cue.time, (0.12 + 0.2 * size) * (0.6 + 0.5 * cue.strength), tilt, hold)
        elif cue.kind == "phrase_end" and cue.strength > 0.5:
            self._raise(cue.time, 0.18 + 0.12 * size, tilt, 0.4 + hold)
        elif cue.kind == "phrase_start" and chance < 0.35:
            self._raise(cue.time, 0.08 + 0.1 * size, tilt, hold)

    def _raise(self, time: float, size: float, tilt: float, hold: float) -> None:
        sides = 1.0 + 0.3 * (tilt - 0.5) * np.array([0.0, 1.0, -1.0])
        self._moves.add(time, 0.14, 0.05 + 0.14 * hold, 0.26, size * sides * (0.9, 0.75, 0.75))
        self._free = time + 1.1 + hold

    def apply(self, curves: Floats, times: Floats, pitch: Floats, speaking: Floats) -> None:
        """Add to the brows of (n, 52) coefficients, in place; the rest is (n,)."""
        moves = self._moves.at(times)
        drift = 0.02 * self._drift.at(times)
        inner = moves[:, 0] + drift[:, 0] + speaking * 0.07 * np.clip(pitch, -0.3, 1.5)
        both = drift[:, 1] + speaking * 0.05 * np.clip(pitch, -0.3, 1.5)
        curves[:, CURVE_INDEX["browInnerUp"]] += self._gain * inner
        curves[:, CURVE_INDEX["browOuterUpLeft"]] += self._gain * (moves[:, 1] + both)
        curves[:, CURVE_INDEX["browOuterUpRight"]] += self._gain * (moves[:, 2] + both)

    def forget(self, before: float) -> None:
        """Drop raises that ended before a time."""
        self._moves.forget(before)
