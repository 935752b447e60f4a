"""Phonemes of the languages beside English, by packages of the extra ``languages``.

Spanish, French, Hindi, Italian and Portuguese go through espeak-ng, which is GPL and is therefore
imported only when such a voice is asked for; Japanese and Chinese have phonemisers of their own.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from visavis.errors import VoiceError
from visavis.speech.g2p.english import English
from visavis.speech.kokoro import ALPHABET

COMMAND = "pip install 'visavis[languages]'"

_ESPEAK = {"es": "es", "fr": "fr-fr", "hi": "hi", "it": "it", "pt": "pt-br"}
_NAMES = {
    "es": "Spanish", "fr": "French", "hi": "Hindi", "it": "Italian", "pt": "Portuguese",
    "ja": "Japanese", "zh": "Chinese",
}  # fmt: skip
_WIDE = str.maketrans(
    {
        "。": ". ", "．": ". ", "，": ", ", "、": ", ", "！": "! ", "？": "? ", "：": ": ",
        "；": "; ", "「": ' "', "」": '" ', "『": ' "', "』": '" ', "《": ' "', "》": '" ',
        "（": " (", "）": ") ", "【": ' "', "】": '" ', "・": " ", "।": ". ", "॥": ". ",
        "〜": "—", "～": "—", "\u3000": " ",
    }
)  # fmt: skip


class Phonemiser(Protocol):
    """What a language needs to be spoken."""

    def words(self, text: str) -> str:
        """`text` with spaces between its words and the punctuation of ASCII."""

    def __call__(self, words: Sequence[str]) -> list[str]:
        """The phonemes of each word of a sentence, in Kokoro's alphabet."""


def phonemiser(language: str, english: Callable[[], English]) -> Phonemiser:
    """The phonemiser of a language by its two letters.

    Args:
        english: what reads English words inside Chinese.

    Raises:
        VoiceError: the packages are not installed; the remedy is the command that installs them.
    """
    try:
        if language in _ESPEAK:
            return _Espeak(_ESPEAK[language])
        return _Japanese() if language == "ja" else _Chinese(english())
    except ImportError as error:
        raise VoiceError(
            f"{_NAMES[language]} voices need packages that are not installed ({error.name}).",
            f"Run `{COMMAND}`.",
        ) from error


def _known(phonemes: str) -> str:
    return "".join(character for character in phonemes if character in ALPHABET).strip()


class _Espeak:
    """Languages of espeak-ng, through misaki's mapping to Kokoro's alphabet."""

    def __init__(self, language: str) -> None:
        self._phonemise: Any = importlib.import_module("misaki.espeak").EspeakG2P(language)

    def words(self, text: str) -> str:
        return text.translate(_WIDE)

    def __call__(self, words: Sequence[str]) -> list[str]:
        # One call for the sentence keeps liaisons; a number that becomes several words breaks the
        # count, and then every word is asked for by itself.
        together = self._one(" ".join(words)).split()
        return together if len(together) == len(words) else [self._one(word) for word in words]

    def _one(self, text: str) -> str:
        return _known(self._phonemise(text)[0])


class _Japanese:
    """Japanese by Open JTalk's readings and misaki's table of morae."""

    def __init__(self) -> None:
        self._phonemise: Any = importlib.import_module("misaki.ja").JAG2P(version="pyopenjtalk")

    def _tokens(self, text: str) -> list[tuple[str, str]]:
        tokens = self._phonemise(text)[1]
        return [(str(token.text), _known(token.phonemes or "")) for token in tokens]

    def words(self, text: str) -> str:
        parts = text.translate(_WIDE).split(" ")
        return " ".join(
            " ".join(word for word, _ in self._tokens(part)) if _has_cjk(part) else part
            for part in parts
        )

    def __call__(self, words: Sequence[str]) -> list[str]:
        together = self._tokens("".join(words))
        if [word for word, _ in together] == list(words):
            return [sound for _, sound in together]
        return ["".join(sound for _, sound in self._tokens(word)) for word in words]


class _Chinese:
    """Mandarin by jieba's words and pinyin; English words by the English phonemiser."""

    def __init__(self, english: English) -> None:
        self._phonemise: Any = importlib.import_module("misaki.zh").ZHG2P()
        self._jieba: Any = importlib.import_module("jieba")
        self._jieba.setLogLevel("ERROR")
        self._english = english

    def words(self, text: str) -> str:
        parts = text.translate(_WIDE).split(" ")
        return " ".join(
            " ".join(self._jieba.lcut(part)) if _has_cjk(part) else part for part in parts
        )

    def __call__(self, words: Sequence[str]) -> list[str]:
        return [self._one(word) for word in words]

    def _one(self, word: str) -> str:
        if word.isascii() and word.isalpha():
            return self._english([word], [False])[0]
        return _known(self._phonemise(word)[0])


def _has_cjk(text: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" for character in text)
