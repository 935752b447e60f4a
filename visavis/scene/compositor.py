"""Everything on one canvas: person, second picture, captions, watermark."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from visavis.errors import SceneError
from visavis.media import Picture
from visavis.scene.backgrounds import Background, Kind, Loop, parse_background
from visavis.scene.blend import Stencil, rounded
from visavis.scene.captions import Captions
from visavis.scene.framing import Box, Subject
from visavis.scene.layouts import FULL, Arrangement, Layout
from visavis.scene.matte import Matte
from visavis.scene.panel import Panel, backdrop, picture_at
from visavis.scene.patches import Easel, Patch
from visavis.scene.styles import CaptionStyle
from visavis.scene.watermark import Watermark, watermark_patch
from visavis.speech.types import Word


class Compositor:
    """A scene that is ready to be drawn. Not thread-safe; times must not go back.

    Args:
        canvas: width and height.
        panel: the person, None for a voice without a face.
        where: place of the panel on the canvas, None without one.
        layout: how the canvas is shared.
        visual: the second picture, None where there is none.
        captions: None without.
        mark: the watermark, None without.
    """

    def __init__(
        self,
        canvas: tuple[int, int],
        panel: Panel | None,
        where: Box | None,
        layout: Layout,
        visual: Loop | Picture | None,
        captions: Captions | None,
        mark: Patch | None,
    ) -> None:
        self.size = canvas
        self.captions = captions
        self._panel, self._where = panel, where
        self._visual, self._visual_box = visual, layout.visual_box(canvas)
        self._mark = mark
        self._window: Stencil | None = None
        self._shade: Patch | None = None
        if layout.arrangement is Arrangement.PICTURE_IN_PICTURE and where is not None:
            radius = {"circle": 1.0, "rounded": 0.14, "square": 0.0}[layout.shape] * where.width
            self._window = Stencil(rounded(where.size, radius))
            self._shade = _shadow(where, canvas, radius) if layout.shadow else None

    @property
    def alpha(self) -> bool:
        """Whether the pictures have a fourth channel."""
        return self._panel is not None and self._panel.alpha

    @property
    def shows_person(self) -> bool:
        """Whether a rig is to be opened at all."""
        return self._panel is not None

    @property
    def rig_size(self) -> tuple[int, int]:
        """Width and height at which the rig is to be opened; (0, 0) where none is shown."""
        return self._panel.rig_size if self._panel else (0, 0)

    def add_words(self, words: Iterable[Word]) -> None:
        """Give the captions their words, in time order, before the time at which they are said."""
        if self.captions is not None:
            self.captions.add(words)

    def compose(self, rig_picture: Picture | None, time: float) -> Picture:
        """The next picture.

        Args:
            rig_picture: (height, width, 4) uint8 RGBA of `rig_size`; None where no person is shown.
            time: seconds from the start of the scene.

        Returns:
            (height, width, 3) uint8 RGB, or RGBA where `alpha`; a new array, the caller's own.
        """
        out = self._arrange(rig_picture, time)
        if self.captions is not None:
            self.captions.lay(out, time)
        if self._mark is not None:
            self._mark.lay(out)
        return out

    def _arrange(self, rig_picture: Picture | None, time: float) -> Picture:
        person = None
        if self._panel is not None and rig_picture is not None:
            person = self._panel.compose(rig_picture, time)
        if self._visual is None or self._visual_box is None:
            if person is None:
                raise SceneError("This scene shows a person, but no picture of it came.")
            return person
        shown = picture_at(self._visual, time)
        if person is None or self._where is None:
            return shown.copy()
        out = np.empty((self.size[1], self.size[0], 3), np.uint8)
        out[self._visual_box.rows, self._visual_box.columns] = shown
        if self._shade is not None:
            self._shade.lay(out)
        window = out[self._where.rows, self._where.columns]
        if self._window is not None:
            self._window.lay(person, window)
        else:
            window[:] = person
        return out


def compose(
    subject: Subject | None,
    size: tuple[int, int],
    background: str | Path | Background | None = None,
    *,
    layout: Layout = FULL,
    captions: CaptionStyle | None = None,
    watermark: Watermark | None = None,
    fps: Fraction = Fraction(25),
    matte: Matte | None = None,
) -> Compositor:
    """Prepare to draw a scene.

    Args:
        subject: the rig, or anything that has its size, framing and opacity; None only where
            the layout shows no person.
        size: width and height of the canvas, even.
        background: what is behind the person, see `visavis.scene.parse_background`.
        layout: how person and second picture share the canvas.
        captions: how captions look, None for none; their words come by `Compositor.add_words`.
        watermark: over everything.
        fps: pictures per second of the canvas.
        matte: finds the person in the pictures of an opaque rig when its background is taken
            away; by default a `PersonMatte`.

    Raises:
        SceneError: an impossible background, or one that the layout cannot show.
        ModelError: the weights of the matte are missing and cannot be fetched.
    """
    behind = parse_background(background)
    if behind.kind is Kind.TRANSPARENT and layout.arrangement is not Arrangement.FULL:
        raise SceneError(
            f"The layout {layout.arrangement.value!r} covers the whole canvas, so its background"
            " cannot be transparent.",
            "Use the layout full.",
        )
    where, visual_box = layout.person_box(size), layout.visual_box(size)
    panel = None
    if where is not None:
        if subject is None:
            raise SceneError("This layout shows a person, but there is no avatar.")
        small = layout.arrangement is Arrangement.PICTURE_IN_PICTURE
        panel = Panel(subject, where.size, behind, fps, matte, close=small)
    visual = None
    if layout.visual is not None and visual_box is not None:
        visual = backdrop(layout.visual, visual_box.size, fps)
    words = None
    if captions is not None:
        words = Captions(captions, size, layout.caption_area(size), layout.caption_seam(size))
    return Compositor(
        size,
        panel,
        where,
        layout,
        visual,
        words,
        watermark_patch(watermark, size) if watermark else None,
    )


def _shadow(box: Box, canvas: tuple[int, int], radius: float) -> Patch:
    """A soft shadow around a window, a little below it."""
    reach = round(0.09 * box.width)
    area = Box(box.x - reach, box.y - reach, box.width + 2 * reach, box.height + 2 * reach)
    mask = np.zeros((area.height, area.width), np.uint8)
    drop = reach // 4
    mask[reach + drop : reach + drop + box.height, reach : reach + box.width] = rounded(
        box.size, radius
    )
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), reach / 3), np.uint8)
    seen = area.clipped(canvas)
    soft = soft[seen.y - area.y :, seen.x - area.x :][: seen.height, : seen.width]
    easel = Easel(seen.size)
    easel.fill(soft, (0, 0, 0, 255), 0.5)
    return easel.patch(seen.x, seen.y)
