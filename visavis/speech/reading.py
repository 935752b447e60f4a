"""From a text to pieces with phonemes, for each language."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from visavis import models
from visavis.speech.clauses import PARAGRAPH_PAUSE, SENTENCE_PAUSE, Piece
from visavis.speech.g2p.english import English
from visavis.speech.g2p.foreign import phonemiser
from visavis.speech.text.normalise import plain_sentences, sentences
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import MARKS, Break, Sentence, Token
from visavis.speech.wordlist import listed

Reader = Callable[[str, UserLexicon], Iterator[Sequence[Piece] | Break]]
"""Cleaned text and the user's lexicon to sentences of pieces, read as they are asked for."""

_LONGEST = 120
"""Characters of phonemes that one piece may have."""

_PAUSES = {"sentence": SENTENCE_PAUSE, "paragraph": PARAGRAPH_PAUSE, "break": 0.0}
_LINKS = frozenset(
    listed(
        "and but or so because which that who when while where if although though unless until "
        "since as with for to from in on at by of"
    )
)


@cache
def reader(language: str) -> Reader:
    """The reader of a language, by its BCP 47 tag; loads its dictionaries once.

    Raises:
        VoiceError: the language needs an extra that is not installed.
        ModelError: its dictionaries are missing.
    """
    if language.startswith("en"):
        return EnglishReader(british=language == "en-GB")
    return ForeignReader(language)


class EnglishReader:
    """English text to pieces."""

    def __init__(self, *, british: bool) -> None:
        self._british = british
        self._phonemise = English(models.ensure("english-lexicon"), british=british)

    def __call__(self, text: str, lexicon: UserLexicon) -> Iterator[Sequence[Piece] | Break]:
        """Sentences of pieces, and breaks."""
        for item in sentences(text, lexicon, british=self._british):
            if isinstance(item, Break):
                yield item
            elif pieces := self._pronounced(item):
                yield pieces

    def _pronounced(self, sentence: Sentence) -> list[Piece]:
        words: list[str] = []
        pauses: list[bool] = []
        for token in sentence.tokens:
            for spoken in token.spoken:
                if spoken not in MARKS:
                    words.append(spoken)
                    pauses.append(False)
                elif pauses:
                    pauses[-1] = True
            if token.mark and pauses:
                pauses[-1] = True
        return _pieces(sentence, self._phonemise(words, pauses))


class ForeignReader:
    """Text of another language to pieces, by the packages of the extra ``languages``.

    Raises:
        VoiceError: they are not installed.
    """

    def __init__(self, language: str) -> None:
        self._phonemise = phonemiser(
            language.split("-")[0], lambda: English(models.ensure("english-lexicon"))
        )

    def __call__(self, text: str, lexicon: UserLexicon) -> Iterator[Sequence[Piece] | Break]:
        """Sentences of pieces, and breaks."""
        for item in plain_sentences(self._phonemise.words(text), lexicon):
            if isinstance(item, Break):
                yield item
                continue
            words = [word for token in item.tokens for word in token.spoken]
            if pieces := _pieces(item, self._phonemise(words)):
                yield pieces


def _pieces(sentence: Sentence, sounds: Sequence[str]) -> list[Piece]:
    """The pieces of a sentence whose spoken words sound like `sounds`."""
    following = iter(sounds)
    pieces: list[Piece] = []
    for token, after in zip(sentence.tokens, [*sentence.tokens[1:], None], strict=True):
        phonemes = token.phonemes or _said(token, following)
        joint = bool(after and after.spoken[:1] and after.spoken[0].lower() in _LINKS)
        pieces += _piece(token, phonemes, joint)
    if not pieces:
        return []
    last = pieces[-1]
    return [*pieces[:-1], replace(last, pause=_PAUSES[sentence.ending], joint=False)]


def _said(token: Token, sounds: Iterator[str]) -> str:
    """The phonemes of a token; marks inside it follow the word before them."""
    text = ""
    for spoken in token.spoken:
        text += spoken if spoken in MARKS else f" {next(sounds)}"
    return text.strip(" " + MARKS)


def _piece(token: Token, phonemes: str, joint: bool) -> Iterator[Piece]:
    """The piece of a token, or several for one that is longer than a pass should be."""
    written = token.written
    while len(phonemes) > _LONGEST:
        cut = phonemes.rfind(" ", 0, _LONGEST)
        cut = cut if cut > 0 else _LONGEST
        yield Piece(written, phonemes[:cut].strip(), joint=True)
        written, phonemes = "", phonemes[cut:].strip()
    if phonemes:
        yield Piece(written, phonemes, token.mark, joint=joint)
