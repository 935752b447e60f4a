"""The shapes that one person's face takes, and the wanted ones brought within them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.arkit import ArkitBasis
from visavis.face.canonical import Similarity, place_of
from visavis.rigs.footage.points import LOWER
from visavis.rigs.portrait.articulation import Articulation

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

COMPONENTS = 14
RANGE_MARGIN = 0.15
RESTING_SHARE = 0.15  # of the frames, those with the narrowest opening
KEPT_BEYOND = 0.4  # of what the person's own components cannot say
KNEE = 0.75  # of the widest opening, beyond which more is compressed
CORNERS_MOVE = np.array([0.12, 0.035, 0.03, 0.045, 0.04])  # eye distances, as far as speech goes
NOSE_BASE = 2
NEAR = 9  # points that make up the plane at one of them
STRETCH = 1.2  # of the widest opening is the limit
_RING_SHARES = (1.0, 0.9, 0.75, 0.6)


def smoothed(landmarks: npt.NDArray[np.floating], side: float = 0.25) -> Floats:
    """(t, 478, 3) passed through a filter of three frames.

    Args:
        landmarks: (t, 478, 3).
        side: weight of each neighbour; a quarter makes the filter binomial.
    """
    result = landmarks.astype(np.float32).copy()
    middle = landmarks[1:-1] * (1 - 2 * side)
    result[1:-1] = landmarks[:-2] * side + middle + landmarks[2:] * side
    return result


def reference_of(landmarks: Floats) -> Floats:
    """(478, 3) the person's mean face in the canonical frame (generalised Procrustes analysis)."""
    reference = ArkitBasis.load().neutral.astype(np.float32)
    chosen = landmarks[:: max(1, len(landmarks) // 120)]
    for _ in range(3):
        reference = np.mean(
            [place_of(frame, reference).undo(frame) for frame in chosen], axis=0
        ).astype(np.float32)
    corners = reference[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER]]
    reference = reference - corners.mean(0)
    return np.asarray(reference / np.linalg.norm(corners[1] - corners[0]), np.float32)


def lip_gaps(points: npt.NDArray[np.floating]) -> Floats:
    """(..., 9) opening along the seam in the unit of the points, image left to right."""
    lower, upper = points[..., at.LIP_SEAM_LOWER, :2], points[..., at.LIP_SEAM_UPPER, :2]
    return np.asarray(np.linalg.norm(lower - upper, axis=-1), np.float32)


def set_gaps(points: Floats, gaps: Floats) -> None:
    """Open the lips of (478, 3) canonical points by `gaps`, (9,), half up and half down."""
    lower, upper = points[at.LIP_SEAM_LOWER], points[at.LIP_SEAM_UPPER]
    surplus = (lower - upper) / 2
    surplus[:, 1] -= gaps / 2
    for ring, share in zip(at.LIP_RINGS[::-1], _RING_SHARES, strict=True):
        points[ring[1:10]] -= surplus * np.float32(share)
        points[ring[:10:-1]] += surplus * np.float32(share)


def strain_of(canonical: Floats) -> Floats:
    """(t,) how far each of (t, 478, 3) faces is from those that speak: 0 is usual, 1 far.

    Told by the corners of the mouth, which speech moves less than laughing, pouting and grimacing
    do: how wide they are apart, how high they lie against the lips, how uneven, how far aside, and
    how far under the nose.
    """
    left, right = canonical[:, at.LEFT_MOUTH_CORNER], canonical[:, at.RIGHT_MOUTH_CORNER]
    upper = canonical[:, at.LIP_SEAM_UPPER[4]]
    signs = np.column_stack([
        left[:, 0] - right[:, 0],
        (left[:, 1] + right[:, 1]) / 2 - upper[:, 1],
        left[:, 1] - right[:, 1],
        left[:, 0] + right[:, 0],
        (left[:, 1] + right[:, 1]) / 2 - canonical[:, NOSE_BASE, 1],
    ])  # fmt: skip
    away = np.abs(signs - np.median(signs, axis=0)) / CORNERS_MOVE
    return np.asarray(np.clip(away.max(1) - 1, 0, 1), np.float32)


@dataclass(frozen=True, eq=False)
class Shapes:
    """One person's faces in the canonical frame.

    Attributes:
        reference: (478, 3) their mean.
        neutral: (478, 3) their resting face, lips shut.
        mean: (n, 3) mean of the lower face, `points.LOWER`.
        components: (k, n * 3) principal components of the lower face.
        low, high: (k,) range of the coefficients.
        widest: widest opening of the lips in the clip, in eye distances.
    """

    reference: Floats
    neutral: Floats
    mean: Floats
    components: Floats
    low: Floats
    high: Floats
    widest: float

    @classmethod
    def learn(cls, reference: Floats, canonical: Floats) -> "Shapes":
        """From (t, 478, 3) faces in the canonical frame."""
        gaps = lip_gaps(canonical)[:, 3:6].mean(1)
        resting = canonical[gaps <= np.quantile(gaps, RESTING_SHARE)].mean(0)
        set_gaps(resting, np.zeros(9, np.float32))
        lower = canonical[:, LOWER].reshape(len(canonical), -1).astype(np.float64)
        mean = lower.mean(0)
        _, _, axes = np.linalg.svd(lower - mean, full_matrices=False)
        axes = axes[:COMPONENTS]
        weights = (lower - mean) @ axes.T
        low, high = np.quantile(weights, [0.01, 0.99], axis=0)
        margin = RANGE_MARGIN * (high - low)
        return cls(
            reference,
            resting.astype(np.float32),
            mean.reshape(-1, 3).astype(np.float32),
            axes.astype(np.float32),
            (low - margin).astype(np.float32),
            (high + margin).astype(np.float32),
            float(np.quantile(gaps, 0.98)),
        )

    @cached_property
    def normals(self) -> Floats:
        """(478, 3) of length 1, out of the mean face: of the plane through the points near each."""
        points = self.reference.astype(np.float64)
        apart = np.linalg.norm(points[:, None] - points, axis=2)
        normals = np.empty_like(points)
        middle = points[at.OVAL].mean(0)
        for index, row in enumerate(apart):
            near = points[np.argsort(row)[:NEAR]]
            normals[index] = np.linalg.svd(near - near.mean(0))[2][2]
        normals *= np.sign((normals * (points - middle)).sum(1, keepdims=True) + 1e-12)
        return normals.astype(np.float32)

    def facing(self, place: Similarity, chosen: npt.NDArray[np.integer]) -> Floats:
        """(n,) cosine between the skin at the chosen points and the way to the camera."""
        return np.asarray(-self.normals[chosen] @ place.rotation[2].astype(np.float32), np.float32)

    def place(self, landmarks: npt.NDArray[np.floating]) -> Similarity:
        """Map from the canonical frame to the picture of (478, 3) landmarks in pixels."""
        return place_of(landmarks, self.reference)


class Speaker:
    """From curves to this person's own faces, in the canonical frame.

    Args:
        shapes: what the person's face does.
        bounded: keep to what it did in the clip; otherwise only to what faces do.
    """

    def __init__(self, shapes: Shapes, *, bounded: bool) -> None:
        self._shapes = shapes
        self._bounded = bounded
        self.articulation = Articulation(shapes.neutral)

    def face(self, curves: Floats) -> Floats:
        """(478, 3) the face of one pose; its lips touch wherever the curves shut them."""
        points = self.articulation.target(curves)
        if not self._bounded:
            return points
        gaps = lip_gaps(points)
        shapes = self._shapes
        lower = (points[LOWER] - shapes.mean).reshape(-1)
        weights = shapes.components @ lower
        held = np.clip(weights, shapes.low, shapes.high)
        beyond = lower - weights @ shapes.components
        kept = held @ shapes.components + np.float32(KEPT_BEYOND) * beyond
        points[LOWER] = shapes.mean + kept.reshape(-1, 3)
        middle = float(gaps[3:6].mean())
        set_gaps(points, gaps * np.float32(_compressed(middle, shapes.widest)))
        return points


def _compressed(gap: float, widest: float) -> float:
    """Factor that brings an opening softly below the limit of what the clip can show."""
    knee, room = KNEE * widest, (STRETCH - KNEE) * widest
    if gap <= knee:
        return 1.0
    return float(knee + room * (1 - np.exp(-(gap - knee) / room))) / gap
