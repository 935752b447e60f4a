"""Cloth that is not among the garments: collars round the neck and head scarves.

Both are a grid wrapped around the body: rays from an axis inside it, each as long as the skin is
far, smoothed, and a margin on top.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

from gallery import source
from gallery.person import Person

AROUND = 144
FINER = 3
"""A head scarf is cut on a grid this much finer, so that its rim shows no steps."""
FACE = -0.27
"""Height of the middle of the opening of a head scarf."""
OPENING = 0.73
"""Half the width of that opening; brows end inside it."""
CHEEKS = (0.84, 0.87, 1.0)
"""Share of the width at chin, cheeks and brows: the rim lies on the cheeks."""
UNDER_CHIN = 0.07
"""How far the rim covers the chin from below, so that a chin that moves shows no gap."""


@dataclass(frozen=True)
class Sheet:
    """Points and quads of one piece of cloth."""

    points: np.ndarray
    quads: np.ndarray


def _skin(person: Person) -> np.ndarray:
    """Skin without ears, from the eye line and mid plane, in units of k, about the ears' depth."""
    points = person.points[: source.SKIN]
    near = (points[:, 1] > person.eye_y - 2.6 * person.k) & ~person.ears[: source.SKIN]
    return (points[near] - np.array([0, person.eye_y, person.ear_z])) / person.k


def _back(person: Person, points: np.ndarray) -> np.ndarray:
    return points * person.k + np.array([0, person.eye_y, person.ear_z])


def _angles() -> np.ndarray:
    """Azimuths of the columns, 0 at the front."""
    return np.linspace(-np.pi, np.pi, AROUND, endpoint=False)


def _reach(cloud: np.ndarray, y: float, depth: float, within: float = 0.06) -> np.ndarray:
    """How far the skin is from the axis at one height, for each azimuth."""
    band = cloud[np.abs(cloud[:, 1] - y) < within]
    radius = np.hypot(band[:, 0], band[:, 2] - depth)
    azimuth = np.arctan2(band[:, 0], band[:, 2] - depth)
    gap = np.abs((azimuth[None] - _angles()[:, None] + np.pi) % (2 * np.pi) - np.pi)
    near = np.where(gap < 0.16, radius[None], 0).max(1)
    known = near > 0
    if not known.all():
        near = np.interp(_angles(), _angles()[known], near[known], period=2 * np.pi)
    return gaussian_filter(near, 3, mode="wrap")


