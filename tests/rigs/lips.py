"""Speech for the lips alone, and what a tracker sees of them in the frames."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from visavis.face import ArkitBasis, find_faces
from visavis.face.contact import lip_gap
from visavis.performance import Performance, perform
from visavis.rigs import Picture, Renderer
from visavis.speech import Phone, Speech

Series = npt.NDArray[np.float32]

FPS = Fraction(25)
RATE = 16_000
# "mama, big one. for van, bow map; shoes, the moon. lamp, be hey vow"
SAID = "mɑmibɪɡwʌn fɔɹvænboʊmæp ʃuzðəmun lɑmpbiheɪvɔ"
VOWELS = "ɑiɪʌɔæoʊuəe"
BACKGROUND = 150


def speech() -> Speech:
    """SAID at about twelve phones a second, with a hum for a voice."""
    phones, now = [], 0.3
    for symbol in SAID:
        if symbol == " ":
            now += 0.3
            continue
        length = 0.12 if symbol in VOWELS else 0.08
        phones.append(Phone(symbol, now, now + length, 1 if symbol in "ɑiɔæu" else 0))
        now += length
    time = np.arange(round((now + 0.5) * RATE)) / RATE
    voiced = np.zeros(len(time), bool)
    for phone in phones:
        voiced |= (time >= phone.start) & (time < phone.end)
    hum = np.where(voiced, 0.2 * np.sin(2 * np.pi * 140 * time), 0)
    return Speech(hum.astype(np.float32), RATE, tuple(phones), language="en-US")


def performance() -> Performance:
    return perform(speech(), FPS)


def wanted_gaps(acted: Performance) -> Series:
    """(t,) opening in the middle of the lips, in eye distances."""
    basis = ArkitBasis.load()
    return np.maximum(lip_gap(basis.neutral + basis.displace(acted.curves))[:, 4], 0)


def on_grey(frame: Picture) -> Picture:
    """(h, w, 3) a frame without its alpha."""
    alpha = frame[..., 3:].astype(np.float32) / 255
    return np.asarray(frame[..., :3] * alpha + BACKGROUND * (1 - alpha)).round().astype(np.uint8)


def seen_gaps(renderer: Renderer, acted: Performance) -> Series:
    """(t,) the same as tracked in the drawn frames, each by itself."""
    gaps = []
    for pose in acted:
        (face,) = find_faces(on_grey(renderer.render(pose)))
        gaps.append(face.mouth_gap)
    return np.array(gaps, np.float32)
