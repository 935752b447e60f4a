"""What an answerer is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from visavis.errors import VisavisError


class AnswerError(VisavisError):
    """The language model gave no answer."""

    code = "answer_failed"
    retryable = True


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a conversation; `role` is ``user`` or ``assistant``."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text the avatar may answer from."""

    title: str
    text: str


class Answerer(Protocol):
    """Answers what a person says."""

    def answer(self, history: list[Said], text: str) -> AsyncIterator[str]:
        """The answer in pieces, as they come; closing the iterator stops it.

        Raises:
            AnswerError: there is none.
        """
        ...
