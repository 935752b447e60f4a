"""Steadying tracked points over time."""

from math import pi

import numpy as np
import numpy.typing as npt

Landmarks = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


class OneEuro:
    """A low-pass filter whose cutoff rises with speed.

    Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input
    in Interactive Systems", CHI 2012. Speeds are in eye distances a second, so that the same
    settings suit every size of face.

    Args:
        fps: frames per second.
        min_cutoff: Hz at rest.
        beta: Hz added per eye distance a second.
        speed_cutoff: Hz of the filter on the speed itself.
    """

    def __init__(
        self, fps: float, *, min_cutoff: float = 3.0, beta: float = 60.0, speed_cutoff: float = 4.0
    ) -> None:
        self._fps = fps
        self._min_cutoff = min_cutoff
        self._beta = beta
        self._speed_gain = self._gain(np.array(speed_cutoff))
        self._value: Doubles | None = None
        self._speed: Doubles | None = None

    def reset(self) -> None:
        """Forget the past."""
        self._value = self._speed = None

    def __call__(self, points: Landmarks, unit: float) -> Landmarks:
        """The next frame's points, filtered.

        Args:
            points: (n, 3) float32 pixels.
            unit: pixels of one eye distance.
        """
        new = points.astype(np.float64)
        if self._value is None or self._speed is None:
            self._value, self._speed = new, np.zeros_like(new)
            return points
        velocity = (new - self._value) * (self._fps / unit)
        self._speed = self._speed + self._speed_gain * (velocity - self._speed)
        speed = np.linalg.norm(self._speed, axis=1, keepdims=True)
        gain = self._gain(self._min_cutoff + self._beta * speed)
        self._value = self._value + gain * (new - self._value)
        return self._value.astype(np.float32)

    def _gain(self, cutoff: Doubles) -> Doubles:
        return np.asarray(1 / (1 + self._fps / (2 * pi * cutoff)))
