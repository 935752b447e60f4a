"""Which mouths of a clip are blurred by movement: real for one frame, smeared when held."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at

Floats = npt.NDArray[np.float32]

EYE_PIXELS = 96  # pixels of one eye distance at which mouths are compared
MARGIN = 6  # pixels round the lips
TOLERATED = 0.1  # log of the sharpness by which a mouth may fall short of what its opening gives
WEIGHT = 0.12  # squared distance for each further unit


def blur_penalties(crops: Sequence[bytes], points: Floats, gaps: Floats) -> Floats:
    """(n,) squared distance by which a search puts each mouth behind a sharp one.

    Args:
        crops: JPEG of the mouths.
        points: (n, 478, 2) the face in pixels of each crop.
        gaps: (n,) opening of the lips in eye distances; open mouths are rich in edges.
    """
    sharp = np.array([lip_edge(crop, face) for crop, face in zip(crops, points, strict=True)])
    terms = np.column_stack([np.ones(len(gaps)), gaps])
    logs = np.log(np.maximum(sharp, 1e-3))
    usual = terms @ np.linalg.lstsq(terms, logs, rcond=None)[0]
    return np.asarray(WEIGHT * np.maximum(usual - logs - TOLERATED, 0), np.float32)


def lip_edge(crop: bytes, points: Floats) -> float:
    """How steep the edges of the lips are, over how much lightness varies there.

    Args:
        crop: JPEG.
        points: (478, 2) pixels of it.
    """
    grey = cv2.imdecode(np.frombuffer(crop, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        return 0.0
    eye = np.linalg.norm(points[at.LEFT_EYE_OUTER] - points[at.RIGHT_EYE_OUTER])
    scale = EYE_PIXELS / max(float(eye), 1.0)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
    lips = points[at.LIPS_OUTER] * scale
    left, top = np.maximum(lips.min(0) - MARGIN, 0).astype(int)
    right, bottom = (lips.max(0) + MARGIN).astype(int)
    part = grey[top:bottom, left:right].astype(np.float32)
    if min(part.shape) < 4:
        return 0.0
    slope = np.hypot(cv2.Sobel(part, cv2.CV_32F, 1, 0), cv2.Sobel(part, cv2.CV_32F, 0, 1)) / 8
    return float(np.quantile(slope, 0.95) / (part.std() + 1))
