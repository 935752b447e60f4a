"""Colours as people write them."""

import re

from visavis.errors import SceneError

Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0 to 255."""

NAMES: dict[str, str] = {
    "black": "#000000",
    "white": "#ffffff",
    "grey": "#808080",
    "gray": "#808080",
    "silver": "#c0c0c0",
    "red": "#d93025",
    "orange": "#f29900",
    "yellow": "#fbd749",
    "green": "#1e8e3e",
    "teal": "#00897b",
    "blue": "#1a73e8",
    "navy": "#14284b",
    "purple": "#7b1fa2",
    "pink": "#f48fb1",
    "brown": "#6d4c41",
    "beige": "#efe6d8",
}

_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\Z")


def is_colour(text: str) -> bool:
    """Whether `colour` would take it."""
    name = text.strip().lower()
    return name in NAMES or bool(_HEX.match(name))


def colour(text: str) -> Colour:
    """A name of `NAMES`, ``#rgb``, ``#rrggbb`` or ``#rrggbbaa``.

    Raises:
        SceneError: anything else.
    """
    name = text.strip().lower()
    name = NAMES.get(name, name)
    if not _HEX.match(name):
        raise SceneError(
            f"{text!r} is not a colour.", f"Write it as #1a73e8, or use {', '.join(NAMES)}."
        )
    digits = name[1:]
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    values = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
    red, green, blue, *opacity = values
    return red, green, blue, opacity[0] if opacity else 255
