"""Sentences to passes of the model: short at first for a quick start, longer later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from visavis.speech.text.tokens import Break

SENTENCE_PAUSE = 0.40
PARAGRAPH_PAUSE = 0.75
PAUSES = {",": 0.16, ";": 0.28, ":": 0.28, "—": 0.24, "…": 0.45}
"""Seconds of silence after a clause that ends with a mark, at speed 1."""

_BETWEEN_WORDS = 0.02
_LIMITS = (40, 100, 200, 320)
"""Phonemes of the first, second, third and later passes. Each pass speaks long enough to cover the
computing of the next, up to a length at which the voice sounds best."""

_SHORTEST = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """A token with its phonemes.

    Attributes:
        written: for the captions; empty where it continues the piece before.
        phonemes: in Kokoro's alphabet, spaces between words.
        mark: audible punctuation after it, or empty.
        pause: seconds of silence that must follow where a pass ends here; 0 leaves it to the mark.
        joint: whether a pass may end after this piece without a mark.
    """

    written: str
    phonemes: str
    mark: str = ""
    pause: float = 0.0
    joint: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One pass of the model and the silence after it, in seconds at speed 1."""

    pieces: tuple[Piece, ...]
    pause: float

    @property
    def text(self) -> str:
        """What is said, as written."""
        return " ".join(piece.written for piece in self.pieces if piece.written)


def _length(pieces: Sequence[Piece]) -> int:
    return sum(len(piece.phonemes) + len(piece.mark) + 1 for piece in pieces)


def clauses(
    sentences: Iterable[Sequence[Piece] | Break], made: int = 0
) -> Iterator[Clause | Break]:
    """Group pieces into passes.

    Short sentences share a pass, long ones are cut: at punctuation, else before a conjunction,
    else between words. A sentence's last piece carries its pause.

    Args:
        sentences: in order.
        made: passes that are being heard already, so that the next need not be short.
    """
    waiting: list[Piece] = []
    for item in sentences:
        if isinstance(item, Break):
            if waiting:
                yield _clause(waiting)
                made, waiting = made + 1, []
            yield item
            continue
        limit = _LIMITS[min(made, len(_LIMITS) - 1)]
        if waiting and (
            _length(waiting) + _length(item) > limit // 2 or waiting[-1].pause > SENTENCE_PAUSE
        ):
            yield _clause(waiting)
            made, waiting = made + 1, []
        waiting += item
        while _length(waiting) > (limit := _LIMITS[min(made, len(_LIMITS) - 1)]):
            cut = _cut(waiting, limit)
            if cut == len(waiting):
                break
            yield _clause(waiting[:cut])
            made, waiting = made + 1, waiting[cut:]
    if waiting:
        yield _clause(waiting)


def _cut(pieces: Sequence[Piece], limit: int) -> int:
    """How many pieces the next pass takes; at least one."""
    lengths = [0]
    for piece in pieces:
        lengths.append(lengths[-1] + _length([piece]))
    total = lengths[-1]

    def best(allowed: Sequence[int]) -> int | None:
        """The latest cut within the limit that leaves no crumb on either side."""
        fitting = [
            at
            for at in allowed
            if _SHORTEST <= lengths[at] <= limit and total - lengths[at] >= _SHORTEST
        ]
        return fitting[-1] if fitting else None

    inner = range(1, len(pieces))
    for allowed in (
        [at for at in inner if pieces[at - 1].pause],
        [at for at in inner if pieces[at - 1].mark],
        [at for at in inner if pieces[at - 1].joint],
    ):
        if (cut := best(allowed)) is not None:
            return cut
    if total <= _LIMITS[-1]:
        # No natural place: a first pass that starts later beats one torn between words.
        later = [at for at in inner if pieces[at - 1].mark or pieces[at - 1].joint]
        later = [at for at in later if total - lengths[at] >= _SHORTEST <= lengths[at]]
        return later[0] if later else len(pieces)
    return best(list(inner)) or 1


def _clause(pieces: Sequence[Piece]) -> Clause:
    last = pieces[-1]
    return Clause(tuple(pieces), last.pause or PAUSES.get(last.mark, _BETWEEN_WORDS))
