"""Images from outside, and fitting pictures into boxes."""

import re
import struct
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from visavis.errors import SceneError
from visavis.media import Picture

LARGEST_FILE = 64 << 20
"""Bytes of an image that are read."""

LARGEST_PICTURE = 80_000_000
"""Pixels of an image that are decoded."""

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


def load_image(source: Path | bytes) -> Picture:
    """Decode an image upright, as RGB, or RGBA where it has transparency.

    Raises:
        SceneError: missing, too large, damaged, or no image.
    """
    name = "The image" if isinstance(source, bytes) else source.name
    if isinstance(source, bytes):
        data = source
    else:
        try:
            size = source.stat().st_size
            if size > LARGEST_FILE:
                raise SceneError(
                    f"{name} has {size / 1e6:.0f} MB; images up to {LARGEST_FILE / 1e6:.0f} MB"
                    " are taken.",
                    "Save it smaller.",
                )
            data = source.read_bytes()
        except OSError as error:
            raise SceneError(f"{name} cannot be opened: {error.strerror}.") from error
    if len(data) > LARGEST_FILE:
        raise SceneError(
            f"{name} has {len(data) / 1e6:.0f} MB; images up to {LARGEST_FILE / 1e6:.0f} MB are"
            " taken.",
            "Save it smaller.",
        )
    stated = header_size(data)
    if stated is None:
        raise SceneError(f"{name} is not an image.", "Give a JPEG, PNG, WebP, BMP or TIFF file.")
    if stated[0] * stated[1] > LARGEST_PICTURE:
        raise SceneError(
            f"{name} is {stated[0]}x{stated[1]}; images up to {LARGEST_PICTURE // 1_000_000}"
            " million pixels are taken.",
            "Save it smaller.",
        )
    picture = _decode(data)
    if picture is None:
        raise SceneError(f"{name} is damaged and cannot be shown.", "Save it again.")
    return picture


def _decode(data: bytes) -> Picture | None:
    coded = np.frombuffer(data, np.uint8)
    try:
        # The colour reader turns by EXIF and knows CMYK; only the plain one keeps transparency.
        plain = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED)
        if plain is not None and plain.ndim == 3 and plain.shape[2] == 4:
            if plain.dtype != np.uint8:
                plain = (plain // 257).astype(np.uint8)
            return np.asarray(cv2.cvtColor(plain, cv2.COLOR_BGRA2RGBA), np.uint8)
        shown = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if shown is None else np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2RGB), np.uint8)


def header_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that an image file states, without decoding it; None when it is none."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:2] == b"\xff\xd8":
        return _jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp_size(data)
    if data[:2] == b"BM" and len(data) >= 26:
        width, height = struct.unpack("<ii", data[18:26])
        return abs(width), abs(height)
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        kind = data[at + 1]
        if kind in (0xFF, 0x01) or 0xD0 <= kind <= 0xD9:
            at += 1 if kind == 0xFF else 2
            continue
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return (
            1 + int.from_bytes(data[24:27], "little"),
            1 + int.from_bytes(data[27:30], "little"),
        )
    if kind == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def _tiff_size(data: bytes) -> tuple[int, int] | None:
    order = "<" if data[:2] == b"II" else ">"
    try:
        (at,) = struct.unpack(order + "I", data[4:8])
        (count,) = struct.unpack(order + "H", data[at : at + 2])
        found: dict[int, int] = {}
        for index in range(min(count, 200)):
            entry = data[at + 2 + 12 * index : at + 14 + 12 * index]
            tag, kind = struct.unpack(order + "HH", entry[:4])
            if tag in (256, 257):
                form = order + ("H" if kind == 3 else "I")
                found[tag] = struct.unpack(form, entry[8 : 10 if kind == 3 else 12])[0]
    except struct.error:
        return None
    return (found[256], found[257]) if len(found) == 2 else None


