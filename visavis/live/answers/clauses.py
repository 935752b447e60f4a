"""Whole clauses out of text that comes in pieces."""

import re
from collections.abc import AsyncIterator

_SENTENCE = re.compile(r"[.!?…。！？]+[\"')\]]*(?=\s|$)|[。！？]|\n")
_CLAUSE = re.compile(r"[,;:—–]+(?=\s)|[.!?…。！？]+[\"')\]]*(?=\s|$)|\n")

FIRST = 12
"""Characters that the first clause has at least; it ends at a comma too, to be heard soon."""

LONG = 220
"""Characters after which a sentence is cut at a comma."""


async def clauses(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Group pieces into clauses: the first one short, then whole sentences."""
    waiting, first = "", True
    async for piece in pieces:
        waiting += piece
        while (end := _end(waiting, first)) is not None:
            clause, waiting = waiting[:end].strip(), waiting[end:].lstrip()
            if clause:
                yield clause
                first = False
    if waiting.strip():
        yield waiting.strip()


def _end(text: str, first: bool) -> int | None:
    """Where the first clause of a text ends, None where it may go on."""
    pattern = _CLAUSE if first or len(text) > LONG else _SENTENCE
    for match in pattern.finditer(text):
        # A mark at the very end may be the start of "3.5" or of "...".
        if match.end() < len(text) and (match.end() >= FIRST or match[0][0] in "!?\n"):
            return match.end()
    return None
