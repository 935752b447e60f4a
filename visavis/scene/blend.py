"""Laying one picture over another, touching only the pixels that change."""

import cv2
import numpy as np
import numpy.typing as npt

from visavis.media import Picture

Mask = npt.NDArray[np.uint8]
"""(height, width), 0 lets the lower picture show, 255 hides it."""


class Stencil:
    """A fixed mask, prepared so that laying a picture through it costs little.

    The largest inner rectangle that is solid is copied; what surrounds it is blended.

    Args:
        mask: (height, width) uint8.
    """

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        top, bottom = _solid_run(mask[:, mask.shape[1] // 2] == 255)
        left, right = _solid_run((mask[top:bottom] == 255).all(axis=0))
        self._solid = slice(top, bottom), slice(left, right)
        weight = mask.astype(np.float32) / 255
        rest = (
            (slice(0, top), slice(None)),
            (slice(bottom, None), slice(None)),
            (slice(top, bottom), slice(0, left)),
            (slice(top, bottom), slice(right, None)),
        )
        self._strips = [
            (place, np.ascontiguousarray(weight[place]), np.ascontiguousarray(1 - weight[place]))
            for place in rest
            if weight[place].size
        ]

    def lay(self, picture: Picture, out: Picture) -> None:
        """Lay RGB `picture` over RGB `out`, in place; all of one height and width."""
        out[self._solid] = picture[self._solid]
        for place, upper, lower in self._strips:
            out[place] = cv2.blendLinear(picture[place], out[place], upper, lower)


def _solid_run(solid: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """First and end of the longest unbroken run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], solid, [False]])))
    if not len(edges):
        return 0, 0
    longest = 2 * int(np.argmax(edges[1::2] - edges[::2]))
    return int(edges[longest]), int(edges[longest + 1])


Share = npt.NDArray[np.float32]
"""(n,), 0 lets the lower colour show, 1 hides it."""


def mix(
    upper: npt.NDArray[np.uint8], lower: npt.NDArray[np.uint8], share: Share
) -> npt.NDArray[np.uint8]:
    """`share` of `upper` and the rest of `lower`, both (n, 3)."""
    if not len(share):
        return upper
    weight = share[None]
    # one row of n pixels: OpenCV's loops run along rows
    return np.asarray(cv2.blendLinear(upper[None], lower[None], weight, 1 - weight)[0], np.uint8)


def share_of(alpha: npt.NDArray[np.uint8]) -> Share:
    """255ths as shares."""
    return np.asarray(alpha * np.float32(1 / 255), np.float32)


def lay_cutout(
    rgba: Picture,
    alpha: Mask,
    at: tuple[int, int],
    out: Picture,
    wrap: Picture | None = None,
    *,
    stained: bool = False,
) -> None:
    """Lay a person over RGB `out` by straight alpha, in place.

    Args:
        rgba: (height, width, 4), within `out`; its own alpha is not looked at.
        alpha: (height, width), contiguous.
        at: x and y of its upper left corner on `out`.
        out: (height, width, 3), contiguous.
        wrap: like `out`, a softened background whose light is let into the rim, so that the
            person stands in the scene instead of before it; None leaves the rim as it is.
        stained: the rim still holds the colour of another background and is to be cleaned.
    """
    high, wide = rgba.shape[:2]
    rgb = np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)
    below = out.reshape(-1, 3)
    rim = rim_of(alpha)
    rows, columns = np.divmod(rim, wide)
    places = (rows + at[1]) * out.shape[1] + columns + at[0]
    share = share_of(alpha.reshape(-1).take(rim))
    upper = rgb.reshape(-1, 3).take(rim, axis=0)
    if stained:
        upper = mix(upper, inner_colours(rgb, alpha, rows, columns), share)
    if wrap is not None:
        light = wrap.reshape(-1, 3).take(places, axis=0)
        upper = mix(light, upper, (1 - share) * _WRAP)
    mixed = mix(upper, below.take(places, axis=0), share)
    window = out[at[1] : at[1] + high, at[0] : at[0] + wide]
    cv2.copyTo(rgb, (alpha == 255).view(np.uint8), window)
    below[places] = mixed


_COARSE = 0.125
"""Part of the size at which the colours inside are found."""

_WRAP = np.float32(0.43)
"""Share of background light at the very rim."""


def rim_of(alpha: Mask) -> npt.NDArray[np.intp]:
    """Flat indices of the pixels that are neither clear nor solid."""
    return np.flatnonzero((alpha - np.uint8(1)) < 254)


def inner_colours(
    rgb: Picture,
    alpha: Mask,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
) -> npt.NDArray[np.uint8]:
    """The colour of the solid part of a person nearest to pixels of its rim: (n, 3).

    A mean over the solid pixels around, found at a part of the size; where there are none, the
    pixels' own colour.
    """
    small = np.asarray(
        cv2.resize(rgb, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_LINEAR)
    )
    size = small.shape[1], small.shape[0]
    # Samples at the same places; the mean below does the smoothing.
    shares = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR))
    solid = (shares > 250).astype(np.float32)
    mass = cv2.blur(solid, (5, 5))[..., None]
    total = cv2.blur(small * solid[..., None], (5, 5))
    inner = np.where(mass > 0.02, total / np.maximum(mass, 0.02), small).astype(np.float32)
    half = np.float32(0.5 * (1 - _COARSE))  # between the centres of large and small pixels
    x = columns.astype(np.float32) * np.float32(_COARSE) - half
    y = rows.astype(np.float32) * np.float32(_COARSE) - half
    found = np.empty((len(rows), 3), np.uint8)
    for start in range(0, len(rows), 30_000):  # remap takes at most 32,767 points in a row
        part = slice(start, start + 30_000)
        gathered = cv2.remap(
            inner, x[part, None], y[part, None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        found[part] = gathered[:, 0]
    return found


def rounded(size: tuple[int, int], radius: float) -> Mask:
    """A mask of a rectangle with round corners and smooth edges; a large radius makes a disc."""
    width, height = size
    radius = min(radius, width / 2, height / 2)
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2) - (width / 2 - radius)
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2) - (height / 2 - radius)
    outside = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    return np.asarray(np.clip((radius - outside) * 255 + 127, 0, 255), np.uint8)
