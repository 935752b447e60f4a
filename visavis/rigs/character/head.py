"""Turning, tilting and shifting the head of a still picture, and the breath under it."""

from fractions import Fraction
from math import cos, sin, tau

import cv2
import numpy as np
import numpy.typing as npt

from visavis.performance.types import Pose
from visavis.rigs.character.sampling import enlarge, sample
from visavis.rigs.types import Framing

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_STEP = 8
LARGEST_TURN = 0.16
"""Radians of yaw, pitch and roll; beyond, a turned picture no longer looks like a turned head."""
_LARGEST_SHIFT = 0.35
"""In distances between the eyes."""
_DEPTH = 0.62
"""How far the face stands out before the axis of the neck, in widths of the face."""
_BREATH = 0.006
"""Rise of the shoulders with a breath, in heights of the head."""
_BREATHS_PER_SECOND = 0.25
_FOLLOW = 0.10
"""How much of the head's motion the shoulders share."""
_BAND = 8 * _STEP
"""Rows that are sampled together, between the outermost columns that hold something."""


class Head:
    """Warps whole pictures of one presenter at one size.

    Args:
        framing: where the head is.
        still: (h, w, 4) the presenter at rest; what is transparent in it stays so.
        fps: frames per second of the breath.
        seed: where in a breath it begins.
    """

    def __init__(self, framing: Framing, still: Bytes, fps: Fraction, seed: int) -> None:
        height, width = still.shape[:2]
        size = width, height
        seen = still[..., 3] > 0
        self._first = np.where(seen.any(1), seen.argmax(1), width)
        self._last = np.where(seen.any(1), width - seen[:, ::-1].argmax(1), 0)
        self._size = size
        columns, rows = -(-width // _STEP), -(-height // _STEP)
        half = (_STEP - 1) / 2
        x = half + _STEP * np.arange(columns, dtype=np.float32)
        y = half + _STEP * np.arange(rows, dtype=np.float32)
        self._x, self._y = (axis.astype(np.float32) for axis in np.meshgrid(x, y))
        face = framing.face_width * width
        head = (framing.chin - framing.crown) * height
        self._centre = framing.centre * width
        self._pivot = (framing.chin + 0.12 * (framing.chin - framing.crown)) * height
        self._eye_distance = 0.62 * face
        middle = (framing.crown + framing.chin) / 2 * height
        u = (self._x - self._centre) / (0.62 * face)
        v = (self._y - middle) / (0.62 * head)
        self._depth = (face * _DEPTH * np.sqrt(np.maximum(0, 1 - u * u - v * v))).astype(np.float32)
        self._depth = cv2.GaussianBlur(self._depth, (0, 0), 2.0)
        below = (self._y - framing.chin * height) / head
        self._held = _fall(below + 0.05, 0.55)
        self._chest = 1 - _fall(below - 0.15, 0.7)
        self._breath = _BREATH * head
        self._turn = tau * _BREATHS_PER_SECOND / float(fps)
        self._phase = float(np.random.default_rng(seed).uniform(0, tau))
        self._frame = 0

    def move(self, picture: Bytes, pose: Pose) -> Bytes:
        """The picture (h, w, 4) with the head as posed and the chest one frame further."""
        breath = sin(self._phase + self._turn * self._frame) * self._breath
        self._frame += 1
        yaw, pitch, roll = (
            float(np.clip(angle, -LARGEST_TURN, LARGEST_TURN)) for angle in pose.rotation
        )
        shift = np.clip(pose.translation, -_LARGEST_SHIFT, _LARGEST_SHIFT) * self._eye_distance
        held = self._held * (1 - _FOLLOW) + _FOLLOW
        dx, dy = self._x - self._centre, self._y - self._pivot
        # where each node goes; the offsets are smooth and small, so two steps invert them
        back_x, back_y = np.zeros_like(dx), np.zeros_like(dy)
        grow = float(shift[2]) / (self._eye_distance * 8)
        for _ in range(2):
            x, y = dx - back_x, dy - back_y
            turned_x = x * cos(yaw) + self._depth * sin(yaw)
            turned_y = y * cos(pitch) - self._depth * sin(pitch)
            tilted_x = turned_x * cos(roll) - turned_y * sin(roll)
            tilted_y = turned_x * sin(roll) + turned_y * cos(roll)
            back_x = (tilted_x * (1 + grow) - x + float(shift[0])) * held
            back_y = (tilted_y * (1 + grow) - y + float(shift[1])) * held - breath * self._chest
        return self._sampled(picture, back_x, back_y)

    def _sampled(self, picture: Bytes, back_x: Floats, back_y: Floats) -> Bytes:
        """The picture with each node taken from as far away as given."""
        width, height = self._size
        x = enlarge((self._x - back_x).astype(np.float32), _STEP)
        y = enlarge((self._y - back_y).astype(np.float32), _STEP)
        moved_x, moved_y = (np.abs(back).max(1) for back in (back_x, back_y))
        out = np.zeros_like(picture)
        for top in range(0, height, _BAND):
            bottom = min(top + _BAND, height)
            # the nodes beside the band have a say in its first and last rows
            nodes = slice(max(0, top // _STEP - 1), bottom // _STEP + 2)
            reach = int(moved_y[nodes].max()) + 2
            rows = slice(max(0, top - reach), bottom + reach)
            aside = int(moved_x[nodes].max()) + 2
            left = max(0, int(self._first[rows].min()) - aside)
            right = min(width, int(self._last[rows].max()) + aside)
            if left < right:
                part = np.s_[top:bottom, left:right]
                out[part] = sample(picture, x[part], y[part])
        return out


def _fall(at: Floats, over: float) -> Floats:
    """1 where `at` is negative, falling smoothly to 0 at `over`."""
    t = np.clip(at / over, 0, 1)
    return np.asarray(1 - t * t * (3 - 2 * t), np.float32)
