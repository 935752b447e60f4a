"""The person in the pictures of a clip, one after the other, as a hard-rimmed matte."""

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face.segment import VideoSegmenter
from visavis.face.types import Picture

Mask = npt.NDArray[np.uint8]

WORK_SIDE = 320
"""Short side at which the matte is found; edges are softer than that anyway."""

# Rim pixels still hold the colour of the old background, so the outermost are given up.
_CHOKE_LOW, _CHOKE_HIGH = 0.22, 0.92

_GAPS = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
"""Holes up to this many pixels at the working size are jewellery and glints, not background."""


class ClipMatte:
    """Selfie segmentation, steadied over time and moved onto the edges of the picture.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self) -> None:
        self._segmenter = VideoSegmenter()

    def next(self, picture: Picture) -> Mask:
        """Coverage of the person in the next picture, at the working size.

        Args:
            picture: (height, width, 3) RGB.

        Returns:
            (h, w) uint8 with a short side of at most `WORK_SIDE`.
        """
        scale = min(1.0, WORK_SIDE / min(picture.shape[:2]))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        soft = self._segmenter.person(np.ascontiguousarray(small, np.uint8))
        closed = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, _GAPS, borderType=cv2.BORDER_REPLICATE)
        firm = (closed - _CHOKE_LOW) * (255 / (_CHOKE_HIGH - _CHOKE_LOW))
        return np.asarray(np.clip(firm, 0, 255), np.uint8)
