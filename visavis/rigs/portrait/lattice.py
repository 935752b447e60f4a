"""Displacements on a coarse lattice, brought to every pixel of a box."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


SUBPIXEL = 4
_NO_SECOND_MAP = np.empty(0, np.float32)


def sample(
    image: npt.NDArray[Any],
    places: Floats,
    method: int = cv2.INTER_LINEAR,
    outside: int | None = None,
) -> npt.NDArray[Any]:
    """What an image shows at (h, w, 2) places in pixels: (h, w) or (h, w, channels).

    Args:
        outside: value beyond the image; its border continues where None.
    """
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    return cv2.remap(
        image, places, _NO_SECOND_MAP, method, borderMode=border, borderValue=outside or 0
    )


def pixel_grid(width: int, height: int) -> Floats:
    """(height, width, 2) x and y of every pixel."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.dstack([x, y])


@dataclass(frozen=True, slots=True)
class Lattice:
    """Nodes `step` pixels apart over a box; every node is the middle of its cell.

    Attributes:
        left, top: first pixel of the box.
        columns, rows: number of cells.
        step: side of a cell in pixels.
    """

    left: int
    top: int
    columns: int
    rows: int
    step: int

    @classmethod
    def over(cls, box: tuple[float, float, float, float], step: int) -> "Lattice":
        """The smallest lattice over left, top, right and bottom."""
        left, top = int(np.floor(box[0])), int(np.floor(box[1]))
        columns = max(1, int(np.ceil((box[2] - left) / step)))
        rows = max(1, int(np.ceil((box[3] - top) / step)))
        return cls(left, top, columns, rows, step)

    @property
    def width(self) -> int:
        return self.columns * self.step

    @property
    def height(self) -> int:
        return self.rows * self.step

    def axes(self) -> tuple[Floats, Floats]:
        """(columns,) x and (rows,) y of the nodes, in pixels."""
        middle = (self.step - 1) / 2
        x = np.arange(self.columns, dtype=np.float32) * self.step + np.float32(self.left + middle)
        y = np.arange(self.rows, dtype=np.float32) * self.step + np.float32(self.top + middle)
        return x, y

    def nodes(self) -> Floats:
        """(rows, columns, 2) positions in pixels."""
        return np.dstack(np.meshgrid(*self.axes())).astype(np.float32)

    def pixels(self, displacement: Floats, grid: Floats) -> Floats:
        """(height, width, 2) where every pixel of the box is fetched from; less where `grid` ends.

        Args:
            displacement: (rows, columns, 2) from a node to the place it shows.
            grid: the whole picture's `pixel_grid`.
        """
        here = grid[self.top : self.top + self.height, self.left : self.left + self.width]
        fine = cv2.resize(displacement, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.add(fine[: here.shape[0], : here.shape[1]], here), np.float32)


def fill(shape: tuple[int, int], polygon: Floats) -> npt.NDArray[np.uint8]:
    """An antialiased polygon, 255 inside; polygon in pixel centres."""
    mask = np.zeros(shape, np.uint8)
    points = np.round(polygon * (1 << SUBPIXEL)).astype(np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, SUBPIXEL)
    return mask
