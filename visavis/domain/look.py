"""How a video looks: what is around the person, captions, watermark."""

import re
from dataclasses import dataclass

from visavis.domain.errors import FieldError
from visavis.domain.offer import Offer

LAYOUTS = ("full", "split", "pip", "voice")
CORNERS = ("bottom-right", "bottom-left", "top-right", "top-left")
SHAPES = ("circle", "rounded", "square")
POSITIONS = ("bottom", "middle", "top")
COLOURS = frozenset((
    "black", "white", "grey", "gray", "silver", "red", "orange", "yellow", "green", "teal",
    "blue", "navy", "purple", "pink", "brown", "beige",
))  # fmt: skip
"""Backgrounds that are plain colours."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_ANGLE = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is around the person.

    Attributes:
        layout: one of `LAYOUTS`.
        background: empty for the avatar's own, ``transparent``, a colour, a gradient or a name.
        background_asset: id of an image or video asset behind the avatar.
        visual: the second picture of a layout: a colour, a gradient or a name.
        visual_asset: id of an image or video asset that is the second picture.
        person_first: in a split, the person is left or above.
        share: the person's part of a split, or of the short side in a picture in picture.
        corner, shape, shadow: of a picture in picture.
    """

    layout: str = "full"
    background: str = ""
    background_asset: str = ""
    visual: str = ""
    visual_asset: str = ""
    person_first: bool = False
    share: float | None = None
    corner: str = CORNERS[0]
    shape: str = SHAPES[0]
    shadow: bool = True

    def check_place(self, offer: Offer, at: str = "") -> None:
        """Refuse what cannot be composed.

        Args:
            offer: what this installation can make.
            at: what stands before the names of fields in messages.

        Raises:
            FieldError: names the field and what is offered.
        """
        one_of(f"{at}layout", self.layout, LAYOUTS)
        one_of(f"{at}corner", self.corner, CORNERS)
        one_of(f"{at}shape", self.shape, SHAPES)
        if self.share is not None and not 0.15 <= self.share <= 0.85:
            raise FieldError(f"{at}share", f"A share of {self.share:g} is not 0.15 to 0.85.")
        names = tuple(name for name in offer.backgrounds if name not in ("own", "blur"))
        if self.background != "transparent":
            background_fits(f"{at}background", self.background, ("own", "blur", *names))
        elif self.layout != "full":
            raise FieldError(
                f"{at}background", f"The layout {self.layout!r} leaves nothing transparent."
            )
        background_fits(f"{at}visual", self.visual, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """What is different from a caption style; empty leaves it as the style has it.

    Attributes:
        ink, active, box: colours of the letters, of the word being said, of the panel.
        size: one em as a share of the short side, 0.02 to 0.2.
        position: one of `POSITIONS`.
        capitals: write everything in capitals.
    """

    ink: str = ""
    active: str = ""
    box: str = ""
    size: float | None = None
    position: str = ""
    capitals: bool = False

    def check(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            FieldError: names the field.
        """
        for name in ("ink", "active", "box"):
            value = getattr(self, name)
            if value and value not in COLOURS and not _HEX.fullmatch(value):
                raise FieldError(
                    f"captions.{name}", f"{value[:40]!r} is not a colour.", "Write it as #1a73e8."
                )
        if self.size is not None and not 0.02 <= self.size <= 0.2:
            raise FieldError("captions.size", f"A size of {self.size:g} is not 0.02 to 0.2.")
        one_of("captions.position", self.position, ("", *POSITIONS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A logo or a line of text over the picture; nothing where both are empty.

    Attributes:
        text: a line of text.
        image: id of an image asset.
        corner: one of `CORNERS`.
        opacity: above 0, up to 1.
        scale: height as a share of the short side, 0.01 to 0.5.
    """

    text: str = ""
    image: str = ""
    corner: str = "top-right"
    opacity: float = 0.75
    scale: float = 0.07

    def check(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            FieldError: names the field.
        """
        one_of("watermark.corner", self.corner, CORNERS)
        if self.text and self.image:
            raise FieldError("watermark", "A watermark is a text or an image, not both.")
        if len(self.text) > 200:
            raise FieldError("watermark.text", "A watermark has at most 200 characters.")
        if not 0 < self.opacity <= 1 or not 0.01 <= self.scale <= 0.5:
            raise FieldError(
                "watermark",
                f"A watermark of opacity {self.opacity:g}, scale {self.scale:g} is out of range.",
                "Use an opacity up to 1 and a scale from 0.01 to 0.5.",
            )


def background_fits(field: str, value: str, names: tuple[str, ...]) -> None:
    """Refuse what is neither empty, a colour, a gradient nor one of `names`.

    Raises:
        FieldError: names the field and what is offered.
    """
    if not value or _HEX.fullmatch(value):
        return
    if not value.startswith("gradient:"):
        one_of(field, value, ("transparent", "#rrggbb", "gradient:navy,#88aaff", *names))
        return
    parts = [part.strip() for part in value.removeprefix("gradient:").split(",") if part.strip()]
    if parts and _ANGLE.fullmatch(parts[-1]):
        parts.pop()
    colours = all(_HEX.fullmatch(part) or part in COLOURS for part in parts)
    if not 2 <= len(parts) <= 8 or not colours:
        raise FieldError(
            field,
            "A gradient has two to eight colours.",
            "Write it as gradient:navy,#88aaff or gradient:navy,#88aaff,45.",
        )


def one_of(field: str, value: str, offered: tuple[str, ...]) -> None:
    """Refuse what is not offered.

    Raises:
        FieldError: names the field and what is offered.
    """
    if value not in offered:
        raise FieldError(
            field,
            f"The {field} {value[:60]!r} is not offered.",
            f"Use {', '.join(filter(None, offered))}.",
        )
