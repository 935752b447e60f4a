"""Frames of one portrait at one size."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import Face
from visavis.face import indices as at
from visavis.performance.types import CURVE_INDEX, Pose
from visavis.rigs.portrait import anatomy
from visavis.rigs.portrait.articulation import Articulation
from visavis.rigs.portrait.eyes import Eyes
from visavis.rigs.portrait.head import HeadField, HeadPose, head_pose
from visavis.rigs.portrait.lattice import Lattice, fill, pixel_grid, sample
from visavis.rigs.portrait.mouth import (
    MouthInside,
    lip_masks,
    with_shut_seam,
)
from visavis.rigs.portrait.spread import Spread
from visavis.rigs.portrait.texture import SCALE, Texture
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]

BREATH_SECONDS = 4.2
BREATH_RISE = 0.014  # eye distances
# The face gives way within this many of its own radii, and less over the last of them.
FACE_REACH, FACE_FADE = 1.55, 0.25


@dataclass(frozen=True, slots=True)
class Stage:
    """A portrait at the size of the output.

    Attributes:
        person: (h, w, 4) uint8; over an opaque backdrop premultiplied, else straight alpha.
        backdrop: (h, w, 4) uint8 what is behind, or None where the picture is a cut-out.
        landmarks: (478, 3) float32 pixels.
        alpha: (h, w) uint8 how much of each pixel is the person.
        follow: (a, b) uint8 of any size, how far each place goes along with the head.
    """

    person: Picture
    backdrop: Picture | None
    landmarks: Floats
    alpha: Picture
    follow: Picture


@dataclass(frozen=True, slots=True)
class _Instant:
    """One frame: what the face does, where its points go before the head turns, the warp of
    everything but the lower lip, the head, and how far the shoulders have risen in pixels."""

    curves: Floats
    target: Floats
    upper: Spread
    head: HeadPose
    breath: float


class PortraitRenderer:
    """Draws poses; opened by `PortraitRig.open`."""

    def __init__(self, stage: Stage, fps: Fraction, seed: int) -> None:
        self._stage = stage
        self._height, self._width = stage.person.shape[:2]
        landmarks = with_shut_seam(stage.landmarks, _eye_distance(stage.landmarks))
        self._landmarks = landmarks
        person = stage.person
        size = (self._width, self._height)
        self._head = HeadField(size, landmarks, stage.follow, stage.alpha)
        self._eye_distance = eye = self._head.eye_distance
        self._articulation = Articulation(landmarks)
        self._texture = Texture(person)
        self._eyes = Eyes(person, landmarks, self._texture)
        self._masks = lip_masks(landmarks, eye, size)
        self._inside = MouthInside(person, landmarks, eye, self._masks)
        self._fine = max(2, round(eye / 42))
        self._lattice = self._motion_lattice(max(3, round(eye / 20)))
        self._nodes = self._lattice.nodes()
        self._grid = pixel_grid(*size) * np.float32(SCALE)
        oval = landmarks[at.OVAL, :2]
        self._centre = oval.mean(0)
        self._radii = np.ptp(oval, axis=0) / 2
        turns = np.linspace(0, 2 * np.pi, anatomy.PINS, endpoint=False)
        ring = np.column_stack([np.cos(turns), np.sin(turns)])
        self._pinned = (self._centre + ring * self._radii * 1.5).astype(np.float32)
        self._breath_step = 2 * np.pi / (BREATH_SECONDS * float(fps))
        self._frame = 0
        self._still = self._finish(person.copy(), (0, 0, *size))

    @property
    def size(self) -> tuple[int, int]:
        return self._width, self._height

    def _motion_lattice(self, step: int) -> Lattice:
        moving = self._head.moving()
        coarse = self._head.lattice
        rows, columns = np.flatnonzero(moving.any(1)), np.flatnonzero(moving.any(0))
        return Lattice.over(
            (
                max(0, (columns[0] - 1) * coarse.step),
                max(0, (rows[0] - 1) * coarse.step),
                min(self._width, (columns[-1] + 2) * coarse.step),
                min(self._height, (rows[-1] + 2) * coarse.step),
            ),
            step,
        )

    def render(self, pose: Pose) -> Picture:
        """The next frame: (height, width, 4) uint8 RGBA."""
        head = head_pose(pose, self._eye_distance)
        breath = (
            BREATH_RISE * self._eye_distance * (1 - np.cos(self._frame * self._breath_step)) / 2
        )
        self._frame += 1
        self._eyes.draw(pose)
        target = self._articulation.target(pose.curves)
        instant = _Instant(
            pose.curves, target, self._spread(anatomy.UPPER_LAYER, target), head, breath
        )
        person, box = self._draw_base(instant)
        self._draw_mouth(person, box, instant)
        frame = self._still.copy()
        frame[box[1] : box[3], box[0] : box[2]] = self._finish(person, box)
        return frame

    def _spread(self, controls: npt.NDArray[np.intp], target: Floats) -> Spread:
        rest = self._landmarks[controls, :2]
        to = target[controls, :2]
        centres = np.vstack([to, self._pinned])
        values = np.vstack([rest - to, np.zeros_like(self._pinned)])
        return Spread(centres, values, 0.05 * self._eye_distance, 1e-5)

    def _fetched(self, nodes: Floats, instant: _Instant, *spreads: Spread) -> list[Floats]:
        """How far from `nodes`, (rows, columns, 2), the texture holds what is seen there, under
        each spread of the face, in pixels of the texture."""
        rest = self._head.inverse(nodes, instant.head, instant.breath)
        across, down = np.moveaxis((rest - self._centre) / self._radii, 2, 0)
        away = np.sqrt(across * across + down * down)
        near = away < FACE_REACH
        share = np.minimum((FACE_REACH - away[near]) / FACE_FADE, 1)[:, None].astype(np.float32)
        moved, inside = rest - nodes, rest[near]
        results = []
        for spread in spreads:
            result = moved.copy()
            result[near] += spread(inside) * share
            results.append(result * np.float32(SCALE))
        return results

    def _draw_base(self, instant: _Instant) -> tuple[Picture, Box]:
        (fetched,) = self._fetched(self._nodes, instant, instant.upper)
        maps = self._lattice.pixels(fetched, self._grid)
        return sample(self._texture.pixels, maps), _box(self._lattice, maps)

    def _draw_mouth(self, person: Picture, box: Box, instant: _Instant) -> None:
        around = self._head.project(instant.target[anatomy.LIP_SURROUND], instant.head)
        pad = 0.03 * self._eye_distance
        low = np.maximum(around.min(0) - pad, box[:2])
        high = np.minimum(around.max(0) + pad, box[2:])
        if np.any(high - low < 4):
            return
        lattice = Lattice.over((*low, *high), self._fine)
        lower = self._spread(anatomy.LOWER_LAYER, instant.target)
        fetched = self._fetched(lattice.nodes(), instant, instant.upper, lower)
        masks = ((self._masks.upper, 255), (self._masks.lower, 0))
        grid = self._grid[: box[3], : box[2]]
        colours, shares = [], []
        for displacement, (mask, outside) in zip(fetched, masks, strict=True):
            maps = lattice.pixels(displacement, grid)
            colours.append(sample(self._texture.pixels, maps))
            maps *= np.float32(1 / SCALE)
            maps -= np.array(self._masks.box[:2], np.float32)
            shares.append(sample(mask, maps, outside=outside))
        place = _box(lattice, shares[0])
        upper_share, lower_share = shares[0], np.minimum(shares[1], 255 - shares[0])
        scale = np.float32(1 / 255)
        mixed: Picture = np.asarray(
            cv2.blendLinear(
                colours[0], colours[1], upper_share * scale, np.asarray(lower_share * scale)
            ),
            np.uint8,
        )
        hole = np.minimum(255 - (upper_share + lower_share), self._opening(place, instant))
        if hole.any():
            self._behind(mixed, hole, place, instant)
        left, top = place[0] - box[0], place[1] - box[1]
        person[top : top + mixed.shape[0], left : left + mixed.shape[1]] = mixed

    def _opening(self, place: Box, instant: _Instant) -> Picture:
        """(h, w) the inside of the lips and a little more, 255 inside."""
        ring = np.r_[anatomy.INNER_UPPER, anatomy.INNER_LOWER[::-1]]
        lips = self._head.project(instant.target[ring], instant.head)
        shape = (place[3] - place[1], place[2] - place[0])
        inside = fill(shape, lips - np.array(place[:2], np.float32))
        return np.asarray(cv2.dilate(inside, np.ones((5, 5), np.uint8)), np.uint8)

    def _behind(self, mixed: Picture, hole: Picture, place: Box, instant: _Instant) -> None:
        """Paint teeth and tongue into the hole between the lips."""
        left, top, width, height = cv2.boundingRect(hole)
        cut = np.s_[top : top + height, left : left + width]
        pose = self._inside.pose(
            self._articulation.jaw(instant.curves),
            float(instant.curves[CURVE_INDEX["tongueOut"]]),
            lambda points: self._head.project(points, instant.head),
        )
        seen = self._inside.draw(hole[cut], (place[0] + left, place[1] + top), pose)
        share = hole[cut] * np.float32(1 / 255)
        mixed[cut] = cv2.blendLinear(mixed[cut], seen, 1 - share, share)

    def _finish(self, person: Picture, box: Box) -> Picture:
        backdrop = self._stage.backdrop
        if backdrop is None:
            return person
        behind = backdrop[box[1] : box[3], box[0] : box[2]]
        through = cv2.bitwise_not(person[..., 3])
        shown = cv2.multiply(behind, cv2.merge([through] * 4), scale=1 / 255)
        return np.asarray(cv2.add(person, shown), np.uint8)


def _box(lattice: Lattice, pixels: npt.NDArray[Any]) -> Box:
    """Left, top, right and bottom of a lattice's pixels within the frame."""
    left, top = lattice.left, lattice.top
    return left, top, left + pixels.shape[1], top + pixels.shape[0]


def _eye_distance(landmarks: Floats) -> float:
    return Face(landmarks, 1.0).eye_distance
