"""Garments in other colours: the light on the cloth is kept, its own colour replaced."""

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

GAMMA = 2.2
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
SOLID = 250
"""Where the mask is at least this, a pixel is all cloth."""
DARK = 0.06
"""Linear luminance under which sheen makes up so much of the light that it is held back."""


def dyed(
    layers: Mapping[str, Bytes],
    boxes: Mapping[str, tuple[int, int, int, int]],
    mask: Bytes,
    colour: Colour,
) -> dict[str, Bytes]:
    """The layers of a presenter with another colour of the main garment.

    Args:
        layers: name to (h, w, 4) uint8 RGBA; ``full`` is the whole picture.
        boxes: layer to left, top, right, bottom of what it covers in ``full``; layers without an
            entry but ``full`` show no cloth and stay as they are.
        mask: (h, w) uint8, how much of each pixel of ``full`` is the garment.
        colour: sRGB that the garment shows where the light on it is at the middle.
    """
    whole = layers["full"]
    cloth = whole[mask >= SOLID, :3]
    if not len(cloth):
        return dict(layers)
    middle = max(1e-3, float(np.median(_luminance(cloth))))
    out = dict(layers)
    for name, layer in layers.items():
        if name == "full":
            out[name] = _dyed(layer, mask, middle, colour)
        elif name in boxes:
            left, top, right, bottom = boxes[name]
            part = mask[top:bottom, left:right]
            out[name] = _dyed(layer[: bottom - top, : right - left], part, middle, colour)
    return out


def _luminance(pixels: Bytes) -> npt.NDArray[np.float32]:
    linear = (pixels.astype(np.float32) / 255) ** np.float32(GAMMA)
    return np.asarray(linear @ LUMA, np.float32)


def _dyed(layer: Bytes, mask: Bytes, middle: float, colour: Colour) -> Bytes:
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return layer
    light = _luminance(layer[rows, columns, :3]) / np.float32(middle)
    light **= np.float32(np.interp(middle, [DARK / 4, DARK], [0.6, 1.0]))
    own = (np.array(colour, np.float32) / 255) ** np.float32(GAMMA)
    shown = light[:, None] * own
    # what would be brighter than white runs into it softly
    shown = np.where(shown > 0.7, 1 - 0.3 * np.exp((0.7 - shown) / 0.3), shown)
    fresh = 255 * shown ** np.float32(1 / GAMMA)
    share = mask[rows, columns, None].astype(np.float32) / 255
    out = layer.copy()
    before = layer[rows, columns, :3].astype(np.float32)
    out[rows, columns, :3] = cv2.convertScaleAbs(before + (fresh - before) * share)
    return out
