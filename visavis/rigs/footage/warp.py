"""Warps of pictures between points."""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.portrait.lattice import Lattice, pixel_grid, sample
from visavis.rigs.portrait.spread import Spread
from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]

_GRAIN = 128  # pixels by which kept grids differ in size


def within(low: Floats, high: Floats, size: tuple[int, int]) -> Box:
    """Whole pixels from `low` to `high` that lie in a picture of a size."""
    left, top = np.maximum(np.floor(low), 0).astype(int)
    right = min(int(np.ceil(high[0])) + 1, size[0])
    bottom = min(int(np.ceil(high[1])) + 1, size[1])
    return int(left), int(top), max(right, int(left)), max(bottom, int(top))


def border(box: Box, count: int = 5) -> Floats:
    """Points along the sides of a box, to be held in place."""
    left, top, right, bottom = box[0], box[1], box[2] - 1, box[3] - 1
    xs, ys = np.linspace(left, right, count), np.linspace(top, bottom, count)
    sides = [(x, top) for x in xs] + [(x, bottom) for x in xs]
    sides += [(left, y) for y in ys[1:-1]] + [(right, y) for y in ys[1:-1]]
    return np.array(sides, np.float32)


def warp(
    picture: Picture,
    shown: Floats,
    kept: Floats,
    box: Box,
    *,
    step: int,
    softness: float,
    stiffness: float | Floats = 1e-6,
    offset: tuple[float, float] = (0, 0),
    method: int = cv2.INTER_LINEAR,
    fade: float = 0.0,
) -> Picture:
    """The pixels of a box with what lies at `kept` in the picture shown at `shown`.

    Args:
        picture: (h, w, 3) where the pixels come from.
        shown: (n, 2) pixels of the result.
        kept: (n, 2) pixels of the source.
        box: what to draw, in pixels of the result.
        step: pixels between the places at which the warp is evaluated.
        softness, stiffness: see `Spread`.
        offset: place of the picture's first pixel in the coordinates of `kept`.
        method: how to read between pixels.
        fade: pixels from the sides of the box over which the warp comes up.
    """
    spread = Spread(shown, kept - shown, softness, stiffness)
    lattice = Lattice.over(box, step)
    x, y = lattice.axes()
    field = spread.on_grid(x, y)
    if fade > 0:
        field *= _rise(x, y, box, fade)
    field += np.array([box[0] - offset[0], box[1] - offset[1]], np.float32)
    grown = cv2.resize(field, (lattice.width, lattice.height), interpolation=cv2.INTER_LINEAR)
    width, height = box[2] - box[0], box[3] - box[1]
    places = np.asarray(cv2.add(grown[:height, :width], _grid(width, height)), np.float32)
    return np.asarray(sample(picture, places, method), np.uint8)


def _rise(x: Floats, y: Floats, box: Box, fade: float) -> Floats:
    """(rows, columns, 1) from 0 at the sides of a box to 1 within, without a kink."""
    across = np.minimum(x - box[0], box[2] - 1 - x)
    down = np.minimum(y - box[1], box[3] - 1 - y)
    inwards = np.minimum(across, down[:, None])[..., None]
    share = np.clip(inwards / np.float32(fade), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _grid(width: int, height: int) -> Floats:
    """(height, width, 2) x and y of every pixel, of a box whose size changes a little."""
    return _kept_grid(-(-width // _GRAIN), -(-height // _GRAIN))[:height, :width]


@lru_cache(maxsize=8)
def _kept_grid(columns: int, rows: int) -> Floats:
    return pixel_grid(columns * _GRAIN, rows * _GRAIN)
