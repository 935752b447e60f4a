"""A stock presenter as an avatar."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visavis.performance.types import Pose
from visavis.rigs.character.face import Face
from visavis.rigs.character.head import Head
from visavis.rigs.character.pack import Pack, read_pack
from visavis.rigs.files import RigError, RigFile, read_rig, write_rig
from visavis.rigs.types import Framing, Picture, Renderer

SMALLEST = 64
_STEP = 0.4
"""Pixels that any part of a face moves by at most before it is drawn anew."""


class CharacterRenderer:
    """Draws one presenter at one size. Not thread-safe."""

    def __init__(self, pack: Pack, size: tuple[int, int], fps: Fraction, seed: int) -> None:
        self._size = size
        self._face = Face(pack, size)
        self._head = Head(pack.framing, self._face.still, fps, seed)
        self._canvas = self._face.still.copy()
        self._levels = np.float32(self._face.reach / _STEP)
        self._drawn: npt.NDArray[np.float32] | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    def render(self, pose: Pose) -> Picture:
        """The next frame, see `visavis.rigs.types.Renderer`."""
        known = np.where(np.isfinite(pose.curves), pose.curves, 0)
        curves = (np.round(np.clip(known, 0, 1) * self._levels) / self._levels).astype(np.float32)
        # a face that is silent moves in every other picture at most; its head always does
        if self._drawn is None or not np.array_equal(curves, self._drawn):
            self._canvas[self._face.region.slices] = self._face.draw(curves)
            self._drawn = curves
        return self._head.move(self._canvas, pose)


@dataclass(frozen=True, slots=True)
class CharacterRig:
    """A presenter of the gallery.

    Attributes:
        pack: its layers and shape.
        content: the file it was read from, written back by `save`.
    """

    pack: Pack
    content: RigFile = field(repr=False)

    @classmethod
    def read(cls, content: RigFile) -> "CharacterRig":
        """A presenter from its file.

        Raises:
            RigError: a member is missing or damaged.
        """
        return cls(read_pack(content), content)

    @classmethod
    def load(cls, path: Path) -> "CharacterRig":
        """A presenter from a path.

        Raises:
            RigError: no such file, or not a presenter.
        """
        content = read_rig(path)
        if content.kind != "character":
            raise RigError(
                f"{path.name} is a rig of the kind {content.kind!r}, not a presenter.",
                "Load it with visavis.rigs.load.",
            )
        return cls.read(content)

    @property
    def kind(self) -> str:
        return "character"

    @property
    def size(self) -> tuple[int, int]:
        return self.pack.size

    @property
    def framing(self) -> Framing:
        return self.pack.framing

    @property
    def opaque(self) -> bool:
        return False

    @property
    def background(self) -> str:
        """What stands behind where nobody asks for anything else, as a request names it."""
        return str(self.content.meta.get("background", "studio"))

    @property
    def zoom(self) -> float:
        """How much larger than usual the person is to stand in the picture."""
        return float(self.content.meta.get("zoom", 1.0))

    def open(self, size: tuple[int, int], fps: Fraction, seed: int = 0) -> Renderer:
        """Prepare to draw at `size`.

        Raises:
            RigError: a size that is odd, too small or of another shape than the presenter's.
        """
        width, height = size
        native = self.size
        off = abs(width * native[1] - height * native[0]) / native[1]
        if min(size) < SMALLEST or width % 2 or height % 2 or off > 4:
            raise RigError(
                f"A presenter of {native[0]}x{native[1]} cannot be drawn at {width}x{height}.",
                f"Ask for even sides of at least {SMALLEST} pixels in the same proportion.",
            )
        return CharacterRenderer(self.pack, size, fps, seed)

    def save(self, path: Path) -> None:
        write_rig(path, self.content)
