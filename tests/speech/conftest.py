"""The synthesiser, loaded once; and what a text is read as."""

from collections.abc import Callable

import pytest

from visavis.speech import Synthesiser
from visavis.speech.reading import Reader, reader
from visavis.speech.text.clean import cleaned
from visavis.speech.text.normalise import sentences
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import MARKS, Break

Read = Callable[..., str]


@pytest.fixture(scope="session")
def synthesiser() -> Synthesiser:
    return Synthesiser(threads=1)


@pytest.fixture(scope="session")
def english() -> Reader:
    return reader("en-US")


@pytest.fixture
def say() -> Read:
    """The words that a text is said as; marks inside a token are left out."""

    def read(text: str, *, british: bool = False, **lexicon: str) -> str:
        words: list[str] = []
        for item in sentences(cleaned(text), UserLexicon(lexicon), british=british):
            if not isinstance(item, Break):
                words += [w for token in item.tokens for w in token.spoken if w not in MARKS]
        return " ".join(words)

    return read


@pytest.fixture
def phonemes(english: Reader) -> Callable[[str], str]:
    """The phonemes of a text, words apart by spaces."""

    def read(text: str) -> str:
        items = english(cleaned(text), UserLexicon({}))
        return " ".join(p.phonemes for item in items if not isinstance(item, Break) for p in item)

    return read
