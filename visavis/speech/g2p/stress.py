"""Stress marks on a pronunciation: adding, weakening, joining letters to an acronym.

The levels and what they do follow misaki, the phonemiser Kokoro was trained with (Apache-2.0).
"""

PRIMARY = "ˈ"
SECONDARY = "ˌ"
VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐeoɚ")


def has_stress(phonemes: str) -> bool:
    """Whether any syllable is stressed."""
    return PRIMARY in phonemes or SECONDARY in phonemes


def with_stress(phonemes: str, mark: str) -> str:
    """`phonemes` with `mark` before the first vowel, unless it is stressed or has no vowel."""
    if has_stress(phonemes):
        return phonemes
    at = next((i for i, character in enumerate(phonemes) if character in VOWELS), None)
    return phonemes if at is None else phonemes[:at] + mark + phonemes[at:]


def spelled(letters: list[str]) -> str:
    """Letter names said as one acronym: the last carries the stress, the others lose theirs."""
    joined = "".join(
        with_stress(letter.replace(PRIMARY, SECONDARY), SECONDARY) for letter in letters
    )
    head, mark, tail = joined.rpartition(SECONDARY)
    return head + PRIMARY + tail if mark else joined
