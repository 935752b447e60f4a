"""Measures of how well a face can be seen: sharpness, light, and whether the mouth is in view.

All are taken on an upright crop of the face at a standard size, so that they compare between
pictures.
"""

from dataclasses import dataclass
from math import atan2

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.regions import Region
from visavis.face.types import Face, Picture

Floats = npt.NDArray[np.float32]

CROP = 256  # pixels
REACH = 2.6  # eye distances across the crop
SEAM_STEPS = 15
SEAM_VISIBLE = 0.04


@dataclass(frozen=True)
class FaceQuality:
    """What was measured on one face.

    Attributes:
        sharpness: 0..1, loss of detail when the face is blurred once more: a sharp photograph loses
            0.4 to 0.6, one that is blurred already little.
        brightness: median lightness of the cheeks, 0..1.
        lip_contrast: difference in colour between lips and the skin around them, in units of Lab.
        seam: share of the mouth's width over which the dark line or opening between the lips can
            be seen, 0..1.
        eyes_open: opening of the eyes over their width, the wider of the two.
    """

    sharpness: float
    brightness: float
    lip_contrast: float
    seam: float
    eyes_open: float


def measure_face(image: Picture, face: Face) -> FaceQuality:
    """Measure one face.

    Args:
        image: (height, width, 3) uint8 RGB.
        face: the face in it.
    """
    crop, points = _upright(image, face)
    lab = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2LAB), np.float32)
    lightness = float(np.median(_sample(lab, points[_CHEEKS])[:, 0]))
    return FaceQuality(
        sharpness=_sharpness(crop, points),
        brightness=lightness / 255,
        lip_contrast=_lip_contrast(lab, points),
        seam=_seam(lab[..., 0], points, lightness),
        eyes_open=max(_opening(points, at.RIGHT_EYE), _opening(points, at.LEFT_EYE)),
    )


_CHEEKS = np.array([50, 280, 205, 425, 101, 330, 118, 347])


def _upright(image: Picture, face: Face) -> tuple[Picture, Floats]:
    """The crop and the points in it; never enlarged, for that would look blurred."""
    corners = face.landmarks[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER], :2].astype(np.float64)
    across = corners[1] - corners[0]
    region = Region(*face.centre, REACH * face.eye_distance, atan2(across[1], across[0]))
    size = min(CROP, max(round(region.size), 32))
    steps = max(int(region.size // size), 1)  # average rather than skip pixels
    crop = region.crop(image, size * steps)
    crop = np.asarray(cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
    matrix = region.matrix(size)
    points = (face.landmarks[:, :2] - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    return crop, np.asarray(points, np.float32)


def _sample(values: Floats, points: npt.NDArray[np.floating]) -> Floats:
    """Values at points, between pixels: (n,) or (n, channels)."""
    x, y = np.asarray(points, np.float32).reshape(-1, 2).T
    found = cv2.remap(values, x[None].copy(), y[None].copy(), cv2.INTER_LINEAR)
    return np.asarray(found[0], np.float32)


def _sharpness(crop: Picture, points: Floats) -> float:
    """Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual
    blur metric", 2007, on the face alone; the larger of both directions."""
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.float32)
    inside = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(points[at.OVAL].astype(np.int32)), 1)
    blurred = np.asarray(cv2.GaussianBlur(grey, (0, 0), 2), np.float32)
    losses = []
    for axis in (0, 1):
        before, after = (np.abs(np.diff(picture, axis=axis)) for picture in (grey, blurred))
        face = (inside[1:] if axis == 0 else inside[:, 1:]) > 0
        total = float(before[face].sum())
        losses.append(float(np.maximum(before - after, 0)[face].sum()) / max(total, 1e-6))
    return max(losses)


def _lip_contrast(lab: Floats, points: Floats) -> float:
    """Colour of the lips' middle against that of the skin just outside them."""
    lips = (points[at.LIPS_MIDDLE_OUTER] + points[at.LIPS_MIDDLE_INNER]) / 2
    middle = points[at.LIPS].mean(0)
    skin = points[at.LIPS_OUTER] + 0.45 * (points[at.LIPS_OUTER] - middle)
    difference = _sample(lab, lips) - _sample(lab, skin)
    return float(np.linalg.norm(np.median(difference, axis=0)))


def _seam(lightness: Floats, points: Floats, skin: float) -> float:
    """Share of columns in which something between the lips is darker than both lips."""
    upper, lower = points[at.LIPS_MIDDLE_OUTER[:10:-1]], points[at.LIPS_MIDDLE_OUTER[1:10]]
    t = np.linspace(0, 1, SEAM_STEPS)[:, None, None]
    profile = _sample(lightness, upper * (1 - t) + lower * t).reshape(SEAM_STEPS, -1)
    depth = profile[[0, -1]].mean(0) - profile.min(0)
    return float((depth > SEAM_VISIBLE * max(skin, 1)).mean())


def _opening(points: Floats, rim: npt.NDArray[np.intp]) -> float:
    width = float(np.linalg.norm(points[rim[8]] - points[rim[0]]))
    gaps = np.linalg.norm(points[rim[9:]][::-1] - points[rim[1:8]], axis=1)
    return float(gaps[2:5].mean()) / max(width, 1e-6)
