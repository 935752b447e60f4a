"""Lids that close column by column, and irises that move behind them.

Both are painted into the source picture before the head is drawn, so that the eyes turn and lift
with the face like any other skin.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.performance.types import Pose
from visavis.rigs.portrait.backdrop import fill_unknown
from visavis.rigs.portrait.eyeball import Eyeball, Slit
from visavis.rigs.portrait.lattice import pixel_grid, sample
from visavis.rigs.portrait.texture import Texture
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

# In widths of the eye.
GAZE_REACH = np.array([0.17, 0.11], np.float32)
RIM, LASHES = 0.045, 0.17
FOLD_SHARE = 0.58  # how far towards the brow the skin above the lid gives way
GRAIN = 0.7  # of the cheek's texture that a lid shows


@dataclass(frozen=True, slots=True)
class Lids:
    """How one eye is held, all 0 in the picture itself.

    Attributes:
        shut: how far the upper lid has come down, below 0 where it is raised.
        squint: how far the lower lid has come up, 0..1.
        gaze: (2,) shift of the iris to the viewer's right and down, in widths of the eye.
    """

    shut: float
    squint: float
    gaze: tuple[float, float]

    @property
    def resting(self) -> bool:
        return self.shut == 0 and self.squint == 0 and self.gaze == (0.0, 0.0)


def lids(pose: Pose, side: str, outward: int) -> Lids:
    """What a pose asks of the eye on one side; `outward` is the sign of its outer side in x."""
    across = outward * (pose[f"eyeLookOut{side}"] - pose[f"eyeLookIn{side}"])
    down = pose[f"eyeLookDown{side}"] - pose[f"eyeLookUp{side}"]
    squint = pose[f"eyeSquint{side}"]
    blink = pose[f"eyeBlink{side}"]
    drop = (0.42 if down > 0 else 0.14) * down + 0.22 * squint - 0.12 * pose[f"eyeWide{side}"]
    shut = blink + (1 - blink) * drop
    raised = 0.30 * squint + 0.10 * blink
    return Lids(shut, raised, (across * float(GAZE_REACH[0]), down * float(GAZE_REACH[1])))


class Eye:
    """One eye of the source picture, ready to be redrawn.

    Attributes:
        corner: left and top of its surroundings in the picture.
        source: (h, w, 4) the surroundings as they are.
    """

    def __init__(
        self,
        picture: Picture,
        landmarks: Floats,
        ring: npt.NDArray[np.intp],
        brow: npt.NDArray[np.intp],
        iris: npt.NDArray[np.intp],
    ) -> None:
        rim = landmarks[ring, :2]
        left, right = rim[0], rim[8]
        self._width = width = float(np.linalg.norm(right - left))
        self._across = (right - left) / width
        self._down = np.array([-self._across[1], self._across[0]], np.float32)
        height, full = picture.shape[:2]
        low = np.minimum(rim.min(0), landmarks[brow, :2].min(0)) - 0.15 * width
        high = rim.max(0) + 0.75 * width
        low[0], high[0] = rim[:, 0].min() - 0.25 * width, rim[:, 0].max() + 0.25 * width
        box_low = np.maximum(np.floor(low), 0).astype(int)
        box_high = np.minimum(np.ceil(high) + 1, [full, height]).astype(int)
        self.corner = int(box_low[0]), int(box_low[1])
        self.source = picture[box_low[1] : box_high[1], box_low[0] : box_high[0]].copy()
        h, w = self.source.shape[:2]
        self._grid = pixel_grid(w, h)
        place = self._grid + box_low.astype(np.float32) - left
        self._s, self._t = place @ self._across, place @ self._down
        self._measure(rim - left, landmarks[brow[:5], :2] - left)
        centre = landmarks[iris[0], :2] - box_low
        radius = float(
            np.linalg.norm(landmarks[iris[1:], :2] - landmarks[iris[0], :2], axis=1).mean()
        )
        self._ball = Eyeball(self.source[..., :3], self._slit(), centre.astype(np.float32), radius)
        self._prepare_lid()

    def _measure(self, rim: Floats, brow: Floats) -> None:
        """Heights of the lids, the fold and the cheek over every pixel's column."""
        upper, lower = rim[8:][::-1], rim[:9]  # both from left to right, corners included
        upper = np.vstack([rim[:1], upper]) if not np.allclose(upper[0], rim[0]) else upper
        self._upper = _curve(upper @ self._across, upper @ self._down, self._s)
        self._lower = _curve(lower @ self._across, lower @ self._down, self._s)
        self._lower = np.maximum(self._lower, self._upper)
        brow_height = _curve(brow @ self._across, brow @ self._down, self._s)
        self._brow = brow_height
        room = np.maximum(self._upper - brow_height, 0.25 * self._width)
        beside = np.clip(np.abs(self._s / self._width - 0.5) - 0.5, 0, 1)
        self._fold = self._upper - room * FOLD_SHARE
        self._cheek = self._lower + 0.35 * self._width
        self._reach = np.clip(1 - beside / 0.12, 0, 1).astype(np.float32)
        middle = np.clip(1.2 - 1.3 * np.abs(self._s / self._width - 0.5), 0.2, 1)
        self._rim, self._lash = RIM * self._width * middle, LASHES * self._width * middle
        self._open = np.maximum(self._lower - self._upper, 0) * self._reach

    def _slit(self) -> Slit:
        return Slit(
            self._grid, self._s, self._t, self._upper, self._lower, self._width,
            self._across, self._down,
        )  # fmt: skip

    def _prepare_lid(self) -> None:
        """The skin that a closing lid brings down, and the lashes at its edge."""
        colour = self.source[..., :3]
        width, t = self._width, self._t
        beyond = np.maximum(-self._s, self._s - width)
        clear = (t < self._upper - 1.3 * self._lash) & (t > self._brow + 0.14 * width)
        clear |= t > self._lower + 0.14 * width
        clear &= beyond < 0.2 * width
        light = colour.astype(np.float32).mean(2)
        if clear.any():
            clear &= light > 0.8 * np.median(light[clear])
        skin = fill_unknown(colour, np.where(clear, 255, 0).astype(np.uint8)).astype(np.float32)
        # Its grain is that of the cheek below.
        below = self._grid + (self._cheek + 0.06 * width - self._upper)[..., None] * self._down
        smooth = cv2.GaussianBlur(colour.astype(np.float32), (0, 0), 0.03 * width)
        grain = np.asarray(colour - smooth, np.float32)
        room = np.array([colour.shape[1] - 1, colour.shape[0] - 1], np.float32)
        grain = sample(grain, np.minimum(below, 2 * room - below).astype(np.float32))
        # Under the brow a lid lies in shade, and it bulges over the eye.
        shade = 0.91 + 0.09 * np.clip((t - self._upper + 0.1 * width) / (0.36 * width), 0, 1)
        self._skin = np.asarray(skin * shade[..., None] + GRAIN * grain, np.float32)
        dark = np.clip(light / np.maximum(skin.mean(2), 1), 0.15, 1)
        lashes = (t < self._upper) & (t > self._upper - self._lash)
        self._dark = np.where(lashes, dark, 1).astype(np.float32)
        # How far each pixel above the eye belongs to the lashes, which leave it as the lid closes.
        hides = np.clip((t - self._upper) / (1.3 * self._lash) + 1.15, 0, 1)
        self._hides = np.asarray(hides * hides * (3 - 2 * hides), np.float32)

    def draw(self, held: Lids) -> Picture:
        """The pixels from `corner` on with the eye held so."""
        shut = float(np.clip(held.shut, 0, 1))
        t = self._t
        full = self._open + np.float32(0.03 * self._width * shut) * self._reach
        edge = self._upper + full * np.float32(min(held.shut, 1.0))
        below = self._lower - self._open * np.float32(min(held.squint, 0.6))
        edge = np.minimum(edge, below + np.float32(0.03 * self._width * shut) * self._reach)
        picture = self._move_skin(edge, below).astype(np.float32)
        colour = picture[..., :3]
        if shut > 0:
            self._close(colour, edge, shut)
        opening = np.clip(np.minimum(t - edge, below - t) + 0.5, 0, 1)
        opening *= (self._s > 0) & (self._s < self._width)
        if opening.any():
            colour += (self._ball.draw(held.gaze) - colour) * opening[..., None]
        if shut > 0:
            colour *= self._lashes_below(edge, shut)[..., None]
        return np.asarray(np.clip(np.round(picture), 0, 255), np.uint8)

    def _move_skin(self, edge: Floats, below: Floats) -> Picture:
        """The surroundings: raised skin under the brow, pushed skin over the cheek."""
        t, fold = self._t, self._fold
        raised = np.minimum(edge, self._upper)
        rise = (self._upper - fold) / np.maximum(raised - fold, 1e-3)
        above = np.where(t < fold, t, fold + (t - fold) * rise)
        squeeze = (self._cheek - self._lower) / np.maximum(self._cheek - below, 1e-3)
        under = np.where(t > self._cheek, t, self._lower + (t - below) * squeeze)
        shift = (np.where(t < below, above, under) - t) * self._reach
        shift = np.where((t > raised) & (t < below), 0, shift)
        places = self._grid + shift[..., None] * self._down
        return sample(self.source, places.astype(np.float32), cv2.INTER_CUBIC)

    def _close(self, colour: Floats, edge: Floats, shut: float) -> None:
        """Bring the lid down to `edge`: new skin, and the rim that the eye had when open."""
        t = self._t
        covered = np.clip(edge - t + 0.5, 0, 1) * self._reach
        came = np.where(t > self._upper, 1, self._hides * min(1.0, 2.5 * shut))
        colour += (self._skin - colour) * (covered * came)[..., None]
        travel = (edge - self._upper)[..., None] * self._down
        places = np.asarray(self._grid - travel, np.float32)
        rim = sample(self.source[..., :3], places, cv2.INTER_CUBIC)
        near = np.clip(1 - (edge - t - self._rim) / np.maximum(0.8 * self._rim, 1), 0, 1)
        moved = np.clip((edge - self._upper) * 0.5, 0, 1)
        colour += (rim - colour) * (near * covered * moved)[..., None]

    def _lashes_below(self, edge: Floats, shut: float) -> Floats:
        """(h, w) what the lashes leave of the light below a lid that has come down."""
        height = (self._t - edge) * 1.25
        mirrored = self._upper - height - self._t
        places = self._grid + mirrored[..., None] * self._down
        dark = sample(self._dark, places.astype(np.float32))
        reach = np.clip(height + 1, 0, 1) * np.clip(
            (edge - self._upper) / (0.3 * self._open + 1), 0, 1
        )
        return np.asarray(1 - (1 - dark) * np.float32(shut) * reach, np.float32)


