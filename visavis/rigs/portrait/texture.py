"""The source picture at twice its pixels.

A bilinear sample between two pixels is softer than one upon a pixel, so a face would lose and
regain its sharpness as it moves. Between four times as many pixels the loss can hardly be seen, and
every second pixel is still the picture's own.
"""

import cv2
import numpy as np

from visavis.rigs.portrait.lattice import pixel_grid, sample
from visavis.rigs.types import Picture

SCALE = 2
_MARGIN = 4  # pixels that the interpolation reaches


def doubled(picture: Picture) -> Picture:
    """(2h, 2w, channels) whose pixel (2y, 2x) is (y, x) of the picture."""
    height, width = picture.shape[:2]
    places = pixel_grid(width * SCALE, height * SCALE)
    places *= np.float32(1 / SCALE)
    return np.asarray(sample(picture, places, cv2.INTER_LANCZOS4), np.uint8)


class Texture:
    """What renderers sample; parts of it can be exchanged."""

    def __init__(self, picture: Picture) -> None:
        self.pixels = doubled(picture)

    def put(self, left: int, top: int, patch: Picture) -> None:
        """Exchange a part, whose rim must be as it was."""
        m = _MARGIN
        fine = doubled(patch)[m * SCALE : -m * SCALE, m * SCALE : -m * SCALE]
        y, x = (top + m) * SCALE, (left + m) * SCALE
        self.pixels[y : y + fine.shape[0], x : x + fine.shape[1]] = fine
