"""Two lips cut apart along the line between them, and what shows behind."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.rigs.portrait import anatomy
from visavis.rigs.portrait.lattice import fill
from visavis.rigs.portrait.own_teeth import OwnTeeth, cut_own_teeth
from visavis.rigs.portrait.teeth import (
    EYE_DISTANCE_MM,
    Painting,
    paint_lower,
    paint_tongue,
    paint_upper,
)
from visavis.rigs.portrait.tone import measure_palette

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

# Millimetres from the line of the shut lips to the edges of the teeth and
# the back of the tongue; down is positive.
UPPER_EDGE = 2.6
LOWER_EDGE = 2.4
TONGUE_EDGE = -1.0
TONGUE_WITH_JAW = 0.55
TEETH_BEHIND_LIPS = 7.0
SHUT_GAP = 0.03  # in eye distances; the mesh sees this much on lips that touch


@dataclass(frozen=True, slots=True)
class LipMasks:
    """How much of a source pixel belongs to the upper and to the lower layer.

    Attributes:
        box: left, top, right, bottom of the masks in the source; outside, all is upper.
        upper, lower: (h, w) uint8; their sum is below 255 only where the source's mouth is open.
    """

    box: Box
    upper: Bytes
    lower: Bytes


def lip_masks(landmarks: Floats, eye_distance: float, size: tuple[int, int]) -> LipMasks:
    """Cut the picture along the lips."""
    ring = landmarks[anatomy.LIP_SURROUND, :2]
    pad = 0.06 * eye_distance
    low, high = ring.min(0) - pad, ring.max(0) + pad
    box = (
        max(0, int(low[0])),
        max(0, int(low[1])),
        min(size[0], int(high[0]) + 2),
        min(size[1], int(high[1]) + 2),
    )
    shape = (box[3] - box[1], box[2] - box[0])
    corner = np.array(box[:2], np.float32)
    inside = fill(shape, ring - corner)
    reach = cv2.distanceTransform((inside > 127).astype(np.uint8), cv2.DIST_L2, 5)
    t = np.clip(reach / (0.075 * eye_distance), 0, 1)
    share = t * t * (3 - 2 * t)

    upper_line, lower_line = mouth_lines(landmarks)
    below_upper = fill(shape, _half_plane(upper_line - corner, shape)) * (share / 255)
    below_lower = fill(shape, _half_plane(lower_line - corner, shape)) * (share / 255)
    upper = np.round(255 * (1 - below_upper)).astype(np.uint8)
    lower = np.minimum(np.round(255 * below_lower), 255 - upper).astype(np.uint8)
    return LipMasks(box, upper, lower)


def with_shut_seam(landmarks: Floats, eye_distance: float) -> Floats:
    """Landmarks of a face whose lips touch, with each pair of points along them made one; those
    of an open mouth as they are."""
    upper, lower = landmarks[at.LIP_SEAM_UPPER], landmarks[at.LIP_SEAM_LOWER]
    if np.linalg.norm(upper - lower, axis=1).max() > SHUT_GAP * eye_distance:
        return landmarks
    landmarks = landmarks.copy()
    landmarks[at.LIP_SEAM_UPPER] = landmarks[at.LIP_SEAM_LOWER] = (upper + lower) / 2
    return landmarks


def mouth_lines(landmarks: Floats) -> tuple[Floats, Floats]:
    """The lower edge of the upper lip and the upper edge of the lower lip, (13, 2) each, from
    beyond one corner to beyond the other; the same line where the lips touch."""
    left, right = landmarks[[at.RIGHT_MOUTH_CORNER, at.LEFT_MOUTH_CORNER], :2]
    across = (right - left) * 0.6
    first, last = [left - across, left], [right, right + across]
    upper, lower = landmarks[at.LIP_SEAM_UPPER, :2], landmarks[at.LIP_SEAM_LOWER, :2]
    return np.vstack([*first, upper, *last]), np.vstack([*first, lower, *last])


def _half_plane(line: Floats, shape: tuple[int, int]) -> Floats:
    """Everything below a line that runs from left to right."""
    far = float(4 * max(shape))
    along = line[-1] - line[0]
    normal = np.array([-along[1], along[0]]) / np.linalg.norm(along) * far
    return np.vstack([line, line[-1] + normal, line[0] + normal]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class MouthPose:
    """Where the parts behind the lips are seen: (3, 2) each, a point and the ends of one
    millimetre to its right and one down."""

    skull: Floats
    upper: Floats
    lower: Floats
    tongue: Floats
    tongue_out: float


class MouthInside:
    """Teeth and tongue in place behind the lips of one face."""

    def __init__(
        self, picture: Bytes, landmarks: Floats, eye_distance: float, masks: LipMasks
    ) -> None:
        self._millimetre = eye_distance / EYE_DISTANCE_MM
        scale = float(np.clip(self._millimetre * 1.25, 0.8, 8))
        left, top, right, bottom = masks.box
        own = cut_own_teeth(
            np.ascontiguousarray(picture[top:bottom, left:right, :3]),
            np.asarray(255 - (masks.upper + masks.lower), np.uint8),
            (left, top),
            self._millimetre,
        )
        palette = measure_palette(picture[..., :3], landmarks)
        if own is not None:
            palette = replace(palette, enamel=own.colour)
        self._upper = paint_upper(scale, palette)
        self._lower = paint_lower(scale, palette)
        self._tongue = paint_tongue(scale, palette)
        self._dark = palette.dark
        line = landmarks[np.r_[at.LIP_SEAM_UPPER, at.LIP_SEAM_LOWER]]
        across = landmarks[at.LEFT_MOUTH_CORNER] - landmarks[at.RIGHT_MOUTH_CORNER]
        across[2] = 0
        self._across = across / np.linalg.norm(across)
        self._down = np.array([-self._across[1], self._across[0], 0], np.float32)
        middle = line.mean(0)
        middle[2] += TEETH_BEHIND_LIPS * self._millimetre
        self._middle = middle
        self._own = None if own is None else self._painting_of(own, scale)

    def _painting_of(self, own: OwnTeeth, scale: float) -> Painting:
        """Own teeth turned level with the mouth, so that they are placed like the painted ones."""
        width, height = round(60 * scale), round(40 * scale)
        unit = self._millimetre / scale
        axes = np.column_stack([self._across[:2], self._down[:2]]) * unit
        origin = (width / 2, height / 2)
        start = self._middle[:2] - axes @ origin - np.array(own.box_corner)
        level = cv2.warpAffine(
            own.pixels,
            np.column_stack([axes, start]).astype(np.float64),
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        return Painting(np.asarray(level, np.float32), origin, scale)

    def pose(
        self, jaw: Floats, tongue_out: float, project: Callable[[Floats], Floats]
    ) -> MouthPose:
        """Place the parts.

        Args:
            jaw: (3,) pixels by which the lower teeth have moved.
            tongue_out: 0..1.
            project: from (n, 3) of the resting face to (n, 2) of the frame.
        """
        tongue = TONGUE_EDGE * (1 - tongue_out) + (UPPER_EDGE - 1) * tongue_out
        share = TONGUE_WITH_JAW * (1 - 0.7 * tongue_out)
        return MouthPose(
            project(self._frame(0, jaw * 0)),
            project(self._frame(UPPER_EDGE, jaw * 0)),
            project(self._frame(LOWER_EDGE, jaw)),
            project(self._frame(tongue, jaw * np.float32(share))),
            tongue_out,
        )

    def _frame(self, edge: float, moved: Floats) -> Floats:
        mm = self._millimetre
        origin = self._middle + self._down * (edge * mm) + moved
        return np.stack([origin, origin + self._across * mm, origin + self._down * mm]).astype(
            np.float32
        )

    def draw(self, hole: Bytes, place: tuple[int, int], pose: MouthPose) -> Bytes:
        """(h, w, 4) of what is seen through a hole between the lips.

        Args:
            hole: (h, w) where the lips leave it open, 255 inside.
            place: left and top of the hole's pixels in the frame.
        """
        size = (hole.shape[1], hole.shape[0])
        out = np.empty((*hole.shape, 3), np.float32)
        out[:] = self._dark
        parts = [(self._lower, pose.lower), (self._tongue, pose.tongue)]
        if pose.tongue_out < 0.1:
            parts.reverse()
        parts.append((self._upper, pose.upper))
        if self._own is not None:
            parts.append((self._own, pose.skull))
        for painting, frame in parts:
            layer = _place(painting, frame, place, size)
            out *= 1 - layer[..., 3:] * np.float32(1 / 255)
            out += layer[..., :3]
        out *= self._shade(hole)[..., None]
        return np.dstack([np.clip(out, 0, 255).astype(np.uint8), np.full_like(hole, 255)])

    def _shade(self, hole: Bytes) -> Floats:
        """Less light near the lips, least under the upper one."""
        mm = self._millimetre
        near = cv2.GaussianBlur(hole, (0, 0), max(0.6, 1.3 * mm)).astype(np.float32)
        drop = max(1, round(2.2 * mm))
        above = np.zeros_like(near)
        above[drop:] = near[:-drop]
        light = near * np.float32(0.55 / 255) + above * np.float32(0.65 / 255) + np.float32(0.12)
        return np.asarray(np.minimum(light, 1), np.float32)


def _place(
    painting: Painting, frame: Floats, place: tuple[int, int], size: tuple[int, int]
) -> Floats:
    x, y = (frame[1] - frame[0]) / painting.scale, (frame[2] - frame[0]) / painting.scale
    origin = frame[0] - np.array(place, np.float32)
    origin = origin - x * painting.origin[0] - y * painting.origin[1]
    matrix = np.column_stack([x, y, origin]).astype(np.float64)
    warped = cv2.warpAffine(painting.pixels, matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(warped, np.float32)
