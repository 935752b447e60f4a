"""Where each pixel of a rendered pose moves when the face moves on."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.character.sampling import sample

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_FIXED = 4
_ITERATIONS = 4
_STRIDE = np.float32(0.8)
"""Share of the error that an iteration takes away; all of it may overshoot."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of the picture with a coarse grid of nodes, `step` pixels apart."""

    left: int
    top: int
    columns: int
    rows: int
    step: int

    @classmethod
    def inside(cls, box: tuple[float, float, float, float], step: int) -> "Region":
        """The largest region of whole cells inside left, top, right, bottom in pixels."""
        left, top = int(np.ceil(box[0])), int(np.ceil(box[1]))
        return cls(left, top, int(box[2] - left) // step, int(box[3] - top) // step, step)

    @property
    def width(self) -> int:
        return self.columns * self.step

    @property
    def height(self) -> int:
        return self.rows * self.step

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def nodes(self) -> Floats:
        """(rows, columns, 2) pixel x and y of the nodes, in the whole picture."""
        half = (self.step - 1) / 2
        x = self.left + half + self.step * np.arange(self.columns, dtype=np.float32)
        y = self.top + half + self.step * np.arange(self.rows, dtype=np.float32)
        return np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)


def faces_at(region: Region, flat: Floats, quads: Integers) -> Integers:
    """(height, width) the frontmost quad at each pixel, -1 where there is none.

    Args:
        flat: (n, 3) pixel x, y and depth of the vertices.
    """
    corners = flat[quads]
    x, y = corners[..., 0] - region.left, corners[..., 1] - region.top
    first = x[:, 2] - x[:, 0], y[:, 2] - y[:, 0]
    second = x[:, 3] - x[:, 1], y[:, 3] - y[:, 1]
    facing = first[0] * second[1] - first[1] * second[0] < 0
    seen = facing & (x.max(1) > -2) & (y.max(1) > -2)
    seen &= (x.min(1) < region.width + 2) & (y.min(1) < region.height + 2)
    chosen = np.flatnonzero(seen)
    chosen = chosen[np.argsort(-corners[chosen, :, 2].mean(1))]
    out = np.full((region.height, region.width), -1, np.int32)
    outline = np.round(np.stack([x, y], -1)[chosen] * (1 << _FIXED)).astype(np.int32)
    for index, points in zip(chosen.tolist(), outline, strict=True):
        cv2.fillConvexPoly(out, points, index, cv2.LINE_8, _FIXED)
    return out


def node_faces(region: Region, faces: Integers) -> Integers:
    """The quads at the nodes of a region."""
    half = region.step // 2
    return faces[half :: region.step, half :: region.step][: region.rows, : region.columns]


@dataclass(frozen=True, slots=True)
class Motion:
    """Offsets in pixels of the nodes of a region for each curve, with the pose they start from.

    Attributes:
        basis: (52, rows * columns * 2) float32.
        start: (52,) the curves of the rendered pose.
    """

    region: Region
    basis: Floats
    start: Floats

    def offsets(self, curves: Floats) -> Floats:
        """(rows, columns, 2) how far each node moves, in pixels."""
        apart = curves - self.start
        moving = np.flatnonzero(apart)
        flat = apart[moving] @ self.basis[moving]
        return np.asarray(flat.reshape(self.region.rows, self.region.columns, 2))

    def sources(self, curves: Floats) -> tuple[Floats, Floats]:
        """Where in the rendered pose each node of the moved picture comes from.

        The forward offsets are inverted by fixed-point iteration.

        Returns:
            (rows, columns) pixel x and the same of y, in the region's own picture.
        """
        region = self.region
        step = np.float32(region.step)
        offsets = self.offsets(curves) / step
        at_x, at_y = _cells(region.rows, region.columns)
        x, y = at_x - offsets[..., 0], at_y - offsets[..., 1]
        for _ in range(_ITERATIONS):
            moved = sample(offsets, x, y)
            x += _STRIDE * (at_x - moved[..., 0] - x)
            y += _STRIDE * (at_y - moved[..., 1] - y)
        half = np.float32(0.5)
        return (x + half) * step - half, (y + half) * step - half


@cache
def _cells(rows: int, columns: int) -> tuple[Floats, Floats]:
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return x, y


