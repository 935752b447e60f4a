"""What somebody asks a video to be, checked before it is accepted."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from visavis.domain.errors import FieldError
from visavis.domain.offer import Offer
from visavis.domain.script import spoken_length

FORMATS = ("mp4", "webm")
LAYOUTS = ("full", "split", "pip")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One video as it was asked for, in the domain's words.

    Attributes:
        text: what is said; empty where `audio` is given.
        voice: slug of the voice.
        audio: id of an asset that is heard instead of a voice.
        footage: id of a video asset whose lips follow `audio` instead of an avatar's.
        resolution, aspect: of the `Offer`.
        layout: one of `LAYOUTS`.
        format: one of `FORMATS`.
        background: empty for the avatar's own, ``transparent``, ``#rrggbb`` or a name.
        background_asset: id of an image or video asset behind the avatar.
        captions: burn what is said into the picture.
        caption_style: how they look, one of the `Offer`'s.
        seed: the same order with the same seed gives the same video.
    """

    text: str = ""
    voice: str = ""
    audio: str = ""
    footage: str = ""
    resolution: str = "720p"
    aspect: str = "landscape"
    layout: str = "full"
    format: str = "mp4"
    background: str = ""
    background_asset: str = ""
    captions: bool = False
    caption_style: str = "classic"
    emotion: str = "neutral"
    speed: float = 1.0
    seed: int = 0

    def check(self, longest: int, offer: Offer) -> None:
        """Refuse what cannot be rendered.

        Args:
            longest: most characters of `text`.
            offer: what this installation can make.

        Raises:
            FieldError: names the field and what is offered.
        """
        _one_of("resolution", self.resolution, tuple(offer.resolutions))
        _one_of("aspect", self.aspect, offer.aspects)
        _one_of("emotion", self.emotion, offer.emotions)
        _one_of("format", self.format, FORMATS)
        _one_of("layout", self.layout, LAYOUTS)
        _one_of("caption_style", self.caption_style, offer.caption_styles)
        self._check_background(offer.backgrounds)
        for feature, wanted in (("audio", self.audio), ("footage", self.footage)):
            if wanted and feature not in offer.features:
                raise FieldError(
                    feature,
                    f"This installation cannot make videos from {feature} yet.",
                    "Give a text and a voice.",
                )
        if bool(self.text.strip()) == bool(self.audio):
            raise FieldError("text", "A video needs either a text or a sound.", "Give one of them.")
        if len(self.text) > longest:
            raise FieldError(
                "text", f"The text has {len(self.text)} characters, at most {longest} are spoken."
            )
        if "\x00" in self.text or any(0xD800 <= ord(letter) <= 0xDFFF for letter in self.text):
            raise FieldError("text", "The text holds characters that are not text.")
        if self.text and (spoken_length(self.text) == 0 or not re.search(r"\w", self.text)):
            raise FieldError("text", "The text has nothing that can be said.", "Give it words.")

    def _check_background(self, names: tuple[str, ...]) -> None:
        if self.background == "transparent":
            if self.format != "webm":
                raise FieldError(
                    "background", "An mp4 cannot be transparent.", "Ask for the format webm."
                )
            if self.captions:
                raise FieldError("captions", "A transparent video cannot carry burnt-in captions.")
        elif self.background and not COLOUR.fullmatch(self.background):
            _one_of("background", self.background, ("transparent", "#rrggbb", *names))

    def as_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Order":
        """Back from the database."""
        return cls(**data)


def _one_of(field: str, value: str, offered: tuple[str, ...]) -> None:
    if value not in offered:
        raise FieldError(
            field, f"The {field} {value[:60]!r} is not offered.", f"Use {', '.join(offered)}."
        )
