"""The person's own mouth, frame by frame, and the search for the one that fits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.canonical import Angles
from visavis.rigs.footage.shapes import lip_gaps
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

STAY = 1.5  # a running exemplar is kept unless another is so much better
HOLD = 6.0
GAP_WEIGHT = 3.0
WIDTH_WEIGHT = 2.0
POSE_WEIGHT = 0.6  # eye distances a radian
LIGHT_WEIGHT = 0.2  # eye distances a doubling of light
FIRST_WEIGHTS = (0.35, 0.12)  # of turn and light in files that do not tell them
LIGHT_PLACES = np.array([205, 425, 199, 50, 280])
SHUT, OPEN = 0.03, 0.06  # eye distances
ALIKE = 0.035  # eye distances by which openings may differ in a cross-fade
SQUEEZED, SQUEEZE = 0.015, 120.0  # eye distances that shut lips may be too open, cost beyond
LEAST_OPEN = 0.45  # of the wanted opening: a mouth that is less open than that would be torn open
_LIPS = np.concatenate([at.LIPS_OUTER, at.LIPS_INNER])
MIDDLE_GAP = 2 * len(_LIPS) + 1


def features(canonical: npt.NDArray[np.floating], angles: Floats, light: Floats) -> Floats:
    """What two mouths are compared by.

    Args:
        canonical: (..., 478, 3).
        angles: (..., 2) yaw and pitch in radians.
        light: (..., 5) see `light_of`.

    Returns:
        (..., d) float32.
    """
    lips = canonical[..., _LIPS, :2].reshape(*canonical.shape[:-2], -1)
    gaps = lip_gaps(canonical)[..., [2, 4, 6]] * GAP_WEIGHT
    corners = canonical[..., at.LEFT_MOUTH_CORNER, :] - canonical[..., at.RIGHT_MOUTH_CORNER, :]
    width = np.linalg.norm(corners, axis=-1, keepdims=True) * WIDTH_WEIGHT
    parts = [lips, gaps, width, angles * POSE_WEIGHT, light * LIGHT_WEIGHT]
    return np.concatenate(parts, -1).astype(np.float32)


def reweighted(kept: Floats, weights: Sequence[float]) -> Floats:
    """(n, d) features of a file, whose turn and light had other weights, as `features` gives them.

    Args:
        kept: (n, d) what the file holds.
        weights: of the turn and of the light when it was written.
    """
    scales = np.ones(kept.shape[-1], np.float32)
    lights = len(LIGHT_PLACES)
    scales[-lights - 2 : -lights] = POSE_WEIGHT / weights[0]
    scales[-lights:] = LIGHT_WEIGHT / weights[1]
    return np.asarray(kept * scales, np.float32)


def light_of(picture: Picture, landmarks: npt.NDArray[np.floating], eye: float) -> Floats:
    """(5,) how light the cheeks and the chin are, in doublings.

    Args:
        picture: (h, w, 3) RGB.
        landmarks: (478, 2 or more) pixels.
        eye: pixels of one eye distance.
    """
    reach = max(1, round(eye * 0.06))
    height, width = picture.shape[:2]
    values = []
    for x, y in landmarks[LIGHT_PLACES, :2].astype(int):
        left, top = min(max(x - reach, 0), width - 1), min(max(y - reach, 0), height - 1)
        part = picture[top : max(y + reach, top + 1), left : max(x + reach, left + 1), 1]
        values.append(float(part.mean()))
    return np.asarray(np.log2(np.array(values) + 8), np.float32)


def opening_of(wanted: Floats) -> float:
    """Opening in the middle of the lips, in eye distances, of (d,) features."""
    return float(wanted[MIDDLE_GAP]) / GAP_WEIGHT


def angles_of(angles: Angles) -> Floats:
    """(2,) yaw and pitch in radians, for `features`."""
    return np.deg2rad([angles.yaw, angles.pitch]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Bank:
    """Mouths to choose from.

    Attributes:
        frames: (n,) number of the frame each was taken from, rising.
        features: (n, d) see `features`.
        landmarks: (n, 478, 2) float32 pixels of the clip.
        boxes: (n, 4) left, top, right and bottom of the crops in pixels of the clip.
        crops: JPEG of each.
        penalties: (n,) what is added to the squared distance of each, for the blurred ones.
    """

    frames: npt.NDArray[np.int32]
    features: Floats
    landmarks: Floats
    boxes: npt.NDArray[np.int32]
    crops: tuple[bytes, ...]
    penalties: Floats

    def __len__(self) -> int:
        return len(self.frames)


class Search:
    """Chooses a mouth for each frame from the past alone.

    A run of frames that follow each other in the clip is kept up, forwards, backwards or at rest,
    unless another mouth fits much better: fewer jumps look calmer than the best fit of each frame.
    """

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._gaps = bank.features[:, MIDDLE_GAP] / np.float32(GAP_WEIGHT)
        self._current = -1

    def next(self, wanted: Floats, *, settled: bool = True) -> int:
        """Index into the bank for (d,) features.

        Args:
            wanted: see `features`.
            settled: no change is going on; during one, only a much better mouth starts another.
        """
        distances = ((self._bank.features - wanted) ** 2).sum(1) + self._bank.penalties
        gap = opening_of(wanted)
        if gap < SHUT:
            distances += SQUEEZE * np.maximum(self._gaps - gap - SQUEEZED, 0) ** 2
        best = int(distances.argmin())
        if self._current >= 0:
            frames = self._bank.frames
            near = [
                index
                for index in (self._current - 1, self._current, self._current + 1)
                if 0 <= index < len(frames) and abs(frames[index] - frames[self._current]) <= 1
            ]
            running = min(near, key=lambda index: float(distances[index]))
            patience = STAY if settled else HOLD
            if distances[running] <= patience * distances[best] and not self._torn(running, wanted):
                best = running
        self._current = best
        return best

    def _torn(self, index: int, wanted: Floats) -> bool:
        """Whether a mouth would have to be squeezed shut or torn open."""
        own, gap = float(self._gaps[index]), opening_of(wanted)
        return own > OPEN if gap < SHUT else gap > OPEN and own < LEAST_OPEN * gap

    def likeness(self, index: int, wanted: Floats) -> float:
        """How far the inside of a mouth suits the wanted opening, 0..1: teeth and lips that are
        stretched over what they never showed are seen as a ghost."""
        away = (float(self._gaps[index]) - opening_of(wanted)) / ALIKE
        return float(np.exp(-(away**2)))

    def jumped(self, before: int, after: int) -> bool:
        """Whether two mouths are apart in the clip."""
        return abs(int(self._bank.frames[after]) - int(self._bank.frames[before])) > 2
