"""The head: never quite still, turning a little with every phrase, nodding on accents."""

import numpy as np

from visavis.performance.motion import Bumps, Drift, Floats, Steps
from visavis.performance.score import Cue

LIMITS = np.radians([6.0, 4.0, 3.0])
"""Yaw, pitch and roll that are approached but never passed."""

_BREATH_HZ = 0.23


class Head:
    """Rotation and shift of the head over time.

    Nods and turns follow speech as measured by Hadar et al., "Head movement correlates of juncture
    and stress at sentence level", Language and Speech 26, 1983, and Munhall et al., "Visual prosody
    and speech intelligibility", Psychological Science 15, 2004: rapid small movement on stress,
    a new posture with a new phrase, stillness in pauses.

    Args:
        seed: of the draw.
        gain: of every movement.
        nod: gain of nods on top of it.
        pitch: resting pitch in degrees.
    """

    def __init__(self, seed: int, gain: float, nod: float, pitch: float) -> None:
        self._random = np.random.default_rng([seed % 2**32, 4])
        self._gain = gain
        self._nod = nod
        self._rest = np.array([0.0, pitch, 0.0])
        self._slow = Drift(seed * 7 + 4, 2.9, 3)
        self._quick = Drift(seed * 7 + 5, 0.62, 3)
        self._shift = Drift(seed * 7 + 6, 3.4, 3)
        self._breath = float(self._random.uniform(0.0, 2.0 * np.pi))
        self._posture = Steps(np.zeros(3))
        self._strokes = Bumps(3)
        self._free = 0.0

    def cue(self, cue: Cue) -> None:
        """Hear of something in the speech."""
        draw = self._random.normal(size=4)
        if cue.kind == "phrase_start":
            target = draw[:3] * (1.5, 0.8, 0.8)
            self._posture.move(cue.time, 0.55 + 0.1 * abs(float(draw[3])), target)
        elif cue.kind == "phrase_end":
            # Falling pitch lowers the chin; a rising end lifts it.
            lift = float(np.clip(1.4 * cue.strength, -1.2, 1.4)) - 0.3
            target = self._posture.target * (0.7, 0.0, 0.7) + (0.0, lift, 0.0)
            self._posture.move(cue.time, 0.6, target)
        elif cue.kind == "pause":
            self._posture.move(cue.time, 0.9, self._posture.target * 0.4)
        elif cue.time >= self._free:
            size = (0.5 + 1.7 * cue.strength) * (1.0 + 0.25 * float(draw[0]))
            stroke = np.array([0.65 * draw[1], -1.0, 0.4 * draw[2]]) * size * self._nod
            self._strokes.add(cue.time, 0.19, 0.02, 0.34, stroke)
            self._free = cue.time + 0.24 + 0.12 * abs(float(draw[3]))

    def at(self, times: Floats, speaking: Floats) -> tuple[Floats, Floats]:
        """Rotation (n, 3) in radians and translation (n, 3), see `Pose`.

        Args:
            times: (n,) seconds.
            speaking: (n,) 0 silent .. 1 in the middle of speech.
        """
        busy = speaking[:, None]
        degrees = (
            self._slow.at(times) * (0.8, 0.55, 0.5) * (1.0 + 0.9 * busy)
            + self._quick.at(times) * (0.55, 0.35, 0.35) * (0.12 + 0.88 * busy)
            + self._posture.at(times)
            + self._strokes.at(times)
        )
        rotation = np.radians(self._gain * degrees + self._rest)
        breath = np.sin(2.0 * np.pi * _BREATH_HZ * times + self._breath)
        shift = self._shift.at(times) * (0.008, 0.005, 0.012) * (1.0 + busy)
        shift[:, 1] -= 0.0035 * breath
        shift[:, 0] += 0.05 * rotation[:, 0]
        return LIMITS * np.tanh(rotation / LIMITS), self._gain * shift

    def forget(self, before: float) -> None:
        """Settle what ended before a time."""
        self._posture.forget(before)
        self._strokes.forget(before)
