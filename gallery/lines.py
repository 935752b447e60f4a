"""Lines of age, drawn on the front of a face as a picture of valleys.

Places are in units of k from the mid plane and the eye line, as the camera sees the face at rest.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from gallery.person import Person

SIZE = 1024
SPAN = 2.6
"""Width and height of the picture in units of k."""
MIDDLE = -0.15
"""Height of its middle over the eye line."""
STEPS = 160

Line = tuple[np.ndarray, float, float]
"""Points (n, 2), half the width in units of k, and depth 0..1."""


def places(person: Person) -> np.ndarray:
    """(n, 2) where each base vertex lies in the picture, 0..1 from its left and lower edge."""
    x = person.points[:, 0] / person.k
    y = (person.points[:, 1] - person.eye_y) / person.k - MIDDLE
    return np.stack([x, y], 1) / SPAN + 0.5


def _arc(*corners: tuple[float, float]) -> np.ndarray:
    """A smooth line through three places."""
    t = np.linspace(0, 1, STEPS)[:, None]
    first, middle, last = (np.array(corner) for corner in corners)
    bend = 2 * middle - (first + last) / 2
    return (1 - t) ** 2 * first + 2 * t * (1 - t) * bend + t**2 * last


def _lines(person: Person, rng: np.random.Generator) -> list[Line]:
    eye = person.eye_x / person.k
    mouth = (person.mouth[1] - person.eye_y) / person.k
    out: list[Line] = []
    for y, depth in ((0.37, 0.45), (0.46, 0.7), (0.55, 0.5)):
        left, right = rng.uniform(0.30, 0.44, 2)
        lift = rng.uniform(-0.015, 0.015, 3)
        middle = (rng.uniform(-0.06, 0.06), y - 0.012 + lift[1])
        out.append((_arc((-left, y + lift[0]), middle, (right, y + lift[2])), 0.016, depth))
    for side in (-1, 1):
        frown = rng.uniform(0.05, 0.065)
        out.append(
            (_arc((side * frown, 0.12), (side * frown * 1.1, 0.18), (side * frown, 0.25)),
             0.013, 0.45)
        )  # fmt: skip
        corner = eye + 0.235
        for turn, long, depth in ((0.45, 0.15, 0.35), (0.0, 0.17, 0.42), (-0.5, 0.16, 0.38)):
            way = np.array([np.cos(turn), np.sin(turn)]) * long * rng.uniform(0.85, 1.1)
            start = np.array([corner, 0.01 + 0.05 * np.sin(turn)])
            bow = start + 0.5 * way + [0.0, 0.012 * np.sign(turn + 0.01)]
            out.append((_arc(*((side * x, y) for x, y in (start, bow, start + way))), 0.010, depth))
        out.append(
            (_arc((side * (eye - 0.19), -0.13), (side * (eye - 0.01), -0.215),
                  (side * (eye + 0.21), -0.12)), 0.020, 0.55)
        )  # fmt: skip
        out.append(
            (_arc((side * 0.175, mouth + 0.30), (side * 0.29, mouth + 0.17),
                  (side * 0.335, mouth - 0.03)), 0.024, 1.0)
        )  # fmt: skip
        out.append(
            (_arc((side * 0.30, mouth - 0.07), (side * 0.325, mouth - 0.17),
                  (side * 0.31, mouth - 0.27)), 0.018, 0.5)
        )  # fmt: skip
    return out


def valleys(person: Person) -> np.ndarray:
    """(SIZE, SIZE) depth 0..1 of the lines, row 0 at the bottom."""
    rng = np.random.default_rng(person.spec.seed + 13)
    out = np.zeros((SIZE, SIZE))
    pixel = SIZE / SPAN
    for points, width, depth in _lines(person, rng):
        waver = gaussian_filter(rng.normal(0, 1, points.shape), (STEPS / 12, 0)) * 0.02
        at = ((points + waver - [0, MIDDLE]) / SPAN + 0.5) * SIZE
        # thin and shallow at both ends
        taper = np.sin(np.pi * np.linspace(0.02, 0.98, STEPS)) ** 0.6
        reach = int(3.5 * width * pixel) + 1
        for (x, y), share in zip(at, taper, strict=True):
            column, row = int(x), int(y)
            if not (reach < column < SIZE - reach and reach < row < SIZE - reach):
                continue
            rows, columns = np.ogrid[row - reach : row + reach, column - reach : column + reach]
            distance = ((columns - x) ** 2 + (rows - y) ** 2) / (width * pixel * share + 0.5) ** 2
            part = np.s_[row - reach : row + reach, column - reach : column + reach]
            out[part] = np.maximum(out[part], depth * share * np.exp(-distance))
    return out
