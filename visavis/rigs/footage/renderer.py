"""Frames of one person's footage at one size."""

from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.canonical import Similarity
from visavis.performance.types import Pose
from visavis.rigs.files import RigError
from visavis.rigs.footage import points
from visavis.rigs.footage.bank import Search, angles_of, features
from visavis.rigs.footage.blend import lay, lips_share, match_light, patch_share
from visavis.rigs.footage.body import Body, BodyFrame
from visavis.rigs.footage.seam import part_shut_lips
from visavis.rigs.footage.shapes import Speaker
from visavis.rigs.footage.walk import Step, Walk
from visavis.rigs.footage.warp import Box, border, warp, within
from visavis.rigs.types import Picture

if TYPE_CHECKING:
    from visavis.rigs.footage.rig import FootageRig

Floats = npt.NDArray[np.float32]

FADE_FRAMES = 3
LEAST_SHARE = 0.08  # of the mouth that goes: less of it is not drawn
KEPT_CROPS = 48
AVERTED = 0.4  # cosine of skin against the camera below which its points steer less
LOOSENESS = 1.0
SKIN_LOOSENESS = 0.1  # of the skin round the lips, which the tracker knows less well than them
SLOWEST, FASTEST = 0.78, 1.25
"""Range of speeds at which the body may play so that no frame is skipped or shown twice."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A mouth ready to be warped: its pixels, where its points lie in them, their size over that
    in the clip, and how far the skin at each of `MOUTH_CONTROLS` faces the camera."""

    pixels: Picture
    points: Floats
    scale: float
    facing: Floats


@dataclass(frozen=True, slots=True)
class Shown:
    """Which mouths a frame shows.

    Attributes:
        exemplar, leaving: indices into the bank; the second goes out of sight.
        share, inside: how much of the second is still seen round the lips and within them.
    """

    exemplar: int
    leaving: int = -1
    share: float = 0.0
    inside: float = 0.0


