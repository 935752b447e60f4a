"""A person in a clip on nothing."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from visavis.performance.types import Pose
from visavis.rigs.footage.mattes import Mattes
from visavis.rigs.footage.renderer import FootageRenderer
from visavis.rigs.types import Framing, Picture

if TYPE_CHECKING:
    from visavis.rigs.footage.rig import FootageRig


@dataclass(frozen=True, eq=False)
class FootageCutOut:
    """The person of a footage rig without what is behind them.

    Attributes:
        whole: the rig.
        mattes: where the person is in its frames.
    """

    whole: "FootageRig"
    mattes: Mattes

    kind = "footage"
    opaque = False
    stained = True
    """Half-covered pixels still hold the colour of the old background."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the clip, in pixels."""
        return self.whole.size

    @property
    def framing(self) -> Framing:
        """Where the person is in the picture."""
        return self.whole.framing

    def open(self, size: tuple[int, int], fps: Fraction, seed: int = 0) -> "CutOutRenderer":
        """Prepare to draw; see `FootageRig.open`."""
        return CutOutRenderer(self.whole.open(size, fps, seed), self.mattes)

    def save(self, path: Path) -> None:
        """Write the whole rig as one file."""
        self.whole.save(path)


class CutOutRenderer:
    """Draws poses; opened by `FootageCutOut.open`.

    The silhouette is the body's, whose frames come again and again; what the face does stays
    within it.
    """

    def __init__(self, whole: FootageRenderer, mattes: Mattes) -> None:
        self._whole, self._mattes = whole, mattes

    @property
    def size(self) -> tuple[int, int]:
        return self._whole.size

    def render(self, pose: Pose) -> Picture:
        """The next frame: (height, width, 4) uint8 RGBA with straight alpha."""
        step, picture = self._whole.next(pose)
        out = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8)
        cv2.insertChannel(self._mattes.of(step, self.size), out, 3)
        return out
