"""How much the movement in a clip changes from one frame to the next."""

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

SIDE = 160  # pixels of the longer side at which movement is measured
USUAL = 0.99  # quantile of a clip's own jerks that counts as 1


class Movement:
    """Sees the frames of a clip one after the other."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._before: Picture | None = None
        self._moved: Floats | None = None
        self._jerks: list[float] = []

    def see(self, picture: Picture) -> None:
        """Take note of the next frame, (h, w, 3) RGB."""
        scale = min(1.0, SIDE / max(picture.shape))
        size = tuple(max(16, round(side * scale)) for side in picture.shape[1::-1])
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
        self._jerks.append(0.0)
        if self._before is not None:
            start = np.zeros((*grey.shape, 2), np.float32)
            moved = np.asarray(self._flow.calc(self._before, grey, start), np.float32)
            if self._moved is not None:
                # It belongs to the frame in the middle of the three.
                self._jerks[-2] = float(np.linalg.norm(moved - self._moved, axis=2).mean())
            self._moved = moved
        self._before = grey

    def jerks(self) -> Floats:
        """(t,) mean change of the optical flow at each frame over what the clip's own hardly ever
        go beyond: 1 is as jerky as the clip gets, its first and last frame are 0."""
        jerks = np.array(self._jerks, np.float32)
        return jerks / np.float32(max(float(np.quantile(jerks, USUAL)), 1e-6))
