"""The person apart from what is behind, so that one can move and the other stay."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.types import Picture

Floats = npt.NDArray[np.float32]

# Below this much person a pixel counts as background, and above that much as person.
CLEAR, SOLID = 6, 250


def fill_unknown(picture: Picture, known: npt.NDArray[np.uint8]) -> Picture:
    """Continue a picture smoothly into where it is not known, by a pyramid of weighted averages
    (push-pull, Gortler et al. 1996).

    Args:
        picture: (h, w, 3).
        known: (h, w) how far each pixel is to be trusted, 0..255.
    """
    weights: list[npt.NDArray[Any]] = [known.astype(np.float32) / 255]
    colours: list[npt.NDArray[Any]] = [picture.astype(np.float32) * weights[0][..., None]]
    while min(weights[-1].shape) > 2:
        colours.append(cv2.pyrDown(colours[-1]))
        weights.append(cv2.pyrDown(weights[-1]))
    result = colours[-1] / np.maximum(weights[-1], 1e-4)[..., None]
    for colour, weight in zip(reversed(colours[:-1]), reversed(weights[:-1]), strict=True):
        larger = cv2.pyrUp(result, dstsize=(weight.shape[1], weight.shape[0]))
        here = np.minimum(weight, 1)[..., None]
        result = colour / np.maximum(weight, 1e-4)[..., None] * here + larger * (1 - here)
    return np.asarray(np.clip(np.round(result), 0, 255), np.uint8)


def separate(picture: Picture, matte: npt.NDArray[np.uint8], reach: int) -> tuple[Picture, Picture]:
    """Split an opaque picture into a person and a backdrop that give it back exactly.

    Args:
        picture: (h, w, 3) RGB.
        matte: (h, w) how much of each pixel is the person.
        reach: pixels around the person whose colours the backdrop does not trust.

    Returns:
        The person, (h, w, 4) premultiplied, and the backdrop, (h, w, 4) opaque.
    """
    size = 2 * reach + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    near = cv2.dilate(np.where(matte > CLEAR, 255, 0).astype(np.uint8), kernel)
    filled = fill_unknown(picture, np.asarray(255 - near, np.uint8))
    # The fringe around the person goes with the person; beyond it the picture is its own backdrop.
    made_up = cv2.blur(cv2.dilate(near, kernel), (size, size)).astype(np.float32)[..., None] / 255
    behind = np.round(picture * (1 - made_up) + filled * made_up)

    # The least alpha with which some colour of the person over this backdrop gives the picture.
    alpha = np.where(matte > SOLID, 255, np.where(matte <= CLEAR, 0, matte)).astype(np.float32)
    shown = picture.astype(np.float32)
    needed = np.maximum(
        1 - shown / np.maximum(behind, 1), (shown - behind) / np.maximum(255 - behind, 1)
    ).max(2)
    # Made smooth from above, or its noise would show as a jagged rim.
    needed = cv2.blur(cv2.dilate(np.clip(needed, 0, 1), np.ones((5, 5), np.uint8)), (5, 5))
    alpha = np.maximum(alpha, np.ceil(needed * 255))
    opaque = np.full(matte.shape, 255, np.uint8)
    backdrop = np.dstack([behind.astype(np.uint8), opaque])
    whole = np.dstack([picture, opaque])
    through = cv2.merge([255 - alpha.astype(np.uint8)] * 4)
    person = cv2.subtract(whole, cv2.multiply(backdrop, through, scale=1 / 255))
    return np.asarray(person, np.uint8), backdrop
