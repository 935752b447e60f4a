"""How captions look."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from visavis.errors import SceneError
from visavis.scene.colours import Colour, colour

Position = Literal["bottom", "middle", "top"]


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """How captions look; lengths are in ems of the caption's size.

    Attributes:
        size: one em, as a fraction of the canvas's short side.
        ink: colour of the letters.
        outline: width of the line around letters; 0 for none.
        outline_ink: its colour.
        shadow: opacity of the soft shadow, 0 to 1.
        box: colour of the panel behind the lines; None for none.
        active: colour of the word that is being said; None for no difference.
        active_box: colour of a panel behind that word; None for none.
        capitals: write everything in capitals.
        lines: how many at the most.
        words: how many words at the most in one caption.
        position: where on the canvas.
        font: a font file of the user's own; shipped fonts stand in for what it lacks.
    """

    size: float = 0.058
    ink: Colour = (255, 255, 255, 255)
    outline: float = 0.0
    outline_ink: Colour = (0, 0, 0, 255)
    shadow: float = 0.0
    box: Colour | None = None
    active: Colour | None = None
    active_box: Colour | None = None
    capitals: bool = False
    lines: int = 2
    words: int = 1000
    position: Position = "bottom"
    font: Path | None = None


STYLES: dict[str, CaptionStyle] = {
    "classic": CaptionStyle(outline=0.075, shadow=0.55),
    "boxed": CaptionStyle(size=0.054, box=(12, 14, 18, 190)),
    "highlight": CaptionStyle(
        size=0.078,
        outline=0.09,
        shadow=0.6,
        active=(255, 222, 60, 255),
        words=5,
    ),
    "pill": CaptionStyle(
        size=0.072,
        outline=0.06,
        shadow=0.5,
        active_box=(26, 115, 232, 255),
        words=5,
    ),
}
"""Styles by name."""


def caption_style(
    name: str,
    *,
    font: Path | None = None,
    ink: str | None = None,
    active: str | None = None,
    box: str | None = None,
    size: float | None = None,
    position: Position | None = None,
    capitals: bool = False,
) -> CaptionStyle:
    """A named style with what the user wants different.

    Args:
        name: a key of `STYLES`.
        font: a font file.
        ink, active, box: colours, see `visavis.scene.colours`.
        size: one em as a fraction of the canvas's short side, 0.02 to 0.2.
        position: ``bottom``, ``middle`` or ``top``.
        capitals: write everything in capitals.

    Raises:
        SceneError: an unknown style, colour or position, or a size out of range.
    """
    if name not in STYLES:
        raise SceneError(f"There is no caption style {name!r}.", f"Use {', '.join(STYLES)}.")
    style = STYLES[name]
    if size is not None:
        if not 0.02 <= size <= 0.2:
            raise SceneError(f"A caption size of {size:g} is out of range 0.02 to 0.2.")
        style = replace(style, size=size)
    if position is not None:
        if position not in ("bottom", "middle", "top"):
            raise SceneError(
                f"Captions cannot be placed at {position!r}.", "Use bottom, middle or top."
            )
        style = replace(style, position=position)
    if ink:
        style = replace(style, ink=colour(ink))
    if active:
        style = replace(style, active=colour(active))
    if box:
        style = replace(style, box=colour(box))
    return replace(style, font=font, capitals=capitals)