@dataclass(frozen=True, slots=True)
class Side:
    """What speaks for one side of the face's openings.

    Attributes:
        known: (rows, columns) the nodes whose own skin moves with this side.
        follow: (rows, columns) the row in the same column that an unknown node follows, -1 where
            it follows the nearest known one.
    """

    known: Flags
    follow: Integers


@dataclass(frozen=True, slots=True)
class Seen:
    """What the nodes of a region see.

    Attributes:
        face: (rows, columns) whether it is the face.
        corners: (rows, columns, 4) the vertices of the quad that is seen.
        flat: (n, 2) pixel x and y of the vertices in the rendered pose.
        rates: (52, n, 2) pixels that each vertex moves for each curve.
    """

    face: Flags
    corners: Integers
    flat: Floats
    rates: Floats


def motions(
    region: Region, seen: Seen, sides: tuple[Side, Side], start: Floats, window: Floats | None
) -> tuple[Motion, Motion]:
    """The motion of what a rendered pose shows, carried on smoothly into what it does not.

    Args:
        sides: above the openings and below: which nodes speak, and what the others follow.
        start: (52,) the curves of the rendered pose.
        window: (rows, columns) 0..1 by which all motion is scaled, zero at the rim; None for 1.
    """
    weights = _weights(region.nodes(), seen.flat[seen.corners])
    rates = np.zeros((len(seen.rates), *seen.face.shape, 2), np.float32)
    for corner in range(4):
        rates += seen.rates[:, seen.corners[..., corner]] * weights[..., corner, None]
    if window is not None:
        rates *= window[..., None]

    def of(side: Side) -> Motion:
        moved = _carried(rates, side.known & seen.face)
        y, x = np.nonzero(side.follow >= 0)
        moved[:, y, x] = moved[:, side.follow[y, x], x]
        # where the sides part at the corners, the step between columns is smoothed out
        _relax(moved, side.follow >= 0, 3)
        return Motion(region, moved.reshape(len(moved), -1), start)

    above, below = sides
    return of(above), of(below)


def _weights(nodes: Floats, corners: Floats) -> Floats:
    """(..., 4) shares of the corners (..., 4, 2) of a quad in the places (..., 2) on it."""
    weights = np.zeros(corners.shape[:-1], np.float32)
    best = np.full(corners.shape[:-2], -np.inf, np.float32)
    for triangle in ((0, 1, 2), (0, 2, 3)):
        share = _barycentric(nodes, *(corners[..., i, :] for i in triangle))
        inside = share.min(-1)
        better = inside > best
        share = np.clip(share, 0, 1)
        share /= share.sum(-1, keepdims=True)
        fresh = np.zeros_like(weights)
        fresh[..., list(triangle)] = share
        weights[better] = fresh[better]
        best[better] = inside[better]
    return weights


def _barycentric(p: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    ab, ac, ap = b - a, c - a, p - a
    area = ab[..., 0] * ac[..., 1] - ab[..., 1] * ac[..., 0]
    area = np.where(np.abs(area) < 1e-6, 1e-6, area)
    v = (ap[..., 0] * ac[..., 1] - ap[..., 1] * ac[..., 0]) / area
    w = (ab[..., 0] * ap[..., 1] - ab[..., 1] * ap[..., 0]) / area
    return np.stack([1 - v - w, v, w], axis=-1).astype(np.float32)


def _carried(values: Floats, known: Flags, rounds: int = 12) -> Floats:
    """A copy in which unknown nodes take their nearest known one, then smooth out."""
    if known.all() or not known.any():
        return values.copy()
    _, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    y, x = np.nonzero(known)
    lookup = np.zeros(int(nearest.max()) + 1, np.int64)
    lookup[nearest[y, x]] = np.arange(len(y))
    pick = lookup[nearest]
    out = values[:, y[pick], x[pick]]
    _relax(out, ~known, rounds)
    return out


def _relax(values: Floats, where: Flags, rounds: int) -> None:
    """Replace the marked nodes by the mean of their neighbours, some times over."""
    y, x = np.nonzero(where)
    last_y, last_x = where.shape[0] - 1, where.shape[1] - 1
    up, down = np.maximum(y - 1, 0), np.minimum(y + 1, last_y)
    left, right = np.maximum(x - 1, 0), np.minimum(x + 1, last_x)
    for _ in range(rounds):
        values[:, y, x] = (
            values[:, up, x] + values[:, down, x] + values[:, y, left] + values[:, y, right]
        ) / 4
