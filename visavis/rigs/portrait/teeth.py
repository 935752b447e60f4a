"""The inside of a mouth, painted once per rig: teeth one by one, gums, tongue, dark.

Sizes are of an average adult dentition (Wheeler's Dental Anatomy), in millimetres; the arches are
seen from the front, so teeth narrow and darken along the curve towards the cheeks.
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

EYE_DISTANCE_MM = 91.0
SUPERSAMPLING = 3


@dataclass(frozen=True, slots=True)
class Tooth:
    """width along the arch, crown length, how far its edge falls short of the longest (mm), and
    how pointed the edge is (0 straight, 1 a cusp)."""

    width: float
    length: float
    short: float
    point: float


UPPER = (
    Tooth(8.6, 10.4, 0.0, 0.05),
    Tooth(6.7, 9.0, 0.75, 0.12),
    Tooth(7.6, 10.0, 0.2, 0.65),
    Tooth(7.0, 8.4, 0.9, 0.5),
    Tooth(6.8, 7.6, 1.3, 0.4),
    Tooth(9.5, 7.2, 1.7, 0.2),
)
LOWER = (
    Tooth(5.3, 8.6, 0.15, 0.02),
    Tooth(5.8, 8.9, 0.0, 0.05),
    Tooth(6.9, 10.0, -0.25, 0.55),
    Tooth(7.0, 8.4, 0.5, 0.5),
    Tooth(7.1, 7.8, 1.0, 0.4),
    Tooth(10.5, 7.2, 1.5, 0.2),
)
# A little disorder, the same for everybody: tone, length, lean of each tooth from left to right.
TONE = (0.97, 0.95, 0.985, 0.965, 0.99, 1.0, 0.995, 0.97, 0.955, 0.98, 0.96, 0.95)
UNEVEN = (0.0, 0.15, -0.1, 0.12, -0.08, 0.05, -0.06, 0.1, 0.0, -0.12, 0.1, 0.05)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours in 0..255 RGB as they look where the face is best lit.

    Attributes:
        enamel: teeth.
        gum: gums.
        tongue: the tongue.
        dark: the depth of the mouth.
        wet: how strong the light is, 0..1, for what shines.
    """

    enamel: Floats
    gum: Floats
    tongue: Floats
    dark: Floats
    wet: float


@dataclass(frozen=True, slots=True)
class Painting:
    """Premultiplied (h, w, 4) float32 0..255 with its place in the mouth.

    Attributes:
        pixels: the painting.
        origin: pixel (x, y) that lies at the middle of the line between the lips.
        scale: pixels per millimetre.
    """

    pixels: Floats
    origin: tuple[float, float]
    scale: float


def _arch(teeth: tuple[Tooth, ...], half_width: float, depth: float) -> list[tuple[float, float]]:
    """Where each tooth of one side begins and ends, seen from the front, from the middle out."""
    angle = np.linspace(0, np.pi / 2, 400)
    x, z = half_width * np.sin(angle), depth * (1 - np.cos(angle))
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    edges = np.cumsum([0.0, *(tooth.width for tooth in teeth)])
    seen = np.interp(edges, length, x)
    return [(float(a), float(b)) for a, b in pairwise(seen)]


def _paint_row(
    canvas: Floats,
    x: Floats,
    y: Floats,
    teeth: tuple[Tooth, ...],
    arch: list[tuple[float, float]],
    sharp: float,
    palette: Palette,
    brightness: float,
) -> None:
    """Teeth that hang from y < 0 down to an edge near y = 0, in millimetres."""
    _paint_between(canvas, x, y, teeth, arch, palette, brightness)
    for side in (-1, 1):
        for number in reversed(range(len(teeth))):
            tooth, (start, end) = teeth[number], arch[number]
            index = 6 + number if side > 0 else 5 - number
            half, middle = (end - start) / 2, (start + end) / 2
            edge = -tooth.short + UNEVEN[index]
            across = (x * side - middle) / max(half, 1e-3)
            tip = edge - np.abs(across) ** (5 - 3.4 * tooth.point) * (0.55 + 1.1 * tooth.point)
            along = np.clip((edge - y) / tooth.length, 0, 1)  # 0 at the edge, 1 at the gum
            narrow = half * (1 - 0.17 * along**1.6) - 0.04
            gum = edge - tooth.length * (1 - 0.10 * across**2)
            inside = np.minimum(narrow - np.abs(x * side - middle), np.minimum(tip - y, y - gum))
            alpha = np.clip(inside * sharp + 0.5, 0, 1)[..., None]
            turned = start / arch[-1][1]
            light = brightness * TONE[index] * (1 - 0.62 * turned**1.5)
            round_off = 1 - 0.15 * np.abs(across) ** 4 - 0.10 * along**2
            gloss = 0.07 * np.exp(
                -(((across + 0.2 * side) / 0.35) ** 2) - ((along - 0.5) / 0.22) ** 2
            )
            colour = palette.enamel * (light * (round_off + gloss))[..., None]
            warm = np.array([1.0, 0.985 - 0.02 * turned, 0.955 - 0.05 * turned], np.float32)
            colour = colour * (1 - (1 - warm) * np.clip(0.35 + along, 0, 1)[..., None])
            thin = np.exp(-((along / 0.10) ** 2))[..., None] * (0.12 if tooth.point < 0.3 else 0.04)
            colour = colour * (1 - thin)
            canvas[..., :3] = canvas[..., :3] * (1 - alpha) + colour * alpha
            canvas[..., 3:] = canvas[..., 3:] * (1 - alpha) + 255 * alpha


