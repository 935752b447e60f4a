"""A logo or a line of text over the picture."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from visavis.errors import SceneError
from visavis.scene.fonts import FontStack
from visavis.scene.layouts import CORNERS, Corner
from visavis.scene.patches import Easel, Patch
from visavis.scene.pictures import load_image
from visavis.scene.typeset import draw, set_line


@dataclass(frozen=True, slots=True)
class Watermark:
    """A logo or a line of text over the picture.

    Attributes:
        image: file of a logo, best with transparency; None for text.
        text: what is written where there is no image.
        corner: where it is.
        opacity: 0 to 1.
        scale: height as a fraction of the canvas's short side.
        everywhere: repeat the text over the whole picture, as for trials.
    """

    image: Path | None = None
    text: str = ""
    corner: Corner = "top-right"
    opacity: float = 0.75
    scale: float = 0.07
    everywhere: bool = False

    def __post_init__(self) -> None:
        if self.image is None and not self.text.strip():
            raise SceneError("A watermark needs an image or a text.")
        if self.corner not in CORNERS:
            raise SceneError(f"There is no corner {self.corner!r}.", f"Use {', '.join(CORNERS)}.")
        if not 0 < self.opacity <= 1 or not 0.01 <= self.scale <= 0.5:
            raise SceneError(
                f"A watermark of opacity {self.opacity:g}, scale {self.scale:g} is out of range.",
                "Use an opacity up to 1 and a scale from 0.01 to 0.5.",
            )


TEST = Watermark(text="TEST", opacity=0.2, scale=0.09, everywhere=True)
"""What films made in test mode carry."""


def watermark_patch(mark: Watermark, size: tuple[int, int]) -> Patch:
    """The watermark in its place on a canvas of `size`.

    Raises:
        SceneError: the image cannot be read.
    """
    height = max(8, round(mark.scale * min(size)))
    if mark.image is not None:
        return _logo(mark, mark.image, height, size)
    return _spread(mark, height, size) if mark.everywhere else _line(mark, height, size)


def _logo(mark: Watermark, path: Path, height: int, size: tuple[int, int]) -> Patch:
    picture = load_image(path)
    if picture.shape[2] == 3:
        picture = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    high, wide = picture.shape[:2]
    scale = min(height / high, 0.4 * size[0] / wide)
    small = cv2.resize(
        picture,
        (max(1, round(wide * scale)), max(1, round(high * scale))),
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
    )
    x, y = _corner(mark.corner, (small.shape[1], small.shape[0]), size)
    return Patch.from_rgba(np.asarray(small, np.uint8), x, y, mark.opacity)


def _line(mark: Watermark, height: int, size: tuple[int, int]) -> Patch:
    line = set_line(mark.text, FontStack())
    em = min(0.7 * height, 0.6 * size[0] / max(line.width, 0.1))
    box = max(2, round(line.width * em) + 4), height
    mask = draw(line, em, box, (2, 0.72 * height))
    easel = Easel(box)
    dark = cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.06 * em))
    easel.fill(np.asarray(dark, np.uint8), (0, 0, 0, 255), 0.6 * mark.opacity)
    easel.fill(mask, (255, 255, 255, 255), mark.opacity)
    return easel.patch(*_corner(mark.corner, box, size))


def _spread(mark: Watermark, height: int, size: tuple[int, int]) -> Patch:
    line = set_line(mark.text, FontStack())
    tile = max(2, round((line.width + 1.5) * height)), round(2.4 * height)
    mask = draw(line, height, tile, (0.4 * height, 1.4 * height))
    reach = round(1.6 * max(size))
    sheet = np.tile(mask, (reach // tile[1] + 1, reach // tile[0] + 1))[:reach, :reach]
    turn = cv2.getRotationMatrix2D((reach / 2, reach / 2), 24, 1.0)
    centre = np.array([[0, 0, reach - size[0]], [0, 0, reach - size[1]]]) / 2
    turned = np.asarray(
        cv2.warpAffine(sheet, turn - centre, size, flags=cv2.INTER_LINEAR), np.uint8
    )
    easel = Easel(size)
    easel.fill(turned, (255, 255, 255, 255), mark.opacity)
    return easel.patch(0, 0)


def _corner(corner: Corner, box: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    gap = round(0.04 * min(size))
    x = gap if corner.endswith("left") else size[0] - box[0] - gap
    y = gap if corner.startswith("top") else size[1] - box[1] - gap
    return max(0, x), max(0, y)
