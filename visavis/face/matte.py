"""Alpha moved onto the edges of its picture.

The guided filter of He, Sun and Tang, "Guided Image Filtering", 2013, with its coefficients found
at a lower resolution (He and Sun, "Fast Guided Filter", 2015).
"""

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face.types import Picture

Alpha = npt.NDArray[np.float32]

REFINE_PIXELS = 640
HAZE = 0.12  # what the filter leaves on the wrong side of an edge


def refine(
    image: Picture, alpha: Alpha, *, smoothness: float = 1e-4, pixels: int = REFINE_PIXELS
) -> Alpha:
    """Alpha that follows the edges of the picture.

    Args:
        image: (height, width, 3) uint8 RGB.
        alpha: (height, width) float32, blurred or misplaced by up to a hundredth of the picture.
        smoothness: variance of colour below which an edge does not count.
        pixels: longer side at which the filter's coefficients are found; fewer are faster.

    Returns:
        (height, width) float32 in 0..1.
    """
    height, width = alpha.shape
    scale = min(pixels / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    guide = _float(cv2.resize(image, size, interpolation=cv2.INTER_AREA)) / np.float32(255)
    target = _float(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA))
    radius = max(max(size) // 90, 2)
    model = _guided_model(guide, target, radius, smoothness)
    model = _float(cv2.resize(model, (width, height), interpolation=cv2.INTER_LINEAR))
    fine = model[..., 3].copy()
    for channel in range(3):
        fine += model[..., channel] * image[..., channel] * np.float32(1 / 255)
    fine -= np.float32(HAZE)
    fine *= np.float32(1 / (1 - 2 * HAZE))
    return np.clip(fine, 0, 1, out=fine)


def _float(values: npt.NDArray[np.generic] | cv2.Mat) -> Alpha:
    return np.asarray(values, np.float32)


def _guided_model(guide: Alpha, target: Alpha, radius: int, smoothness: float) -> Alpha:
    """(height, width, 4) slopes and offset of target = slope . guide + offset, averaged over the
    windows that hold a pixel."""

    def mean(values: Alpha) -> Alpha:
        window = (2 * radius + 1, 2 * radius + 1)
        return _float(cv2.blur(values, window, borderType=cv2.BORDER_REFLECT))

    mean_guide, mean_target = mean(guide), mean(target)
    cross = mean(guide * target[..., None]) - mean_guide * mean_target[..., None]
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    a, b, c, d, e, f = (
        mean(guide[..., i] * guide[..., j]) - mean_guide[..., i] * mean_guide[..., j]
        for i, j in pairs
    )
    a, d, f = (diagonal + np.float32(smoothness) for diagonal in (a, d, f))
    # The symmetric 3x3 inverse by cofactors, for all windows at once.
    cofactors = (
        d * f - e * e,
        c * e - b * f,
        b * e - c * d,
        a * f - c * c,
        b * c - a * e,
        a * d - b * b,
    )
    determinant = a * cofactors[0] + b * cofactors[1] + c * cofactors[2]
    p, q, r, s, t, u = (cofactor / determinant for cofactor in cofactors)
    x, y, z = cross[..., 0], cross[..., 1], cross[..., 2]
    slope = np.stack([p * x + q * y + r * z, q * x + s * y + t * z, r * x + t * y + u * z], -1)
    offset = mean_target - (slope * mean_guide).sum(-1)
    return mean(np.concatenate([slope, offset[..., None]], -1))
