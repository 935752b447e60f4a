"""Turned square regions of a picture and their crops."""

from dataclasses import dataclass
from math import atan2, cos, sin

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face.types import Picture

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """A turned square of a picture.

    Attributes:
        x, y: centre in pixels.
        size: side in pixels.
        angle: radians, clockwise as seen, since y grows down.
    """

    x: float
    y: float
    size: float
    angle: float

    def matrix(self, pixels: int) -> Matrix:
        """(2, 3) map from pixels of a crop `pixels` wide to pixels of the picture."""
        scale, half = self.size / pixels, pixels / 2
        c, s = cos(self.angle) * scale, sin(self.angle) * scale
        return np.array([[c, -s, self.x - (c - s) * half], [s, c, self.y - (s + c) * half]])

    def crop(self, image: Picture, pixels: int, border: int = cv2.BORDER_REPLICATE) -> Picture:
        """The region as a `pixels` square, upright.

        By the same OpenCV calls as MediaPipe: OpenCV rounds sample positions to 1/32 pixel, so
        another route to the same matrix lands on other roundings.
        """
        square = ((self.x, self.y), (self.size, self.size), float(np.rad2deg(self.angle)))
        corners = np.array([[0, pixels], [0, 0], [pixels, 0], [pixels, pixels]], np.float32)
        matrix = cv2.getPerspectiveTransform(cv2.boxPoints(square), corners)
        crop = cv2.warpPerspective(
            image, matrix, (pixels, pixels), flags=cv2.INTER_LINEAR, borderMode=border
        )
        return np.asarray(crop, np.uint8)

    @classmethod
    def around(
        cls,
        low: npt.NDArray[np.float64],
        high: npt.NDArray[np.float64],
        left: npt.NDArray[np.float64],
        right: npt.NDArray[np.float64],
        scale: float = 1.5,
    ) -> "Region":
        """The square `scale` times as large as the box from `low` to `high`, turned so that the
        line from `left` to `right` becomes horizontal."""
        middle, side = (low + high) / 2, max(high - low)
        angle = atan2(right[1] - left[1], right[0] - left[0])
        return cls(float(middle[0]), float(middle[1]), float(side * scale), angle)
