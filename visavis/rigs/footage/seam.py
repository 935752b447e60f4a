"""Lips that touch, made fit for a warp: no two of its points may fall on one place."""

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at

Floats = npt.NDArray[np.float32]

THIN = 0.008  # eye distances that are left between shut lips
SHUT = 0.025  # eye distances up to which tracked lips count as touching


def part_shut_lips(shown: Floats, kept: Floats, eye: float, kept_eye: float) -> None:
    """Move the seams of two faces, in place, so that one can be warped onto the other.

    Where the wanted lips touch they keep a hair's breadth. Where those of the source touch as
    well, both get the same one, so that the warp leaves the seam alone.

    Args:
        shown: (478, 2) wanted points.
        kept: (478, 2) points of the source.
        eye: pixels of one eye distance of the wanted face.
        kept_eye: the same of the source.
    """
    gap, own = _gaps(shown), _gaps(kept)
    tight = gap < THIN * eye
    both = tight & (own < SHUT * kept_eye)
    _open(shown, tight, THIN * eye)
    _open(kept, both, THIN * kept_eye)


def _gaps(points: Floats) -> Floats:
    apart = points[at.LIP_SEAM_LOWER] - points[at.LIP_SEAM_UPPER]
    return np.asarray(apart @ _down(points), np.float32)


def _down(points: Floats) -> Floats:
    across = points[at.LEFT_MOUTH_CORNER] - points[at.RIGHT_MOUTH_CORNER]
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    return np.array([-across[1], across[0]], np.float32)


def _open(points: Floats, columns: npt.NDArray[np.bool_], width: float) -> None:
    half = _down(points) * np.float32(width / 2)
    lower, upper = at.LIP_SEAM_LOWER[columns], at.LIP_SEAM_UPPER[columns]
    middle = (points[lower] + points[upper]) / 2
    points[lower], points[upper] = middle + half, middle - half
