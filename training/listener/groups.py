"""Which phones look alike: the visemes that the listener's answers are counted by."""

import numpy as np

from visavis.performance.listener.classes import PHONES
from visavis.speech.phones import INVENTORY, Segment


def viseme_group(segment: Segment) -> str:
    """What a viewer tells apart."""
    if segment.is_vowel:
        shape = "round" if segment.rounded else segment.place
        return f"{shape} {'open' if segment.openness > 0.5 else 'close'}"
    if segment.closes_lips:
        return "lips"
    if segment.place in ("labiodental", "dental"):
        return segment.place
    if segment.rounded or segment.symbol == "ɻ":
        return "round consonant"
    if segment.place in ("velar", "uvular", "glottal"):
        return "throat"
    return "hiss" if segment.manner in ("fricative", "affricate") else "tongue"


GROUPS: tuple[str, ...] = tuple(
    sorted({"rest", *(viseme_group(segment) for segment in INVENTORY.values())})
)

GROUP_OF = np.array(
    [GROUPS.index(viseme_group(INVENTORY[p]) if p in INVENTORY else "rest") for p in PHONES]
)
"""(phones,) group of every phone class."""
