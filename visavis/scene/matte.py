"""The person in an opaque rig's pictures, found frame by frame."""

from typing import Protocol

import cv2
import numpy as np

from visavis.face.clip_matte import ClipMatte
from visavis.media import Picture
from visavis.scene.blend import Mask

_EVERY = 2
"""A new matte for every so many pictures: a talking head moves by about a pixel meanwhile."""


class Matte(Protocol):
    """Finds the person in the pictures of an opaque rig, one after the other."""

    def alpha(self, picture: Picture) -> Mask:
        """(height, width) uint8 coverage of the person in (height, width, 3) RGB."""
        ...


class PersonMatte:
    """A `visavis.face.clip_matte.ClipMatte` for every so many pictures, at their size.

    Args:
        every: find the person anew in every so many pictures.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self, every: int = _EVERY) -> None:
        self._clip = ClipMatte()
        self._every = every
        self._seen = 0
        self._last: Mask | None = None

    def alpha(self, picture: Picture) -> Mask:
        """The next picture's matte, not to be written to; see `Matte`."""
        if self._last is None or self._seen % self._every == 0:
            small = self._clip.next(picture)
            size = picture.shape[1::-1]
            self._last = np.asarray(
                cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8
            )
        self._seen += 1
        return self._last
