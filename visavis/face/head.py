"""The head with its hair, told apart from the body below it."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.matte import Alpha, refine
from visavis.face.types import Face, Picture

Doubles = npt.NDArray[np.float64]

WORK_UNIT = 48  # pixels per eye distance in which hair is looked for
MIN_SAMPLES = 60
NECK = 0.9  # eye distances below the chin over which the neck stops following the head
HAIR_FALL = 1.8  # the same for hair that lies on the shoulders


@dataclass(frozen=True)
class HeadSplit:
    """What of a picture moves with the head.

    Attributes:
        person: (height, width) float32 alpha of the whole person.
        head: (height, width) float32 alpha of the head with all its hair, without the neck.
        follow: (height, width) float32, how far a pixel of the person moves along when the head
            does: 1 on the head, falling to 0 down the neck and along hair on the shoulders.
    """

    person: Alpha
    head: Alpha
    follow: Alpha


def split_head(image: Picture, face: Face, person: Alpha) -> HeadSplit:
    """Part a person at the jaw; hair below it is told by its colour.

    Args:
        image: (height, width, 3) uint8 RGB.
        face: the person's face.
        person: (height, width) float32 alpha of the person.
    """
    height, width = person.shape
    scale = min(WORK_UNIT / face.eye_distance, 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    alpha = np.asarray(cv2.resize(person, size, interpolation=cv2.INTER_AREA), np.float32)
    frame = _FaceFrame(face, scale)
    across, down = frame.grid(size)
    above_jaw = _smoothstep((frame.jaw(across) - down) / 0.12 + 0.5)
    hair = _fallen_hair(small, alpha, frame, across, down, above_jaw)
    head = np.maximum(above_jaw, hair)
    neck = 1 - _smoothstep((down - frame.jaw(across)) / NECK)
    fallen = hair * (1 - _smoothstep((down - frame.chin + 0.3) / HAIR_FALL))
    follow = cv2.GaussianBlur(np.maximum(neck, fallen), (0, 0), WORK_UNIT / 12)
    full = (width, height)
    head = np.asarray(cv2.resize(head, full, interpolation=cv2.INTER_LINEAR), np.float32)
    follow = np.asarray(cv2.resize(follow, full, interpolation=cv2.INTER_LINEAR), np.float32)
    return HeadSplit(person, np.minimum(refine(image, head), person), follow * person)


class _FaceFrame:
    """Eye distances across and down a face, as it is turned in the picture."""

    def __init__(self, face: Face, scale: float) -> None:
        points = face.landmarks[:, :2].astype(np.float64) * scale
        left, right = points[at.RIGHT_EYE_OUTER], points[at.LEFT_EYE_OUTER]
        self._origin = (left + right) / 2
        down = points[at.CHIN] - self._origin
        down /= np.linalg.norm(down)
        self._axes = np.stack([[down[1], -down[0]], down])
        self._unit = face.eye_distance * scale
        placed = (points - self._origin) @ self._axes.T / self._unit
        jaw = placed[at.JAW]
        jaw = jaw[np.argsort(jaw[:, 0])]
        self._jaw_across, self._jaw_down = jaw[:, 0], jaw[:, 1]
        self.oval = placed[at.OVAL]
        self.chin = float(placed[at.CHIN, 1])

    def grid(self, size: tuple[int, int]) -> tuple[Alpha, Alpha]:
        """Across and down for every pixel of a (width, height) picture."""
        x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
        offset = np.stack([x, y], -1) - self._origin
        placed = (offset @ self._axes.T / self._unit).astype(np.float32)
        return placed[..., 0], placed[..., 1]

    def jaw(self, across: Alpha) -> Alpha:
        """How far down the head reaches at each place across."""
        return np.asarray(np.interp(across, self._jaw_across, self._jaw_down), np.float32)

    def inside_face(self, across: Alpha, down: Alpha) -> npt.NDArray[np.bool_]:
        """Pixels within the outline of the face, a little widened."""
        middle = (self.oval.min(0) + self.oval.max(0)) / 2
        half = (self.oval.max(0) - self.oval.min(0)) / 2 * 1.08
        x, y = (across - middle[0]) / half[0], (down - middle[1]) / half[1]
        return np.asarray(x * x + y * y < 1)


def _fallen_hair(
    image: Picture, person: Alpha, frame: _FaceFrame, across: Alpha, down: Alpha, above_jaw: Alpha
) -> Alpha:
    """Where hair hangs below the jaw, 0..1: coloured like that beside the face, joined to it."""
    lab = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.float32).reshape(-1, 3)
    sure = person > 0.9
    inside = frame.inside_face(across, down)
    hair = sure & ~inside & (down < 0.6) & (above_jaw > 0.99)
    skin = sure & inside & (down > -0.3)
    clothes = sure & (down > frame.chin + 0.9) & (abs(across) < 1.6)
    none = np.zeros_like(person)
    if hair.sum() < MIN_SAMPLES or skin.sum() < MIN_SAMPLES:
        return none
    likely = _distance(lab, hair)
    others = [_distance(lab, part) for part in (skin, clothes) if part.sum() >= MIN_SAMPLES]
    margin = (np.min(others, axis=0) - likely).reshape(person.shape)
    score = _smoothstep(cv2.GaussianBlur(margin, (0, 0), 1.5) / 4 + 0.4)
    reach = (down > -0.2) & (down < frame.chin + 2.5) & (abs(across) < 2.4)
    candidate = ((score > 0.5) & reach & (person > 0.5)).astype(np.uint8)
    candidate |= (hair & (down > 0)).astype(np.uint8)
    count, labels = cv2.connectedComponents(candidate)
    joined = np.zeros(count, np.bool_)
    joined[np.unique(labels[hair & (candidate > 0)])] = True
    joined[0] = False
    return np.asarray(score * joined[labels] * (above_jaw < 1), np.float32)


def _distance(colours: Alpha, part: npt.NDArray[np.bool_]) -> Alpha:
    """Squared Mahalanobis distance of colours to a part's own, with the normaliser's logarithm."""
    sample = colours[part.ravel()].astype(np.float64)
    mean = sample.mean(0)
    covariance = np.cov(sample.T) + np.eye(3) * 20.0
    offset = colours - mean
    squared = np.einsum("ni,ij,nj->n", offset, np.linalg.inv(covariance), offset)
    return np.asarray(squared + np.log(np.linalg.det(covariance)), np.float32)


def _smoothstep(values: npt.NDArray[np.floating]) -> Alpha:
    t = np.clip(values, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
