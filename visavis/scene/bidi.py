"""Right-to-left text: embedding levels and visual order, by Unicode Standard Annex 9.

Implicit levels only: explicit embeddings and isolates, which captions do not have in practice, are
treated as neutral.
"""

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

_STRONG = ("L", "R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")

_PAIRS = (
    "()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦑⦒⦓⦔⦕⦖⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩"
    "〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"
)
_CLOSING = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_DEEPEST = 63
"""Brackets that may be open at a time; beyond, none is paired (BD16)."""

Item = TypeVar("Item")


def base_level(text: str) -> int:
    """1 where the first letter runs right to left, else 0 (rules P2 and P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in _STRONG:
            return int(kind != "L")
    return 0


def levels(text: str, base: int) -> list[int]:
    """The embedding level of every character; odd runs right to left."""
    kinds = [unicodedata.bidirectional(character) or "L" for character in text]
    side = "R" if base else "L"
    _weak(kinds, side)
    _brackets(text, kinds, side)
    _neutral(kinds, side)
    found = []
    for kind in kinds:  # I1 and I2
        if base == 0:
            found.append({"R": 1, "AN": 2, "EN": 2}.get(kind, 0))
        else:
            found.append({"L": 2, "AN": 2, "EN": 2}.get(kind, 1))
    return found


def _weak(kinds: list[str], side: str) -> None:
    """Rules W1 to W7, in place."""
    before = side
    for at, kind in enumerate(kinds):  # W1
        if kind == "NSM":
            kinds[at] = before
        before = kinds[at]
    strong = side
    for at, kind in enumerate(kinds):  # W2, W3
        if kind in _STRONG:
            strong = kind
            if kind == "AL":
                kinds[at] = "R"
        elif kind == "EN" and strong == "AL":
            kinds[at] = "AN"
    for at in range(1, len(kinds) - 1):  # W4
        if kinds[at] in ("ES", "CS") and kinds[at - 1] == kinds[at + 1] == "EN":
            kinds[at] = "EN"
        elif kinds[at] == "CS" and kinds[at - 1] == kinds[at + 1] == "AN":
            kinds[at] = "AN"
    for start, end in _runs(kinds, ("ET",)):  # W5
        if (start and kinds[start - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN"):
            kinds[start:end] = ["EN"] * (end - start)
    strong = side
    for at, kind in enumerate(kinds):  # W6, W7
        if kind in ("ES", "ET", "CS", "BN"):
            kinds[at] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _brackets(text: str, kinds: list[str], side: str) -> None:
    """Rule N0, in place: both brackets of a pair take one side."""
    for opened, closed in _pairs(text, kinds):
        inside = {_side(kind) for kind in kinds[opened + 1 : closed] if kind not in _NEUTRAL}
        if not inside:
            continue
        chosen = side
        if side not in inside:
            before = (_side(kind) for kind in reversed(kinds[:opened]) if kind not in _NEUTRAL)
            chosen = next(before, side)
        for at in (opened, closed):
            kinds[at] = chosen
            # what is written over a bracket stays with it
            while at + 1 < len(text) and unicodedata.bidirectional(text[at + 1]) == "NSM":
                at += 1
                kinds[at] = chosen


def _pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Where matching brackets stand, by the place of the first (BD16)."""
    waiting: list[tuple[str, int]] = []
    found = []
    for at, character in enumerate(text):
        if kinds[at] != "ON":
            continue
        if character in _CLOSING:
            if len(waiting) == _DEEPEST:
                break
            waiting.append((_CLOSING[character], at))
            continue
        for depth in range(len(waiting) - 1, -1, -1):
            if waiting[depth][0] == character:
                found.append((waiting[depth][1], at))
                del waiting[depth:]
                break
    return sorted(found)


def _neutral(kinds: list[str], side: str) -> None:
    """Rules N1 and N2, in place: neutrals take the side of what is around them, else the base."""
    for start, end in _runs(kinds, _NEUTRAL):
        before = _side(kinds[start - 1]) if start else side
        after = _side(kinds[end]) if end < len(kinds) else side
        kinds[start:end] = [before if before == after else side] * (end - start)


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _runs(kinds: Sequence[str], wanted: Sequence[str]) -> list[tuple[int, int]]:
    found, start = [], None
    for at, kind in enumerate([*kinds, ""]):
        if kind in wanted and start is None:
            start = at
        elif kind not in wanted and start is not None:
            found.append((start, at))
            start = None
    return found


def visual_order(items: Sequence[Item], of: Sequence[int]) -> list[Item]:
    """Runs in the order in which they are seen from left to right (rule L2).

    Args:
        items: runs in reading order.
        of: the level of each.
    """
    order = list(range(len(items)))
    highest = max(of, default=0)
    lowest = min((level for level in of if level % 2), default=highest + 1)
    for level in range(highest, lowest - 1, -1):
        at = 0
        while at < len(order):
            if of[order[at]] < level:
                at += 1
                continue
            end = at
            while end < len(order) and of[order[end]] >= level:
                end += 1
            order[at:end] = order[at:end][::-1]
            at = end
    return [items[index] for index in order]
