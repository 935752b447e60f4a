"""The person in an opaque rig's pictures, found frame by frame."""

from typing import Protocol

import cv2
import numpy as np

from visavis.face.segment import VideoSegmenter
from visavis.media import Picture
from visavis.scene.blend import Mask

_WORK_SIDE = 320
"""Short side at which the matte is refined; edges are softer than that anyway."""

_EVERY = 2
"""A new matte for every so many pictures: a talking head moves by about a pixel meanwhile."""

# Rim pixels still hold the colour of the old background, so the outermost are given up.
_CHOKE_LOW, _CHOKE_HIGH = 0.22, 0.92

_GAPS = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
"""Holes up to this many pixels at the working size are jewellery and glints, not background."""


class Matte(Protocol):
    """Finds the person in the pictures of an opaque rig, one after the other."""

    def alpha(self, picture: Picture) -> Mask:
        """(height, width) uint8 coverage of the person in (height, width, 3) RGB."""
        ...


class PersonMatte:
    """Selfie segmentation, steadied over time and moved onto the edges of the picture.

    Args:
        every: find the person anew in every so many pictures.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self, every: int = _EVERY) -> None:
        self._segmenter = VideoSegmenter()
        self._every = every
        self._seen = 0
        self._last: Mask | None = None

    def alpha(self, picture: Picture) -> Mask:
        """The next picture's matte, not to be written to; see `Matte`."""
        if self._last is None or self._seen % self._every == 0:
            self._last = self._find(picture)
        self._seen += 1
        return self._last

    def _find(self, picture: Picture) -> Mask:
        height, width = picture.shape[:2]
        scale = min(1.0, _WORK_SIDE / min(width, height))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        soft = self._segmenter.person(np.ascontiguousarray(small, np.uint8))
        closed = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, _GAPS, borderType=cv2.BORDER_REPLICATE)
        firm = (closed - _CHOKE_LOW) * (255 / (_CHOKE_HIGH - _CHOKE_LOW))
        small_mask = np.clip(firm, 0, 255).astype(np.uint8)
        return np.asarray(
            cv2.resize(small_mask, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8
        )
