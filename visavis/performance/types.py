"""What a face does: the 52 ARKit coefficients and the head, frame by frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

CURVE_NAMES: tuple[str, ...] = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight",
    "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
"""ARKit blend shape names; left and right are the subject's own."""

CURVE_INDEX: dict[str, int] = {name: index for index, name in enumerate(CURVE_NAMES)}


@dataclass(frozen=True, slots=True)
class Pose:
    """One instant of a performance.

    Attributes:
        curves: (52,) float32 in 0..1, in the order of `CURVE_NAMES`.
        rotation: (3,) float32, yaw, pitch and roll of the head in radians; positive yaw turns the
            face towards the viewer's right, positive pitch raises the chin, positive roll tilts
            the crown towards the viewer's right.
        translation: (3,) float32, shift of the head in distances between the outer eye corners:
            x to the viewer's right, y down, z towards the viewer.
    """

    curves: npt.NDArray[np.float32]
    rotation: npt.NDArray[np.float32]
    translation: npt.NDArray[np.float32]

    def __getitem__(self, name: str) -> float:
        """The coefficient of one ARKit name."""
        return float(self.curves[CURVE_INDEX[name]])

    @classmethod
    def neutral(cls, **curves: float) -> "Pose":
        """The resting face, with the named coefficients set."""
        values = np.zeros(len(CURVE_NAMES), np.float32)
        for name, value in curves.items():
            values[CURVE_INDEX[name]] = value
        return cls(values, np.zeros(3, np.float32), np.zeros(3, np.float32))


@dataclass(frozen=True, slots=True)
class Performance:
    """A run of poses at a constant frame rate.

    Attributes:
        fps: frames per second.
        curves: (t, 52) float32, see `Pose`.
        rotation: (t, 3) float32, see `Pose`.
        translation: (t, 3) float32, see `Pose`.
    """

    fps: Fraction
    curves: npt.NDArray[np.float32]
    rotation: npt.NDArray[np.float32]
    translation: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.curves)

    def __iter__(self) -> Iterator[Pose]:
        for index in range(len(self)):
            yield self.pose(index)

    def pose(self, index: int) -> Pose:
        """The pose of one frame."""
        return Pose(self.curves[index], self.rotation[index], self.translation[index])
