"""From the 52 curves to where the points of one face go."""

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.arkit import ArkitBasis
from visavis.performance.types import CURVE_NAMES
from visavis.rigs.portrait import anatomy
from visavis.rigs.portrait.spread import product

Floats = npt.NDArray[np.float32]

# Lids and irises are drawn apart, so their curves move no skin here.
_EYES = ("eyeBlink", "eyeLook", "eyeSquint", "eyeWide")
_SKIN = np.array([not name.startswith(_EYES) for name in CURVE_NAMES], np.float32)
_JAW = np.array([name.startswith("jaw") for name in CURVE_NAMES], np.float32)
TEETH_WITH_JAW = 0.97  # of the way the lower lip goes with the jaw
ROUNDING = 2
LEAST_SPACING = 0.45  # of the resting distance between neighbours
LOWER_LIP_SHARE = 0.6  # of the way that parted lips of the source close


class Articulation:
    """The movable points of one face.

    Args:
        landmarks: (478, 3) the face of the picture, in pixels of the output.
    """

    def __init__(self, landmarks: Floats) -> None:
        basis = ArkitBasis.load()
        place = basis.place(landmarks)
        basis = basis.adapted(place.undo(landmarks).astype(np.float32))
        self._pixels = np.ascontiguousarray(place.scale * place.rotation.T, np.float32)
        self._moves = _rounded(basis.moves).reshape(len(basis.names), -1)
        self._rest = landmarks
        self._down = place.rotation[:, 1].astype(np.float32)
        upper, lower = landmarks[at.LIP_SEAM_UPPER], landmarks[at.LIP_SEAM_LOWER]
        self._own_gap = (lower - upper) @ self._down

    def _displace(self, curves: Floats) -> Floats:
        """(478, 3) pixels, linear in the curves."""
        moved = product(curves[None].astype(np.float32), self._moves).reshape(-1, 3)
        return product(moved, self._pixels)

    def target(self, curves: Floats) -> Floats:
        """(478, 3) points of the face that makes `curves`, before the head turns."""
        moved = self._rest + self._displace(curves * _SKIN)
        self._meet(moved)
        _keep_order(moved, self._rest, anatomy.LOWER_COLUMNS, self._down)
        _keep_order(moved, self._rest, anatomy.UPPER_COLUMNS, -self._down)
        return moved

    def _meet(self, points: Floats) -> None:
        """Open the lips as far as the curves say and no less than shut, whatever the picture's
        own opening."""
        lower, upper = points[at.LIP_SEAM_LOWER], points[at.LIP_SEAM_UPPER]
        gap = (lower - upper) @ self._down
        surplus = (gap - np.maximum(gap - self._own_gap, 0))[:, None] * self._down
        for ring, share in zip(at.LIP_RINGS[::-1], (1.0, 0.9, 0.75, 0.6), strict=True):
            points[ring[1:10]] -= surplus * np.float32(share * LOWER_LIP_SHARE)
            points[ring[:10:-1]] += surplus * np.float32(share * (1 - LOWER_LIP_SHARE))

    def jaw(self, curves: Floats) -> Floats:
        """(3,) pixels by which the lower teeth have moved."""
        lip = self._displace(curves * _JAW)[at.LOWER_LIP_MIDDLE]
        return np.asarray(lip * np.float32(TEETH_WITH_JAW), np.float32)


def _rounded(moves: Floats) -> Floats:
    """The moves with those of the lips made even along each row, so that rounded lips have no
    point in their middle. One operator for both lips: what met still meets."""
    moves = moves.copy()
    for ring in at.LIP_RINGS:
        for row in (ring[:11], np.r_[ring[10:], ring[:1]]):
            for _ in range(ROUNDING):
                values = moves[:, row]
                moves[:, row[1:-1]] = (values[:, :-2] + 2 * values[:, 1:-1] + values[:, 2:]) / 4
    return moves


def _keep_order(
    points: Floats, rest: Floats, columns: npt.NDArray[np.intp], outwards: Floats
) -> None:
    """Keep every point of a column beyond the one before it: skin that turns out of sight, as
    under the chin, is gathered there instead of folding over."""
    spacing = (np.diff(rest[columns] @ outwards, axis=1) * LEAST_SPACING).clip(0)
    for step in range(1, columns.shape[1]):
        inner, outer = points[columns[:, step - 1]], points[columns[:, step]]
        short = spacing[:, step - 1] - (outer - inner) @ outwards
        points[columns[:, step]] = outer + np.maximum(short, 0)[:, None] * outwards
