"""What a text becomes on its way to the phonemes: tokens, breaks."""

from dataclasses import dataclass
from typing import Literal

Ending = Literal["sentence", "paragraph", "break"]

MARKS = ",;:.!?…—"
"""Punctuation that a voice makes audible."""


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of writing that is said as one, with how it is said.

    Attributes:
        written: as it stands in the text, the punctuation that touches it included.
        spoken: the words to pronounce, ``("five", "dollars")`` for ``"$5"``. A single capital is
            the name of the letter; one of `MARKS` is a pause inside the token.
        phonemes: a pronunciation in Kokoro's alphabet that replaces `spoken`; empty for none.
        mark: the punctuation after it that a voice makes audible, one of ``, ; : . ! ? … —``,
            or empty.
    """

    written: str
    spoken: tuple[str, ...] = ()
    phonemes: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Break:
    """A silence that the text asks for, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens up to the end of a sentence, or up to a break inside it.

    Attributes:
        tokens: at least one.
        ending: what follows: ``"sentence"``, ``"paragraph"``, or ``"break"`` where the sentence
            goes on after a silence.
    """

    tokens: tuple[Token, ...]
    ending: Ending = "sentence"
