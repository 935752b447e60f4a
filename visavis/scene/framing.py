"""Where a person goes on the canvas."""

from dataclasses import dataclass
from typing import Protocol

from visavis.rigs.types import Framing
from visavis.scene.canvas import even


class Subject(Protocol):
    """What framing needs to know of a rig; every `visavis.rigs.Rig` is one."""

    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def framing(self) -> Framing: ...
    @property
    def opaque(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the canvas in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def rows(self) -> slice:
        return slice(self.y, self.y + self.height)

    @property
    def columns(self) -> slice:
        return slice(self.x, self.x + self.width)

    def clipped(self, size: tuple[int, int]) -> "Box":
        """The part that lies on a canvas of `size`."""
        left, top = max(self.x, 0), max(self.y, 0)
        right = min(self.x + self.width, size[0])
        bottom = min(self.y + self.height, size[1])
        return Box(left, top, max(0, right - left), max(0, bottom - top))


# In heights of the head, crown to chin.
_HEADROOM = 0.22
_SHOULDERS = 0.55
# In widths of the face.
_SHOULDER_WIDTH = 1.45

_CUTOUT_HEAD = 0.36
"""Height of the head of a cut-out person as a fraction of the box, at most this."""
_CUTOUT_FACE = 0.40
"""Width of the face of a cut-out person as a fraction of the box, at most this."""
_CUTOUT_HEADROOM = 0.11


_CLOSE_HEAD = 0.52
"""Height of the head in a small window."""
_TOUCHES = 0.015
"""A crown this near the upper edge of its picture is cut by it."""


def place(subject: Subject, size: tuple[int, int], *, cut_out: bool, close: bool = False) -> Box:
    """Where the whole picture of a rig goes so that its person sits well in a box of `size`.

    The result may be larger than the box and lie partly outside; its size is what the rig is to
    be opened at, so that nothing is scaled twice. The crown is never cut off.

    Args:
        subject: the rig.
        size: width and height of the box.
        cut_out: whether the person stands alone, without the picture's own background.
        close: come nearer, as for a small window.
    """
    put = _place_cutout if cut_out else _place_photograph
    return put(subject, size, close)


def _place_photograph(subject: Subject, size: tuple[int, int], close: bool) -> Box:
    """Fill the box where the head and shoulders allow it, else leave bands to be filled."""
    width, height = size
    own_width, own_height = subject.size
    face = subject.framing
    head = face.chin - face.crown
    top = max(0.0, face.crown - _HEADROOM * head)
    bottom = min(1.0, face.chin + _SHOULDERS * head)
    half = min(max(face.centre, 1 - face.centre), face.face_width * _SHOULDER_WIDTH / 2)
    cover = max(width / own_width, height / own_height)
    contain = min(width / own_width, height / own_height)
    fits = min(height / (own_height * (bottom - top)), width / (own_width * 2 * half))
    near = _CLOSE_HEAD * height / (head * own_height) if close else 0.0
    scale = max(contain, min(max(cover, near), fits))
    drawn = even(own_width * scale), even(own_height * scale)
    x = _slide(drawn[0], width, face.centre, 0.5)
    # The eyes a little above the middle, unless that would cut the hair.
    y = _slide(drawn[1], height, face.eyes, 0.42)
    if drawn[1] > height:
        y = max(y, min(0, round(-top * drawn[1])))
    return Box(x, y, *drawn)


def _slide(length: int, room: int, point: float, wanted: float) -> int:
    """Offset that brings `point` of a stretch to `wanted` of the room without showing an end."""
    if length <= room:
        return (room - length) // 2
    return round(min(0.0, max(room - length, wanted * room - point * length)))


def _place_cutout(subject: Subject, size: tuple[int, int], close: bool) -> Box:
    """Head and shoulders with air above; the body always runs out of the box at the bottom."""
    width, height = size
    own_width, own_height = subject.size
    face = subject.framing
    head = (face.chin - face.crown) * own_height
    tallest, widest = (_CLOSE_HEAD, 0.55) if close else (_CUTOUT_HEAD, _CUTOUT_FACE)
    scale = min(tallest * height / head, widest * width / (face.face_width * own_width))
    crown = face.crown * own_height
    # Hair that its own picture cuts off must be cut by the box too, or it looks shorn.
    air = 0.0 if face.crown < _TOUCHES else _CUTOUT_HEADROOM
    # From the crown down to its lower edge the picture must reach the bottom of the box.
    scale = max(scale, (1 - air) * height / (own_height - crown))
    if not close:
        scale *= float(getattr(subject, "zoom", 1.0))
    drawn = even(own_width * scale), even(own_height * scale)
    x = round(width / 2 - face.centre * drawn[0])
    y = round(air * height - face.crown * drawn[1])
    # Never leave a floating bust.
    y = max(y, height - drawn[1])
    return Box(x, y, *drawn)
