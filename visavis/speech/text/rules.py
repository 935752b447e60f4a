"""What a rule of the text reader is: a pattern that begins a token, and what it is said as."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at besides its match.

    Attributes:
        british: dates are day first, the currency of a bare figure is unknown.
        before: the written word before the match without its punctuation, or empty.
    """

    british: bool
    before: str = ""


Say = Callable[[re.Match[str], Context], list[str] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One reading of a kind of writing.

    Attributes:
        pattern: tried where a token begins; what it matches is said as one.
        say: the words, in which ``","`` is a short pause, or None to decline.
        ends: whether a full stop inside the match may also end the sentence.
    """

    pattern: re.Pattern[str]
    say: Say
    ends: bool = False


def rule(pattern: str, say: Say, *, ends: bool = False) -> Rule:
    """A rule from a verbose pattern; the match must end where a word ends."""
    return Rule(re.compile(rf"(?:{pattern})(?!\w)", re.VERBOSE), say, ends)
