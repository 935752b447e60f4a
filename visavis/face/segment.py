"""A person told apart from the background, and the head from the body.

The person comes from MediaPipe's selfie segmentation (256x256), then moved onto the edges of the
picture.
"""

import cv2
import numpy as np

from visavis.face import weights
from visavis.face.head import HeadSplit, split_head
from visavis.face.litert import Net
from visavis.face.matte import Alpha, refine
from visavis.face.types import Face, Picture

NET_SIZE = 256
VIDEO_REFINE_PIXELS = 288
EDGE_ROWS = 10
SMOOTHING = 0.7


class Segmenter:
    """Picture to the alpha of the person in it. Not thread-safe.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self, threads: int = 1) -> None:
        self._net = Net(weights.person_model(), threads)

    def coarse(self, image: Picture) -> Alpha:
        """(256, 256) float32 in 0..1: the network's own answer for the whole picture."""
        small = cv2.resize(image, (NET_SIZE, NET_SIZE), interpolation=cv2.INTER_AREA)
        alpha = self._net(np.asarray(small * np.float32(1 / 255), np.float32)[None])[0][0, :, :, 0]
        # The network fades towards the lower edge, where a person goes on.
        alpha[-EDGE_ROWS:] = np.maximum(alpha[-EDGE_ROWS:], alpha[-EDGE_ROWS - 1])
        return alpha

    def person(self, image: Picture, face: Face | None = None) -> Alpha:
        """Alpha of the person.

        Args:
            image: (height, width, 3) uint8 RGB.
            face: their face; with it, head and hair are looked at once more from close by.

        Returns:
            (height, width) float32 in 0..1.
        """
        height, width = image.shape[:2]
        alpha = _enlarge(self.coarse(image), width, height)
        if face is not None:
            self._look_closer(image, face, alpha)
        return refine(image, alpha)

    def hair_and_head(self, image: Picture, face: Face) -> HeadSplit:
        """What of the picture moves with the head.

        Args:
            image: (height, width, 3) uint8 RGB.
            face: the face in it.
        """
        return split_head(image, face, self.person(image, face))

    def _look_closer(self, image: Picture, face: Face, alpha: Alpha) -> None:
        """Blend in the answer for the surroundings of the head, fading at their border."""
        left, top, right, bottom = surroundings(face, image.shape[1], image.shape[0])
        close = _enlarge(self.coarse(image[top:bottom, left:right]), right - left, bottom - top)
        if (bottom - top) * (right - left) > 0.7 * alpha.size:
            return
        fade = _fade((bottom - top, right - left), (left, top, right, bottom), alpha.shape)
        part = alpha[top:bottom, left:right]
        part += fade * (close - part)


class VideoSegmenter:
    """The same through a clip, steadied over time where the network is unsure.

    The mixing rule is that of MediaPipe's segmentation smoothing: a pixel near 0 or 1 follows at
    once, one near 0.5 keeps most of its past.

    Args:
        smoothing: share of the past in a pixel of which nothing is known, 0..1.
    """

    def __init__(self, *, smoothing: float = SMOOTHING, threads: int = 1) -> None:
        self._segmenter = Segmenter(threads)
        self._smoothing = smoothing
        self._past: Alpha | None = None

    def reset(self) -> None:
        """Forget the past, as at a cut."""
        self._past = None

    def person(self, image: Picture) -> Alpha:
        """Alpha of the person in the next frame; see `Segmenter.person`."""
        new = self._segmenter.coarse(image)
        if self._past is not None:
            new = new + (self._past - new) * (_uncertainty(new) * np.float32(self._smoothing))
        self._past = new
        alpha = _enlarge(new, image.shape[1], image.shape[0])
        return refine(image, alpha, pixels=VIDEO_REFINE_PIXELS)


def _uncertainty(alpha: Alpha) -> Alpha:
    """1 at one half, 0 at the ends: MediaPipe's polynomial for the entropy of a coin."""
    x = (alpha - np.float32(0.5)) ** 2
    likeness = x * (5.68842 + x * (-0.748699 + x * (-57.8051 + x * (291.309 + x * -624.717))))
    return np.asarray(1 - np.minimum(likeness, 1), np.float32)


def surroundings(face: Face, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels that hold head, hair and shoulders."""
    x, y = face.centre
    reach = 1.6 * max(face.height, face.width)
    left, top = max(round(x - reach), 0), max(round(y - reach), 0)
    right, bottom = min(round(x + reach), width), min(round(y + reach), height)
    return left, top, right, bottom


def _enlarge(alpha: Alpha, width: int, height: int) -> Alpha:
    return np.asarray(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR))


def _fade(size: tuple[int, int], box: tuple[int, int, int, int], whole: tuple[int, ...]) -> Alpha:
    """(height, width) 1 inside, falling to 0 at the sides of `box` that the picture goes beyond."""
    left, top, right, bottom = box
    height, width = size
    margin = max(min(size) // 6, 1)
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    across, down = np.ones(width, np.float32), np.ones(height, np.float32)
    if left > 0:
        across = np.minimum(across, x / margin)
    if right < whole[1]:
        across = np.minimum(across, (width - 1 - x) / margin)
    if top > 0:
        down = np.minimum(down, y / margin)
    if bottom < whole[0]:
        down = np.minimum(down, (height - 1 - y) / margin)
    return np.minimum(across[None], down[:, None])
