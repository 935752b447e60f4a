"""The upper teeth that a picture itself shows between parted lips."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
LEAST_COLUMNS = 0.45  # of the width of the opening
LEAST_OPENING = 3.0  # millimetres, as the next two
SHADOW = 3.0  # of the upper lip on its teeth
LONGEST = 8.5


@dataclass(frozen=True, slots=True)
class OwnTeeth:
    """Teeth cut out of a picture.

    Attributes:
        pixels: (h, w, 4) float32 premultiplied, 0..255.
        box_corner: (x, y) of the first pixel in the picture.
        colour: (3,) of the enamel in full light.
    """

    pixels: Floats
    box_corner: tuple[int, int]
    colour: Floats


def cut_own_teeth(
    picture: Bytes, hole: Bytes, corner: tuple[int, int], millimetre: float
) -> OwnTeeth | None:
    """Find the upper teeth in an open mouth.

    Args:
        picture: (h, w, 3) RGB of the box around the mouth.
        hole: (h, w) what neither lip covers, 255 inside.
        corner: where the box begins in the picture.
        millimetre: pixels per millimetre of face.

    Returns:
        None where too little enamel shows to be worth it.
    """
    inside = hole > 200
    if not inside.any() or inside.sum(0).max() < LEAST_OPENING * millimetre:
        return None
    colours = picture.astype(np.float32)
    light = colours @ LUMA
    bright = float(np.quantile(light[inside], 0.9))
    saturation = 1 - colours.min(2) / np.maximum(colours.max(2), 1)
    enamel = inside & (light > 0.6 * bright) & (saturation < 0.42) & (bright > 60)
    upper = _hanging(enamel, inside, SHADOW * millimetre, LONGEST * millimetre)
    if upper.any(0).sum() < LEAST_COLUMNS * inside.any(0).sum():
        return None
    soft = cv2.GaussianBlur(upper.astype(np.float32), (0, 0), max(0.8, 0.7 * millimetre))
    alpha = np.clip((soft - 0.4) / 0.35, 0, 1)[..., None]
    strong = upper & (light > np.quantile(light[upper], 0.5))
    return OwnTeeth(
        np.dstack([colours * alpha, 255 * alpha]).astype(np.float32),
        corner,
        colours[strong].mean(0).astype(np.float32),
    )


def _hanging(
    enamel: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_], shadow: float, longest: float
) -> npt.NDArray[np.bool_]:
    """What of the enamel is joined to the upper lip, down each column, past a shadow under it."""
    steady = cv2.morphologyEx(enamel.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    below = np.arange(inside.shape[0])[:, None] - inside.argmax(0)
    passed = (steady > 0) | (below < shadow)
    joined = np.logical_and.accumulate(passed, axis=0) & (below < longest)
    return np.asarray(joined & enamel)