def cover(
    picture: Picture,
    size: tuple[int, int],
    focus: tuple[float, float] = (0.5, 0.5),
    *,
    quick: bool = False,
) -> Picture:
    """Scale and cut a picture so that it fills `size`.

    Args:
        picture: (height, width, channels).
        size: width and height wanted.
        focus: the point that stays in view, in fractions of width and height.
        quick: for pictures that pass by: a fifth of the time, a little less smooth.
    """
    width, height = size
    high, wide = picture.shape[:2]
    if (wide, high) == size:
        return picture
    scale = max(width / wide, height / high)
    # Cut first: a panorama would else be scaled up whole.
    cut_wide, cut_high = min(wide, round(width / scale)), min(high, round(height / scale))
    x = round(min(max(focus[0] * wide - cut_wide / 2, 0), wide - cut_wide))
    y = round(min(max(focus[1] * high - cut_high / 2, 0), high - cut_high))
    cut = picture[y : y + max(1, cut_high), x : x + max(1, cut_wide)]
    if quick and scale > 0.5:
        how = cv2.INTER_LINEAR
    else:
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, size, interpolation=how), np.uint8)


def blurred(picture: Picture, size: tuple[int, int], amount: float = 0.03) -> Picture:
    """A soft version that fills `size`; `amount` is the blur in diagonals of the picture."""
    small_size = max(8, size[0] // 8), max(8, size[1] // 8)
    small = cover(picture, small_size)
    sigma = amount * float(np.hypot(*small_size))
    soft = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def extended(picture: Picture, left: int, top: int, size: tuple[int, int]) -> Picture:
    """A soft surrounding that goes on where a picture ends.

    Each band is the rim of the picture, mirrored and stretched out of focus, so that nothing
    recognisable, least of all the face, shows up beside itself.

    Args:
        picture: (height, width, 3) in its place on the canvas.
        left, top: where it lies.
        size: width and height of the canvas.
    """
    high, wide = picture.shape[:2]
    right, bottom = size[0] - left - wide, size[1] - top - high
    if left or right:
        rim = max(2, wide // 12)
        before = cv2.resize(picture[:, :rim][:, ::-1], (left, high)) if left else None
        after = cv2.resize(picture[:, -rim:][:, ::-1], (right, high)) if right else None
        picture = np.hstack([part for part in (before, picture, after) if part is not None])
    if top or bottom:
        rim = max(2, high // 12)
        above = cv2.resize(picture[:rim][::-1], (size[0], top)) if top else None
        below = cv2.resize(picture[-rim:][::-1], (size[0], bottom)) if bottom else None
        picture = np.vstack([part for part in (above, picture, below) if part is not None])
    return blurred(picture, size)


def without_person(picture: Picture, alpha: Picture, size: tuple[int, int]) -> Picture:
    """The background of a picture, out of focus and filling `size`, closed where the person was.

    Normalised convolution: every place takes the mean of the background around it, from as far
    away as needed.

    Args:
        picture: (height, width, 3).
        alpha: (height, width), coverage of the person.
        size: width and height wanted.
    """
    small_size = max(8, size[0] // 8), max(8, size[1] // 8)
    small = cover(picture, small_size).astype(np.float32)
    person = cv2.dilate(cover(alpha[..., None], small_size), np.ones((5, 5), np.uint8))
    weight = np.float32(1) - person.astype(np.float32)[..., None] / np.float32(255)
    filled = np.zeros_like(small)
    known = np.zeros_like(weight)
    for share in (0.03, 0.08, 0.2, 0.5):
        sigma = share * float(np.hypot(*small_size))
        total = _smooth(np.asarray(small * weight, np.float32), sigma)
        mass = _smooth(weight, sigma)[..., None]
        trust = (1 - known) * np.clip(mass * 4, 0, 1)
        filled += trust * total / np.maximum(mass, 1e-6)
        known += trust
    filled /= np.maximum(known, 1e-6)
    soft = np.clip(_smooth(filled, 0.02 * float(np.hypot(*small_size))), 0, 255)
    large = cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, 0, 255), np.uint8)


def _smooth(values: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    return np.asarray(
        cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def slug(text: str) -> str:
    """``"News desk"`` as ``"news-desk"``."""
    return re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-")
