"""What shows through the openings: eyeballs that turn, teeth and tongue in the dark."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis.performance.types import CURVE_INDEX
from visavis.rigs.character.pack import KEYS, Camera, Pack, placed
from visavis.rigs.character.slit import Opening
from visavis.rigs.character.surface import Region
from visavis.rigs.character.units import face_units

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_CAVITY = np.array([52, 18, 18], np.float32)
"""Colour of the mouth behind the tongue, 0..255."""
_DEEP = 0.16
"""Opening, in units of the head, at which the mouth gets all its light."""
_CHEEKS = {"upper": (0.6, 1.1), "lower": (0.45, 0.75)}
"""Between which shares of a row of teeth's half width the shadow of the cheeks swallows it."""


def _part(opening: Opening, region: Region) -> tuple[Floats, tuple[slice, slice], int, int] | None:
    """How open each pixel is within the opening's bounds, and where that is in the region."""
    is_open = opening.lower > opening.upper
    if not is_open.any():
        return None
    columns = np.flatnonzero(is_open)
    first, last = int(columns[0]), int(columns[-1]) + 1
    top = max(region.top, int(opening.upper[first:last][is_open[first:last]].min()) - 1)
    bottom = min(
        region.top + region.height, int(opening.lower[first:last][is_open[first:last]].max()) + 2
    )
    left = max(region.left, opening.left + first)
    right = min(region.left + region.width, opening.left + last)
    if top >= bottom or left >= right:
        return None
    cover = opening.cover(top, bottom - top)[:, left - opening.left : right - opening.left]
    part = (
        slice(top - region.top, bottom - region.top),
        slice(left - region.left, right - region.left),
    )
    return cover, part, left, top


def _blend(out: Bytes, part: tuple[slice, slice], colour: Floats, cover: Floats) -> None:
    under = out[part][..., :3]
    cover = cover[..., None]
    out[part][..., :3] = (colour * cover + under * (1 - cover) + 0.5).astype(np.uint8)


def _dimmed(colour: npt.NDArray[Any], light: npt.NDArray[Any]) -> Floats:
    return np.asarray(colour * light[..., None], np.float32)


