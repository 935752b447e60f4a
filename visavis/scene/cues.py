"""Words with their times to captions that can be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from visavis.scene.fonts import FontStack
from visavis.scene.typeset import wrap, writes_spaces
from visavis.speech.types import Word

_PAUSE = 0.7
"""Seconds of silence after which a new caption starts."""
_HOLD = 0.4
"""Seconds a caption stays after its last word where there is room."""
_SHORTEST = 0.9
"""Seconds a caption is shown at the least where there is room."""
_SENTENCE_ENDS = frozenset(".!?…。！？؟।")
_CLOSERS = "\"'”’»)]」』）"


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption.

    Attributes:
        start, end: seconds.
        text: what is shown.
        words: with their times, in reading order.
        spans: for each word its first character and its end in `text`.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """How much one caption may hold.

    Attributes:
        ems: width of a line.
        lines: how many at the most.
        words: how many at the most.
    """

    ems: float = 21.0
    lines: int = 2
    words: int = 1000


def group(words: Iterable[Word], stack: FontStack, measures: Measures) -> list[Cue]:
    """Cut words into captions at sentence ends, pauses, and where a caption is full.

    Args:
        words: in time order; their times may touch but not overlap.
        stack: fonts that the width is measured in.
        measures: how much one caption may hold.

    Returns:
        captions in time order, none overlapping the next.
    """
    cues: list[Cue] = []
    held: list[Word] = []
    for word in _manageable(words, stack, measures):
        if held and (_ends(held, word) or not _fits([*held, word], stack, measures)):
            cues.append(_cue(held))
            held = []
        held.append(word)
    if held:
        cues.append(_cue(held))
    return _timed(cues)


def _manageable(words: Iterable[Word], stack: FontStack, measures: Measures) -> Iterable[Word]:
    """Words, those too long for one caption cut into pieces that share their time."""
    for word in words:
        text = " ".join(word.text.split())
        if not text:
            continue
        lines = wrap(text, stack, measures.ems) if len(text) > 8 else []
        if len(lines) <= measures.lines:
            yield replace(word, text=text)
            continue
        share = (word.end - word.start) / len(text)
        for at in range(0, len(lines), measures.lines):
            start, end = lines[at][0], lines[min(at + measures.lines, len(lines)) - 1][1]
            yield Word(text[start:end], word.start + start * share, word.start + end * share)


def _ends(held: Sequence[Word], following: Word) -> bool:
    last = held[-1]
    if following.start - last.end > _PAUSE:
        return True
    bare = last.text.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] in _SENTENCE_ENDS and last.end - held[0].start > _SHORTEST


def _fits(words: Sequence[Word], stack: FontStack, measures: Measures) -> bool:
    if len(words) > measures.words:
        return False
    text, _ = joined(words)
    return len(wrap(text, stack, measures.ems)) <= measures.lines


def joined(words: Sequence[Word]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The words as one text, with a space between them where their script writes one."""
    text = ""
    spans = []
    for word in words:
        if text and (writes_spaces(text[-1]) or writes_spaces(word.text[0])):
            starts_mark = not word.text[0].isalnum() and len(word.text) == 1
            if not (starts_mark and word.text in ",.!?;:…，。！？；：、"):
                text += " "
        spans.append((len(text), len(text) + len(word.text)))
        text += word.text
    return text, tuple(spans)


def _cue(words: Sequence[Word]) -> Cue:
    text, spans = joined(words)
    return Cue(words[0].start, words[-1].end, text, tuple(words), spans)


def _timed(cues: list[Cue]) -> list[Cue]:
    """Let captions stay a little, never into the next one."""
    timed = []
    for index, cue in enumerate(cues):
        end = max(cue.end + _HOLD, cue.start + _SHORTEST)
        if index + 1 < len(cues):
            end = min(end, max(cues[index + 1].start, cue.start))
        timed.append(replace(cue, end=max(end, cue.start + 0.001)))
    return timed
