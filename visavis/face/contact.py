"""Lips and lids that touch but never pass through each other.

All points here are (..., 478, 3) in the canonical frame, or any in which y runs down the face.
"""

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at

Floats = npt.NDArray[np.float32]

# The rows behind a seam follow it: how much of its shift each takes.
_LIP_ROWS = (
    (at.LIPS_INNER, 1.0),
    (at.LIPS_MIDDLE_INNER, 0.7),
    (at.LIPS_MIDDLE_OUTER, 0.3),
)
_LIDS = (
    (at.RIGHT_EYE, at.RIGHT_EYE_OUTER_RING),
    (at.LEFT_EYE, at.LEFT_EYE_OUTER_RING),
)


def lip_gap(points: npt.NDArray[np.floating]) -> Floats:
    """(..., 9) opening along the seam of the lips, image left to right; negative: overlap."""
    lower, upper = points[..., at.LIP_SEAM_LOWER, 1], points[..., at.LIP_SEAM_UPPER, 1]
    return np.asarray(lower - upper, np.float32)


def lid_gap(points: npt.NDArray[np.floating], rim: npt.NDArray[np.intp]) -> Floats:
    """(..., 7) opening of one eye, measured down from each point of the upper lid to the lower
    lid's curve; negative: overlap.

    Args:
        rim: `indices.RIGHT_EYE` or `indices.LEFT_EYE`.
    """
    lower, upper = points[..., rim[:9], :], points[..., rim[9:], :]
    flat_lower, flat_upper = lower.reshape(-1, 9, 3), upper.reshape(-1, 7, 3)
    below = [
        np.interp(up[:, 0], low[:, 0], low[:, 1])
        for up, low in zip(flat_upper, flat_lower, strict=True)
    ]
    return np.asarray(np.reshape(below, upper.shape[:-1]) - upper[..., 1], np.float32)


def part(points: Floats) -> Floats:
    """The same faces with lips and lids that overlap made to touch; what is open stays so."""
    points = points.copy()
    _part_lips(points)
    for rim, fold in _LIDS:
        overlap = np.minimum(lid_gap(points, rim), 0)
        points[..., rim[9:], 1] += overlap
        points[..., fold[9:], 1] += overlap / 2
    return points


def _part_lips(points: Floats) -> None:
    lower, upper = points[..., at.LIP_SEAM_LOWER, :], points[..., at.LIP_SEAM_UPPER, :]
    apart = (upper - lower) / 2
    touching = lip_gap(points) <= 0
    apart[~touching] = 0
    for ring, share in _LIP_ROWS:
        points[..., ring[1:10], :] += share * apart
        points[..., ring[:10:-1], :] -= share * apart
    # Halving can leave the last bit open.
    middle = points[..., at.LIP_SEAM_LOWER, :]
    seam = points[..., at.LIP_SEAM_UPPER, :]
    seam[touching] = middle[touching]
    points[..., at.LIP_SEAM_UPPER, :] = seam