class Eyeball:
    """One eye: the rendered ball, turned under its lids and shaded by them."""

    def __init__(
        self,
        pack: Pack,
        index: int,
        camera: Camera,
        scale: tuple[float, float],
        picture: Bytes,
    ) -> None:
        centre = camera(pack.eyes[index : index + 1, :3])[0]
        self._centre = centre[:2]
        self._radius = float(pack.eyes[index, 3] * camera.matrix[0, 0] / centre[2])
        self._picture = picture
        self._gaze = face_units().gaze[:, index]
        self._shade = np.float32(0.055 * pack.unit * camera.matrix[0, 0] / centre[2])

    def draw(self, out: Bytes, region: Region, curves: Floats, opening: Opening) -> None:
        """Draw the eye where its lids are apart."""
        found = _part(opening, region)
        if found is None:
            return
        cover, part, left, top = found
        yaw, pitch = (float(angle) for angle in curves @ self._gaze)
        rows, columns = cover.shape
        x = (np.arange(left, left + columns, dtype=np.float32) - self._centre[0]) / self._radius
        y = (np.arange(top, top + rows, dtype=np.float32) - self._centre[1]) / self._radius
        x, y = (axis.astype(np.float32) for axis in np.meshgrid(x, y))
        z = np.sqrt(np.maximum(0.15, 1 - x * x - y * y))
        # turning the ball back: first the pitch, then the yaw
        y, z = y * np.cos(pitch) + z * np.sin(pitch), z * np.cos(pitch) - y * np.sin(pitch)
        x = x * np.cos(yaw) - z * np.sin(yaw)
        ball = cv2.remap(
            self._picture,
            (x * self._radius + self._centre[0]).astype(np.float32),
            (y * self._radius + self._centre[1]).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        upper = opening.upper[left - opening.left : left - opening.left + columns]
        depth = np.arange(top, top + rows, dtype=np.float32)[:, None] - upper
        light = 1.06 - 0.36 * np.exp(-np.maximum(depth, 0) / self._shade)
        _blend(out, part, _dimmed(ball[..., :3], light), cover)


def _in_shadow(teeth: Bytes, light: float, dark: float) -> Bytes:
    """A row of teeth that darkens towards its ends, where cheeks let no light in."""
    left, top, width, height = cv2.boundingRect(np.ascontiguousarray(teeth[..., 3]))
    if not width:
        return teeth
    middle, half = left + (width - 1) / 2, max((width - 1) / 2, 1)
    out = teeth.copy()
    # what is transparent beside them is mixed into their rim when they move
    part = out[max(0, top - 2) : top + height + 2, max(0, left - 2) : left + width + 2]
    columns = np.arange(part.shape[1]) + max(0, left - 2)
    share = np.clip((dark - np.abs(columns - middle) / half) / (dark - light), 0, 1)[:, None]
    share = share * share * (3 - 2 * share)
    part[..., :3] = np.round(_CAVITY + (part[..., :3] - _CAVITY) * share)
    return out


class Mouth:
    """Teeth and tongue; the lower ones ride on the jaw."""

    def __init__(self, pack: Pack, camera: Camera, size: tuple[int, int]) -> None:
        units = face_units()
        self._layers = {name: placed(pack, name, size) for name in ("upper", "lower", "tongue")}
        for name, (light, dark) in _CHEEKS.items():
            self._layers[name] = _in_shadow(self._layers[name], light, dark)
        lip = camera(np.zeros((1, 3), np.float32))[0]
        self._pixels = float(pack.unit * camera.matrix[0, 0] / lip[2])
        start = np.zeros(len(units.jaw), np.float32)
        for name, value in KEYS["open"].items():
            start[CURVE_INDEX[name]] = value
        self._start = start
        self._rates = {"lower": units.jaw, "tongue": units.tongue}

    def _layer(self, name: str, curves: Floats, box: tuple[int, int, int, int]) -> Bytes:
        left, top, columns, rows = box
        dx = dy = 0.0
        if name in self._rates:
            moved = (curves - self._start) @ self._rates[name] * self._pixels
            dx, dy = float(moved[0]), -float(moved[1])
        matrix = np.array([[1, 0, left - dx], [0, 1, top - dy]], np.float32)
        return np.asarray(
            cv2.warpAffine(
                self._layers[name], matrix, (columns, rows),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            ),
            np.uint8,
        )  # fmt: skip

    def draw(self, out: Bytes, region: Region, curves: Floats, opening: Opening) -> None:
        """Draw what the lips leave open."""
        found = _part(opening, region)
        if found is None:
            return
        cover, part, left, top = found
        rows, columns = cover.shape
        picture = np.empty((rows, columns, 3), np.float32)
        picture[:] = _CAVITY
        for name in ("tongue", "lower", "upper"):
            layer = self._layer(name, curves, (left, top, columns, rows))
            alpha = layer[..., 3:].astype(np.float32) / 255
            picture *= 1 - alpha
            picture += layer[..., :3] * alpha
        upper = opening.upper[left - opening.left : left - opening.left + columns]
        lower = opening.lower[left - opening.left : left - opening.left + columns]
        y = np.arange(top, top + rows, dtype=np.float32)[:, None]
        reach = np.float32(0.05 * self._pixels)
        shade = 1.14 - 0.34 * np.exp(-np.maximum(y - upper, 0) / reach)
        shade *= 1 - 0.25 * np.exp(-np.maximum(lower - y, 0) / reach)
        gap = np.clip((lower - upper) / (_DEEP * self._pixels), 0, 1)
        shade *= 0.88 + 0.12 * gap
        middle = (np.arange(columns, dtype=np.float32) + 0.5) / columns * 2 - 1
        shade *= 1 - 0.4 * middle**2
        _blend(out, part, _dimmed(picture, shade), cover)
