"""Bilinear sampling of pictures and grids at given places."""

from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Pixels = TypeVar("Pixels", bound=npt.NDArray[Any])


def sample(picture: Pixels, x: Floats, y: Floats) -> Pixels:
    """What a picture or grid has at places; its rim goes on beyond it.

    Args:
        picture: (h, w, c) uint8 or float32.
        x, y: (rows, columns) in pixels. Two planes are sampled a fifth faster than pairs.

    Returns:
        (rows, columns, c), of the picture's type.
    """
    found: Any = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found  # type: ignore[no-any-return]


def enlarge(grid: Floats, step: int, top: int = 0, bottom: int | None = None) -> Floats:
    """A grid of one node in every `step` x `step` pixels, interpolated to pixels.

    Args:
        grid: (rows, columns), nodes in the middle of their cells.
        top, bottom: the first row of pixels, and the one after the last; all by default.

    Returns:
        (bottom - top, columns * step) float32.
    """
    rows, columns = grid.shape
    end = rows * step if bottom is None else bottom
    # the nodes beside the wanted rows have a say in the first and last of them
    first, last = max(0, top // step - 1), min(rows, (end - 1) // step + 2)
    size = columns * step, (last - first) * step
    found = cv2.resize(grid[first:last], size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(found[top - first * step : end - first * step], np.float32)
