"""Faces brought into one frame, whatever their place, size and turn in the picture.

The canonical frame is that of a face looking into the camera: x to the viewer's right, y down, z
away from the viewer, the origin between the outer eye corners, their distance 1.
"""

from dataclasses import dataclass
from math import asin, atan2, cos, sin

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at

Points = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Angles:
    """Turn of a head in degrees, with the signs of `visavis.performance.types.Pose`.

    Attributes:
        yaw: positive towards the viewer's right.
        pitch: positive with the chin raised.
        roll: positive with the crown towards the viewer's right.
    """

    yaw: float
    pitch: float
    roll: float


def rotation_matrix(yaw: float, pitch: float, roll: float) -> Doubles:
    """(3, 3) rotation of column vectors by angles in radians: roll first, then pitch, then yaw."""
    cy, sy, cp, sp, cr, sr = cos(yaw), sin(yaw), cos(pitch), sin(pitch), cos(roll), sin(roll)
    turn_yaw = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    turn_pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    turn_roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(turn_yaw @ turn_pitch @ turn_roll)


def rotation_angles(matrix: Doubles) -> tuple[float, float, float]:
    """Yaw, pitch and roll in radians of a rotation matrix; the inverse of `rotation_matrix`."""
    nose = -matrix[:, 2]
    yaw, pitch = atan2(nose[0], -nose[2]), asin(min(max(-nose[1], -1.0), 1.0))
    rest = rotation_matrix(yaw, pitch, 0).T @ matrix
    return yaw, pitch, atan2(rest[1, 0], rest[0, 0])


@dataclass(frozen=True, slots=True)
class Similarity:
    """A map x -> scale * rotation @ x + shift.

    Attributes:
        scale: over 0.
        rotation: (3, 3) float64.
        shift: (3,) float64.
    """

    scale: float
    rotation: Doubles
    shift: Doubles

    def apply(self, points: npt.NDArray[np.floating]) -> Doubles:
        """Map (..., 3) points."""
        return np.asarray(points @ (self.scale * self.rotation.T) + self.shift)

    def undo(self, points: npt.NDArray[np.floating]) -> Doubles:
        """Map (..., 3) points back."""
        return np.asarray((points - self.shift) @ self.rotation / self.scale)

    @property
    def angles(self) -> Angles:
        """The rotation as yaw, pitch and roll in degrees."""
        return Angles(*np.rad2deg(rotation_angles(self.rotation)).tolist())


def align(
    source: npt.NDArray[np.floating],
    target: npt.NDArray[np.floating],
    weights: npt.NDArray[np.floating] | None = None,
) -> Similarity:
    """The similarity that brings `source` closest to `target` in least squares.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
    1991.

    Args:
        source: (n, 3) points.
        target: (n, 3) points.
        weights: (n,) weights, all alike by default.
    """
    w = np.ones(len(source)) if weights is None else np.asarray(weights, np.float64)
    w = w / w.sum()
    mean_source, mean_target = w @ source, w @ target
    a, b = source - mean_source, target - mean_target
    u, values, vt = np.linalg.svd((b * w[:, None]).T @ a)
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * signs) @ vt
    scale = float((values * signs).sum() / (w @ (a**2).sum(1)))
    return Similarity(scale, rotation, mean_target - scale * rotation @ mean_source)


def place_of(landmarks: npt.NDArray[np.floating], reference: Points) -> Similarity:
    """Where a face is: the map from the canonical frame to its picture, by the rigid points.

    Args:
        landmarks: (478, 3) pixels.
        reference: (478, 3) face in the canonical frame: `ArkitBasis.neutral`, or better the same
            person's own.
    """
    return align(reference[at.RIGID].astype(np.float64), landmarks[at.RIGID].astype(np.float64))
