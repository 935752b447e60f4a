"""The body's frames: decoded, brought to size, changes between stretches hidden."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.footage.film import Film, FilmReader
from visavis.rigs.footage.points import HEAD_CONTROLS
from visavis.rigs.footage.walk import Step
from visavis.rigs.portrait.lattice import pixel_grid, sample
from visavis.rigs.portrait.spread import Spread
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

FLOW_SIDE = 160  # pixels of the longer side at which the body's movement is measured
NODE_STEP = 16
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
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._grid = pixel_grid(*size)

    def frame(self, step: Step) -> BodyFrame:
        """The frame of one step of the walk."""
        picture = self._picture(step.frame)
        if step.other < 0:
            return BodyFrame(picture, self.landmarks[step.frame])
        return self._between(picture, self._picture(step.other), step)

    def _picture(self, index: int) -> Picture:
        """One picture of the clip at the size of the output, to be kept."""
        ahead = [index - reader.at if reader.at >= 0 else 99 for reader in self._readers]
        near = [distance if 0 <= distance <= 2 else 100 + place for place, distance in
                enumerate(ahead)]  # fmt: skip
        # The one that follows already; else the one that was not used last.
        chosen = self._readers.pop(int(np.argmin(near)))
        self._readers.append(chosen)
        picture = chosen.picture(index)
        if self._same:
            return picture
        return np.asarray(cv2.resize(picture, self._size, interpolation=self._method), np.uint8)

    def _between(self, first: Picture, second: Picture, step: Step) -> BodyFrame:
        """One frame moved and mixed into another: heads and shoulders meet half way, so that
        nothing is seen twice."""
        share = step.share
        a, b = self.landmarks[step.frame], self.landmarks[step.other]
        motion = self._motion(first, second, a, b, share)
        width, height = self._size
        grown = cv2.resize(motion, (width, height), interpolation=cv2.INTER_LINEAR)
        moved_a = sample(first, self._grid - grown * np.float32(share))
        moved_b = sample(second, self._grid + grown * np.float32(1 - share))
        mixed = cv2.addWeighted(moved_a, 1 - share, moved_b, share, 0)
        middle = a * np.float32(1 - share) + b * np.float32(share)
        return BodyFrame(np.asarray(mixed, np.uint8), middle)

    def _motion(
        self, first: Picture, second: Picture, a: Floats, b: Floats, share: float
    ) -> Floats:
        """(rows, columns, 2) how far each place moves from one frame to the other, in pixels."""
        width, height = self._size
        scale = min(1.0, FLOW_SIDE / max(width, height))
        small = (max(16, round(width * scale)), max(16, round(height * scale)))
        grey_a, grey_b = (
            cv2.cvtColor(cv2.resize(p, small, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
            for p in (first, second)
        )
        flow = self._flow.calc(grey_a, grey_b, np.zeros((small[1], small[0], 2), np.float32))
        flow = cv2.GaussianBlur(flow, (0, 0), 3) / np.float32(scale)
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
