"""Small pictures with soft edges that lie on top of the canvas."""

from copy import copy
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from visavis.media import Picture
from visavis.scene.blend import Mask
from visavis.scene.colours import Colour


@dataclass(frozen=True, slots=True)
class Patch:
    """A picture in its place on the canvas, with premultiplied colours.

    Attributes:
        x, y: upper left corner on the canvas; the patch lies wholly on it.
        colour: (height, width, 3) uint8, already times its opacity.
        keep: (height, width, 3) uint8, what is left of the canvas, 255 where it is untouched.
    """

    x: int
    y: int
    colour: Picture
    keep: Picture

    def lay(self, out: Picture) -> None:
        """Lay over (height, width, 3) RGB or straight-alpha RGBA, in place."""
        high, wide = self.colour.shape[:2]
        window = out[self.y : self.y + high, self.x : self.x + wide]
        if out.shape[2] == 3:
            lower = cv2.multiply(window, self.keep, scale=1 / 255)
            window[:] = cv2.add(lower, self.colour)
        else:
            self._lay_on_alpha(window)

    def _lay_on_alpha(self, window: Picture) -> None:
        """Premultiply what is below, lay over it, and divide again; most pixels are opaque."""
        below = np.asarray(cv2.extractChannel(window, 3), np.uint8)
        rgb = np.asarray(cv2.cvtColor(window, cv2.COLOR_RGBA2RGB), np.uint8)
        lower = cv2.multiply(rgb, cv2.merge([below] * 3), scale=1 / 255)
        total = cv2.add(cv2.multiply(lower, self.keep, scale=1 / 255), self.colour)
        keep = np.asarray(cv2.extractChannel(self.keep, 0), np.uint8)
        whole = cv2.add(cv2.multiply(below, keep, scale=1 / 255), cv2.bitwise_not(keep))
        straight = cv2.divide(total, cv2.merge([whole] * 3), scale=255)
        window[:] = cv2.merge([*cv2.split(straight), whole])

    @classmethod
    def from_rgba(cls, rgba: Picture, x: int, y: int, opacity: float = 1.0) -> Self:
        """A patch from a picture with straight alpha."""
        alpha = rgba[..., 3:].astype(np.float32) * (opacity / 255)
        colour = np.round(rgba[..., :3] * alpha).astype(np.uint8)
        keep = np.round(255 * (1 - alpha)).astype(np.uint8)
        return cls(x, y, colour, np.repeat(keep, 3, axis=2))


class Easel:
    """Where a patch is painted, layer upon layer.

    Args:
        size: width and height in pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._colour: npt.NDArray[np.float32] = np.zeros((size[1], size[0], 3), np.float32)
        self._keep: npt.NDArray[np.float32] = np.ones((size[1], size[0], 1), np.float32)

    def fill(self, mask: Mask, ink: Colour, opacity: float = 1.0) -> None:
        """Paint `ink` through a (height, width) mask over what is there."""
        x, y, wide, high = cv2.boundingRect(mask)
        place = slice(y, y + high), slice(x, x + wide)
        share = mask[place].astype(np.float32)[..., None] * (opacity * ink[3] / 255 / 255)
        colour = self._colour[place]
        colour += share * (np.array(ink[:3], np.float32) - colour)
        self._keep[place] *= 1 - share

    def lay(self, upper: Self) -> None:
        """Lay all that was painted on another easel of this size over what is there."""
        self._colour *= upper._keep
        self._colour += upper._colour
        self._keep *= upper._keep

    def copy(self) -> Self:
        """What was painted so far, to be painted on apart from this one."""
        other = copy(self)
        other._colour, other._keep = self._colour.copy(), self._keep.copy()
        return other

    def patch(self, x: int, y: int) -> Patch:
        """What was painted, in its place on the canvas."""
        colour = np.asarray(cv2.convertScaleAbs(self._colour), np.uint8)
        keep = cv2.convertScaleAbs(self._keep, alpha=255)
        return Patch(x, y, colour, np.asarray(cv2.merge([keep] * 3), np.uint8))
