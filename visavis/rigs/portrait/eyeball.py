"""What lies between the lids: the white, kept where it is seen, and an iris that can look about."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.portrait.backdrop import fill_unknown

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

# In radii of the iris: where it ends, over how much it fades, and how fine its rings are.
IRIS_END, IRIS_FADE, RINGS = 1.2, 0.16, 12


@dataclass(frozen=True, slots=True)
class Slit:
    """The opening of an eye over the pixels around it.

    Attributes:
        grid: (h, w, 2) x and y of every pixel.
        along, height: (h, w) the same from the left corner, along the line of the corners and down
            from it.
        upper, lower: (h, w) height of the lids in every pixel's column.
        width: pixels between the corners.
        across, down: (2,) unit vectors of that line and down from it.
    """

    grid: Floats
    along: Floats
    height: Floats
    upper: Floats
    lower: Floats
    width: float
    across: Floats
    down: Floats

    def inside(self, inset: float = 0.0) -> Floats:
        """(h, w) 1 between the lids, at least `inset` widths away from them."""
        room = np.minimum(self.height - self.upper, self.lower - self.height) - inset * self.width
        return np.asarray(np.clip(room + 0.5, 0, 1), np.float32)


class Eyeball:
    """The eye of a picture without its lids.

    Args:
        picture: (h, w, 3) the pixels around the eye.
        slit: where it is open.
        centre, radius: of the iris, in those pixels.
    """

    def __init__(self, picture: Bytes, slit: Slit, centre: Floats, radius: float) -> None:
        self._picture, self._slit = picture, slit
        away = np.linalg.norm(slit.grid - centre, axis=2) / max(radius, 0.5)
        away = away.astype(np.float32)
        seen = slit.inside(0.04)
        seen *= (slit.along > 0.03 * slit.width) & (slit.along < 0.97 * slit.width)
        outside = np.clip((away - IRIS_END) / 0.2, 0, 1)
        self._white = self._without_iris(seen * outside, slit.inside() * outside)
        self._iris = self._cut_iris(away, seen)
        # Under a lid that is raised the eye lies in its shadow.
        bare = np.clip((slit.upper - slit.height) / (0.04 * slit.width), 0, 1)
        self._bare = bare.astype(np.float32)[..., None]

    def _without_iris(self, known: Floats, own: Floats) -> Floats:
        """(h, w, 3) the white as it is where it is seen, and its brighter half continued behind
        the iris and the lids."""
        sure = known > 0.3
        light = self._picture.astype(np.float32).mean(2)
        bright = float(np.quantile(light[sure], 0.45)) if sure.any() else 0.0
        trusted = np.round(255 * known * (light >= bright)).astype(np.uint8)
        if not trusted.any():
            trusted = np.full(light.shape, 255, np.uint8)
        behind = fill_unknown(self._picture, trusted).astype(np.float32)
        return np.asarray(behind + (self._picture - behind) * own[..., None], np.float32)

    def _cut_iris(self, away: Floats, seen: Floats) -> Floats:
        """(h, w, 4) premultiplied colours and cover, 0..1, of the whole iris: its seen part, and
        behind the lids the mean of what is seen as far from its middle."""
        cover = np.clip((IRIS_END - away) / IRIS_FADE, 0, 1)[..., None]
        blur = max(0.6, 0.012 * self._slit.width)
        known = np.minimum(cv2.GaussianBlur(seen, (0, 0), blur), seen)[..., None]
        hidden = self._profile(away, (seen > 0.9) & (away < IRIS_END))
        # Over the white it must give back what is seen.
        visible = self._picture - (1 - cover) * self._white
        paint = visible * known + hidden * cover * (1 - known)
        return np.dstack([np.clip(paint, 0, 255 * cover), cover]).astype(np.float32)

    def _profile(self, away: Floats, found: npt.NDArray[np.bool_]) -> Floats:
        colours = self._picture[found].astype(np.float32)
        if not len(colours):
            return self._picture.astype(np.float32)
        step = IRIS_END / RINGS
        rings = np.minimum((away[found] / step).astype(int), RINGS - 1)
        counts = np.bincount(rings, minlength=RINGS)
        middles = (np.arange(RINGS) + 0.5) * step
        enough = counts > 3
        if not enough.any():
            return np.broadcast_to(colours.mean(0), self._picture.shape).astype(np.float32)
        whole = np.empty(self._picture.shape, np.float32)
        for channel in range(3):
            sums = np.bincount(rings, colours[:, channel], RINGS)
            means = sums[enough] / counts[enough]
            whole[..., channel] = np.interp(away, middles[enough], means)
        return whole

    def draw(self, gaze: tuple[float, float]) -> Floats:
        """(h, w, 3) with the iris moved, in widths of the eye along and down."""
        slit = self._slit
        shift = (slit.across * gaze[0] + slit.down * gaze[1]) * slit.width
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
        size = (self._iris.shape[1], self._iris.shape[0])
        moved = cv2.warpAffine(self._iris, matrix, size, flags=cv2.INTER_LINEAR)
        drawn = (self._white * (1 - moved[..., 3:]) + moved[..., :3]) * (1 - 0.4 * self._bare)
        if gaze == (0.0, 0.0):
            drawn = self._picture * (1 - self._bare) + drawn * self._bare
        return np.asarray(drawn, np.float32)
