"""Head and shoulders as one soft body: turned by the pose, held by the frame, breathing."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.canonical import rotation_matrix
from visavis.performance.types import Pose
from visavis.rigs.portrait.backdrop import fill_unknown
from visavis.rigs.portrait.lattice import Lattice, sample
from visavis.rigs.portrait.spread import Spread

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

# How far the camera is, in eye distances: what one unit towards it enlarges by.
CAMERA = 12.0
BODY_SHARE = 0.14
INVERSE_STEPS = 3


@dataclass(frozen=True, slots=True)
class HeadPose:
    """A pose of the head as a motion of image space: x -> scale * rotation (x - pivot) + ..."""

    rotation: Floats
    scale: float
    shift: Floats

    @property
    def still(self) -> bool:
        return bool(
            np.all(self.shift == 0) and self.scale == 1 and np.allclose(self.rotation, np.eye(3))
        )


def head_pose(pose: Pose, eye_distance: float) -> HeadPose:
    """The image motion of a pose at a face of `eye_distance` pixels."""
    yaw, pitch, roll = (float(a) for a in pose.rotation)
    x, y, z = (float(v) for v in pose.translation)
    return HeadPose(
        rotation_matrix(yaw, pitch, roll).astype(np.float32),
        float(CAMERA / max(CAMERA - z, 1.0)),
        np.array([x, y], np.float32) * np.float32(eye_distance),
    )


def _ramp(values: npt.NDArray[np.floating], start: float, end: float) -> Floats:
    t = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


class HeadField:
    """Where every place of the picture goes when the head moves, and where it came from.

    Depth is the face mesh's own inside the face and falls back to the depth of the ears around
    it, so that hair turns with the skull.

    Args:
        size: width and height in pixels.
        landmarks: (478, 3) of the resting face, in pixels.
        follow: (h, w) any size, uint8, how far the person goes along with the head; 0 where
            there is nobody.
        alpha: (height, width) uint8 the person.
    """

    def __init__(
        self,
        size: tuple[int, int],
        landmarks: Floats,
        follow: Bytes,
        alpha: Bytes,
    ) -> None:
        width, height = size
        self.eye_distance = float(
            np.linalg.norm(landmarks[at.RIGHT_EYE_OUTER] - landmarks[at.LEFT_EYE_OUTER])
        )
        step = max(4, round(min(self.eye_distance / 8, width / 40)))
        self.lattice = Lattice.over((0, 0, width, height), step)
        nodes = self.lattice.nodes()
        self._ears = landmarks[[at.RIGHT_CHEEK_EDGE, at.LEFT_CHEEK_EDGE]].mean(0)
        up = landmarks[at.FOREHEAD, :2] - landmarks[at.CHIN, :2]
        self._face_height = float(np.linalg.norm(up))
        down = -up / self._face_height
        self.pivot = np.array(
            [*(self._ears[:2] + down * 0.2 * self._face_height), self._ears[2]], np.float32
        )
        maps = [
            self._depth(nodes, landmarks) - self.pivot[2],
            self._head_share(nodes, landmarks, follow, alpha),
            self._breath_share(nodes, landmarks, down, size),
        ]
        self._maps = np.dstack(maps).astype(np.float32)

    def _depth(self, nodes: Floats, landmarks: Floats) -> Floats:
        oval = landmarks[at.OVAL]
        centre = oval[:, :2].mean(0)
        ring = centre + (oval[:, :2] - centre) * 1.3
        far = centre + (oval[:, :2] - centre) * 1.9
        back = np.full((len(at.OVAL), 1), self._ears[2], np.float32)
        inside = landmarks[:468:3]
        points = np.vstack([inside[:, :2], oval[:, :2], ring, far])
        depths = np.vstack([inside[:, 2:], oval[:, 2:] * 0.5 + back * 0.5, back, back])
        spread = Spread(points, depths, self.eye_distance * 0.15, 1e-3)
        depth = spread(nodes.reshape(-1, 2)).reshape(nodes.shape[:2])
        away = np.linalg.norm((nodes - centre) / np.ptp(oval[:, :2], axis=0), axis=2)
        share = _ramp(away, 0.65, 0.95)
        return np.asarray(depth * (1 - share) + self._ears[2] * share, np.float32)

    def _head_share(self, nodes: Floats, landmarks: Floats, follow: Bytes, alpha: Bytes) -> Floats:
        """How far each place goes along with the head: 1 on it, little on the shoulders, nothing
        where the frame cuts through the person."""
        shape = (nodes.shape[1], nodes.shape[0])
        known = cv2.resize(alpha, shape, interpolation=cv2.INTER_AREA)
        small = np.asarray(cv2.resize(follow, shape, interpolation=cv2.INTER_AREA))
        spread = fill_unknown(
            np.dstack([small] * 3), np.where(known > 240, 255, 0).astype(np.uint8)
        )
        share = BODY_SHARE + (1 - BODY_SHARE) * spread[..., 0].astype(np.float32) / 255
        oval = landmarks[at.OVAL, :2]
        centre, radii = oval.mean(0), np.ptp(oval, axis=0) / 2
        face = 1 - _ramp(np.linalg.norm((nodes - centre) / radii, axis=2), 1.0, 1.25)
        below = nodes[..., 1] - landmarks[at.CHIN, 1]
        share *= 1 - _ramp(below / self._face_height, 0.5, 2.2)
        share = np.maximum(share, face)
        x, y = nodes[..., 0], nodes[..., 1]
        height, width = alpha.shape
        margin = 0.35 * self._face_height
        sides = (
            (x, alpha[:, 0]),
            (y, alpha[0]),
            (width - 1 - x, alpha[:, -1]),
            (height - 1 - y, alpha[-1]),
        )
        for distance, side in sides:
            if (side > 127).mean() > 0.02:
                share = share * _ramp(distance, -margin * 0.2, margin)
        return np.asarray(share, np.float32)

    def _breath_share(
        self, nodes: Floats, landmarks: Floats, down: Floats, size: tuple[int, int]
    ) -> Floats:
        """The chest and shoulders, up to the frame."""
        below = (nodes - landmarks[at.CHIN, :2]) @ down / self._face_height
        share = _ramp(below, 0.08, 0.7) * (1 - _ramp(below, 1.2, 2.4))
        share *= _ramp(size[1] - 1 - nodes[..., 1], 0, 0.25 * self._face_height)
        return np.asarray(share, np.float32)

    def moving(self) -> npt.NDArray[np.bool_]:
        """(rows, columns) nodes of the lattice that anything ever moves."""
        return np.asarray((self._maps[..., 1] > 0.01) | (self._maps[..., 2] > 0.02))

    def project(self, points: Floats, pose: HeadPose) -> Floats:
        """Points of the face itself, (n, 3) or (n, 2) with the depth of the pivot: (n, 2)."""
        relative = points[:, :3] - self.pivot
        turned = relative @ pose.rotation.T * np.float32(pose.scale)
        return np.asarray(turned[:, :2] + self.pivot[:2] + pose.shift, np.float32)

    def inverse(self, places: Floats, pose: HeadPose, breath: float) -> Floats:
        """Where the resting picture holds what is seen at `places`, both (rows, columns, 2)."""
        if pose.still and breath == 0:
            return places
        turn = pose.rotation * np.float32(pose.scale)
        scale, middle = 1 / self.lattice.step, (self.lattice.step - 1) / 2
        unit = np.eye(2, dtype=np.float32)
        at_rest = places
        for _ in range(INVERSE_STEPS):
            maps = sample(self._maps, (at_rest - np.float32(middle)) * np.float32(scale))
            flat = at_rest - self.pivot[:2]
            shift = flat[..., :1] * (turn[:2, 0] - unit[0]) + flat[..., 1:] * (
                turn[:2, 1] - unit[1]
            )
            shift += maps[..., :1] * turn[:2, 2] + pose.shift
            shift *= maps[..., 1:2]
            shift[..., 1] -= maps[..., 2] * np.float32(breath)
            at_rest = places - shift
        return at_rest
