"""What a file holds; apart from the rest, which the child that looks into files need not load."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a file turned out to hold.

    Attributes:
        kind: ``"image"``, ``"video"`` or ``"audio"``.
        format: short name of the container, e.g. ``"mp4"``.
        duration: seconds; 0 for an image.
        size: width and height in pixels; (0, 0) for sound.
        has_sound: whether there is a sound track.
    """

    kind: str
    format: str
    duration: float
    size: tuple[int, int]
    has_sound: bool
