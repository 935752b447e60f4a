"""Rooms drawn out of focus, for installations without rendered ones."""

from collections.abc import Callable

import cv2
import numpy as np

from visavis.media import Picture

Size = tuple[int, int]
_Rgb = tuple[int, int, int]

_WORK_HEIGHT = 360
"""The rooms are soft, so they are drawn small and scaled up."""


def _canvas(size: Size, top: _Rgb, bottom: _Rgb) -> Picture:
    width = max(2, round(size[0] * _WORK_HEIGHT / size[1]))
    ramp = np.linspace(0, 1, _WORK_HEIGHT, dtype=np.float32)[:, None, None]
    shade = np.array(top, np.float32) * (1 - ramp) + np.array(bottom, np.float32) * ramp
    return np.repeat(shade, width, axis=1).astype(np.uint8)


def _box(
    picture: Picture, left: float, top: float, right: float, bottom: float, fill: _Rgb
) -> None:
    """Fill a rectangle; x in heights from the middle of the picture, y in heights from its top."""
    middle, unit = picture.shape[1] / 2, picture.shape[0]
    start = round(middle + left * unit), round(top * unit)
    end = round(middle + right * unit), round(bottom * unit)
    cv2.rectangle(picture, start, end, fill, -1)


def _glow(picture: Picture, x: float, y: float, radius: float, fill: _Rgb) -> None:
    """A soft light, added on top."""
    middle, unit = picture.shape[1] / 2, picture.shape[0]
    spot = np.zeros(picture.shape[:2], np.float32)
    cv2.circle(spot, (round(middle + x * unit), round(y * unit)), round(radius * unit), 1.0, -1)
    light = cv2.GaussianBlur(spot, (0, 0), radius * unit * 0.6)
    lit = picture + light[..., None] * np.array(fill, np.float32)
    picture[:] = np.clip(lit, 0, 255).astype(np.uint8)


def _finish(picture: Picture, size: Size, softness: float, vignette: float = 0.16) -> Picture:
    """Blur like a lens, darken the corners, scale up, and add a grain against bands."""
    soft = cv2.GaussianBlur(picture, (0, 0), softness * _WORK_HEIGHT).astype(np.float32)
    high, wide = soft.shape[:2]
    y = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, wide, dtype=np.float32)[None, :]
    soft *= (1 - vignette * np.clip(x * x + y * y, 0, 2))[..., None]
    large = cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(1).standard_normal((size[1], size[0], 1), np.float32)
    return np.clip(large + grain * 1.1, 0, 255).astype(np.uint8)


def studio(size: Size) -> Picture:
    """A grey paper sweep with a light on it."""
    picture = _canvas(size, (176, 180, 186), (140, 143, 150))
    _glow(picture, 0.0, 0.38, 0.42, (52, 52, 50))
    return _finish(picture, size, 0.03, 0.26)


def dark_studio(size: Size) -> Picture:
    """A dark sweep with a cool rim of light."""
    picture = _canvas(size, (30, 33, 42), (17, 18, 24))
    _glow(picture, -0.55, 0.35, 0.3, (22, 40, 70))
    _glow(picture, 0.6, 0.45, 0.28, (60, 34, 24))
    return _finish(picture, size, 0.03, 0.3)


def office(size: Size) -> Picture:
    """A bright room: windows to the left, shelves and a plant to the right."""
    picture = _canvas(size, (214, 211, 205), (188, 182, 173))
    for left in (-1.05, -0.72, -0.39):
        _box(picture, left, 0.06, left + 0.29, 0.6, (238, 246, 252))
        _box(picture, left, 0.34, left + 0.29, 0.355, (196, 200, 203))
        _box(picture, left + 0.02, 0.42, left + 0.27, 0.6, (190, 212, 204))
    _box(picture, -1.2, 0.64, -0.05, 0.665, (150, 138, 124))
    _box(picture, 0.34, 0.12, 0.98, 0.8, (156, 128, 100))
    _shelf_rows(picture, 0.37, 0.95, (0.16, 0.33, 0.5, 0.66), 0.13, seed=4)
    _box(picture, -1.2, 0.8, 1.2, 1.0, (146, 132, 118))
    for dx, dy in ((0, 0), (0.05, -0.06), (-0.05, -0.05), (0.02, -0.12), (-0.03, 0.04)):
        _glow(picture, 1.08 + dx, 0.6 + dy, 0.05, (-70, -30, -80))
    _glow(picture, -0.7, 0.25, 0.28, (34, 36, 36))
    return _finish(picture, size, 0.021)


