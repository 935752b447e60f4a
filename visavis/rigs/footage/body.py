"""The body's frames: decoded, brought to size, changes between stretches hidden."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.footage.film import Film, FilmReader, Planes, rgb
from visavis.rigs.footage.points import HEAD_CONTROLS
from visavis.rigs.footage.walk import Step
from visavis.rigs.portrait.lattice import pixel_grid, sample
from visavis.rigs.portrait.spread import Spread
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

FLOW_SIDE = 160  # pixels of the longer side at which the body's movement is measured
NODE_STEP = 16
CONSTANCY = 0.6  # share of what the frame before found in what moves during a change
ROUNDS = 2  # by which the place that a moving thing came from is found
HEAD_REACH = (1.25, 1.7)  # radii of the face: inside, its points tell; outside, the pictures do


@dataclass(frozen=True, slots=True)
class BodyFrame:
    """A frame of the body.

    Attributes:
        picture: (h, w, 3) RGB that the caller may draw into.
        landmarks: (478, 3) float32 pixels of it.
    """

    picture: Picture
    landmarks: Floats


class Body:
    """Frames of a film at the size of the output.

    Args:
        film: the clip.
        landmarks: (t, 478, 3) the face in each of its frames, in pixels of the clip.
        size: width and height of the output.
    """

    def __init__(self, film: Film, landmarks: Floats, size: tuple[int, int]) -> None:
        self._readers = [FilmReader(film), FilmReader(film)]
        self._size = size
        scale_x, scale_y = size[0] / film.size[0], size[1] / film.size[1]
        self._same = size == film.size
        scaled = landmarks.copy()
        scaled[..., 0] = (landmarks[..., 0] + 0.5) * scale_x - 0.5
        scaled[..., 1] = (landmarks[..., 1] + 0.5) * scale_y - 0.5
        scaled[..., 2] = landmarks[..., 2] * (scale_x + scale_y) / 2
        self.landmarks = scaled
        self._method = cv2.INTER_AREA if scale_x < 0.6 else cv2.INTER_LINEAR
        if scale_x > 1:
            self._method = cv2.INTER_CUBIC
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._grid = pixel_grid(*size)
        self._changing: Step | None = None
        self._found = np.empty(0, np.float32)

    def frame(self, step: Step) -> BodyFrame:
        """The frame of one step of the walk."""
        if step.other < 0:
            planes = self._planes(step.frame)
            if step.coming >= 0:
                self._readers[0].approach(step.coming)
            return BodyFrame(rgb(planes), self.landmarks[step.frame])
        first, second = self._planes(step.frame), self._planes(step.other)
        return self._between(first, second, step)

    def _planes(self, index: int) -> Planes:
        """One picture of the clip at the size of the output, as I420."""
        ahead = [index - reader.at if reader.at >= 0 else 99 for reader in self._readers]
        near = [distance if 0 <= distance <= 2 else 100 + place for place, distance in
                enumerate(ahead)]  # fmt: skip
        # The one that follows already; else the one that was not used last.
        chosen = self._readers.pop(int(np.argmin(near)))
        self._readers.append(chosen)
        planes = chosen.planes(index)
        if self._same:
            return planes
        width, height = self._size
        sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
        return _joined([
            np.asarray(cv2.resize(part, size, interpolation=self._method), np.uint8)
            for part, size in zip(_split(planes), sizes, strict=True)
        ])  # fmt: skip

    def _between(self, first: Planes, second: Planes, step: Step) -> BodyFrame:
        """One frame moved and mixed into another: heads and shoulders meet half way, so that
        nothing is seen twice."""
        share = step.share
        a, b = self.landmarks[step.frame], self.landmarks[step.other]
        parts_a, parts_b = _split(first), _split(second)
        motion = self._motion(parts_a[0], parts_b[0], a, b, step)
        width, height = self._size
        grown = cv2.resize(motion, (width, height), interpolation=cv2.INTER_LINEAR)
        from_a = np.asarray(cv2.scaleAdd(grown, -share, self._grid), np.float32)
        from_b = np.asarray(cv2.scaleAdd(grown, 1 - share, self._grid), np.float32)
        # Colours lie between two pixels of the lightness, at half as many places.
        half = [_halved(places) for places in (from_a, from_b)]
        mixed = []
        for index, (part_a, part_b) in enumerate(zip(parts_a, parts_b, strict=True)):
            place_a, place_b = half if index else (from_a, from_b)
            moved_a, moved_b = sample(part_a, place_a), sample(part_b, place_b)
            mixed.append(
                np.asarray(cv2.addWeighted(moved_a, 1 - share, moved_b, share, 0), np.uint8)
            )
        middle = a * np.float32(1 - share) + b * np.float32(share)
        return BodyFrame(rgb(_joined(mixed)), middle)

    def _motion(self, first: Picture, second: Picture, a: Floats, b: Floats, step: Step) -> Floats:
        """(rows, columns, 2) how far each place moves from one frame to the other, in pixels.

        Args:
            first, second: (h, w) lightness of both.
            a, b: (478, 3) the faces in them.
            step: where they are, and how much of the second is seen.
        """
        share = step.share
        width, height = self._size
        scale = min(1.0, FLOW_SIDE / max(width, height))
        small = (max(16, round(width * scale)), max(16, round(height * scale)))
        grey_a, grey_b = (
            np.asarray(cv2.resize(light, small, interpolation=cv2.INTER_AREA), np.uint8)
            for light in (first, second)
        )
        matched = cv2.GaussianBlur(self._matched(grey_a, grey_b, step), (0, 0), 3)
        flow = on_the_way(np.asarray(matched, np.float32), share) / np.float32(scale)
        shape = (max(2, height // NODE_STEP), max(2, width // NODE_STEP))
        coarse = cv2.resize(flow, shape[::-1], interpolation=cv2.INTER_AREA)
        from_a, to_b = a[HEAD_CONTROLS, :2], b[HEAD_CONTROLS, :2]
        middle = from_a * np.float32(1 - share) + to_b * np.float32(share)
        centre = (middle.min(0) + middle.max(0)) / 2
        radii = (middle.max(0) - middle.min(0)) / 2
        x = (np.arange(shape[1], dtype=np.float32) + 0.5) * (width / shape[1]) - 0.5
        y = (np.arange(shape[0], dtype=np.float32) + 0.5) * (height / shape[0]) - 0.5
        nodes = np.dstack(np.meshgrid(x, y)).astype(np.float32)
        away = np.linalg.norm((nodes - centre) / radii, axis=2)
        inner, outer = HEAD_REACH
        weight = np.clip((outer - away) / (outer - inner), 0, 1).astype(np.float32)
        near = weight > 0
        spread = Spread(middle, to_b - from_a, 0.3 * float(radii[0]), 1e-3)
        coarse[near] += weight[near][:, None] * (spread(nodes[near]) - coarse[near])
        return np.asarray(coarse, np.float32)

    def _matched(self, first: Picture, second: Picture, step: Step) -> Floats:
        """(h, w, 2) optical flow from one small grey picture to the other.

        Each frame of a change is matched a little differently where the two do not agree, and
        what lies there would tremble: so the frames of one change share what they found.
        """
        goes_on = self._changing is not None and (
            0 <= step.frame - self._changing.frame <= 2
            and 0 <= step.other - self._changing.other <= 2
        )
        start = self._found.copy() if goes_on else np.zeros((*first.shape, 2), np.float32)
        flow = np.asarray(self._flow.calc(first, second, start), np.float32)
        if goes_on:
            flow += np.float32(CONSTANCY) * (self._found - flow)
        self._changing, self._found = step, flow
        return flow


def on_the_way(flow: Floats, share: float) -> Floats:
    """(h, w, 2) optical flow by where things are on their way, instead of where they set out.

    Args:
        flow: (h, w, 2) pixels.
        share: how far they have come, 0..1.
    """
    grid = pixel_grid(flow.shape[1], flow.shape[0])
    moving = flow
    for _ in range(ROUNDS):
        places = np.asarray(cv2.scaleAdd(moving, -share, grid), np.float32)
        moving = np.asarray(sample(flow, places), np.float32)
    return moving


def _split(planes: Planes) -> tuple[Planes, Planes, Planes]:
    """Lightness (h, w) and the two colours (h / 2, w / 2) of an I420 picture."""
    height, width = planes.shape[0] * 2 // 3, planes.shape[1]
    flat, colour = planes.reshape(-1), height * width // 4
    first = flat[4 * colour : 5 * colour].reshape(height // 2, width // 2)
    second = flat[5 * colour :].reshape(height // 2, width // 2)
    return planes[:height], first, second


def _halved(places: Floats) -> Floats:
    """Places in a picture of half the size, of half as many pixels."""
    height, width = places.shape[:2]
    small = cv2.resize(places, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(small * np.float32(0.5) - np.float32(0.25), np.float32)


def _joined(parts: Sequence[npt.NDArray[np.uint8]]) -> Planes:
    """The I420 picture whose `_split` gives the parts."""
    flat = np.concatenate([part.reshape(-1) for part in parts])
    return flat.reshape(-1, parts[0].shape[1])
