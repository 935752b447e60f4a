"""A face as it was found in one picture."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at

Landmarks = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Face:
    """The 478 points of the attention mesh on one face.

    Attributes:
        landmarks: (478, 3) float32 pixels of the picture: x to the right, y down, z in the same
            scale, smaller towards the camera. See `visavis.face.indices` for their names.
        score: how sure the model is that this is a face, 0..1.
    """

    landmarks: Landmarks
    score: float

    @cached_property
    def eye_distance(self) -> float:
        """Distance in pixels between the outer corners of the eyes, with depth, so that a turn of
        the head shortens it little."""
        corners = self.landmarks[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER]].astype(np.float64)
        return float(np.linalg.norm(corners[1] - corners[0]))

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all points, in pixels."""
        low, high = self.landmarks[:, :2].min(0), self.landmarks[:, :2].max(0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def width(self) -> float:
        """Width of `box` in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height of `box` in pixels, forehead to chin."""
        return self.box[3] - self.box[1]

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of `box` in pixels."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    @cached_property
    def mouth_gap(self) -> float:
        """Opening between the inner lips at the middle, in eye distances; 0 when shut."""
        pair = self.landmarks[[at.UPPER_LIP_MIDDLE, at.LOWER_LIP_MIDDLE], :2]
        return float(np.linalg.norm(pair[1] - pair[0])) / self.eye_distance