def _grid(points: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
    """Quads of a (rows, AROUND) grid closed around; `kept` says which points may be used."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    turned = np.roll(index, -1, 1)
    quads = np.stack([index[:-1], turned[:-1], turned[1:], index[1:]], -1).reshape(-1, 4)
    return quads if kept is None else quads[kept.ravel()[quads].all(1)]


def collar(person: Person) -> list[Sheet]:
    """A turtleneck's folded tube, or a mandarin collar with a slit at the front."""
    style = person.spec.clothes.collar
    if style == "none":
        return []
    cloud = _skin(person)
    neck = cloud[np.abs(cloud[:, 1] + 1.3) < 0.06]
    depth = float(neck[np.abs(neck[:, 0]) < 0.6, 2].mean())
    slim = np.minimum(_reach(cloud, -1.3, depth), _reach(cloud, -1.22, depth) + 0.1)
    angles = _angles()
    front = (1 + np.cos(angles)) / 2
    if style == "turtleneck":
        top = -1.06 - 0.12 * front
        profile = [(-0.06, 0.015), (-0.01, 0.03), (0.01, 0.055), (0.0, 0.085), (-0.05, 0.105),
                   (-0.14, 0.115), (-0.22, 0.115), (-0.26, 0.095), (-0.27, 0.06)]  # fmt: skip
        below = np.linspace(-0.28, -0.80, 13)
    else:
        top = -1.17 - 0.16 * front
        profile = [(-0.05, 0.015), (0.0, 0.03), (0.0, 0.05), (-0.08, 0.065), (-0.16, 0.06)]
        below = np.linspace(-0.2, -0.78, 14)
    # the end is tucked in under the garment
    profile += [
        (float(drop), float(np.interp(drop, [below[-1], below[-1] + 0.40], [-0.16, 0.045])))
        for drop in below
    ]
    rows = []
    for drop, margin in profile:
        y = top + drop
        levels = np.linspace(y.min() - 0.01, y.max() + 0.01, 4)
        table = np.stack([_reach(cloud, float(level), depth) for level in levels])
        at = (y - levels[0]) / (levels[1] - levels[0])
        low = np.clip(at.astype(int), 0, 2)
        column = np.arange(AROUND)
        skin = table[low, column] * (1 - (at - low)) + table[low + 1, column] * (at - low)
        cap = np.interp(y, [-1.95, -1.6, -1.45, -1.34], [2.8, 1.9, 1.3, 1.06])
        radius = np.minimum(skin, slim * cap) + margin
        radius = gaussian_filter(radius, 2, mode="wrap")
        rows.append(np.stack([radius * np.sin(angles), y, depth + radius * np.cos(angles)], -1))
    points = np.array(rows)
    kept = None
    if style == "mandarin":
        slit = np.abs(points[..., 0]) > 0.035 + 0.10 * np.clip(points[..., 1] + 1.42, 0, 1)
        kept = slit | (points[..., 2] < depth)
    return [Sheet(_back(person, points.reshape(-1, 3)), _grid(points, kept))]


def _finer(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A grid closed around with `FINER` times as many rows and columns, and its azimuths."""
    rows, columns = points.shape[:2]
    wide = np.concatenate([points[:, -4:], points, points[:, :4]], 1)
    at = np.meshgrid(
        np.linspace(0, rows - 1, (rows - 1) * FINER + 1),
        4 + np.arange(columns * FINER) / FINER, indexing="ij",
    )  # fmt: skip
    fine = np.stack(
        [map_coordinates(wide[..., i], at, order=3, mode="nearest") for i in range(3)], -1
    )
    return fine, np.linspace(-np.pi, np.pi, columns * FINER, endpoint=False)


def _chin(cloud: np.ndarray) -> float:
    """Height of the lowest point of the chin."""
    front = cloud[(np.abs(cloud[:, 0]) < 0.12) & (cloud[:, 1] < -0.7) & (cloud[:, 1] > -1.5)]
    foremost = front[:, 2].max()
    return float(front[front[:, 2] > foremost - 0.25, 1].min())


def scarf(person: Person) -> list[Sheet]:
    """A hijab: close around the face, over the crown, and down over neck and chest."""
    if person.spec.clothes.covering != "hijab":
        return []
    cloud = _skin(person)
    angles = _angles()
    middle = np.array([0, 0.05, 0.12])
    offset = cloud - middle
    distance = np.linalg.norm(offset, axis=1)
    tree = cKDTree(offset / distance[:, None])
    polar = np.radians(np.linspace(4, 100, 44))
    rows = []
    for angle in polar:
        ways = np.stack(
            [np.sin(angle) * np.sin(angles), np.full(AROUND, np.cos(angle)),
             np.sin(angle) * np.cos(angles)], -1
        )  # fmt: skip
        gap, near = tree.query(ways, k=6)
        share = 1 / (gap + 0.02)
        length = (distance[near] * share).sum(1) / share.sum(1)
        rows.append(middle + ways * (length + 0.10)[:, None])
    # from the cheeks down, the cloth hangs from jaw and back of the head onto the shoulders
    start = rows[-1]
    begin = np.hypot(start[:, 0], start[:, 2] - middle[2])
    heights = np.linspace(-0.1, -2.2, 64)
    skins = np.stack([_reach(cloud, float(y), middle[2]) for y in heights])
    shoulder = np.minimum(skins[np.argmin(np.abs(heights + 1.72))], 1.25)
    front = (1 + np.cos(angles)) / 2
    hem = -1.62 - 0.30 * front**2
    for down in np.linspace(0.03, 1, 46):
        y = start[:, 1] * (1 - down) + hem * down
        at = np.clip((heights[0] - y) / (heights[0] - heights[1]), 0, len(heights) - 1.001)
        low, column = at.astype(int), np.arange(AROUND)
        skin = skins[low, column] * (1 - (at - low)) + skins[low + 1, column] * (at - low)
        share = np.clip((heights[0] - y) / (heights[0] + 1.75), 0, 1)
        tent = begin * (1 - share) + shoulder * share
        hung = np.interp(y, [-1.2, -0.95], [1, 0]) * (1 - share) * 0.16 * front
        radius = np.maximum(np.minimum(skin, 1.55), tent * 0.94 - hung) + 0.07
        rows.append(np.stack([radius * np.sin(angles), y, middle[2] + radius * np.cos(angles)], -1))
    points = np.array(rows)
    points = gaussian_filter(points, (1.6, 0, 0), mode="nearest")
    points = gaussian_filter(points, (0, 1.6, 0), mode="wrap")
    points, angles = _finer(points)
    # folds that run from the temples under the chin
    y, x = points[..., 1], points[..., 0]
    fold = np.sin(16 * (y + 0.55 * np.abs(x)) + 2.0 * x) * np.interp(
        y, [-1.95, -1.6, -1.2, -0.6], [0, 1, 1, 0]
    )
    outward = np.stack([np.sin(angles), np.zeros(len(angles)), np.cos(angles)], -1)
    points = points + 0.016 * fold[..., None] * outward[None]
    # the hole for the face is an oval; its rim lies close to the skin
    inside = points[..., 2] > 0.1
    chin = _chin(cloud)

    def opening(at: np.ndarray) -> np.ndarray:
        high = np.where(at[..., 1] > FACE, 0.80, FACE - chin - UNDER_CHIN)
        wide = OPENING * np.interp(at[..., 1], [-1.1, -0.5, 0.1], CHEEKS)
        return np.hypot(at[..., 0] / wide, (at[..., 1] - FACE) / high)

    oval = opening(points)
    close = 0.055 * np.clip((1.4 - oval) / 0.4, 0, 1) * inside
    points = points - close[..., None] * outward[None]
    kept = ~((oval < 1) & inside)
    rim = kept & inside & (oval < 1.15)
    inner = ~kept
    touching = np.zeros_like(kept)
    for axis in (0, 1):
        for step in (1, -1):
            touching |= np.roll(inner, step, axis)
    rim &= touching
    for _ in range(4):
        scale = 1 / opening(points)[rim]
        points[rim, 0] *= scale
        points[rim, 1] = FACE + (points[rim, 1] - FACE) * scale
    # along the rim, neighbours in angle agree on their depth
    turn = np.arctan2(points[rim, 0], points[rim, 1] - FACE)
    order = np.argsort(turn)
    depth = points[rim, 2][order]
    smooth = gaussian_filter(depth, 3 * FINER, mode="wrap")
    depth[order] = smooth
    # below, it lies on the jaw, so that nobody looks in between
    face = cloud[cloud[:, 2] > 0.2]
    _, near = cKDTree(face[:, :2]).query(points[rim][:, :2], k=6)
    lies = face[near, 2].max(1) + 0.045
    lies[order] = gaussian_filter(lies[order], 2 * FINER, mode="wrap")
    low = np.clip((FACE + 0.3 - points[rim, 1]) / 0.3, 0, 1)
    points[rim, 2] = depth + (lies - depth) * low
    return [Sheet(_back(person, points.reshape(-1, 3)), _grid(points, kept))]
