"""What a recording says, where something that can listen is installed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from visavis.media import resample
from visavis.speech.text.numbers import cardinal
from visavis.speech.transcription import RATE, whisper
from visavis.speech.types import Samples
from visavis.speech.voices import voices

_UNSURE = 0.6
"""Likelihood of silence above which what was heard does not count."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a recording.

    Attributes:
        text: empty where nothing was understood.
        language: BCP 47 tag of a language that voices speak, else the two letters found.
    """

    text: str
    language: str


def transcribed(samples: Samples, rate: int, language: str | None = None) -> Heard:
    """The words of up to half a minute, by whisper-base.

    Args:
        samples: (n,).
        rate: samples per second.
        language: BCP 47 tag where it is known.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
        ImportError: `can_listen` is False.
    """
    parts, information = whisper().transcribe(
        resample(samples, rate, RATE),
        language=language.split("-")[0] if language else None,
        beam_size=1,
        condition_on_previous_text=False,
    )
    words = [part.text.strip() for part in parts if part.no_speech_prob < _UNSURE]
    return Heard(" ".join(words), language or spoken_language(information.language))


def spoken_language(letters: str) -> str:
    """The BCP 47 tag under which voices speak a language of two letters; as it is if none does."""
    tags = (voice.language for voice in voices())
    return next((tag for tag in tags if tag.split("-")[0] == letters), letters)


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Words wrong, missing or too many, and words that were to be said."""
    wanted = _words(said)
    return edits(wanted, _words(heard)), len(wanted)


def edits(wanted: Sequence[str], got: Sequence[str]) -> int:
    """How many are wrong, missing or too many (Levenshtein)."""
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            before, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, before + (word != other)),
            )
    return row[-1]


def _words(text: str) -> list[str]:
    """The words of a text, numbers spelt: whoever hears "nine" may write 9."""
    found: list[str] = []
    for word in re.findall(r"[\w']+", text.casefold()):
        found += cardinal(int(word)) if word.isascii() and word.isdigit() else [word]
    return found
