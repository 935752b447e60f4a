"""English words to Kokoro's phonemes, without any GPL phonemiser.

In order: the user's lexicon, function words by their neighbours, the dictionaries by part of
speech, acronyms, inflection, derivation, compounds, spelling out what cannot be a word, and the
letter-to-sound model.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from visavis.speech.g2p.heteronyms import part_of_speech
from visavis.speech.g2p.letters import LetterToSound
from visavis.speech.g2p.lexicon import PHRASE_END, Lexicon
from visavis.speech.g2p.morphology import compound, derived, inflected, with_s
from visavis.speech.g2p.stress import PRIMARY, SECONDARY, VOWELS, spelled, with_stress
from visavis.speech.wordlist import listed

_CAPITALS = re.compile(r"(?P<letters>[A-Z]{2,6})(?P<ending>'?s)?")
_INITIALISMS = frozenset(
    listed(
        "US UK EU UN IT AI TV PC ID OS HR PR UI UX IP TB GB AM PM DJ DC LA NY SF VIP CEO CFO CTO "
        "API SDK FAQ DNA RNA PDF USB CPU GPU URL SQL AWS IBM BBC CNN NBC FBI CIA NSA USA UAE ATM "
        "GPS LED LCD LLM ML VR AR SEO CRM ERP KPI ROI IPO NFT"
    )
)
_CAMEL = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z']+|[A-Z]")
_INTERJECTIONS = {"mmm": "ˈəm", "shh": "ʃˈə", "psst": "psˈət", "brr": "bɹˈɜ"}
_UNSAYABLE = re.compile(r"[bcdfghjkmnpqrtvwxz]{5}|^[bcdfghjklmnpqrtvwxz]{4}|q(?!u)[bcdfghjkm]")

_KOKORO_FORM = str.maketrans({"ɾ": "T", "ʔ": "t"})


class English:
    """The phonemiser of one accent.

    Args:
        files: the dictionaries by file name, ``us_gold.json`` and so on.
        british: British instead of American English.
    """

    def __init__(self, files: Mapping[str, Path], *, british: bool = False) -> None:
        accent = "gb" if british else "us"
        self.british = british
        self.lexicon = Lexicon(files[f"{accent}_gold.json"], files[f"{accent}_silver.json"])
        self._letters = LetterToSound.load(accent)
        self._remember = lru_cache(maxsize=20000)(self._regular)

    def __call__(self, words: Sequence[str], pauses: Sequence[bool]) -> list[str]:
        """The phonemes of each word of a sentence.

        Args:
            words: as written or spelled out; single capitals are letter names.
            pauses: for each word, whether a pause follows it.

        Returns:
            One string per word in Kokoro's alphabet, never empty for a word with a letter.
        """
        lowered = [word.lower() for word in words]
        sounds = [""] * len(words)
        following: str | None = None
        for at in range(len(words) - 1, -1, -1):
            if pauses[at]:
                following = None
            sounds[at] = self._in_context(words[at], lowered, at, following)
            following = next((c for c in sounds[at] if c not in (PRIMARY, SECONDARY)), None)
        return [sound.translate(_KOKORO_FORM) for sound in sounds]

    def _in_context(
        self, word: str, sentence: Sequence[str], at: int, following: str | None
    ) -> str:
        lower = sentence[at]
        if reduced := _function_word(word, lower, following):
            return reduced
        sound = self._acronym(word) or self._joined(word)
        if sound is None:
            part = part_of_speech(sentence, at)
            entry = self.lexicon.entry(word)
            if following is None and isinstance(entry, Mapping) and entry.get(PHRASE_END):
                part = PHRASE_END
            sound = self.lexicon.pronounce(word, part) or self._remember(lower)
        if word[:1].isupper() and len(word) > 1:
            return with_stress(sound, PRIMARY if word.isupper() else SECONDARY)
        return sound

    def _acronym(self, word: str) -> str | None:
        """The sound of a short word in capitals, with or without a plural; None for other words.

        Capitals that the dictionary knows as such are said as it says; known initialisms and what
        is no word are spelled; everything else is an ordinary word, shouted.
        """
        found = _CAPITALS.fullmatch(word)
        if found is None or len(word) == 1:
            return None
        letters, ending = found["letters"], found["ending"]
        known = self.lexicon.exact(letters)
        if letters in _INITIALISMS:
            sound = self.spell(letters)
        elif known is not None:
            sound = self.lexicon.pronounce(letters) or self.spell(letters)
        elif letters.lower() in self.lexicon or (len(letters) > 4 and _sayable(letters)):
            return None
        else:
            sound = self.spell(letters)
        return with_s(sound, british=self.british) if ending else sound

    def _joined(self, word: str) -> str | None:
        """The sound of a word with capitals inside, ``OpenAI``, part by part; None for others."""
        parts = _CAMEL.findall(word)
        if len(parts) < 2 or word.startswith(("Mc", "Mac", "O'")) or word in self.lexicon:
            return None
        sounds = [
            self._acronym(part) or self.lexicon.pronounce(part) or self._remember(part.lower())
            for part in parts
        ]
        return " ".join(sounds)

    def _stem(self, word: str) -> str | None:
        return self.lexicon.pronounce(word) if len(word) > 1 else None

    def _inflected(self, word: str) -> str | None:
        return self._stem(word) or inflected(word, self._stem, british=self.british)

    def _regular(self, word: str) -> str:
        """The sound of a word that no dictionary has, in lower case."""
        word = word.strip("'") or word
        if len(word) == 1:
            return self.letter(word)
        if word.startswith("o'") and len(word) > 3:
            return "O" + (self._inflected(word[2:]) or self._letters(word[2:]))
        found = (
            _INTERJECTIONS.get(word)
            or inflected(word, self._stem, british=self.british)
            or derived(word, self._inflected)
            or inflected(word, self._derived, british=self.british)
            or compound(word, self._inflected)
        )
        if found:
            return found
        if not _sayable(word):
            return self.spell(word)
        return self._letters(word)

    def _derived(self, word: str) -> str | None:
        return derived(word, self._inflected)

    def letter(self, character: str) -> str:
        """The name of a letter; empty for anything else."""
        found = self.lexicon.pronounce(character.upper()) if character.isalpha() else None
        return found or ""

    def spell(self, word: str) -> str:
        """The names of a word's letters as one acronym."""
        return spelled([name for name in map(self.letter, word) if name])


def _sayable(word: str) -> bool:
    """Whether a word has a vowel letter and no run of consonants that nobody could say."""
    lower = word.lower()
    return any(letter in "aeiouy" for letter in lower) and not _UNSAYABLE.search(lower)


def _function_word(word: str, lower: str, following: str | None) -> str | None:
    """The form that a few very common words take before a vowel, a consonant or a pause."""
    vowel = following is not None and following in VOWELS
    match lower:
        case "a" if word == "a":
            return "ɐ"
        case "an":
            return "ɐn"
        case "the":
            return "ði" if vowel else "ðə"
        case "to":
            return None if following is None else "tʊ" if vowel else "tə"
        case "i" if word == "I":
            return SECONDARY + "I"
        case "am" if following is not None:
            return "ɐm"
        case "in":
            return PRIMARY + "ɪn" if following is None else "ɪn"
        case "by" if following is not None:
            return "bI"
    return None
