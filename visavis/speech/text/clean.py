"""What a text must be before it is read: not empty, not endless, in a script the voice knows."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from visavis.errors import TextError
from visavis.speech.text.words import GREEK_LETTERS
from visavis.speech.voices import Speaks

MAX_CHARACTERS = 50_000
"""The longest text of one call, about an hour of speech."""

_SCRIPTS = {
    "en": ("LATIN",), "es": ("LATIN",), "fr": ("LATIN",), "it": ("LATIN",), "pt": ("LATIN",),
    "hi": ("DEVANAGARI", "LATIN"), "ja": ("HIRAGANA", "KATAKANA", "CJK", "LATIN"),
    "zh": ("CJK", "LATIN"),
}  # fmt: skip
_OWN = {"hi": ("DEVANAGARI",), "ja": ("HIRAGANA", "KATAKANA", "CJK"), "zh": ("CJK",)}
_LANGUAGES = {
    "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "CJK": "Chinese", "HANGUL": "Korean",
    "CYRILLIC": "Russian or another language in Cyrillic script", "GREEK": "Greek",
    "ARABIC": "Arabic script", "HEBREW": "Hebrew", "THAI": "Thai", "DEVANAGARI": "Hindi",
    "BENGALI": "Bengali", "TAMIL": "Tamil", "TELUGU": "Telugu", "ARMENIAN": "Armenian",
    "GEORGIAN": "Georgian", "LATIN": "Latin script",
}  # fmt: skip
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    r"\ufe00-\ufe0f\ufeff\ufff9-\ufffd\ud800-\udfff]"
)


def cleaned(text: str) -> str:
    """`text` composed (NFC), its control and invisible characters removed.

    Raises:
        TextError: nothing is left, or there is more than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise TextError(
            f"The text has {len(text):,} characters; the most is {MAX_CHARACTERS:,}.",
            "Split it into several requests.",
        )
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text.replace("\r\n", "\n")))
    composed = composed.replace("\r", "\n").replace("\x85", "\n").replace("\u2028", "\n")
    if not composed.strip():
        raise TextError("The text is empty.", "Write at least one word.")
    return composed.replace("\u2029", "\n\n")


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """The script of a letter, by the first word of its Unicode name; empty for non-letters."""
    if not character.isalpha() or character in "ªºʰʲːµ":
        return ""
    first = unicodedata.name(character, "UNKNOWN").split(" ")[0].split("-")[0]
    return {
        "FULLWIDTH": "LATIN",
        "HALFWIDTH": "KATAKANA",
        "MODIFIER": "",
        "IDEOGRAPHIC": "CJK",
    }.get(first, first)


def check_script(text: str, voice: Speaks) -> None:
    """Refuse what the voice would garble.

    A voice speaks its own script; the voices of Hindi, Japanese and Chinese take Latin words in
    between. Single Greek letters are read by name by English voices. Pronunciations between
    slashes do not count.

    Raises:
        TextError: there are letters of another script, or none of the voice's own.
    """
    language = voice.language.split("-")[0]
    allowed = _SCRIPTS[language]
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for word in re.sub(r"\]\(/[^)]*/\)", "]", text).split():
        for character in word:
            script = _script(character)
            lone = language == "en" and character in GREEK_LETTERS
            if script and not (lone and not _spells_greek(word)):
                counts[script] += 1
                examples.setdefault(script, word)
    foreign = [script for script in counts if script not in allowed]
    if foreign:
        worst = max(foreign, key=lambda script: counts[script])
        name = _named(worst, counts)
        raise TextError(
            f"{name} text cannot be spoken by {voice.slug}, a voice for {voice.language_name}: "
            f"{examples[worst][:24]!r}.",
            "Choose a voice of the text's language, or write the word in the voice's script.",
        )
    own = _OWN.get(language)
    if own and counts and not any(script in counts for script in own):
        raise TextError(
            f"Text in Latin script alone cannot be spoken by {voice.slug}, a voice for "
            f"{voice.language_name}.",
            "Choose a voice of the text's language.",
        )


def _spells_greek(word: str) -> bool:
    return sum(_script(character) == "GREEK" for character in word) > 1


def _named(script: str, counts: Counter[str]) -> str:
    if script == "CJK" and (counts["HIRAGANA"] or counts["KATAKANA"]):
        return "Japanese"
    return _LANGUAGES.get(script, f"{script.capitalize()} script")
