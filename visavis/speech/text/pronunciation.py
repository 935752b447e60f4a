"""Pronunciations that a user gives: IPA to Kokoro's alphabet, and the user's lexicon."""

import re
from collections.abc import Iterator, Mapping

from visavis.errors import TextError
from visavis.speech.kokoro import ALPHABET
from visavis.speech.text.tokens import MARKS

_PAIRS = {
    "eɪ": "A", "aɪ": "I", "aʊ": "W", "ɔɪ": "Y", "oʊ": "O", "əʊ": "Q", "tʃ": "ʧ", "dʒ": "ʤ",
    "t͡ʃ": "ʧ", "d͡ʒ": "ʤ", "ɝ": "ɜɹ", "g": "ɡ", "'": "ˈ", "ˑ": "", ".": "", "‿": "", "͡": "",
    "ɫ": "l", "ʍ": "w", "əɹ": "əɹ", "n̩": "ᵊn", "l̩": "ᵊl", "m̩": "ᵊm",
}  # fmt: skip
_LONGEST_FIRST = sorted(_PAIRS, key=len, reverse=True)
_REPLACE = re.compile("|".join(re.escape(key) for key in _LONGEST_FIRST))
_SLASHED = re.compile(r"/(?P<ipa>[^/]+)/")
_MAX_ENTRIES = 10_000
_MAX_LENGTH = 200


def to_kokoro(ipa: str, *, english: bool = True) -> str:
    """IPA, or Kokoro's own symbols, in Kokoro's alphabet.

    Args:
        english: the letter r means the English sound, long marks are dropped as in American.

    Raises:
        TextError: a symbol that the voice does not know.
    """
    phonemes = _REPLACE.sub(lambda match: _PAIRS[match.group()], ipa.strip())
    if english:
        phonemes = phonemes.replace("r", "ɹ")
    unknown = [c for c in phonemes if c not in ALPHABET or c in MARKS]
    if unknown or not phonemes.strip(" ˈˌː"):
        what = f"the symbol {unknown[0]!r}" if unknown else "no sound"
        raise TextError(
            f"The pronunciation /{ipa[:60]}/ has {what}.",
            "Use IPA, for example /kəˈkɔɹoʊ/; docs/voices.md lists the symbols.",
        )
    return phonemes


class UserLexicon:
    """Pronunciations by word or phrase.

    Args:
        entries: IPA between slashes, or a respelling; see `Delivery.lexicon`.

    Raises:
        TextError: an entry is empty, too long, or holds an unknown symbol.
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        if len(entries) > _MAX_ENTRIES:
            raise TextError(
                f"The lexicon has {len(entries):,} entries; the most is {_MAX_ENTRIES:,}.",
                "Keep the words this text needs.",
            )
        self._said: dict[str, tuple[tuple[str, ...], str]] = {}
        for written, sound in entries.items():
            self._said[" ".join(written.split())] = _entry(written, sound)
        self._pattern = _pattern(self._said)

    def match(self, text: str, at: int) -> tuple[int, tuple[str, ...], str] | None:
        """Where an entry that begins at `at` ends, its words and its phonemes, or None."""
        found = self._pattern.match(text, at) if self._pattern else None
        if found is None:
            return None
        written = " ".join(found.group().split())
        said = self._said.get(written) or self._said.get(written.lower())
        return None if said is None else (found.end(), *said)


def _entry(written: str, sound: str) -> tuple[tuple[str, ...], str]:
    if not written.strip() or not sound.strip() or max(len(written), len(sound)) > _MAX_LENGTH:
        raise TextError(
            f"The lexicon entry {written[:40]!r} is empty or longer than {_MAX_LENGTH} characters.",
            "Give a word and how it is said.",
        )
    if slashed := _SLASHED.fullmatch(sound.strip()):
        return (), to_kokoro(slashed["ipa"])
    words = tuple(_respelled(sound))
    if not words:
        raise TextError(
            f"The lexicon says {sound[:40]!r} for {written[:40]!r}, which has no letters.",
            "Write ordinary words, or IPA between slashes.",
        )
    return words, ""


def _respelled(sound: str) -> Iterator[str]:
    yield from re.findall(r"[A-Za-z]+(?:'[A-Za-z]+)?", sound)


def _pattern(written: Mapping[str, object]) -> re.Pattern[str] | None:
    if not written:
        return None
    longest_first = sorted(written, key=len, reverse=True)
    forms = "|".join(r"\s+".join(map(re.escape, key.split(" "))) for key in longest_first)
    return re.compile(rf"(?:{forms})(?!\w)", re.IGNORECASE)
