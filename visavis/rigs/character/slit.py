"""Openings of the face: the mouth between the lips, the eyes between the lids."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.character.pack import Camera

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]

_DENSITY = 4
"""Samples along each side of a face."""
_NEAR_EDGE = 0.035
"""How near to the edge in some pose, in widths, a sample must come to be kept."""
_PERHAPS = 1.5
"""What is further away than so many times that in every pose is not looked at between them."""
_KEPT = 3
"""Samples nearest to the edge that are kept in each column and pose."""
_SMOOTH = np.array([[1, 2, 3, 2, 1]], np.float32) / np.float32(9)
_GAP = np.ones((1, 5), np.uint8)
_SEAM = np.float32(0.8)
_CLEAR = np.float32(0.35)
"""Pixels by which an opening is drawn narrower at each edge, so that a closed one is closed."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening in the columns of a picture.

    Attributes:
        left: the first column.
        upper, lower: (n,) y of its edges in each column, in pixels of the picture; closed where
            `upper` is not above `lower`.
        middle: (n,) y of the line that parts what hangs above from what lies below.
        first, last: the columns from corner to corner; beyond them it is closed.
    """

    left: int
    upper: Floats
    lower: Floats
    middle: Floats
    first: int
    last: int

    def cover(self, top: int, rows: int) -> Floats:
        """(rows, n) how open each pixel is, 0..1, with antialiased edges."""
        y = np.arange(top, top + rows, dtype=np.float32)[:, None]
        above = np.clip(y - self.upper + (0.5 - _CLEAR), 0, 1)
        below = np.clip(self.lower - y + (0.5 - _CLEAR), 0, 1)
        # a gap of less than a pixel is the dark line between the edges, which the skin has
        apart = np.clip((self.lower - self.upper - _SEAM) / _SEAM, 0, 1)
        return np.asarray(above * below * apart, np.float32)

    def below(self, top: int, rows: int) -> npt.NDArray[np.bool_]:
        """(rows, n) the pixels that belong to the lower side."""
        return np.arange(top, top + rows, dtype=np.float32)[:, None] > self.middle


@dataclass(frozen=True, slots=True)
class _Side:
    """Points (n, 3) and their offsets (k, n * 3) for the curves (k,) that move them."""

    points: Floats
    deltas: Floats
    curves: npt.NDArray[np.intp]

    def moved(self, curves: Floats) -> Floats:
        """(n * 3,) offsets under the given (52,) curves."""
        return np.asarray(curves[self.curves] @ self.deltas)

    def seen(self, moved: Floats, camera: Camera) -> Floats:
        """(n, 3) pixel x, y and depth of the points, moved by such offsets."""
        return camera(np.asarray(self.points + moved.reshape(-1, 3), np.float32))

    def at(self, curves: Floats, camera: Camera) -> Floats:
        return self.seen(self.moved(curves), camera)


@dataclass(frozen=True, slots=True)
class Slit:
    """The two sides of an opening as clouds of points on the skin.

    The edges are silhouettes: in each column the lowest point of the upper side and the highest
    of the lower one, whichever part of a rolled lip that is.
    """

    upper: _Side
    lower: _Side
    corners: _Side
    camera: Camera
    left: int
    width: int

    def opening(self, curves: Floats) -> Opening:
        """The opening under the given (52,) curves."""
        upper = self._edge(self.upper.at(curves, self.camera), np.maximum, -np.inf)
        lower = self._edge(self.lower.at(curves, self.camera), np.minimum, np.inf)
        corners = self.corners.at(curves, self.camera)
        first = int(np.clip(np.ceil(corners[0, 0] - self.left), 0, self.width - 1))
        last = int(np.clip(np.floor(corners[1, 0] - self.left) + 1, first + 1, self.width))
        # to the corners the edges run together
        at = np.arange(self.width)
        for start, stop in ((0, first), (last, self.width)):
            lower[start:stop] = upper[start:stop]
        middle = ((upper + lower) / 2).astype(np.float32)
        left_end, right_end = corners[:, 1]
        middle[:first] = left_end
        middle[last:] = right_end
        upper[(at < first) | (at >= last)] = middle[(at < first) | (at >= last)]
        lower[(at < first) | (at >= last)] = middle[(at < first) | (at >= last)]
        return Opening(self.left, upper, lower, middle, first, last)

    def _edge(self, flat: Floats, keep: np.ufunc, empty: float) -> Floats:
        out = np.full(self.width, empty, np.float32)
        column = np.floor(flat[:, 0] - self.left + 0.5).astype(np.int64)
        inside = (column >= 0) & (column < self.width)
        keep.at(out, column[inside], flat[inside, 1])
        known = np.isfinite(out)
        if not known.any():
            return np.zeros(self.width, np.float32)
        x = np.arange(self.width)
        row = np.interp(x, x[known], out[known]).astype(np.float32)[None]
        # columns that no sample near the edge fell into stand out of it, always inwards
        shape = cv2.MORPH_OPEN if keep is np.minimum else cv2.MORPH_CLOSE
        whole = cv2.morphologyEx(row, shape, _GAP, borderType=cv2.BORDER_REPLICATE)
        smooth = cv2.filter2D(whole, -1, _SMOOTH, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(smooth[0], np.float32)


def slit(
    points: Floats,
    deltas: Floats,
    quads: Integers,
    upper: Floats,
    lower: Floats,
    camera: Camera,
    poses: tuple[Floats, ...],
    ball: Floats | None = None,
) -> Slit:
    """Prepare an opening.

    Args:
        points: (n, 3) vertices at rest; deltas: (52, n, 3) offsets for each curve.
        upper, lower: (n,) how much each vertex belongs to the side.
        poses: curves under which to look for what can be an edge; the first is the one in which
            the opening reaches furthest to its corners.
        ball: (4,) points inside this ball are hidden by it and do not count.
    """
    x = camera(points[np.maximum(upper, lower) > 0.4])[:, 0]
    left, width = int(x.min()), int(np.ceil(np.ptp(x))) + 1
    above = _side(points, deltas, quads, upper, ball)
    below = _side(points, deltas, quads, lower, ball)
    whole = Slit(above, below, _pick(above, np.array([0, -1])), camera, left, width)
    widest = poses[0]
    top = whole._edge(above.at(widest, camera), np.maximum, -np.inf)
    bottom = whole._edge(below.at(widest, camera), np.minimum, np.inf)
    is_open = bottom - top > 1.0
    first = last = width // 2
    while first > 0 and is_open[first - 1]:
        first -= 1
    while last < width - 1 and is_open[last + 1]:
        last += 1
    flat = above.at(widest, camera)[:, :2]
    ends = np.array(
        [
            np.abs(flat - np.array([left + column, top[column]])).sum(1).argmin()
            for column in (first, last)
        ]
    )
    upper_edge = _rim(whole, above, poses, np.maximum, -np.inf)
    lower_edge = _rim(whole, below, poses, np.minimum, np.inf)
    return Slit(upper_edge, lower_edge, _pick(above, ends), camera, left, width)


def _rim(
    whole: Slit, side: _Side, poses: tuple[Floats, ...], keep: np.ufunc, empty: float
) -> _Side:
    """The samples of a side that are its edge in some column under some pose.

    What is far from the edge in every pose is left out first: it is none between them either.
    """

    def away(moved: Floats) -> tuple[Floats, Integers]:
        where = side.seen(moved, whole.camera)
        edge = whole._edge(where, keep, empty)
        column = np.clip(np.round(where[:, 0]).astype(np.int32) - whole.left, 0, whole.width - 1)
        return np.abs(where[:, 1] - edge[column]), column

    reach = _NEAR_EDGE * whole.width
    nearest = np.min([away(side.moved(pose))[0] for pose in poses], axis=0)
    side = _pick(side, np.flatnonzero(nearest < _PERHAPS * reach))
    kept = np.zeros(len(side.points), bool)
    for moved in _between([side.moved(pose) for pose in poses]):
        distance, column = away(moved)
        close = np.flatnonzero(distance < reach)
        kept[close[_ranks(column[close], distance[close] / reach) < _KEPT]] = True
    return _pick(side, np.flatnonzero(kept))


def _between(offsets: list[Floats]) -> Iterator[Floats]:
    """What poses do to the points, half of that, and what any two do halfway between them."""
    yield from offsets
    half = [moved * np.float32(0.5) for moved in offsets]
    yield from half
    yield from (one + other for one, other in combinations(half, 2))


def _ranks(groups: Integers, values: Floats) -> npt.NDArray[np.intp]:
    """The place of each value, 0..1, within its group, the smallest first."""
    order = np.argsort(groups + np.minimum(values, np.float32(0.999)).astype(np.float64))
    ordered = groups[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    begun = np.repeat(starts, np.diff(starts, append=len(order)))
    ranks = np.empty(len(order), np.intp)
    ranks[order] = np.arange(len(order)) - begun
    return ranks


def _pick(side: _Side, index: npt.NDArray[np.intp]) -> _Side:
    deltas = side.deltas.reshape(len(side.deltas), -1, 3)[:, index]
    flat = np.ascontiguousarray(deltas.reshape(len(deltas), -1))
    return _Side(side.points[index], flat, side.curves)


def _side(
    points: Floats, deltas: Floats, quads: Integers, label: Floats, ball: Floats | None
) -> _Side:
    chosen = quads[label[quads].min(1) > 0.4]
    t = (np.arange(_DENSITY, dtype=np.float32) + np.float32(0.5)) / _DENSITY
    u, v = (axis.ravel() for axis in np.meshgrid(t, t))
    blend = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    moving = np.flatnonzero(deltas[:, np.unique(chosen)].any(axis=(1, 2)))
    where = (blend @ points[chosen]).reshape(-1, 3)
    moved = (blend @ deltas[moving[:, None, None], chosen]).reshape(len(moving), -1, 3)
    if ball is not None:
        visible = np.linalg.norm(where - ball[:3], axis=1) > 0.98 * ball[3]
        where, moved = where[visible], moved[:, visible]
    return _Side(where, moved.reshape(len(moving), -1), moving)
