"""Text to sentences of tokens: one pass from left to right, a rule for each kind of writing."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from visavis.errors import TextError
from visavis.speech.text import calendar, quantities, web, words
from visavis.speech.text.numbers import number
from visavis.speech.text.pronunciation import UserLexicon, to_kokoro
from visavis.speech.text.rules import Context, Rule
from visavis.speech.text.tokens import Break, Ending, Sentence, Token
from visavis.speech.wordlist import listed

_ANY_WORD = Rule(
    re.compile(
        r"(?:[^\W_]|[\u0300-\u036f\u0900-\u0963])+"
        r"(?:[.,:/'’‐-](?:[^\W_]|[\u0300-\u036f\u0900-\u0963])+)*['’]?|[%&€$£@+=°]"
    ),
    lambda match, context: [match.group()],
)
MAX_BREAK = 10.0
"""The longest silence a break may ask for, in seconds; longer ones are cut to it."""

_RULES: tuple[Rule, ...] = tuple(
    chain(web.RULES[:5], calendar.RULES, web.RULES[5:], quantities.RULES, words.RULES)
)
_BREAK = re.compile(r"<break(?P<attributes>[^<>]*?)/?>", re.IGNORECASE)
_BREAK_TIME = re.compile(r"time\s*=\s*[\"']?\s*(?P<figure>\d+(?:\.\d+)?)\s*(?P<unit>ms|s)\b")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_INLINE = re.compile(r"\[(?P<written>[^\]\n]{1,200})\]\(/(?P<ipa>[^)/\n]{1,200})/\)")
_LINK = re.compile(r"\[(?P<written>[^\]\n]{1,200})\]\((?:https?:|mailto:|/|\#)[^)\s]*\)")
_SPACE = re.compile(r"\s+")
_BLANK_LINE = re.compile(r"[^\S\n]*\n[^\S\n]*\n")
_OPENING = re.compile(r"[\"'“‘„«(\[{¿¡*_~`|\\^]+")
_CLOSING = re.compile(r"[\"'”’»)\]}*_~`]*")
_PUNCTUATION = re.compile(r"[.,!?;:…—–\"'”’»)\]}*_~`/|\\-]+")
_LINE_START = re.compile(r"\s*(?:[-*•▪◦]\s|\d{1,2}[.)]\s)|\s*[A-Z\"“]")
_BULLET = re.compile(r"(?:[-*•▪◦]|(?P<number>\d{1,2})[.)])\s+")
_SHORT_LINE = 60
_STARTERS = frozenset(
    listed(
        "The A An It He She We They I You This That These There In On At But And So If When What "
        "How Why Who Where My Our His Her Their Then Please Let No Yes For As After Before"
    )
)


def sentences(text: str, lexicon: UserLexicon, *, british: bool) -> Iterator[Sentence | Break]:
    """The sentences and breaks of an English text, in order, read as they are asked for.

    Args:
        text: cleaned text; ``<break time="1.5s"/>`` is a silence, ``[word](/ipa/)`` a
            pronunciation, other tags are skipped, a Markdown link is read by its words.
        lexicon: what the user says about words; comes before every rule.
        british: how dates and units are read.

    Raises:
        TextError: a pronunciation or a break that cannot be understood.
    """
    return _Reader(text, lexicon, _RULES, british).read()


def plain_sentences(text: str, lexicon: UserLexicon) -> Iterator[Sentence | Break]:
    """As `sentences`, for a language whose phonemiser reads numbers and symbols itself.

    Each token is said as it is written; words must be apart by spaces.
    """
    return _Reader(text, lexicon, (_ANY_WORD,), british=False).read()


class _Reader:
    """The state of one reading: where it is, and the tokens of the sentence so far."""

    def __init__(
        self, text: str, lexicon: UserLexicon, rules: Sequence[Rule], british: bool
    ) -> None:
        self._rules = rules
        self._text = text
        self._lexicon = lexicon
        self._british = british
        self._at = 0
        self._line = 0
        self._opening = ""
        self._tokens: list[Token] = []

    def read(self) -> Iterator[Sentence | Break]:
        while self._at < len(self._text):
            ended = self._step()
            if isinstance(ended, Break):
                if self._tokens:
                    yield self._sentence("break")
                yield ended
            elif ended and self._tokens:
                yield self._sentence(ended)
        if self._tokens:
            yield self._sentence("sentence")

    def _sentence(self, ending: Ending) -> Sentence:
        last = self._tokens[-1]
        if not last.mark or (ending != "break" and last.mark in ",;:—"):
            mark = "," if ending == "break" else "."
            self._tokens[-1] = Token(last.written, last.spoken, last.phonemes, mark)
        found = Sentence(tuple(self._tokens), ending)
        self._tokens = []
        return found

    def _step(self) -> Ending | Break | None:
        """Read one thing; what it ends, if anything."""
        text, at = self._text, self._at
        if space := _SPACE.match(text, at):
            return self._space(space)
        if found := _BREAK.match(text, at):
            self._at = found.end()
            return _silence(found["attributes"])
        if found := _TAG.match(text, at):
            self._at = found.end()
            return None
        if (at == 0 or text[at - 1] == "\n") and (bullet := _BULLET.match(text, at)):
            self._at = bullet.end()
            if bullet["number"]:
                self._add(bullet.group().strip(), tuple(number(bullet["number"])), ",")
            return None
        if found := _INLINE.match(text, at):
            self._at = found.end()
            self._add(found["written"], phonemes=to_kokoro(found["ipa"]))
            return None
        if found := _LINK.match(text, at):
            self._text = text[:at] + found["written"] + text[found.end() :]
            return None
        if self._token():
            return self._ended() if self._abbreviation_ends() else None
        opening = _OPENING.match(text, at)
        if opening and text[opening.end() : opening.end() + 1].strip():
            self._opening += opening.group()
            self._at = opening.end()
            if "(" in opening.group():
                self._mark(",")
            return None
        if run := _PUNCTUATION.match(text, at):
            self._at = run.end()
            return self._punctuation(run.group())
        self._at = opening.end() if opening else at + 1
        return None

    def _ended(self) -> Ending:
        """What kind of end the next characters make of a sentence that ends here."""
        return "paragraph" if _BLANK_LINE.match(self._text, self._at) else "sentence"

    def _space(self, space: re.Match[str]) -> Ending | None:
        """Blank lines end a paragraph; a short line before a new start ends a sentence."""
        before, self._at = self._at, space.end()
        lines = space.group().count("\n")
        if not lines:
            return None
        short = before - self._line < _SHORT_LINE
        self._line = self._at
        if lines > 1:
            return "paragraph"
        return "sentence" if short and _LINE_START.match(self._text, self._at) else None

    def _token(self) -> bool:
        """Read a token where one begins, by the user's lexicon or the first rule that accepts."""
        text, at = self._text, self._at
        if found := self._lexicon.match(text, at):
            self._at, spoken, phonemes = found
            self._add(text[at : self._at], spoken, phonemes=phonemes)
            return True
        before = self._tokens[-1].written.strip("\"'“”‘’().,;:!?") if self._tokens else ""
        context = Context(self._british, before)
        for rule in self._rules:
            match = rule.pattern.match(text, at)
            said = rule.say(match, context) if match and match.end() > at else None
            if match and said:
                self._at = match.end()
                self._ends = rule.ends
                self._add(match.group(), tuple(self._article(match.group(), said)))
                return True
        return False

    def _article(self, written: str, said: list[str]) -> list[str]:
        """A capital A that begins a sentence is the article, not the letter."""
        following = re.match(r"\s+[a-z]", self._text[self._at : self._at + 8])
        return ["a"] if written == "A" and following else said

    _ends = False

    def _abbreviation_ends(self) -> bool:
        """Whether a full stop inside the last token also ends the sentence."""
        ends, self._ends = self._ends, False
        if not ends or self._text[self._at - 1 : self._at] != ".":
            return False
        rest = self._text[self._at : self._at + 40].lstrip("\"'”’)")
        following = re.match(r"\s+(\w+)", rest)
        return not rest.strip() or bool(following and following[1] in _STARTERS)

    def _add(
        self, written: str, spoken: tuple[str, ...] = (), mark: str = "", phonemes: str = ""
    ) -> None:
        written = self._opening + " ".join(written.split())
        self._opening = ""
        self._tokens.append(Token(written, spoken, phonemes, mark))

    def _mark(self, mark: str, written: str = "") -> None:
        """Put a mark and what was written after the last token; a stronger mark wins."""
        if not self._tokens:
            return
        last = self._tokens[-1]
        strongest = max(last.mark, mark, key=lambda each: ("", *",—:;…!.?").index(each))
        self._tokens[-1] = Token(last.written + written, last.spoken, last.phonemes, strongest)

    def _punctuation(self, run: str) -> Ending | None:
        """A run of punctuation: what it sounds like, and whether it ends the sentence."""
        text, at = self._text, self._at
        start = at - len(run)
        touches = start > 0 and not text[start - 1].isspace()
        written = run if touches else ""
        last = at >= len(text) or text[at].isspace()
        following = text[at : at + 80].lstrip()[:1]
        if "..." in run or "…" in run:
            self._mark("…", written)
        elif "?" in run or "!" in run:
            self._mark("?" if "?" in run else "!", written)
        elif "." in run:
            if last and not following.islower():
                self._mark(".", written)
                return self._ended()
            self._mark("", written)
            return None
        elif any(dash in run for dash in "—–") or (run.strip("-") == "" and (len(run) > 1 or last)):
            self._mark("—", written)
            return None
        else:
            mark = next((c for c in ";:," if c in run), "," if set(run) & set(")]") else "")
            self._mark(mark if last or mark == ";" else "", written)
            return None
        return self._ended() if last and not following.islower() else None


def _silence(attributes: str) -> Break:
    """The break of a tag; half a second where it names no time."""
    if not attributes.strip(" /"):
        return Break(0.5)
    found = _BREAK_TIME.search(attributes)
    if found is None:
        raise TextError(
            f"The break <break{attributes[:40]}/> has no time that can be read.",
            'Write <break time="1.5s"/> or <break time="300ms"/>.',
        )
    seconds = float(found["figure"]) / (1000 if found["unit"] == "ms" else 1)
    return Break(min(seconds, MAX_BREAK))
