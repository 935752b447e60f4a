"""Laying a patch of one frame into another."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.rigs.footage.points import HULL
from visavis.rigs.footage.warp import Box
from visavis.rigs.portrait.lattice import fill
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

FEATHER = 0.2  # eye distances over which a patch fades
LIP_FEATHER = 0.06  # eye distances over which the rim of the lips fades
STRONGEST_GAIN = 1.35
SMALL = 24  # pixels across at which light is compared
GAINS = 8


def patch_share(points: Floats, box: Box, eye_distance: float) -> Floats:
    """(h, w) how much of each pixel of a box comes from the patch.

    Args:
        points: (478, 2) pixels.
        box: left, top, right and bottom of the pixels.
        eye_distance: pixels.
    """
    outline = points[HULL] - np.array(box[:2], np.float32)
    mask = fill((box[3] - box[1], box[2] - box[0]), outline)
    reach = max(3.0, FEATHER * eye_distance)
    # Eroding by half the width of the blur keeps the outline itself untouched.
    scale = min(1.0, 10 / reach)
    size = (max(2, round(mask.shape[1] * scale)), max(2, round(mask.shape[0] * scale)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    wide = max(3, round(reach * scale)) | 1
    small = cv2.copyMakeBorder(small, wide, wide, wide, wide, cv2.BORDER_CONSTANT, value=0)
    small = cv2.erode(small, np.ones((wide // 2 | 1, wide // 2 | 1), np.uint8))
    small = cv2.GaussianBlur(small, (wide, wide), 0)[wide:-wide, wide:-wide]
    large = cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(large * np.float32(1 / 255), np.float32)


def lips_share(points: Floats, box: Box, eye_distance: float) -> Floats:
    """(h, w) how far each pixel of a box lies within the lips, 0..1, soft at their rim.

    Args:
        points, box, eye_distance: see `patch_share`.
    """
    outline = points[at.LIPS_OUTER] - np.array(box[:2], np.float32)
    mask = fill((box[3] - box[1], box[2] - box[0]), outline)
    reach = max(3, round(LIP_FEATHER * eye_distance)) | 1
    soft = cv2.blur(cv2.blur(mask, (reach, reach)), (reach, reach))
    return np.asarray(soft * np.float32(1 / 255), np.float32)


def match_light(patch: Picture, ground: Picture, share: Floats) -> Picture:
    """The patch with the light of the ground: a gain for each colour that changes linearly over
    the patch, fitted where the two overlap.

    Args:
        patch, ground: (h, w, 3) uint8.
        share: (h, w) see `patch_share`.
    """
    ring = _shrunk(share)
    weight = (ring * (1 - ring)).ravel()
    if weight.sum() < 0.5:
        return patch
    a, b = (_shrunk(part).reshape(-1, 3).astype(np.float32) for part in (patch, ground))
    limit = np.float32(np.log(STRONGEST_GAIN))
    ratio = np.clip(np.log((b + 4) / (a + 4)), -limit, limit)
    # Where the two differ most, a shadow or a strand of hair lies in the way.
    usual = np.average(ratio, axis=0, weights=weight)
    weight = weight * np.exp(-((ratio - usual).mean(1) ** 2) / 0.02)
    axis = np.linspace(-1, 1, SMALL, dtype=np.float32)
    terms = np.column_stack([np.ones(SMALL**2), np.tile(axis, SMALL), np.repeat(axis, SMALL)])
    gram = terms.T @ (terms * weight[:, None]) + np.diag([1e-4, 0.3, 0.3])
    fitted = np.linalg.solve(gram, terms.T @ (ratio * weight[:, None]))
    coarse = np.linspace(-1, 1, GAINS, dtype=np.float32)
    places = np.column_stack([np.ones(GAINS**2), np.tile(coarse, GAINS), np.repeat(coarse, GAINS)])
    gains = np.exp(np.clip(places @ fitted, -limit, limit)).reshape(GAINS, GAINS, 3)
    gain = cv2.resize(gains.astype(np.float32), patch.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(patch, gain, dtype=cv2.CV_8U), np.uint8)


def _shrunk(part: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """`SMALL` by `SMALL` means of nine places each: a mean of every pixel takes ten times as
    long and says the same of light."""
    seen = cv2.resize(part, (3 * SMALL, 3 * SMALL), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.resize(seen, (SMALL, SMALL), interpolation=cv2.INTER_AREA))


def lay(picture: Picture, patch: Picture, share: Floats, box: Box) -> None:
    """Blend a patch into a box of a picture, in place."""
    view = picture[box[1] : box[3], box[0] : box[2]]
    cv2.blendLinear(patch, view, share, 1 - share, dst=view)
