"""The size and rate of the picture."""

from dataclasses import dataclass
from fractions import Fraction

from visavis.errors import SceneError

ASPECTS: dict[str, Fraction] = {
    "landscape": Fraction(16, 9),
    "portrait": Fraction(9, 16),
    "square": Fraction(1),
    "4:5": Fraction(4, 5),
}
"""Width by height; ``auto`` keeps the avatar's own."""

ALIASES = {"16:9": "landscape", "9:16": "portrait", "1:1": "square", "vertical": "4:5"}

RESOLUTIONS: dict[str, int] = {
    "360p": 360,
    "480p": 480,
    "540p": 540,
    "720p": 720,
    "1080p": 1080,
    "1440p": 1440,
    "4k": 2160,
}
"""The short side in pixels, by name."""

FRAME_RATES = (24, 25, 30, 50, 60)

SMALLEST, LARGEST = 128, 4096
"""Pixels a side may have."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What everything is drawn on.

    Attributes:
        size: width and height in pixels, even, 128 to 4096.
        fps: pictures per second.

    Raises:
        SceneError: a size or rate that is not offered.
    """

    size: tuple[int, int]
    fps: Fraction = Fraction(25)

    def __post_init__(self) -> None:
        for name, side in zip(("Width", "Height"), self.size, strict=True):
            if not SMALLEST <= side <= LARGEST or side % 2:
                raise SceneError(
                    f"{name} {side} is not possible.",
                    f"Use an even number from {SMALLEST} to {LARGEST}.",
                )
        if self.fps not in FRAME_RATES:
            raise SceneError(
                f"{float(self.fps):g} frames per second are not offered.",
                f"Use {', '.join(map(str, FRAME_RATES))}.",
            )

    @property
    def unit(self) -> float:
        """Pixels of this canvas that stand for one pixel of a 720p picture."""
        return min(self.size) / 720


def canvas(
    aspect: str = "auto",
    resolution: str = "720p",
    fps: int | Fraction = 25,
    native: tuple[int, int] = (16, 9),
) -> Canvas:
    """A canvas by the names that people use.

    Args:
        aspect: a key of `ASPECTS` or `ALIASES`, ``auto``, or ``"1280x720"`` for an exact size.
        resolution: a key of `RESOLUTIONS`; the short side.
        fps: one of `FRAME_RATES`.
        native: width and height of the avatar, used by ``auto``.

    Raises:
        SceneError: a name, size or rate that is not offered.
    """
    exact = aspect.lower().split("x")
    if len(exact) == 2 and all(part.strip().isdigit() for part in exact):
        return Canvas((int(exact[0]), int(exact[1])), Fraction(fps))
    if resolution not in RESOLUTIONS:
        raise SceneError(
            f"The resolution {resolution!r} is not offered.", f"Use {', '.join(RESOLUTIONS)}."
        )
    name = ALIASES.get(aspect, aspect)
    if name == "auto":
        ratio = Fraction(*native)
    elif name in ASPECTS:
        ratio = ASPECTS[name]
    else:
        raise SceneError(
            f"The aspect {aspect!r} is not offered.",
            f"Use auto, {', '.join(ASPECTS)}, or a size such as 1280x720.",
        )
    short = Fraction(RESOLUTIONS[resolution])
    wide, high = (short * ratio, short) if ratio >= 1 else (short, short / ratio)
    shrink = min(Fraction(1), LARGEST / max(wide, high))
    return Canvas((even(wide * shrink), even(high * shrink)), Fraction(fps))


def even(length: Fraction | float) -> int:
    """The nearest even number of pixels, at least 2."""
    return max(2, 2 * round(length / 2))
