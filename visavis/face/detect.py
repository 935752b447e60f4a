"""Finding faces: BlazeFace, short and full range.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face.litert import Net
from visavis.face.regions import Region
from visavis.face.types import Picture

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """A face as the detector saw it, in pixels of the picture.

    Attributes:
        low, high: (2,) corners of the box, brows to chin.
        keypoints: (6, 2) eyes (image left first), nose tip, mouth, ear tragions.
        score: 0..1.
    """

    low: Doubles
    high: Doubles
    keypoints: Doubles
    score: float

    def region(self) -> Region:
        """Where to look for the points of this face."""
        return Region.around(self.low, self.high, self.keypoints[0], self.keypoints[1])


@dataclass(frozen=True)
class DetectorLayout:
    """How a BlazeFace model lays its anchors.

    Attributes:
        size: side of the picture that goes in.
        strides: pixels between anchors, and anchors at each place.
    """

    size: int
    strides: tuple[tuple[int, int], ...]


SHORT_RANGE = DetectorLayout(128, ((8, 2), (16, 6)))
"""Faces from about a twelfth of the longer side of the picture."""
FULL_RANGE = DetectorLayout(192, ((4, 1),))
"""Faces down to about a thirtieth."""


class FaceDetector:
    """Picture to faces, best first. Not thread-safe.

    Args:
        model: a LiteRT file.
        layout: what the model was made with, `SHORT_RANGE` or `FULL_RANGE`.
        min_score: 0..1.
        max_overlap: boxes that overlap more than this, 0..1, are one face.
    """

    def __init__(
        self,
        model: bytes,
        layout: DetectorLayout = SHORT_RANGE,
        *,
        min_score: float = 0.5,
        max_overlap: float = 0.3,
        threads: int = 1,
    ) -> None:
        self._size = layout.size
        self._net = Net(model, threads)
        self._min_score = min_score
        self._max_overlap = max_overlap
        grids = []
        for stride, boxes in layout.strides:
            side = layout.size // stride
            y, x = np.divmod(np.arange(side * side), side)
            grids.append(np.repeat(np.c_[x, y] + 0.5, boxes, axis=0) * stride)
        self._anchors = np.vstack(grids)

    def __call__(self, image: Picture) -> tuple[Detection, ...]:
        """Find faces.

        Args:
            image: (height, width, 3) uint8 RGB.
        """
        height, width = image.shape[:2]
        whole = Region(width / 2, height / 2, max(width, height), 0)
        small = whole.crop(image, self._size, cv2.BORDER_CONSTANT)
        outputs = self._net(np.asarray(small / np.float32(127.5) - 1, np.float32)[None])
        boxes, logits = sorted(outputs, key=lambda output: -output.shape[-1])
        scores = 1 / (1 + np.exp(-np.clip(logits.ravel().astype(np.float64), -100, 100)))
        good = scores >= self._min_score
        offsets = boxes.reshape(-1, 16)[good].astype(np.float64)
        points = _decode(offsets, self._anchors[good])
        matrix = whole.matrix(self._size)
        return tuple(
            Detection(placed[0], placed[1], placed[2:], score)
            for mean, score in _suppress(points, scores[good], self._max_overlap)
            for placed in [mean @ matrix[:, :2].T + matrix[:, 2]]
        )


def _decode(offsets: Doubles, anchors: Doubles) -> Doubles:
    """(n, 8, 2): the box's two corners and the six key points, from offsets to the anchors."""
    centre, half = anchors + offsets[:, :2], offsets[:, 2:4] / 2
    keypoints = anchors[:, None] + offsets[:, 4:].reshape(-1, 6, 2)
    return np.concatenate([np.stack([centre - half, centre + half], 1), keypoints], 1)


def _suppress(points: Doubles, scores: Doubles, max_overlap: float) -> list[tuple[Doubles, float]]:
    """Weighted non-maximum suppression: boxes that overlap the best are averaged into it."""
    order = np.argsort(-scores, kind="stable")
    kept: list[tuple[Doubles, float]] = []
    while len(order):
        best = order[0]
        same = _overlap(points[order], points[best]) > max_overlap
        same[0] = True
        group = order[same]
        mean = np.average(points[group], axis=0, weights=scores[group])
        kept.append((mean, float(scores[best])))
        order = order[~same]
    return kept


def _overlap(boxes: Doubles, box: Doubles) -> Doubles:
    """Intersection over union of every box with one."""
    low = np.maximum(boxes[:, 0], box[0])
    high = np.minimum(boxes[:, 1], box[1])
    common = np.clip(high - low, 0, None).prod(1)
    areas = (boxes[:, 1] - boxes[:, 0]).prod(1)
    return np.asarray(common / (areas + (box[1] - box[0]).prod() - common))
