"""What every phone asks of the mouth: targets of the articulators and how firmly it insists."""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np

from visavis.performance.motion import Floats
from visavis.speech.phones import BREATH, INVENTORY, Segment

CHANNELS = ("jaw", "lower", "upper", "spread", "pucker", "funnel", "shrug", "tongue")
"""The articulators that are blended: jaw opening, lower lip lowering, upper lip raising, corners
apart, lips rounded and narrowed, lips protruded and open, chin boss raised, tongue tip shown."""

JAW, LOWER, UPPER, SPREAD, PUCKER, FUNNEL, SHRUG, TONGUE = range(len(CHANNELS))


@dataclass(frozen=True, slots=True)
class Viseme:
    """The mouth that a phone aims at.

    Attributes:
        target: (8,) wanted articulator values in the order of `CHANNELS`, ARKit scale.
        dominance: (8,) how strongly each target is held against those of the neighbours, 0..1.
        vowel: whether stress and duration change how far it opens.
        closure: 1 where the lips must touch (p, b, m), less where they only come near.
        tuck: 1 where the lower lip must reach the upper teeth (f, v).
        held: share of the phone during which closure or tuck lasts.
    """

    target: Floats
    dominance: Floats
    vowel: bool = False
    closure: float = 0.0
    tuck: float = 0.0
    held: float = 1.0


def _viseme(
    target: dict[str, float],
    dominance: dict[str, float],
    *,
    base: float = 0.0,
    vowel: bool = False,
    closure: float = 0.0,
    tuck: float = 0.0,
    held: float = 1.0,
) -> Viseme:
    return Viseme(
        np.array([target.get(name, 0.0) for name in CHANNELS]),
        np.array([dominance.get(name, base) for name in CHANNELS]),
        vowel,
        closure,
        tuck,
        held,
    )


def _vowel(segment: Segment) -> Viseme:
    opening = segment.openness
    if segment.rounded:
        target = {
            "jaw": 0.09 + 0.31 * opening,
            "lower": 0.12 + 0.15 * opening,
            "upper": 0.08 + 0.08 * opening,
            "pucker": 0.6 - 0.34 * opening,
            "funnel": 0.16 + 0.24 * min(opening, 0.6),
        }
        return _viseme(target, {"pucker": 1.0, "funnel": 0.9}, base=0.75, vowel=True)
    front = {"front": 1.0, "central": 0.35}.get(segment.place, 0.0)
    target = {
        "jaw": 0.125 + 0.31 * opening,
        "lower": 0.22 + 0.2 * opening + 0.06 * front,
        "upper": 0.12 + 0.12 * opening + 0.04 * front,
        "spread": 0.44 * front * (1.0 - 0.55 * opening),
    }
    # Schwa and its like hold nothing firmly: they take the shape of their neighbours.
    firm = 0.5 if segment.symbol in "əɨ" else 0.8
    return _viseme(target, {"jaw": firm + 0.1, "spread": 0.9 * front}, base=firm, vowel=True)


def _lips(segment: Segment) -> Viseme:
    """Bilabials and labiodentals: the lips do the work, rounding is left to the neighbours."""
    if segment.closes_lips:
        held = 0.75 if segment.manner == "plosive" else 0.95
        return _viseme({"jaw": 0.11}, {"jaw": 0.6, "lower": 0.2, "upper": 0.2}, base=0.1,
                       closure=1.0, held=held)  # fmt: skip
    if segment.place == "bilabial":
        return _viseme({"jaw": 0.08}, {"jaw": 0.7}, base=0.2, closure=0.75)
    firm = 1.0 if segment.manner == "fricative" else 0.6
    return _viseme({"jaw": 0.09, "upper": 0.24}, {"jaw": 0.8, "upper": 0.6}, base=0.15, tuck=firm,
                   held=0.9)  # fmt: skip