def _curve(s: Floats, t: Floats, at_s: Floats) -> Floats:
    """A smooth height over columns through a few points, held at its ends."""
    order = np.argsort(s)
    s, t = s[order].astype(np.float64), t[order].astype(np.float64)
    fine = np.linspace(s[0], s[-1], 64)
    line = np.interp(fine, s, t)
    padded = np.pad(line, 3, mode="reflect", reflect_type="odd")
    line = np.convolve(padded, np.hanning(9)[1:-1] / np.hanning(9)[1:-1].sum(), mode="valid")
    return np.interp(at_s, fine, line).astype(np.float32)


class Eyes:
    """Both eyes of a source picture, drawn into its texture."""

    def __init__(self, picture: Picture, landmarks: Floats, texture: Texture) -> None:
        self._texture = texture
        # Left and right are the subject's own: the right eye is on the viewer's left.
        self._eyes = (
            ("Right", -1, Eye(picture, landmarks, at.RIGHT_EYE, at.RIGHT_BROW, at.RIGHT_IRIS)),
            ("Left", 1, Eye(picture, landmarks, at.LEFT_EYE, at.LEFT_BROW, at.LEFT_IRIS)),
        )
        self._held = [Lids(0, 0, (0.0, 0.0)) for _ in self._eyes]

    def draw(self, pose: Pose) -> None:
        """Give the texture the eyes of `pose`."""
        for number, (side, outward, eye) in enumerate(self._eyes):
            held = lids(pose, side, outward)
            if held != self._held[number]:
                self._texture.put(*eye.corner, eye.source if held.resting else eye.draw(held))
                self._held[number] = held