def _paint_between(
    canvas: Floats,
    x: Floats,
    y: Floats,
    teeth: tuple[Tooth, ...],
    arch: list[tuple[float, float]],
    palette: Palette,
    brightness: float,
) -> None:
    """What shows between neighbours: their own shaded sides, dark only near the edges."""
    ends = np.array([0.0, *(end for _, end in arch)])
    short = np.array([teeth[0].short, *(tooth.short for tooth in teeth)])
    edge = -np.interp(np.abs(x), ends, short) - 1.3
    gum = edge - min(tooth.length for tooth in teeth) + 2.0
    within = np.minimum(np.minimum(edge - y, y - gum), ends[-1] - np.abs(x))
    alpha = np.clip(within * 2, 0, 1)[..., None]
    light = brightness * 0.62 * (1 - 0.62 * (np.abs(x) / ends[-1]) ** 1.5)
    paint = palette.enamel * np.array([1.0, 0.93, 0.86], np.float32) * light[..., None]
    canvas[..., :3] = canvas[..., :3] * (1 - alpha) + paint * alpha
    canvas[..., 3:] = canvas[..., 3:] * (1 - alpha) + 255 * alpha


def _paint_gum(
    canvas: Floats, x: Floats, y: Floats, teeth_length: float, width: float, colour: Floats
) -> None:
    curve = np.clip(1 - (x / width) ** 2, 0, 1)
    edge = -teeth_length * 0.80
    alpha = np.clip((edge - y) * 1.5, 0, 1) * np.clip(curve * 6, 0, 1)
    light = (0.35 + 0.65 * curve) * np.clip(1.05 - 0.05 * (edge - y), 0.3, 1)
    paint = colour * light[..., None]
    canvas[..., :3] = canvas[..., :3] * (1 - alpha[..., None]) + paint * alpha[..., None]
    canvas[..., 3] = np.maximum(canvas[..., 3], alpha * 255)


def _blank(
    width_mm: float, above: float, below: float, scale: float
) -> tuple[Floats, Floats, Floats]:
    fine = scale * SUPERSAMPLING
    columns, rows = (
        round(width_mm * scale) * SUPERSAMPLING,
        round((above + below) * scale) * SUPERSAMPLING,
    )
    x = (np.arange(columns, dtype=np.float32) + 0.5) / fine - width_mm / 2
    y = (np.arange(rows, dtype=np.float32) + 0.5) / fine - above
    grid_x, grid_y = np.meshgrid(x, y)
    return np.zeros((rows, columns, 4), np.float32), grid_x, grid_y


def _shrink(canvas: Floats, width_mm: float, above: float, scale: float) -> Painting:
    size = (canvas.shape[1] // SUPERSAMPLING, canvas.shape[0] // SUPERSAMPLING)
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    return Painting(
        np.asarray(small, np.float32), (width_mm / 2 * scale - 0.5, above * scale - 0.5), scale
    )


def paint_upper(scale: float, palette: Palette) -> Painting:
    """The upper teeth; their edge is at the origin."""
    canvas, x, y = _blank(62, 18, 3, scale)
    _paint_gum(canvas, x, y, 10, 27, palette.gum)
    _paint_row(canvas, x, y, UPPER, _arch(UPPER, 27, 36), scale * SUPERSAMPLING * 0.7, palette, 1.0)
    return _shrink(canvas, 62, 18, scale)


def paint_lower(scale: float, palette: Palette) -> Painting:
    """The lower teeth; their edge is at the origin."""
    canvas, x, y = _blank(56, 4, 20, scale)
    flipped = -y[::-1]
    upside = canvas[::-1].copy()
    _paint_gum(upside, x, flipped, 8.6, 23, palette.gum * 0.8)
    arch = _arch(LOWER, 23, 30)
    _paint_row(upside, x, flipped, LOWER, arch, scale * SUPERSAMPLING * 0.7, palette, 0.78)
    return _shrink(np.ascontiguousarray(upside[::-1]), 56, 4, scale)


def paint_tongue(scale: float, palette: Palette) -> Painting:
    """The tongue, its highest place at the origin: lit at the tip, dark towards the throat."""
    canvas, x, y = _blank(48, 3, 34, scale)
    half = 19 - 3.0 * np.exp(-np.maximum(y, 0) / 5)
    across = np.clip(np.abs(x) / half, 0, 1)
    top = 2.6 * across**2.2 + 0.3 * np.exp(-((x / 3.2) ** 2))
    depth = np.maximum(y - top, 0)
    alpha = np.clip((y - top) * 0.9, 0, 1) * np.clip((1 - across) * 9, 0, 1)
    light = 0.30 + 0.52 * (1 - np.exp(-depth / 6.0))
    light = light * (1 - 0.45 * across**2.5) * (1 - 0.06 * np.exp(-((x / 2.2) ** 2)))
    sheen = 0.10 * np.exp(-(((depth - 8) / 4) ** 2) - ((np.abs(x) - 6) / 4) ** 2)
    paint = palette.tongue * light[..., None] + 255 * palette.wet * sheen[..., None]
    canvas[..., :3] = paint * alpha[..., None]
    canvas[..., 3] = 255 * alpha
    return _shrink(canvas, 48, 3, scale)
