"""Words to glyphs in their places, and glyphs to pixels."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import uharfbuzz as hb

from visavis.scene.bidi import base_level, levels, visual_order
from visavis.scene.blend import Mask
from visavis.scene.fonts import Font, FontStack

_NO_SPACE = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts, by the first word of their characters' names, that are written without spaces."""

_NOT_AT_START = frozenset(
    ",.!?;:)]}%»”’…、。，．！？；：）］｝」』】》〉ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NOT_AT_END = frozenset("([{«“‘（［｛「『【《〈")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Glyph:
    """A shape in its place on a line, in ems of the line's size.

    Attributes:
        font: where the shape comes from.
        number: which of its shapes.
        x, y: origin; y grows upwards.
        advance: room it takes.
        cluster: index of the character it stands for.
    """

    font: Font
    number: int
    x: float
    y: float
    advance: float
    cluster: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, set.

    Attributes:
        text: what is written.
        glyphs: from left to right.
        width: in ems.
    """

    text: str
    glyphs: tuple[Glyph, ...]
    width: float


@lru_cache(maxsize=4096)
def script_of(character: str) -> str:
    """A coarse script: the first word of the character's name; empty for what all scripts share."""
    if not (character.isalpha() or unicodedata.category(character).startswith("M")):
        return ""
    return unicodedata.name(character, "").split(" ")[0]


def writes_spaces(character: str) -> bool:
    """Whether words of this character's script are kept apart by spaces."""
    return script_of(character) not in _NO_SPACE and not _is_wide_mark(character)


def _is_wide_mark(character: str) -> bool:
    """Chinese and Japanese punctuation brings its own room."""
    return unicodedata.east_asian_width(character) in "WF" and not character.isalnum()


def set_line(text: str, stack: FontStack, base: int | None = None) -> Line:
    """Shape one line.

    Args:
        text: the line in reading order.
        stack: fonts to take.
        base: 1 for a right-to-left paragraph, 0 for left-to-right, None to find out.
    """
    embedding = levels(text, base_level(text) if base is None else base)
    runs = list(_runs(text, stack, embedding))
    seen = visual_order(runs, [embedding[start] for start, _, _ in runs])
    glyphs: list[Glyph] = []
    x = 0.0
    for start, end, font in seen:
        if font is None:
            continue
        for glyph in _shape(text, start, end, font, embedding[start] % 2 == 1):
            glyphs.append(
                Glyph(font, glyph.number, x + glyph.x, glyph.y, glyph.advance, glyph.cluster)
            )
            x += glyph.advance
    return Line(text, tuple(glyphs), x)


def _runs(
    text: str, stack: FontStack, embedding: Sequence[int]
) -> Iterable[tuple[int, int, Font | None]]:
    """Stretches of one font, one direction and one script."""
    start = 0
    current: tuple[Font | None, int, str] | None = None
    for at, character in enumerate(text):
        font, script = _font_at(text, at, stack, current), script_of(character)
        if current is not None and not script:
            script = current[2]
        key = (font, embedding[at], script)
        if (
            current is not None
            and key != current
            and not (key[:2] == current[:2] and not current[2])
        ):
            yield start, at, current[0]
            start = at
        current = key
    if current is not None:
        yield start, len(text), current[0]


def _font_at(
    text: str, at: int, stack: FontStack, current: tuple[Font | None, int, str] | None
) -> Font | None:
    """Marks, spaces and joiners stay with the font of what they follow."""
    character = text[at]
    follows = character.isspace() or character == _JOINER or unicodedata.combining(character)
    if current is not None and current[0] is not None and follows:
        return current[0]
    return stack.first if character.isspace() else stack.font_for(character)


def _shape(text: str, start: int, end: int, font: Font, backwards: bool) -> Iterable[Glyph]:
    buffer = hb.Buffer()
    buffer.add_codepoints([ord(c) for c in text], start, end - start)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if backwards else "ltr"
    hb.shape(font.hb, buffer)
    em = font.upem
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        yield Glyph(
            font,
            info.codepoint,
            place.x_offset / em,
            place.y_offset / em,
            place.x_advance / em,
            info.cluster,
        )


def breaks(text: str) -> list[int]:
    """Places where a line may end: after spaces, and between letters of scripts without them."""
    found = []
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if after.isspace() or after in _NOT_AT_START or unicodedata.combining(after):
            continue
        if before.isspace() or (
            before not in _NOT_AT_END
            and before != _JOINER
            and (not writes_spaces(before) or not writes_spaces(after))
            and script_of(before) not in ("THAI", "LAO", "KHMER", "MYANMAR")
        ):
            found.append(at)
    return found


class Measure:
    """Widths of any part of a text in ems, after shaping it once.

    Args:
        text: the whole text.
        stack: fonts to take.
    """

    def __init__(self, text: str, stack: FontStack) -> None:
        self.text = text
        advance = np.zeros(len(text) + 1)
        for glyph in set_line(text, stack).glyphs:
            advance[glyph.cluster + 1] += glyph.advance
        self._sums = np.cumsum(advance)

    def width(self, start: int, end: int) -> float:
        """Width from `start` to `end` without the spaces at its end."""
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return float(self._sums[end] - self._sums[start])

    def fitting(self, start: int, end: int, width: float) -> int:
        """How far from `start` the text fits; one whole character at the least."""
        at = int(np.searchsorted(self._sums, self._sums[start] + width, side="right")) - 1
        at = min(max(at, start + 1), end)
        while at < end and (unicodedata.combining(self.text[at]) or self.text[at] == _JOINER):
            at += 1
        return at


def wrap(text: str, stack: FontStack, width: float) -> list[tuple[int, int]]:
    """Cut a text into lines of at most `width` ems, as even as their number allows.

    A word that is wider than the line is cut wherever it must.

    Returns:
        start and end of every line, without the spaces around it.
    """
    measure = Measure(text, stack)
    places = [*breaks(text), len(text)]
    lines = _greedy(measure, places, width)
    if len(lines) > 1:
        lines = _evened(measure, places, width, len(lines)) or lines
    bare = []
    for start, end in lines:
        inner = text[start:end]
        lead = len(inner) - len(inner.lstrip())
        bare.append((start + lead, start + max(lead, len(inner.rstrip()))))
    return [(start, end) for start, end in bare if end > start]


def _greedy(measure: Measure, places: list[int], width: float) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    start = last = 0
    for at in places:
        if measure.width(start, at) > width and last > start:
            lines.append((start, last))
            start = last
        while measure.width(start, at) > width:
            cut = measure.fitting(start, at, width)
            if cut >= at:
                break
            lines.append((start, cut))
            start = cut
        last = at
    if start < len(measure.text):
        lines.append((start, len(measure.text)))
    return lines


def _evened(
    measure: Measure, places: list[int], width: float, count: int
) -> list[tuple[int, int]] | None:
    """The narrowest setting in `count` lines; None where words have to be cut."""
    whole = measure.width(0, len(measure.text))
    for share in (1.0, 1.06, 1.12, 1.2, 1.3, 1.45, 1.6, 1.8):
        lines = _greedy(measure, places, min(width, whole / count * share))
        if len(lines) == count and all(end in places for _, end in lines):
            return lines
    return None


def draw(
    line: Line, size: float, box: tuple[int, int], origin: tuple[float, float],
    wanted: frozenset[int] | None = None,
) -> Mask:  # fmt: skip
    """Rasterise a line.

    Args:
        line: what to draw.
        size: pixels of one em.
        box: width and height of the mask.
        origin: pixels from the left and the top to where the baseline starts.
        wanted: clusters to draw; None draws all.

    Returns:
        (height, width) uint8 coverage.
    """
    width, height = box
    brush = hb.RasterDraw()
    brush.extents = hb.RasterExtents(0, 0, width, height)
    drawn = False
    for glyph in line.glyphs:
        if wanted is not None and glyph.cluster not in wanted:
            continue
        scale = size / glyph.font.upem
        brush.transform = (
            scale, 0.0, 0.0, scale,
            origin[0] + glyph.x * size, height - origin[1] + glyph.y * size,
        )  # fmt: skip
        brush.draw_glyph(glyph.font.hb, glyph.number)
        drawn = True
    image = brush.render() if drawn else None
    if image is None or not len(image.buffer):
        return np.zeros((height, width), np.uint8)
    stride = image.extents.stride
    # HarfBuzz counts rows from below.
    rows = np.frombuffer(image.buffer, np.uint8).reshape(height, stride)[:, :width]
    return np.ascontiguousarray(rows[::-1])
