"""Gaze: mostly at the viewer, in small jumps, now and then away to think."""

import numpy as np

from visavis.performance.blinks import Blinks
from visavis.performance.motion import Floats, Steps
from visavis.performance.score import Cue
from visavis.performance.types import CURVE_INDEX

_SIDEWAYS, _UP, _DOWN = 32.0, 26.0, 30.0
"""Degrees that a coefficient of 1 turns the eye; the reach of ARKit's eye coefficients."""


class Gaze:
    """Where the eyes look, in degrees right and up as the viewer sees it.

    Fixations and sizes after Lee, Badler and Badler, "Eyes alive", SIGGRAPH 2002: many small jumps
    around the partner's eyes, duration of a jump 25 ms + 2.4 ms a degree; looking away at pauses
    for thought, back before speaking on.

    Args:
        seed: of the draw.
        away: gain of how often the eyes leave the viewer.
        blinks: hears of large jumps.
    """

    def __init__(self, seed: int, away: float, blinks: Blinks) -> None:
        self._random = np.random.default_rng([seed % 2**32, 2])
        self._away = away
        self._blinks = blinks
        self._gaze = Steps(np.zeros(2))
        self._next = float(self._random.uniform(0.3, 1.0))
        self._is_away = False
        self._last_away = -2.0

    def cue(self, cue: Cue) -> None:
        """Hear of something in the speech."""
        chance = float(self._random.random())
        if cue.kind == "pause" and chance < 0.45 * self._away:
            self._look_away(cue.time)
        elif self._is_away and (
            cue.kind == "phrase_start" or (cue.kind == "accent" and chance < 0.3)
        ):
            self._look_back(cue.time)

    def tick(self, time: float, speaking: bool) -> None:
        """Jump when the fixation ends."""
        if time < self._next:
            return
        if self._is_away:
            self._look_back(time)
            return
        chance = float(self._random.random())
        rested = time - self._last_away > (5.0 if speaking else 7.0)
        if rested and chance < (0.16 if speaking else 0.12) * self._away:
            self._look_away(time)
            return
        self._jump(time, self._random.normal(size=2) * (0.9, 0.55))
        self._fixate(time, median=0.85)

    def _fixate(self, time: float, median: float) -> None:
        seconds = median * float(np.exp(0.5 * self._random.normal()))
        self._next = time + min(max(seconds, 0.25), 4.0)

    def _look_back(self, time: float) -> None:
        self._is_away = False
        self._jump(time, self._random.normal(size=2) * (0.7, 0.5))
        self._fixate(time, median=1.1)

    def _look_away(self, time: float) -> None:
        if self._is_away:
            return
        self._is_away = True
        self._last_away = time
        side = float(self._random.choice([-1.0, 1.0]))
        away = np.array([side * self._random.uniform(4.0, 9.0), self._random.uniform(-5.0, 3.5)])
        self._jump(time, away)
        self._fixate(time, median=0.6)

    def _jump(self, time: float, target: Floats) -> None:
        degrees = float(np.hypot(*(target - self._gaze.target)))
        self._gaze.move(time, 0.025 + 0.0024 * degrees, np.asarray(target, np.float64))
        self._blinks.gaze_shift(time, degrees)

    def at(self, times: Floats) -> Floats:
        """(n, 2) degrees right and up at (n,) times, relative to the viewer's direction."""
        return self._gaze.at(times)

    def forget(self, before: float) -> None:
        """Settle jumps that ended before a time."""
        self._gaze.forget(before)


def turn_eyes(curves: Floats, gaze: Floats, rotation: Floats) -> None:
    """Write gaze into a face; the eyes undo the head's turn, so that they stay on their point.

    Args:
        curves: (n, 52) coefficients; changed in place.
        gaze: (n, 2) degrees to the viewer's right and up.
        rotation: (n, 3) yaw, pitch, roll of the head in radians.
    """
    head = np.degrees(rotation)
    right = gaze[:, 0] - head[:, 0]
    up = gaze[:, 1] - head[:, 1]
    # The viewer's right is the subject's left.
    rightwards = np.clip(right / _SIDEWAYS, 0.0, 1.0)
    leftwards = np.clip(-right / _SIDEWAYS, 0.0, 1.0)
    curves[:, CURVE_INDEX["eyeLookOutLeft"]] = rightwards
    curves[:, CURVE_INDEX["eyeLookInRight"]] = rightwards
    curves[:, CURVE_INDEX["eyeLookInLeft"]] = leftwards
    curves[:, CURVE_INDEX["eyeLookOutRight"]] = leftwards
    raised = np.clip(up / _UP, 0.0, 1.0)
    lowered = np.clip(-up / _DOWN, 0.0, 1.0)
    for side in ("Left", "Right"):
        curves[:, CURVE_INDEX[f"eyeLookUp{side}"]] = raised
        curves[:, CURVE_INDEX[f"eyeLookDown{side}"]] = lowered
        # The upper lid rides on the eye.
        curves[:, CURVE_INDEX[f"eyeBlink{side}"]] += 0.35 * lowered
        curves[:, CURVE_INDEX[f"eyeWide{side}"]] += 0.3 * raised
