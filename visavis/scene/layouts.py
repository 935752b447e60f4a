"""Who is where: the person alone, beside a second picture, in its corner, or heard only."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

from visavis.errors import SceneError
from visavis.scene.backgrounds import Background, Kind, parse_background
from visavis.scene.canvas import even
from visavis.scene.framing import Box

Corner = Literal["bottom-right", "bottom-left", "top-right", "top-left"]
Shape = Literal["circle", "rounded", "square"]
CORNERS: tuple[Corner, ...] = ("bottom-right", "bottom-left", "top-right", "top-left")
SHAPES: tuple[Shape, ...] = ("circle", "rounded", "square")


class Arrangement(Enum):
    """The four ways to share the canvas."""

    FULL = "full"
    SPLIT = "split"
    PICTURE_IN_PICTURE = "picture-in-picture"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Layout:
    """Who is where.

    Attributes:
        arrangement: see `Arrangement`.
        visual: the second picture; None only where there is one place.
        person_first: in a split, the person is left of (above) the visual.
        share: in a split, the person's part of the longer side; in a picture in picture, the
            side of the person's window as a part of the canvas's shorter side.
        corner, shape, shadow: of a picture in picture.
    """

    arrangement: Arrangement = Arrangement.FULL
    visual: Background | None = None
    person_first: bool = False
    share: float = 0.5
    corner: Corner = "bottom-right"
    shape: Shape = "circle"
    shadow: bool = True

    def person_box(self, size: tuple[int, int]) -> Box | None:
        """Where the person is on a canvas of `size`; None where there is none."""
        width, height = size
        match self.arrangement:
            case Arrangement.VOICE:
                return None
            case Arrangement.SPLIT if width >= height:
                part = even(width * self.share)
                return Box(0 if self.person_first else width - part, 0, part, height)
            case Arrangement.SPLIT:
                part = even(height * self.share)
                return Box(0, 0 if self.person_first else height - part, width, part)
            case Arrangement.PICTURE_IN_PICTURE:
                side = even(min(size) * self.share)
                gap = round(0.045 * min(size))
                x = gap if self.corner.endswith("left") else width - side - gap
                y = gap if self.corner.startswith("top") else height - side - gap
                return Box(x, y, side, side)
        return Box(0, 0, width, height)

    def visual_box(self, size: tuple[int, int]) -> Box | None:
        """Where the second picture is; None where there is none."""
        width, height = size
        person = self.person_box(size)
        if self.arrangement is not Arrangement.SPLIT or person is None:
            full = self.arrangement is Arrangement.FULL
            return None if full else Box(0, 0, width, height)
        if width >= height:
            return Box(person.width if self.person_first else 0, 0, width - person.width, height)
        return Box(0, person.height if self.person_first else 0, width, height - person.height)

    def caption_area(self, size: tuple[int, int]) -> Box:
        """The part of the canvas where captions do not cover a small person."""
        width, height = size
        person = self.person_box(size)
        if self.arrangement is not Arrangement.PICTURE_IN_PICTURE or person is None:
            return Box(0, 0, width, height)
        if not self.corner.startswith("bottom"):
            top = person.y + person.height
            return Box(0, top, width, height - top)
        if width - person.width > 1.2 * height:
            right = self.corner.endswith("right")
            left = 0 if right else person.x + person.width
            return Box(left, 0, person.x if right else width - left, height)
        return Box(0, 0, width, person.y)

    def caption_seam(self, size: tuple[int, int]) -> int | None:
        """The height of the line between two pictures that lie one above the other."""
        person = self.person_box(size)
        if self.arrangement is not Arrangement.SPLIT or person is None or size[0] >= size[1]:
            return None
        return person.height if self.person_first else person.y


FULL = Layout()

_NAMES = {
    "1": Arrangement.FULL,
    "2": Arrangement.SPLIT,
    "3": Arrangement.PICTURE_IN_PICTURE,
    "pip": Arrangement.PICTURE_IN_PICTURE,
    "voice-over": Arrangement.VOICE,
    **{kind.value: kind for kind in Arrangement},
}


def layout(
    name: str | int,
    visual: str | Path | Background | None = None,
    *,
    person_first: bool = False,
    share: float | None = None,
    corner: Corner = "bottom-right",
    shape: Shape = "circle",
    shadow: bool = True,
) -> Layout:
    """A layout as people write it.

    Args:
        name: a value of `Arrangement`, ``pip``, ``voice-over``, or JoggAI's ``screen_style``
            1 (full), 2 (split), 3 (picture in picture).
        visual: the second picture: image, video, colour, gradient or room, see
            `visavis.scene.parse_background`.
        person_first, share, corner, shape, shadow: see `Layout`.

    Raises:
        SceneError: an unknown name, a visual that is missing or makes no sense, or a share out
            of range.
    """
    kind = _NAMES.get(str(name).strip().lower())
    if kind is None:
        raise SceneError(
            f"There is no layout {name!r}.",
            f"Use {', '.join(each.value for each in Arrangement)}.",
        )
    if corner not in CORNERS:
        raise SceneError(f"There is no corner {corner!r}.", f"Use {', '.join(CORNERS)}.")
    if shape not in SHAPES:
        raise SceneError(f"There is no shape {shape!r}.", f"Use {', '.join(SHAPES)}.")
    behind = None if visual is None else parse_background(visual)
    if kind is not Arrangement.FULL and behind is None:
        raise SceneError(
            f"The layout {kind.value!r} needs a second picture.", "Give an image, video or colour."
        )
    if behind is not None and behind.kind in (Kind.OWN, Kind.BLUR, Kind.TRANSPARENT):
        raise SceneError(
            f"{behind.kind.value!r} cannot be the second picture.",
            "Give an image, a video, a colour or the name of a room.",
        )
    usual = {Arrangement.SPLIT: 0.5, Arrangement.PICTURE_IN_PICTURE: 0.34}.get(kind, 1.0)
    part = usual if share is None else share
    if kind in (Arrangement.SPLIT, Arrangement.PICTURE_IN_PICTURE) and not 0.15 <= part <= 0.85:
        raise SceneError(f"A share of {part:g} is out of range 0.15 to 0.85.")
    return Layout(kind, behind, person_first, part, corner, shape, shadow)
