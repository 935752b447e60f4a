"""What is written and what is said."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import TextError
from visavis.speech.text.clean import cleaned
from visavis.speech.text.normalise import MAX_BREAK, sentences
from visavis.speech.text.numbers import cardinal, ordinal, roman, year
from visavis.speech.text.pronunciation import UserLexicon, to_kokoro
from visavis.speech.text.tokens import MARKS, Break, Sentence

Read = Callable[..., str]
NOTHING = UserLexicon({})

SAID = {
    "It costs $5.25, or €1,200.50.": "It costs five dollars and twenty five cents or one thousand "
    "two hundred euros and fifty cents",
    "£1.01 and $0.99, -$5": "one pound and one penny and ninety nine cents minus five dollars",
    "a $1.2M or 3 million USD deal": "a one point two million dollars or three million U S dollars "
    "deal",
    "on June 3rd, 2024": "on june third twenty twenty four",
    "2024-06-03": "june third twenty twenty four",
    "at 3:30 p.m. or 15:45": "at three thirty P M or fifteen forty five",
    "at 9:05 and 7:00": "at nine oh five and seven o'clock",
    "Call 555-123-4567.": "Call five five five one two three four five six seven",
    "www.visavis.io": "W W W dot visavis dot I O",
    "jo.doe9@example.com": "jo dot doe nine at example dot com",
    "-5°C, 72 °F": "minus five degrees celsius seventy two degrees fahrenheit",
    "5 km, 10kg, 60 km/h, 1 km": "five kilometers ten kilograms sixty kilometers per hour one "
    "kilometer",
    "100% or 3.14": "one hundred percent or three point one four",
    "Dr. Smith on Main St. near St. Paul": "doctor Smith on Main street near saint Paul",
    "World War II, Henry VIII, Chapter IV, I": "World War two Henry the eighth Chapter four I",
    "the 1990s and '80s": "the nineteen nineties and eighties",
    "21st, 103rd": "twenty first one hundred third",
    "10-20 people, 16:9, 1920x1080": "ten to twenty people sixteen to nine one thousand nine "
    "hundred twenty by one thousand eighty",
    "1/2 cup, 2 1/2, 2½, 3/4": "one half cup two and a half two and a half three quarters",
    "COVID-19 mp3 B2B": "COVID nineteen M P three B two B",
    "the U.S. Army, J. R. Tolkien, e.g. this": "the U S Army J R Tolkien for example this",
    "A dog. Plan B": "a dog Plan B",
    "in 1945, 2005, 1800": "in nineteen forty five two thousand five eighteen hundred",
    "007 and 1,000,000": "zero zero seven and one million",
    "R&D + 5 = x": "R and D plus five equals x",
    "and/or well-known café π": "and or well known cafe pi",
    "v3.11.2": "version three point eleven point two",
    "5'10\" tall": "five feet ten tall",
    "😀 Hello 👋🏽 world ❤️": "Hello world",
    "#5 @user #TopTag": "number five at user hashtag top tag",
    "see [the page](https://a.io/b)": "see the page",
}


@pytest.mark.parametrize(("written", "said"), SAID.items(), ids=SAID)
def test_writing_is_said_as_people_say_it(say: Read, written: str, said: str) -> None:
    assert say(written) == said


def test_british_reading_puts_the_day_first(say: Read) -> None:
    assert say("6/3/2024", british=True) == "the sixth of march twenty twenty four"
    assert say("6/3/2024") == "june third twenty twenty four"


def read(text: str) -> list[Sentence | Break]:
    return list(sentences(cleaned(text), NOTHING, british=False))


def test_words_keep_what_was_written() -> None:
    text = 'He said: "Pay $5.25 by June 3rd, 2024!" (Really?) Yes, Dr. Lee.'
    written = [
        token.written for item in read(text) if isinstance(item, Sentence) for token in item.tokens
    ]
    assert " ".join(written) == text
    assert 'June 3rd, 2024!"' in written


def test_full_stops_inside_words_end_no_sentence() -> None:
    text = "Dr. Lee lives in the U.S. near 3.5 km of road, e.g. here. It is 5 p.m. We go."
    assert [len(item.tokens) for item in read(text) if isinstance(item, Sentence)] == [12, 3, 2]


def test_marks_and_paragraphs() -> None:
    first, second = read("Wait... what?!\n\nYes; no")
    assert isinstance(first, Sentence)
    assert isinstance(second, Sentence)
    assert [token.mark for token in first.tokens] == ["…", "?"]
    assert [token.mark for token in second.tokens] == [";", "."]
    assert (first.ending, second.ending) == ("paragraph", "sentence")


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [
        ('<break time="1.5s"/>', 1.5),
        ("<break time='300ms' />", 0.3),
        ('<break time="90s"/>', MAX_BREAK),
        ("<break/>", 0.5),
    ],
)
def test_breaks_are_silences(tag: str, seconds: float) -> None:
    assert Break(seconds) in read(f"One {tag} two.")


def test_a_break_without_a_readable_time_is_refused() -> None:
    with pytest.raises(TextError, match="no time"):
        read('<break time="long"/>')


def test_the_users_lexicon_comes_first(say: Read) -> None:
    assert say("Visavis and visavis", visavis="vee za vee") == "vee za vee and vee za vee"
    lexicon = UserLexicon({"C++": "see plus plus", "GIF": "/dʒɪf/", "New York": "/nujɔɹk/"})
    tokens = [
        token
        for item in sentences("C++ GIF New  York", lexicon, british=False)
        if isinstance(item, Sentence)
        for token in item.tokens
    ]
    assert [(token.written, token.phonemes) for token in tokens] == [
        ("C++", ""),
        ("GIF", "ʤɪf"),
        ("New York", "nujɔɹk"),
    ]


def test_inline_pronunciations() -> None:
    (item,) = read("[Kokoro](/kˈOkəɹO/) speaks.")
    assert isinstance(item, Sentence)
    assert (item.tokens[0].written, item.tokens[0].phonemes) == ("Kokoro", "kˈOkəɹO")


def test_ipa_becomes_the_voices_alphabet() -> None:
    assert to_kokoro("ˈtʃeɪndʒoʊ") == "ˈʧAnʤO"
    assert to_kokoro("rɑg") == "ɹɑɡ"


@pytest.mark.parametrize(
    "entries", [{"a": ""}, {"": "b"}, {"a": "/щ/"}, {"a": "123"}, {"a": "b" * 300}]
)
def test_a_broken_lexicon_is_refused(entries: dict[str, str]) -> None:
    with pytest.raises(TextError):
        UserLexicon(entries)


def test_numbers() -> None:
    assert " ".join(cardinal(1_234_567)) == (
        "one million two hundred thirty four thousand five hundred sixty seven"
    )
    assert ordinal(112) == ["one", "hundred", "twelfth"]
    assert ordinal(90) == ["ninetieth"]
    assert [year(1984), year(1905)] == [["nineteen", "eighty", "four"], ["nineteen", "oh", "five"]]
    assert [roman(text) for text in ("XIV", "MCMXCIV", "IIX", "")] == [14, 1994, None, None]


WRITING = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("0123456789 .,:;-/$€£%°'\"()[]<>@#&+=\n\tIVXabcxkmAMpst"),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(WRITING)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read(text)
    except TextError:
        return
    for item in found:
        if isinstance(item, Sentence):
            assert item.tokens
            assert item.tokens[-1].mark
            for token in item.tokens:
                assert token.mark in ("", *MARKS)
                assert token.spoken or token.phonemes
                for word in token.spoken:
                    assert word in MARKS or (word.isascii() and word.replace("'", "").isalpha())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**18 - 1))
def test_every_number_is_said_in_words(value: int) -> None:
    assert all(word.isalpha() for word in cardinal(value))
    assert ordinal(value)[-1][-2:] in ("th", "st", "nd", "rd")


def test_long_nonsense_is_read_in_linear_time() -> None:
    for nonsense in ("9" * 50_000, "a" * 50_000, "+-" * 25_000, "a." * 25_000, "([" * 25_000):
        assert len(read(nonsense)) < 50_000
