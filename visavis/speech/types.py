"""What speech is to the rest of the line: samples with the times of their phones and words."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phone:
    """One speech sound.

    Attributes:
        symbol: the IPA symbol, one segment without stress marks (``"p"``, ``"ɑ"``, ``"ʧ"``).
        start, end: seconds from the start of the `Speech` that holds it.
        stress: 0 none, 1 secondary, 2 primary; carried by vowels.
        others: what else it may have been, each with its probability, where it was heard and not
            spoken by us; `symbol` has the rest.
    """

    symbol: str
    start: float
    end: float
    stress: int = 0
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was written, with its times in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of sound with what is known about it.

    Attributes:
        samples: (n,) float32, mono, full scale -1..1.
        rate: samples per second.
        phones: in time order, silences left out; empty where no phone times are known.
        words: in time order; empty where the text is not known.
        language: BCP 47 tag, e.g. ``"en-US"``; empty when unknown.
        text: what is said, empty when unknown.
    """

    samples: Samples
    rate: int
    phones: tuple[Phone, ...] = ()
    words: tuple[Word, ...] = ()
    language: str = ""
    text: str = ""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate

    @classmethod
    def silence(cls, seconds: float, rate: int) -> Self:
        """Speech in which nothing is said."""
        return cls(np.zeros(round(seconds * rate), np.float32), rate)
