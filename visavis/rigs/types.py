"""What an avatar is to the rest of the line: something that turns poses into pictures."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from visavis.performance.types import Pose

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the person is in a rig's picture, in fractions of its width and height.

    Attributes:
        crown, eyes, chin: heights of the top of the hair, the eye line and the chin.
        centre: horizontal middle of the face.
        face_width: width of the face between the cheeks.
    """

    crown: float
    eyes: float
    chin: float
    centre: float
    face_width: float


class Renderer(Protocol):
    """A rig opened at one size and rate. Not thread-safe; open one per thread."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures, in pixels; both even."""
        ...

    def render(self, pose: Pose) -> Picture:
        """The next frame.

        Returns:
            (height, width, 4) uint8 RGBA with straight alpha; the caller may keep it.
        """
        ...


class Rig(Protocol):
    """An avatar as it was made: immutable, one file, shared between renderers."""

    @property
    def kind(self) -> str:
        """``"portrait"``, ``"footage"``, ``"character"`` or the name of a plugged-in renderer."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Native width and height in pixels."""
        ...

    @property
    def framing(self) -> Framing:
        """Where the person is in the picture."""
        ...

    @property
    def opaque(self) -> bool:
        """Whether the picture fills its rectangle, so that alpha is 255 everywhere."""
        ...

    def open(self, size: tuple[int, int], fps: Fraction, seed: int = 0) -> Renderer:
        """Prepare to draw at `size` (even width and height, the aspect of the native size)."""
        ...

    def save(self, path: Path) -> None:
        """Write the rig as one file; `visavis.rigs.load` reads it back."""
        ...
