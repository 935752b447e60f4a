"""Captions burnt into the picture."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from visavis.media import Picture
from visavis.scene.bidi import base_level
from visavis.scene.blend import Mask, rounded
from visavis.scene.cues import Cue, Measures, group
from visavis.scene.fonts import FontStack
from visavis.scene.framing import Box
from visavis.scene.patches import Easel, Patch
from visavis.scene.styles import CaptionStyle
from visavis.scene.typeset import Line, draw, set_line, wrap
from visavis.speech.types import Word

_SIDE = 0.07
"""Share of the width kept free at either side."""
_TALL_GROWTH = 1.15
"""Letters are larger on upright canvases, which are watched on phones."""
_LINE = 1.22
"""Ems from one baseline to the next."""
_PAD = 0.42
"""Ems from the letters to the edge of a panel."""


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """A caption in its place, ready for one word after the other to be lit.

    Attributes:
        cue: which.
        size: width and height of its patch.
        placed: lines, which part of the text each is, and where its baseline begins.
        under: what lies under the panel of a word, or all where there is no such panel.
        letters: what lies over that panel.
    """

    cue: Cue
    size: tuple[int, int]
    placed: tuple[tuple[Line, tuple[int, int], tuple[float, float]], ...]
    under: Easel
    letters: Easel | None


class Captions:
    """Captions of one film, drawn when they are due.

    Words may be added while the film is being drawn, as long as they come before their time.

    Args:
        style: how they look.
        size: width and height of the canvas.
        area: the part of it that captions may use; by default all.
        seam: height that captions are centred on where they would be at the bottom, as between
            two pictures; None keeps them at the bottom.
    """

    def __init__(
        self,
        style: CaptionStyle,
        size: tuple[int, int],
        area: Box | None = None,
        seam: int | None = None,
    ) -> None:
        self.style = style
        self.size = size
        self.area = area or Box(0, 0, *size)
        self._seam = seam
        self.stack = FontStack(style.font)
        self.em = style.size * min(size) * (_TALL_GROWTH if self._tall else 1.0)
        room = (1 - 2 * _SIDE) * self.area.width - 2 * _PAD * self.em
        self.measures = Measures(max(2.0, room / self.em), style.lines, style.words)
        self._cues: list[Cue] = []
        self._starts: list[float] = []
        self._painted: tuple[Cue, int, Patch] | None = None
        self._set: _Set | None = None

    @property
    def cues(self) -> tuple[Cue, ...]:
        """All captions so far."""
        return tuple(self._cues)

    @property
    def stand_ins(self) -> dict[str, str]:
        """Characters so far that the style's font lacks; see `FontStack.replaced`."""
        return self.stack.replaced("".join(cue.text for cue in self._cues))

    @property
    def _tall(self) -> bool:
        return self.size[1] > 1.4 * self.size[0]

    def add(self, words: Iterable[Word]) -> None:
        """Add words that come after all that were added before."""
        for cue in group(words, self.stack, self.measures):
            self._cues.append(cue)
            self._starts.append(cue.start)

    def lay(self, out: Picture, time: float) -> None:
        """Draw what is due at `time` seconds over the picture, in place."""
        patch = self.at(time)
        if patch is not None:
            patch.lay(out)

    def at(self, time: float) -> Patch | None:
        """The caption that is due; None where there is none."""
        index = bisect_right(self._starts, time) - 1
        if index < 0 or time >= self._cues[index].end:
            return None
        cue = self._cues[index]
        active = self._active(cue, time)
        if self._painted is None or self._painted[:2] != (cue, active):
            self._painted = (cue, active, self._paint(cue, active))
        return self._painted[2]

    def _active(self, cue: Cue, time: float) -> int:
        if self.style.active is None and self.style.active_box is None:
            return -1
        spoken = bisect_right([word.start for word in cue.words], time) - 1
        return spoken if spoken >= 0 and time < cue.words[spoken].end + 0.3 else -1

    def _paint(self, cue: Cue, active: int) -> Patch:
        if self._set is None or self._set.cue != cue:
            self._set = self._typeset(cue)
        plain, style = self._set, self.style
        easel = plain.under.copy()
        spoken = self._spoken(plain, active)
        if style.active_box is not None:
            for mask, baseline in spoken:
                easel.fill(self._panel(mask, baseline), style.active_box)
        if plain.letters is not None:
            easel.lay(plain.letters)
        if style.active is not None:
            for mask, _ in spoken:
                easel.fill(mask, style.active)
        width, height = plain.size
        return easel.patch(self.area.x + (self.area.width - width) // 2, self._top(height))

    def _typeset(self, cue: Cue) -> _Set:
        """A caption but for the word that is being said."""
        style, em = self.style, self.em
        text = cue.text.upper() if style.capitals else cue.text
        if len(text) != len(cue.text):  # capitals of some letters are longer than they are
            text = cue.text
        base = base_level(text)
        pieces = wrap(text, self.stack, self.measures.ems)
        lines = [set_line(text[start:end], self.stack, base) for start, end in pieces]
        pad = round(_PAD * em) + 2
        step = round(_LINE * em)
        width = min(self.area.width, round(max(line.width for line in lines) * em) + 2 * pad)
        height = min(self.area.height, step * len(lines) + 2 * pad)
        size = width, height
        rise = self.stack.first.ascender - self.stack.first.descender
        top = pad + (step - rise * em) / 2 + self.stack.first.ascender * em - 0.06 * em
        origins = [((width - line.width * em) / 2, top + n * step) for n, line in enumerate(lines)]
        placed = tuple(zip(lines, pieces, origins, strict=True))
        whole = _union([draw(line, em, size, at) for line, _, at in placed])
        under = Easel(size)
        if style.box is not None:
            under.fill(rounded(size, 0.3 * em), style.box)
        letters = under if style.active_box is None else Easel(size)
        if style.shadow:
            letters.fill(_shadow(whole, em), (0, 0, 0, 255), style.shadow)
        if style.outline:
            letters.fill(_thicker(whole, style.outline * em), style.outline_ink)
        letters.fill(whole, style.ink)
        return _Set(cue, size, placed, under, None if letters is under else letters)

    def _spoken(self, plain: _Set, active: int) -> list[tuple[Mask, float]]:
        """Coverage of the word that is being said, and its baseline, for every line it is on."""
        if active < 0:
            return []
        start, end = plain.cue.spans[active]
        found = []
        for line, (first, last), origin in plain.placed:
            wanted = frozenset(range(max(start, first) - first, min(end, last) - first))
            mask = draw(line, self.em, plain.size, origin, wanted) if wanted else None
            if mask is not None and mask.any():
                found.append((mask, origin[1]))
        return found

    def _panel(self, word: Mask, baseline: float) -> Mask:
        """A rounded panel behind a word, as high as a line."""
        high, wide = word.shape
        columns = np.flatnonzero(word.any(axis=0))
        side = round(0.16 * self.em)
        left, right = max(0, columns[0] - side), min(wide, columns[-1] + 1 + side)
        top = max(0, round(baseline - 0.92 * self.em))
        bottom = min(high, round(baseline + 0.32 * self.em))
        panel = np.zeros_like(word)
        panel[top:bottom, left:right] = rounded((right - left, bottom - top), 0.22 * self.em)
        return panel

    def _top(self, height: int) -> int:
        """Row of the patch: clear of the edges that phones and players cover."""
        area, position = self.area, self.style.position
        if position == "middle":
            return area.y + (area.height - height) // 2
        if position == "top":
            free = round((0.12 if self._tall else 0.05) * self.size[1])
            return min(max(area.y, free), area.y + area.height - height)
        if self._seam is not None:
            return min(max(area.y, self._seam - height // 2), area.y + area.height - height)
        free = round((0.16 if self._tall else 0.05) * self.size[1])
        bottom = min(area.y + area.height, self.size[1] - free)
        return max(area.y, bottom - height)


def _union(masks: list[Mask]) -> Mask:
    whole = masks[0]
    for mask in masks[1:]:
        whole = np.maximum(whole, mask)
    return whole


def _thicker(mask: Mask, width: float) -> Mask:
    """The mask grown by `width` pixels, its edge still smooth."""
    reach = max(1, round(width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask, kernel), np.uint8)


def _shadow(mask: Mask, em: float) -> Mask:
    grown = _thicker(mask, 0.06 * em)
    shift = np.array([[1, 0, 0], [0, 1, 0.05 * em]], np.float32)
    moved = cv2.warpAffine(grown, shift, (mask.shape[1], mask.shape[0]))
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), max(0.5, 0.09 * em)), np.uint8)
