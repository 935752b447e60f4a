"""What is known of an avatar of a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from visavis.errors import InvalidInputError
from visavis.face import SourceWarning


class AvatarError(InvalidInputError):
    """An avatar that does not exist, exists already or may not be made."""

    code = "invalid_avatar"


@dataclass(frozen=True, slots=True)
class Consent:
    """That a person agrees to be made an avatar of.

    Attributes:
        statement: what was agreed to, in their own words.
        by: who agreed.
        at: when it was recorded, ISO 8601 in UTC; now by default.
    """

    statement: str
    by: str
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        if len(self.statement.strip()) < 10 or len(self.by.strip()) < 2:
            raise AvatarError(
                "An avatar of a person needs a statement of consent and the name of who gave it.",
                'Say for example: "I agree that an avatar is made of me from this clip."',
            )


@dataclass(frozen=True, slots=True)
class Person:
    """An avatar of a person as it is kept.

    Attributes:
        name: what it is called by, lower-case letters, digits and hyphens.
        kind: kind of its rig.
        size: native width and height in pixels.
        voice: slug of the stock voice it speaks with unless another is asked for.
        own_voice: whether the rig file carries the person's own voice.
        similarity: how like the person that voice sounds, see `visavis.speech.person.Similarity`;
            empty without.
        consent: who agreed, and to what.
        created: ISO 8601 in UTC.
        warnings: what could be better, as the checks said.
        figures: what the checks measured on the sound; empty without.
    """

    name: str
    kind: str
    size: tuple[int, int]
    voice: str
    own_voice: bool
    consent: Consent
    created: str
    warnings: tuple[SourceWarning, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    similarity: Mapping[str, float] = field(default_factory=dict)