class FootageRenderer:
    """Draws poses; opened by `FootageRig.open`."""

    def __init__(self, rig: "FootageRig", size: tuple[int, int], fps: Fraction, seed: int) -> None:
        self._rig = rig
        self._size = size
        self._scale = (size[0] / rig.size[0], size[1] / rig.size[1])
        self._body = Body(rig.film, rig.landmarks, size)
        self._walk = Walk(rig.stretches, stride_of(rig.stretches.rate, float(fps)), seed)
        self._speaker = Speaker(rig.shapes, bounded=True)
        self._search = Search(rig.bank)
        self._crops: OrderedDict[int, Crop] = OrderedDict()
        self.face = rig.shapes.neutral
        """(478, 3) the face of the last frame in the canonical frame."""
        self._exemplar = -1
        self._leaving = -1
        self._fading = 0

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    def render(self, pose: Pose) -> Picture:
        """The next frame: (height, width, 4) uint8 RGBA, opaque."""
        _, picture = self.next(pose)
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8)

    def next(self, pose: Pose) -> tuple[Step, Picture]:
        """The next step of the body, and the frame as (height, width, 3) RGB."""
        step = self._walk.next()
        return step, self.draw(step, self._speaker.face(pose.curves))

    def draw(self, step: Step, face: Floats) -> Picture:
        """A place of the clip with any face on it.

        Args:
            step: what the body does.
            face: (478, 3) in the canonical frame of the rig's `Shapes`.

        Returns:
            (height, width, 3) RGB.
        """
        self.face = face
        body = self._body.frame(step)
        light = self._rig.light[step.frame if step.share < 0.5 else step.other]
        place = self._rig.shapes.place(body.landmarks)
        target = body.landmarks[:, :2].copy()
        target[points.LOWER] = place.apply(face[points.LOWER])[:, :2]
        self._move_jaw(body, target, place)
        shown = self._choose(features(face, angles_of(place.angles), light))
        self._lay_mouth(body.picture, target, place, shown)
        return body.picture

    def _move_jaw(self, body: BodyFrame, target: Floats, place: Similarity) -> None:
        """Bring cheeks, jaw and neck to the wanted face."""
        eye = place.scale
        here = body.landmarks[:, :2]
        around = here[points.BODY_CONTROLS]
        low, high = around.min(0), around.max(0)
        reach = high - low
        box = within(low - reach * [0.2, 0.02], high + reach * [0.2, 0.4], self._size)
        pins = border(box)
        controls = points.BODY_CONTROLS
        shown, kept = np.vstack([target[controls], pins]), np.vstack([here[controls], pins])
        step = max(4, round(eye / 14))
        picture = body.picture
        # Points on the far side of a turned head lie on top of each other: the picture would fold.
        loose = looseness(self._rig.shapes.facing(place, controls))
        stiffness = np.concatenate([loose, np.full(len(pins), 1e-6, np.float32)])
        picture[box[1] : box[3], box[0] : box[2]] = warp(
            picture,
            shown,
            kept,
            box,
            step=step,
            softness=0.06 * eye,
            stiffness=stiffness,
            fade=0.2 * eye,
        )

    def _choose(self, wanted: Floats) -> Shown:
        """The mouths to show and how much of each."""
        before = self._exemplar
        self._exemplar = self._search.next(wanted, settled=self._fading <= 0)
        if before >= 0 and self._search.jumped(before, self._exemplar):
            self._leaving, self._fading = before, FADE_FRAMES
        if self._fading <= 0:
            return Shown(self._exemplar)
        share = self._fading / (FADE_FRAMES + 1)
        self._fading -= 1
        inside = share * self._search.likeness(self._leaving, wanted)
        if inside < LEAST_SHARE:
            # Lips that part or meet hide the change of the skin round them.
            return Shown(self._exemplar)
        return Shown(self._exemplar, self._leaving, share, inside)

    def _lay_mouth(self, picture: Picture, target: Floats, place: Similarity, shown: Shown) -> None:
        eye = place.scale
        facing = self._rig.shapes.facing(place, points.MOUTH_CONTROLS)
        outline = target[points.HULL]
        box = within(outline.min(0) - 1, outline.max(0) + 1, self._size)
        if min(box[2] - box[0], box[3] - box[1]) < 4:
            return
        share = patch_share(target, box, eye)
        ground = picture[box[1] : box[3], box[0] : box[2]]
        mouth = self._mouth(shown.exemplar, target, box, eye, facing)
        if shown.share > 0:
            left = self._mouth(shown.leaving, target, box, eye, facing)
            rest = lips_share(target, box, eye) * np.float32(shown.inside - shown.share)
            rest += np.float32(shown.share)
            mouth = np.asarray(cv2.blendLinear(left, mouth, rest, 1 - rest), np.uint8)
        lay(picture, match_light(mouth, ground, share), share, box)

    def _mouth(self, index: int, target: Floats, box: Box, eye: float, facing: Floats) -> Picture:
        """One of the person's own mouths, moved onto the wanted points."""
        crop = self._crop(index)
        controls = points.MOUTH_CONTROLS
        step = int(np.clip(eye / 40, 2, 4))
        shown, kept = target.copy(), crop.points.copy()
        part_shut_lips(shown, kept, eye, eye * crop.scale / self._scale[0])
        return warp(
            crop.pixels,
            shown[controls],
            kept[controls],
            box,
            step=step,
            softness=0.02 * eye,
            stiffness=looseness(np.minimum(facing, crop.facing)) + _SKIN,
            method=cv2.INTER_CUBIC,
        )

    def _facing(self, frame: int) -> Floats:
        """Of the mouth of one frame; a drawn one looks into the camera."""
        if frame >= len(self._rig.landmarks):
            return np.ones(len(points.MOUTH_CONTROLS), np.float32)
        place = self._rig.shapes.place(self._rig.landmarks[frame])
        return self._rig.shapes.facing(place, points.MOUTH_CONTROLS)

    def _crop(self, index: int) -> Crop:
        found = self._crops.get(index)
        if found is not None:
            self._crops.move_to_end(index)
            return found
        bank = self._rig.bank
        data = np.frombuffer(bank.crops[index], np.uint8)
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
        if decoded is None:
            raise RigError(f"Mouth {index} of the rig is damaged.", "Create the avatar again.")
        pixels = np.asarray(decoded, np.uint8)
        places = bank.landmarks[index] - bank.boxes[index, :2].astype(np.float32)
        scale = 1.0
        if self._scale[0] < 0.75:
            scale = self._scale[0]
            height, width = pixels.shape[:2]
            size = (max(2, round(width * self._scale[0])), max(2, round(height * self._scale[1])))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
            ratio = np.array([size[0] / width, size[1] / height], np.float32)
            places = (places + np.float32(0.5)) * ratio - np.float32(0.5)
        crop = self._crops[index] = Crop(
            pixels, places.astype(np.float32), scale, self._facing(int(bank.frames[index]))
        )
        if len(self._crops) > KEPT_CROPS:
            self._crops.popitem(last=False)
        return crop


_SKIN = np.where(np.isin(points.MOUTH_CONTROLS, at.LIPS), np.float32(0), np.float32(SKIN_LOOSENESS))


def looseness(facing: Floats) -> Floats:
    """How little points steer a warp, see `Spread`, by how far their skin faces the camera."""
    loose = LOOSENESS * np.clip(1 - facing / AVERTED, 0, 1) ** 2 + 1e-6
    return np.asarray(loose, np.float32)


def stride_of(clip_rate: float, fps: float) -> float:
    """Frames of the clip to one frame of the output: whole where the speed stays natural."""
    for whole in range(1, 5):
        if SLOWEST <= whole * fps / clip_rate <= FASTEST:
            return float(whole)
    return clip_rate / fps