def _tongue(segment: Segment) -> Viseme:
    """Consonants made behind the teeth: they raise the jaw and leave the lips mostly free."""
    sibilant = segment.manner in ("fricative", "affricate")
    if segment.place == "dental":
        return _viseme({"jaw": 0.13, "lower": 0.3, "upper": 0.14, "tongue": 0.16},
                       {"jaw": 0.8, "tongue": 1.0, "lower": 0.5}, base=0.25)  # fmt: skip
    if segment.place == "postalveolar" and sibilant:
        return _viseme({"jaw": 0.085, "lower": 0.3, "upper": 0.26, "pucker": 0.2, "funnel": 0.42,
                        "shrug": 0.22},
                       {"jaw": 0.95, "funnel": 0.9, "shrug": 0.9}, base=0.6)  # fmt: skip
    if segment.symbol in "ɹɻ":
        return _viseme({"jaw": 0.13, "lower": 0.2, "upper": 0.1, "pucker": 0.28, "funnel": 0.18},
                       {"jaw": 0.5, "pucker": 0.6, "funnel": 0.5}, base=0.3)  # fmt: skip
    if sibilant:
        spread = 0.28 if segment.place in ("alveolar", "palatal") else 0.1
        return _viseme({"jaw": 0.095, "lower": 0.48, "upper": 0.3, "spread": spread},
                       {"jaw": 0.9, "lower": 0.6, "upper": 0.5}, base=0.3)  # fmt: skip
    jaw = 0.2 if segment.manner == "lateral" else 0.165
    return _viseme({"jaw": jaw, "lower": 0.28, "upper": 0.15, "spread": 0.1},
                   {"jaw": 0.6, "lower": 0.35, "upper": 0.3}, base=0.16)  # fmt: skip


def _glide(segment: Segment) -> Viseme:
    if segment.rounded:
        pucker = 0.68 if segment.place == "labiovelar" else 0.5
        return _viseme({"jaw": 0.07, "lower": 0.08, "upper": 0.04, "pucker": pucker,
                        "funnel": 0.14},
                       {"pucker": 1.0, "funnel": 0.9}, base=0.7)  # fmt: skip
    return _viseme({"jaw": 0.11, "lower": 0.26, "upper": 0.14, "spread": 0.36},
                   {"spread": 0.6}, base=0.4)  # fmt: skip


def _throat(segment: Segment) -> Viseme:
    """Velar to glottal: hardly seen; the lips already stand for the next vowel."""
    firm = 0.05 if segment.place == "glottal" else 0.28
    return _viseme(
        {"jaw": 0.21, "lower": 0.25, "upper": 0.13}, {"jaw": firm * 1.4}, base=firm * 0.6
    )


def _breath() -> Viseme:
    """The mouth as the last phone left it, or a little open."""
    return _viseme({"jaw": 0.2, "lower": 0.22, "upper": 0.1}, {"jaw": 0.08}, base=0.04)


def _shape(segment: Segment) -> Viseme:
    if segment.is_vowel:
        return _vowel(segment)
    if segment.place in ("bilabial", "labiodental"):
        return _lips(segment)
    if segment.manner == "approximant" and segment.place in ("palatal", "labiovelar"):
        return _glide(segment)
    if segment.place in ("velar", "uvular", "glottal"):
        return _throat(segment)
    return _tongue(segment)


_ALIASES = {
    "g": "ɡ", "ɚ": "ə", "ɝ": "ɜ", "tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ", "tɕ": "ʨ", "dʑ": "ʥ",
    "ɫ": "l", "ʀ": "ʁ", "ɬ": "l", "ɱ": "m", "ɦ": "h", "ħ": "h", "ʑ": "ʝ", "ʐ": "ʒ", "ɶ": "œ",
    "ʍ": "w", "ɵ": "ø", "ʉ": "u", "ɘ": "ə", "ɞ": "ɜ", "ɾ̃": "ɾ", "ʏ": "y", "ɭ": "l", "ɟʝ": "ʤ",
    "pf": "f", "ɓ": "b", "ɗ": "d", "ɠ": "ɡ", "ʙ": "b", "ɪ̈": "ɪ",
}  # fmt: skip
"""Symbols outside the inventory that look like one inside."""


def _known(symbol: str) -> Segment | None:
    name = _ALIASES.get(symbol, symbol)
    return INVENTORY.get(name)


@cache
def viseme_of(symbol: str) -> Viseme | None:
    """The mouth of an IPA symbol.

    A symbol outside the inventory is looked up without its marks, then by its first known letter;
    any other letter gets a mouth that is a little open.

    Returns:
        None for what is no letter at all: nothing is articulated.
    """
    if symbol == BREATH:
        return _breath()
    letters = "".join(
        character
        for character in unicodedata.normalize("NFD", symbol)
        if unicodedata.category(character) in ("Ll", "Lo", "Lu")
    )
    composed = unicodedata.normalize("NFC", symbol)
    for candidate in (symbol, composed, letters, letters.lower(), *letters):
        if segment := _known(candidate):
            return _shape(segment)
    return _shape(INVENTORY["ə"]) if letters else None
