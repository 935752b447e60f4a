"""What understands speech, on this machine or elsewhere."""

from dataclasses import dataclass
from typing import Protocol

from visavis.errors import VisavisError
from visavis.speech.types import Samples


class HearingError(VisavisError):
    """What the person said could not be written down."""

    code = "hearing_failed"
    retryable = True


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood.

    Attributes:
        text: empty where nothing was.
        confidence: 0..1, the mean likelihood of a token.
        language: two letters, empty where unknown.
    """

    text: str
    confidence: float
    language: str = ""


class Ear(Protocol):
    """Understands turns, one after the other.

    Attributes:
        settled: whether `guess` at the end of what was said is as good as `transcribe`.
    """

    settled: bool

    def warm_up(self) -> None:
        """Begin to load, so that the first turn need not wait."""
        ...

    def follow(self, samples: Samples) -> None:
        """More of the turn in hand, at 16 kHz; the first of it begins a turn."""
        ...

    def drop(self) -> None:
        """The turn in hand is of no interest."""
        ...

    async def guess(self, samples: Samples) -> Transcript:
        """What is said so far, given all of the turn in hand.

        Raises:
            VisavisError: it cannot be had.
        """
        ...

    async def transcribe(self, samples: Samples) -> Transcript:
        """What is said in a whole turn; ends it.

        Raises:
            VisavisError: it cannot be had.
        """
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...
