"""Drawn people to compose, and words for them to say."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from visavis.media import Picture
from visavis.rigs.types import Framing
from visavis.scene import Compositor
from visavis.speech.types import Word

SKIN, HAIR, SHIRT, WALL = (224, 172, 138), (74, 46, 34), (56, 92, 150), (168, 186, 172)


@dataclass(frozen=True)
class Person:
    """What composing needs to know of a rig, and its picture."""

    size: tuple[int, int]
    framing: Framing
    opaque: bool

    def picture(self, size: tuple[int, int]) -> Picture:
        """(height, width, 4) as a rig opened at `size` would draw it."""
        return _drawn(size, self.framing, self.opaque)


FACE = Framing(crown=0.12, eyes=0.36, chin=0.60, centre=0.5, face_width=0.36)
LOW_CROWN = Framing(crown=0.02, eyes=0.22, chin=0.44, centre=0.45, face_width=0.3)

CUTOUT = Person((640, 640), FACE, opaque=False)
PHOTO = Person((640, 640), FACE, opaque=True)
TALL_PHOTO = Person((720, 1280), Framing(0.10, 0.22, 0.34, 0.52, 0.28), opaque=True)
WIDE_PHOTO = Person((1280, 720), Framing(0.10, 0.38, 0.66, 0.4, 0.2), opaque=True)
PEOPLE = (CUTOUT, PHOTO, TALL_PHOTO, WIDE_PHOTO, Person((500, 600), LOW_CROWN, opaque=True))


@lru_cache(maxsize=32)
def _drawn(size: tuple[int, int], face: Framing, opaque: bool) -> Picture:
    width, height = size
    scale = 4
    canvas = np.zeros((height * scale, width * scale, 4), np.uint8)
    if opaque:
        canvas[:] = (*WALL, 255)
        canvas[:, : width * scale // 5] = (120, 140, 150, 255)
    across = face.face_width * width * scale
    middle = round(face.centre * width * scale)
    crown, chin = face.crown * height * scale, face.chin * height * scale
    head = chin - crown
    eyes = face.eyes * height * scale
    top, half, drop = chin + 0.2 * head, 1.35 * across, 1.1 * head

    def oval(y: float, wide: float, high: float, fill: tuple[int, int, int]) -> None:
        axes = round(wide), round(high)
        cv2.ellipse(canvas, (middle, round(y)), axes, 0, 0, 360, (*fill, 255), -1)

    def block(wide: float, start: float, end: float, fill: tuple[int, int, int]) -> None:
        left, right = round(middle - wide), round(middle + wide)
        cv2.rectangle(canvas, (left, round(start)), (right, round(end)), (*fill, 255), -1)

    oval(top + drop, half, drop, SHIRT)
    block(half, top + drop, height * scale, SHIRT)
    block(0.22 * across, chin - 0.1 * head, chin + 0.3 * head, SKIN)
    oval(crown + 0.46 * head, 0.58 * across, 0.46 * head, HAIR)
    oval(chin - 0.42 * head, 0.5 * across, 0.42 * head, SKIN)
    oval(chin - 0.2 * head, 0.16 * across, 0.05 * head, (170, 70, 70))
    for side in (-1, 1):
        at = middle + side * round(0.2 * across), round(eyes)
        cv2.circle(canvas, at, round(0.06 * across), (250, 250, 250, 255), -1)
        cv2.circle(canvas, at, round(0.035 * across), (40, 50, 60, 255), -1)
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    # Colours at the rim were averaged with nothing; straight alpha wants them pure.
    alpha = small[..., 3:].astype(np.float32) / 255
    small[..., :3] = np.clip(small[..., :3] / np.maximum(alpha, 1e-3), 0, 255)
    return np.asarray(small, np.uint8)


class StubMatte:
    """A matte that knows the answer for the drawn people: all but the wall."""

    def alpha(self, picture: Picture) -> Picture:
        walls = np.array([WALL, (120, 140, 150)], np.int16)
        far = [np.abs(picture.astype(np.int16) - wall).sum(2) > 60 for wall in walls]
        return np.where(far[0] & far[1], 255, 0).astype(np.uint8)


def frame(compositor: Compositor, person: Person, time: float = 0.0) -> Picture:
    """What a compositor makes of a person."""
    shown = person.picture(compositor.rig_size) if compositor.shows_person else None
    return compositor.compose(shown, time)


def said(text: str, rate: float = 2.6) -> list[Word]:
    """Words at a steady rate a second."""
    return [
        Word(word, index / rate, (index + 0.95) / rate) for index, word in enumerate(text.split())
    ]


ENGLISH = "Good morning and welcome. Today we look at how sunlight, water and air become sugar."
ARABIC = "مرحبا بكم في هذا العرض القصير عن Python 3.11 والذكاء الاصطناعي."
