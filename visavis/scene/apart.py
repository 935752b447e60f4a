"""A person and what was behind it, taken apart once and for all where the rig can do that."""

from pathlib import Path
from typing import Protocol, runtime_checkable

import cv2
import numpy as np

from visavis.media import Picture
from visavis.rigs.types import Rig
from visavis.scene.backgrounds import Background, Kind, parse_background
from visavis.scene.pictures import without_person

_BLUR_SIDE = 720


@runtime_checkable
class Separable(Protocol):
    """What a rig has that knows its person from its background.

    Attributes:
        picture: (height, width, 3) RGB at rest.
        matte: (height, width) uint8, how much of each pixel is the person.
    """

    @property
    def picture(self) -> Picture: ...
    @property
    def matte(self) -> Picture: ...
    def cut_out(self) -> Rig:
        """The same person on nothing."""
        ...


def apart(rig: Rig, background: str | Path | Background | None) -> tuple[Rig, Background]:
    """The rig and the background to compose, open and draw instead of those that were asked for.

    A rig that can be cut out needs no search for the person in every picture: its edge is as
    steady as the rig, and composing costs a tenth. Any other comes back as it is.

    Args:
        rig: the avatar.
        background: see `visavis.scene.parse_background`.

    Raises:
        SceneError: an impossible background.
    """
    behind = parse_background(background)
    if behind.kind is Kind.OWN or not rig.opaque or not isinstance(rig, Separable):
        return rig, behind
    if behind.kind is Kind.BLUR:
        behind = Background(Kind.PICTURE, picture=_blurred_behind(rig))
    return rig.cut_out(), behind


def _blurred_behind(rig: Separable) -> Picture:
    high, wide = rig.matte.shape
    scale = min(1.0, _BLUR_SIDE / min(high, wide))
    size = round(wide * scale), round(high * scale)
    small, matte = (
        np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), np.uint8)
        for each in (rig.picture, rig.matte)
    )
    return without_person(small, matte, size)