def _shelf_rows(
    picture: Picture, left: float, right: float, tops: tuple[float, ...], height: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    palette: list[_Rgb] = [
        (92, 60, 52), (60, 78, 96), (176, 150, 110), (206, 196, 180), (84, 96, 78), (140, 74, 60),
    ]  # fmt: skip
    for top in tops:
        _box(picture, left, top, right, top + height, (104, 84, 66))
        x = left + 0.01
        while x < right - 0.03:
            wide = float(rng.uniform(0.014, 0.036))
            short = float(rng.uniform(0.0, 0.04))
            if rng.random() < 0.86:
                fill = palette[int(rng.integers(len(palette)))]
                _box(picture, x, top + 0.015 + short, x + wide, top + height, fill)
            x += wide + 0.003


def library(size: Size) -> Picture:
    """Bookshelves across the wall in warm light."""
    picture = _canvas(size, (96, 74, 56), (66, 50, 38))
    for index in range(-3, 4):
        left = index * 0.42 - 0.2
        _shelf_rows(picture, left, left + 0.38, (0.04, 0.24, 0.44, 0.64), 0.17, seed=20 + index)
    _box(picture, -2, 0.86, 2, 1.0, (60, 44, 34))
    _glow(picture, -0.6, 0.2, 0.3, (66, 46, 22))
    _glow(picture, 0.7, 0.3, 0.25, (46, 32, 16))
    return _finish(picture, size, 0.018)


def classroom(size: Size) -> Picture:
    """A green board with traces of chalk, a wooden ledge, a pale wall."""
    picture = _canvas(size, (222, 216, 200), (204, 194, 172))
    _box(picture, -0.86, 0.1, 0.86, 0.66, (128, 96, 66))
    _box(picture, -0.83, 0.13, 0.83, 0.63, (52, 86, 72))
    for row in range(4):
        y = 0.2 + row * 0.1
        for x in np.arange(-0.74, -0.3, 0.06):
            _box(picture, float(x), y, float(x) + 0.045, y + 0.012, (140, 164, 152))
    _glow(picture, 0.5, 0.35, 0.16, (26, 30, 28))
    _box(picture, -0.86, 0.66, 0.86, 0.685, (150, 116, 82))
    _box(picture, -2, 0.84, 2, 1.0, (150, 122, 92))
    _glow(picture, -1.0, 0.3, 0.3, (26, 26, 22))
    return _finish(picture, size, 0.014)


def news_desk(size: Size) -> Picture:
    """Dark blue panels with lit seams and a curve of light."""
    picture = _canvas(size, (16, 34, 72), (8, 16, 38))
    for index in range(-5, 6):
        left = index * 0.26 - 0.12
        fill = (22 + 5 * (index % 3), 50 + 8 * (index % 3), 104 + 12 * (index % 2))
        _box(picture, left, 0.05, left + 0.24, 0.72, fill)
    centre = picture.shape[1] // 2, round(0.2 * _WORK_HEIGHT)
    for radius, fill in ((0.78, (60, 130, 210)), (0.7, (34, 84, 160))):
        axes = round(radius * 1.3 * _WORK_HEIGHT), round(radius * 0.6 * _WORK_HEIGHT)
        cv2.ellipse(picture, centre, axes, 0, 20, 160, fill, 5)
    _glow(picture, -0.7, 0.3, 0.22, (20, 50, 92))
    _glow(picture, 0.7, 0.3, 0.22, (20, 50, 92))
    _box(picture, -2, 0.9, 2, 1.0, (10, 18, 40))
    return _finish(picture, size, 0.013, 0.22)


def living_room(size: Size) -> Picture:
    """A warm wall, a lamp, a picture, the back of a sofa."""
    picture = _canvas(size, (218, 204, 186), (190, 170, 148))
    _box(picture, -0.78, 0.16, -0.38, 0.44, (120, 98, 80))
    _box(picture, -0.755, 0.185, -0.405, 0.415, (206, 190, 168))
    _box(picture, -0.7, 0.3, -0.5, 0.415, (126, 146, 140))
    _box(picture, -2, 0.78, 2, 1.0, (128, 134, 132))
    _box(picture, -2, 0.74, 2, 0.79, (146, 152, 150))
    _box(picture, 0.655, 0.36, 0.67, 0.78, (92, 76, 62))
    _box(picture, 0.57, 0.22, 0.755, 0.37, (250, 228, 186))
    _glow(picture, 0.66, 0.34, 0.24, (60, 44, 18))
    return _finish(picture, size, 0.018)


def skyline(size: Size) -> Picture:
    """A city at dusk behind glass."""
    picture = _canvas(size, (58, 74, 122), (226, 158, 120))
    rng = np.random.default_rng(9)
    x = -1.3
    while x < 1.3:
        wide, top = float(rng.uniform(0.06, 0.16)), float(rng.uniform(0.35, 0.66))
        shade = int(rng.integers(34, 62))
        _box(picture, x, top, x + wide, 1.0, (shade, shade + 4, shade + 24))
        for _ in range(14):
            wx, wy = x + float(rng.uniform(0, wide)), float(rng.uniform(top + 0.02, 0.98))
            _box(picture, wx, wy, wx + 0.01, wy + 0.012, (250, 212, 140))
        x += wide
    return _finish(picture, size, 0.011)


ROOMS: dict[str, Callable[[Size], Picture]] = {
    "classroom": classroom,
    "dark-studio": dark_studio,
    "library": library,
    "living-room": living_room,
    "news-desk": news_desk,
    "office": office,
    "skyline": skyline,
    "studio": studio,
}
"""Drawn rooms by name."""
