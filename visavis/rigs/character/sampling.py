"""Bilinear sampling of pictures and grids at given places."""

from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Pixels = TypeVar("Pixels", bound=npt.NDArray[Any])

_NO_SECOND_MAP: Any = None


def sample(picture: Pixels, at: Floats) -> Pixels:
    """What a picture or grid has at the places `at`; its rim goes on beyond it.

    Args:
        picture: (h, w, c) uint8 or float32.
        at: (rows, columns, 2) x and y in pixels.

    Returns:
        (rows, columns, c), of the picture's type.
    """
    found: Any = cv2.remap(
        picture, at, _NO_SECOND_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return found  # type: ignore[no-any-return]


def enlarge(grid: Floats, size: tuple[int, int]) -> Floats:
    """A grid (rows, columns, 2) interpolated to `size`, width and height in pixels."""
    return np.asarray(cv2.resize(grid, size, interpolation=cv2.INTER_LINEAR), np.float32)
