"""The person of an opaque portrait on nothing, for scenes that bring a background of their own."""

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.types import Picture

Bytes = npt.NDArray[np.uint8]

# Rim pixels still hold the colour of the old background, so the outermost are given up.
CHOKE_LOW, CHOKE_HIGH = 0.15, 0.92
REACH = 0.012
"""How far from its rim a person's own colours are looked for, in diagonals of the picture."""


def alone(picture: Picture, matte: Bytes) -> Picture:
    """Cut a person out, the rim cleaned of what was behind it.

    Args:
        picture: (h, w, 3) RGB.
        matte: (h, w) how much of each pixel is the person.

    Returns:
        (h, w, 4) with straight alpha.
    """
    firm = (matte.astype(np.float32) / 255 - CHOKE_LOW) / (CHOKE_HIGH - CHOKE_LOW)
    alpha = np.clip(firm, 0, 1)
    solid = (alpha > 0.98).astype(np.float32)
    reach = 2 * max(1, round(REACH * float(np.hypot(*matte.shape)) / 2)) + 1
    mass = cv2.blur(solid, (reach, reach))[..., None]
    total = cv2.blur(picture * solid[..., None], (reach, reach))
    inner = np.where(mass > 0.01, total / np.maximum(mass, 0.01), picture)
    colour = picture * alpha[..., None] + inner * (1 - alpha[..., None])
    return np.dstack([np.round(colour), np.round(alpha * 255)]).astype(np.uint8)
