"""Frames per phoneme to the times of phones and words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visavis.speech.kokoro import FRAME, RATE
from visavis.speech.phones import MODIFIERS, NUCLEUS_SHARE, SILENT, STRESS, segments
from visavis.speech.types import Phone, Samples, Word

_FRAME_SECONDS = FRAME / RATE

# The decoder is ahead of its own durations. Against a forced aligner on 15 utterances of three
# voices the starts lay 45 ms late behind a space or a stress mark and 60 ms late elsewhere; with
# these lags taken off, word starts differ by 20 ms on average and phone starts by 15 ms.
_LAG_ONSET = 0.045
_LAG_INSIDE = 0.060

_SHORTEST = 0.010
_FADED = 34.0


@dataclass(frozen=True, slots=True)
class Span:
    """Where a written word lies in a phoneme string: characters ``start`` to ``end``."""

    written: str
    start: int
    end: int


@dataclass(slots=True)
class _Stretch:
    """One character that sounds, before it is split into phones."""

    at: int
    start: float
    end: float
    stress: int
    before_pause: bool = False


def timed(
    phonemes: str, frames: npt.NDArray[np.int64], spans: Sequence[Span], samples: Samples
) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
    """Phones and words of one pass of the model.

    Args:
        phonemes: the input of the pass, n characters.
        frames: (n + 2,), what the model returned.
        spans: the words, in order.
        samples: the sound, at `RATE`, to see where it really ends before a pause.
    """
    edges = np.asarray(np.cumsum(frames) * _FRAME_SECONDS, np.float64)
    stretches = _stretches(phonemes, edges)
    for stretch, following in zip(stretches, [*stretches[1:], None], strict=True):
        if following is not None and not stretch.before_pause:
            stretch.end = following.start
        else:
            latest = stretch.end + _LAG_INSIDE
            if following is not None:
                latest = min(latest, following.start)
            stretch.end = _sounding_end(samples, stretch.start, latest)
    phones: list[Phone] = []
    owner: list[int] = []
    for stretch in stretches:
        made = _split(phonemes[stretch.at], stretch)
        phones += made
        owner += [stretch.at] * len(made)
    return tuple(phones), _words(phones, owner, spans)


def _stretches(phonemes: str, edges: npt.NDArray[np.float64]) -> list[_Stretch]:
    """What sounds, from the frames: spaces and stress marks count with what follows them."""
    found: list[_Stretch] = []
    stress, onset = 0, None
    for at, character in enumerate(phonemes):
        start, end = float(edges[at]), float(edges[at + 1])
        if character in STRESS or character == " ":
            stress = STRESS.get(character, 0)
            onset = start if onset is None else onset
        elif character in SILENT:
            stress, onset = 0, None
            if found:
                found[-1].before_pause = True
        elif character in MODIFIERS or not segments(character):
            if found and not found[-1].before_pause and onset is None:
                found[-1].end = end - _LAG_INSIDE
        else:
            begin = start - _LAG_INSIDE if onset is None else onset - _LAG_ONSET
            begin = max(begin, found[-1].start + _SHORTEST if found else 0.0)
            found.append(_Stretch(at, begin, end - _LAG_INSIDE, stress))
            if segments(character)[0].is_vowel:
                stress = 0
            onset = None
    return found


def _sounding_end(samples: Samples, start: float, end: float) -> float:
    """Where the sound of a last phone fades, between its start and its nominal end.

    The model gives the silence of a pause to the phone before it; a mouth must close with the
    sound, so the end is where the level falls `_FADED` dB under the loudest of the clause.
    """
    hop = RATE // 200
    first, last = round(start * RATE) // hop, round(end * RATE) // hop
    blocks = samples[: len(samples) // hop * hop].reshape(-1, hop).astype(np.float64)
    level = np.sqrt((blocks**2).mean(axis=1))
    audible = np.flatnonzero(level[first:last] > level.max(initial=0.0) * 10 ** (-_FADED / 20))
    faded = (first + int(audible[-1]) + 1) * hop / RATE if len(audible) else start
    return max(min(faded, end), start + _SHORTEST)


def _split(character: str, stretch: _Stretch) -> list[Phone]:
    parts = segments(character)
    start, end, stress = stretch.start, stretch.end, stretch.stress
    if len(parts) == 2:
        middle = start + NUCLEUS_SHARE * (end - start)
        return [
            Phone(parts[0].symbol, start, middle, stress),
            Phone(parts[1].symbol, middle, end, 0),
        ]
    return [Phone(part.symbol, start, end, stress if part.is_vowel else 0) for part in parts]


def _words(
    phones: Sequence[Phone], owner: Sequence[int], spans: Sequence[Span]
) -> tuple[Word, ...]:
    words: list[Word] = []
    for span in spans:
        inside = [p for p, at in zip(phones, owner, strict=True) if span.start <= at < span.end]
        if not inside:
            continue
        if span.written:
            words.append(Word(span.written, inside[0].start, inside[-1].end))
        elif words:
            words[-1] = Word(words[-1].text, words[-1].start, inside[-1].end)
    return tuple(words)
