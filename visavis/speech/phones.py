"""The phone inventory: every symbol a `Phone` may carry, with the features that shape a mouth.

The symbols are IPA segments. Synthesis works on the compact alphabet of Kokoro, in which one
character may be a diphthong; `segments` translates. Diphthongs become two segments, nucleus and
glide, so that a face can move from one to the other. Affricates stay one segment.

Inventory by language (features in `INVENTORY`):

- English, consonants: p b t d k ɡ m n ŋ f v θ ð s z ʃ ʒ h ʧ ʤ ɹ l j w ɾ ʔ
- English, vowels: i ɪ e ɛ æ a ə ɜ ʌ ɑ ɒ ɔ o ʊ u; diphthongs eɪ aɪ aʊ ɔɪ oʊ əʊ as two phones
- other languages add: c ɟ q x ɣ χ ʁ ç ʝ ɕ β ɸ ʋ ʎ ɲ ɳ ɴ r ɻ ɽ ɖ ʈ ʂ ɥ ɰ ʦ ʣ ʨ ʥ ʈʂ y ø œ ɐ ɨ ɯ ɤ
"""

from dataclasses import dataclass
from typing import Literal

Manner = Literal[
    "vowel", "plosive", "nasal", "tap", "trill", "fricative", "affricate", "approximant", "lateral"
]
Place = Literal[
    "bilabial", "labiodental", "dental", "alveolar", "postalveolar", "retroflex", "palatal",
    "velar", "uvular", "glottal", "labiovelar", "front", "central", "back",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """How one speech sound is made.

    Attributes:
        symbol: the IPA symbol, as in `Phone.symbol`.
        manner: ``"vowel"`` or the way a consonant is made.
        place: where: for consonants the place of articulation, for vowels the backness.
        rounded: the lips are rounded or protruded.
        voiced: the vocal folds vibrate.
        openness: vowels only, 0 close (i, u) .. 1 open (a, ɑ); 0 for consonants.
    """

    symbol: str
    manner: Manner
    place: Place
    rounded: bool
    voiced: bool
    openness: float = 0.0

    @property
    def is_vowel(self) -> bool:
        """Whether this is a vowel, the glide of a diphthong included."""
        return self.manner == "vowel"

    @property
    def closes_lips(self) -> bool:
        """Whether the lips must touch: p, b, m."""
        return self.place == "bilabial" and self.manner in ("plosive", "nasal")


def _consonants(
    manner: Manner, place: Place, voiceless: str, voiced: str, *, rounded: bool = False
) -> list[Segment]:
    return [
        Segment(symbol, manner, place, rounded, is_voiced)
        for symbols, is_voiced in ((voiceless, False), (voiced, True))
        for symbol in symbols.split()
    ]


def _vowels(place: Place, **openness: float) -> list[Segment]:
    return [
        Segment(symbol, "vowel", place, symbol in "yøœɒɔoʊu", True, value)
        for symbol, value in openness.items()
    ]


BREATH = "↓"
"""Breath that is drawn through an open mouth: no segment, but seen (extIPA, airflow inwards)."""

INVENTORY: dict[str, Segment] = {
    segment.symbol: segment
    for segment in [
        *_consonants("plosive", "bilabial", "p", "b"),
        *_consonants("plosive", "alveolar", "t", "d"),
        *_consonants("plosive", "retroflex", "ʈ", "ɖ"),
        *_consonants("plosive", "palatal", "c", "ɟ"),
        *_consonants("plosive", "velar", "k", "ɡ"),
        *_consonants("plosive", "uvular", "q", ""),
        *_consonants("plosive", "glottal", "ʔ", ""),
        *_consonants("nasal", "bilabial", "", "m"),
        *_consonants("nasal", "alveolar", "", "n"),
        *_consonants("nasal", "retroflex", "", "ɳ"),
        *_consonants("nasal", "palatal", "", "ɲ"),
        *_consonants("nasal", "velar", "", "ŋ"),
        *_consonants("nasal", "uvular", "", "ɴ"),
        *_consonants("tap", "alveolar", "", "ɾ"),
        *_consonants("tap", "retroflex", "", "ɽ"),
        *_consonants("trill", "alveolar", "", "r"),
        *_consonants("fricative", "bilabial", "ɸ", "β"),
        *_consonants("fricative", "labiodental", "f", "v"),
        *_consonants("fricative", "dental", "θ", "ð"),
        *_consonants("fricative", "alveolar", "s", "z"),
        *_consonants("fricative", "postalveolar", "ʃ", "ʒ", rounded=True),
        *_consonants("fricative", "retroflex", "ʂ", ""),
        *_consonants("fricative", "palatal", "ç ɕ", "ʝ"),
        *_consonants("fricative", "velar", "x", "ɣ"),
        *_consonants("fricative", "uvular", "χ", "ʁ"),
        *_consonants("fricative", "glottal", "h", ""),
        *_consonants("affricate", "alveolar", "ʦ", "ʣ"),
        *_consonants("affricate", "postalveolar", "ʧ", "ʤ", rounded=True),
        *_consonants("affricate", "palatal", "ʨ", "ʥ"),
        *_consonants("affricate", "retroflex", "ʈʂ", ""),
        *_consonants("approximant", "labiodental", "", "ʋ"),
        *_consonants("approximant", "postalveolar", "", "ɹ", rounded=True),
        *_consonants("approximant", "retroflex", "", "ɻ"),
        *_consonants("approximant", "palatal", "", "j"),
        *_consonants("approximant", "palatal", "", "ɥ", rounded=True),
        *_consonants("approximant", "velar", "", "ɰ"),
        *_consonants("approximant", "labiovelar", "", "w", rounded=True),
        *_consonants("lateral", "alveolar", "", "l"),
        *_consonants("lateral", "palatal", "", "ʎ"),
        *_vowels("front", i=0.0, y=0.0, ɪ=0.2, e=0.35, ø=0.35, ɛ=0.6, œ=0.6, æ=0.85, a=1.0),
        *_vowels("central", ɨ=0.1, ə=0.45, ɜ=0.5, ɐ=0.85),
        *_vowels("back", u=0.0, ɯ=0.0, ʊ=0.2, o=0.35, ɤ=0.35, ʌ=0.65, ɔ=0.6, ɒ=0.9, ɑ=1.0),
    ]
}
"""Every segment, by symbol."""

SILENT = frozenset(';:,.!?—…"()“” ')
"""Characters of Kokoro's alphabet during which nothing is articulated."""

STRESS = {"ˌ": 1, "ˈ": 2}
"""Stress marks, with the value that `Phone.stress` carries for the vowel that follows."""

MODIFIERS = frozenset("ː̃ʰʲᵝ↓→↗↘")
"""Length, nasality, aspiration, palatalisation, tone: their time goes to the segment before."""

_COMPOUND: dict[str, tuple[str, ...]] = {
    "A": ("e", "ɪ"),
    "I": ("a", "ɪ"),
    "W": ("a", "ʊ"),
    "Y": ("ɔ", "ɪ"),
    "O": ("o", "ʊ"),
    "Q": ("ə", "ʊ"),
    "S": ("ʃ",),
    "T": ("ɾ",),
    "ᵊ": ("ə",),
    "ᵻ": ("ɨ",),
    "ɚ": ("ə", "ɹ"),
    "ꭧ": ("ʈʂ",),
}

NUCLEUS_SHARE = 0.6
"""Share of a diphthong's time given to its first half; the target is left after the middle."""


def segments(character: str) -> tuple[Segment, ...]:
    """The segments that one character of Kokoro's alphabet stands for, in order.

    Returns:
        One segment, two for a diphthong, none for a mark or a character outside the alphabet.
    """
    symbols = _COMPOUND.get(character, (character,))
    return tuple(INVENTORY[symbol] for symbol in symbols if symbol in INVENTORY)
