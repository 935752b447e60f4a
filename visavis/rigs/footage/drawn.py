"""Mouths for a person who hardly opens it in the clip, drawn on one frame by the portrait rig."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from visavis.face import Face, FaceTracker
from visavis.performance import Pose
from visavis.rigs.portrait import PortraitRig
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

FEWEST_OPENINGS = 0.07
"""Widest opening of a clip, in eye distances, below which mouths are drawn."""

_OPENINGS = np.linspace(0, 0.7, 10)
_SHAPES: tuple[dict[str, float], ...] = (
    {},
    {"mouthFunnel": 0.6},
    {"mouthPucker": 0.5},
    {"mouthStretchLeft": 0.4, "mouthStretchRight": 0.4},
    {"mouthSmileLeft": 0.4, "mouthSmileRight": 0.4},
    {"mouthLowerDownLeft": 0.4, "mouthLowerDownRight": 0.4, "mouthUpperUpLeft": 0.3,
     "mouthUpperUpRight": 0.3},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DrawnMouth:
    """One frame with a mouth drawn into it.

    Attributes:
        picture: (h, w, 3) RGB.
        face: tracked on it, as real frames are.
        row, column: which shape and how far open; neighbours in a row follow each other.
    """

    picture: Picture
    face: Face
    row: int
    column: int


def draw_mouths(picture: Picture, landmarks: Floats) -> Iterator[DrawnMouth]:
    """Every shape at every opening, on one calm frame.

    Args:
        picture: (h, w, 3) RGB with even sides, the lips shut or nearly so.
        landmarks: (478, 3) the face in it.
    """
    height, width = picture.shape[:2]
    person = np.full((height, width), 255, np.uint8)
    held = np.zeros((max(2, height // 8), max(2, width // 8)), np.uint8)
    rig = PortraitRig(picture, person, held, landmarks.astype(np.float32))
    renderer = rig.open((width, height), Fraction(25))
    tracker = FaceTracker()
    tracker.update(picture)
    for row, shape in enumerate(_SHAPES):
        for column, opening in enumerate(_OPENINGS):
            drawn = renderer.render(Pose.neutral(jawOpen=float(opening), **shape))
            shown = np.ascontiguousarray(drawn[..., :3])
            face = tracker.update(shown)
            if face is not None:
                yield DrawnMouth(shown, face, row, column)
