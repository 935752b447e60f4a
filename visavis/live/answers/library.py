"""Passages of documents by what they are about (SQLite FTS5, BM25)."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from visavis.live.answers.types import Document

PASSAGE = 600
"""Characters of a passage, about."""

_STOP = frozenset(
    word
    for line in (
        "a about am an and any are as at be been but by can could did do does for from had has",
        "have hello hey hi how i if in is it its me my of on or please say shall should so tell",
        "than that the their them then there these they this to us was we were what when where",
        "which who why will with would you your",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences of a document; a lower `rank` fits better."""

    title: str
    text: str
    rank: float


def passages(text: str, size: int = PASSAGE) -> list[str]:
    """Cut a text at its sentences into parts of about `size` characters."""
    parts: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        current = ""
        for sentence in re.split(r"(?<=[.!?。！？])\s+", " ".join(paragraph.split())):
            if current and len(current) + len(sentence) > size:
                parts.append(current)
                current = ""
            current = f"{current} {sentence}".strip()
        if current:
            parts.append(current)
    return parts


class Library:
    """Documents that can be searched; held in memory.

    Args:
        documents: all of them.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE VIRTUAL TABLE passages USING fts5(title, text, tokenize='porter unicode61')"
        )
        rows = [(item.title, part) for item in documents for part in passages(item.text)]
        self._database.executemany("INSERT INTO passages VALUES (?, ?)", rows)
        self.size = len(rows)

    def search(self, question: str, count: int = 3) -> list[Passage]:
        """The passages that fit a question best, best first; none where no word of it occurs."""
        words = [word for word in re.findall(r"\w+", question.lower()) if word not in _STOP]
        if not words:
            return []
        wanted = " OR ".join(f'"{word}"' for word in dict.fromkeys(words))
        found = self._database.execute(
            "SELECT title, text, bm25(passages, 2.0, 1.0) AS rank FROM passages"
            " WHERE passages MATCH ? ORDER BY rank LIMIT ?",
            (wanted, count),
        )
        return [Passage(title, text, rank) for title, text, rank in found]

    def sentences(self, question: str, count: int = 2) -> list[str]:
        """The sentences of the best passage that answer a question, in their order."""
        found = self.search(question, 1)
        if not found:
            return []
        words = {_stem(word) for word in re.findall(r"\w+", question.lower())} - _STOP
        split = re.split(r"(?<=[.!?。！？])\s+", found[0].text)

        def score(sentence: str) -> int:
            return len(words & {_stem(word) for word in re.findall(r"\w+", sentence.lower())})

        first = max(range(len(split)), key=lambda at: (score(split[at]), -at))
        return split[first : first + count]


def _stem(word: str) -> str:
    """Enough of a stem to match plurals and the common endings of English."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
