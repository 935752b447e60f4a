"""How a text is to be said."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from visavis.errors import InvalidInputError

SPEED_RANGE = (0.5, 2.0)
PITCH_RANGE = (-6.0, 6.0)
VOLUME_RANGE = (0.0, 2.0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Settings of one utterance.

    Attributes:
        speed: 0.5..2.0, 1 as the voice speaks by itself; pauses follow it.
        pitch: semitones, -6..6; the fundamental moves, formants and timing stay.
        volume: 0..2, a factor on the normalised loudness; above 1 the limiter works harder.
        lexicon: pronunciations by word: IPA between slashes (``"/kəˈkɔɹoʊ/"``), Kokoro's
            alphabet included, or a respelling in ordinary words (``"ko koro"``). A key with
            capitals matches only as written, one in lower case matches any case.

    Raises:
        InvalidInputError: a figure is out of its range.
    """

    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0
    lexicon: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value, (low, high) in (
            ("speed", self.speed, SPEED_RANGE),
            ("pitch", self.pitch, PITCH_RANGE),
            ("volume", self.volume, VOLUME_RANGE),
        ):
            if not (math.isfinite(value) and low <= value <= high):
                raise InvalidInputError(
                    f"The {name} {value:g} is out of range.", f"Choose {low:g} to {high:g}."
                )
