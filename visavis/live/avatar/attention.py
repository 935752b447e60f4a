"""How one looks who listens: eyes on the speaker, and a nod now and then."""

import math
import random

import numpy as np

from visavis.performance import Pose
from visavis.performance.types import CURVE_INDEX

NOD = 0.055
"""Radians that a nod lowers the chin."""

_NOD_SECONDS = 0.52
_EASE = 0.35
_GAZE = [CURVE_INDEX[name] for name in CURVE_INDEX if name.startswith("eyeLook")]
_BROWS = CURVE_INDEX["browInnerUp"]


class Attention:
    """Bends poses towards somebody who speaks. The flag may be set from another thread.

    Args:
        fps: frames per second.
        seed: other times of nodding.
    """

    def __init__(self, fps: float, seed: int = 0) -> None:
        self._step = 1 / fps
        self._random = random.Random(seed)  # noqa: S311 - when to nod is no secret
        self._wanted = False
        self._strength = 0.0
        self._now = 0.0
        self._next_nod = math.inf
        self._nods = 0

    def set(self, wanted: bool) -> None:
        """Listen, or no longer; the end of what was said is nodded at."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._next_nod = self._now + (self._random.uniform(1.4, 3.0) if wanted else 0.15)
        self._nods = 1

    def __call__(self, pose: Pose) -> Pose:
        """The next pose, as somebody who listens has it."""
        self._now += self._step
        goal = 1.0 if self._wanted else 0.0
        self._strength += (goal - self._strength) * min(1.0, self._step / _EASE)
        nod = self._nod()
        if self._strength < 0.01 and nod == 0.0:
            return pose
        curves, rotation = pose.curves.copy(), pose.rotation.copy()
        curves[_GAZE] *= 1.0 - 0.6 * self._strength
        curves[_BROWS] = min(1.0, float(curves[_BROWS]) + 0.06 * self._strength)
        rotation[1] -= np.float32(NOD * nod)
        return Pose(curves, rotation, pose.translation)

    def _nod(self) -> float:
        """0 at rest, 1 with the chin down."""
        since = self._now - self._next_nod
        if since < 0:
            return 0.0
        if since > _NOD_SECONDS * self._nods:
            wait = self._random.uniform(2.4, 5.5) if self._wanted else math.inf
            self._next_nod = self._now + wait
            self._nods = self._random.choice((1, 1, 2))
            return 0.0
        phase = since / _NOD_SECONDS
        fading = 1.0 if phase < 1.0 else 0.5
        return fading * math.sin(math.pi * (phase % 1.0)) ** 2
