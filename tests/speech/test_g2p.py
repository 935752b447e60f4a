"""English words to phonemes."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis import models
from visavis.speech.g2p.english import English
from visavis.speech.g2p.letters import LetterToSound
from visavis.speech.kokoro import ALPHABET
from visavis.speech.phones import segments

Phonemes = Callable[[str], str]


@pytest.fixture(scope="module")
def british() -> English:
    return English(models.ensure("english-lexicon"), british=True)


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("I have read it. I will read it.", ["ɹˈɛd", "ɹˈid"]),
        ("She read it. Please read it.", ["ɹˈɛd", "ɹˈid"]),
        ("We live near a live show.", ["lˈɪv", "lˈIv"]),
        ("They record a record.", ["ɹəkˈɔɹd", "ɹˈɛkəɹd"]),
        ("Close the door, it is close.", ["klˈOz", "klˈOs"]),
        ("I used to use it.", ["jˈust", "jˈuz"]),
        ("He refused to present the present.", ["pɹizˈɛnt", "pɹˈɛzᵊnt"]),
        ("Don't tear it. A tear fell.", ["tˈɛɹ", "tˈɪɹ"]),
    ],
)
def test_words_of_two_sounds_are_told_apart(
    phonemes: Phonemes, text: str, sounds: list[str]
) -> None:
    found = phonemes(text).split()
    assert [sound for sound in found if sound in sounds] == sounds


def test_function_words_change_before_vowels_and_pauses(phonemes: Phonemes) -> None:
    assert phonemes("the apple") == "ði ˈæpᵊl"
    assert phonemes("the pear") == "ðə pˈɛɹ"
    assert phonemes("to be").startswith("tə ")
    assert phonemes("go to").endswith("tu")
    assert phonemes("a dog") == "ɐ dˈɔɡ"


def test_acronyms_are_spelled_or_said(phonemes: Phonemes) -> None:
    assert phonemes("GPU") == "ʤˌipˌijˈu"
    assert phonemes("GPUs") == "ʤˌipˌijˈuz"
    assert phonemes("NASA") == "nˈæsə"
    assert phonemes("the US") == "ðə jˌuˈɛs"
    assert phonemes("give us it") == "ɡˈɪv ˌʌs ɪt"
    assert phonemes("NOT") == "nˌɑt"


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("avatars", "ˈævətˌɑɹz"),
        ("avatar's", "ˈævətˌɑɹz"),
        ("unfollowed", "ʌnfˈɑlOd"),
        ("livestreaming", "lˈIvstɹˌimɪŋ"),
        ("blogged", "blˈɑɡd"),
        ("retweeted", "ɹitwˈiTᵻd"),
    ],
)
def test_words_are_built_of_known_parts(phonemes: Phonemes, word: str, sound: str) -> None:
    assert phonemes(word) == sound


def test_unknown_words_are_guessed_or_spelled(phonemes: Phonemes) -> None:
    assert phonemes("blorptastic").count("ˈ") == 1
    assert (
        phonemes("xkcdfg")
        == phonemes("X K C D F G").replace(" ", "").replace("ˈ", "ˌ").removesuffix("ʤˌi") + "ʤˈi"
    )


def test_british_english_has_its_own_sounds(british: English) -> None:
    assert british(["bath", "car", "boat"], [False, False, True]) == ["bˈɑːθ", "kˈɑː", "bˈQt"]


WORD = st.text("abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=24).filter(
    lambda word: any(letter.isalpha() for letter in word)
)


@settings(max_examples=150, deadline=None)
@given(word=WORD, capital=st.booleans())
def test_every_word_gets_a_sound_the_voice_knows(
    word: str, capital: bool, american: English
) -> None:
    (sound,) = american([word.upper() if capital else word], [True])
    assert set(sound) <= set(ALPHABET)
    assert any(segments(character) for character in sound)


@pytest.fixture(scope="module")
def american() -> English:
    return English(models.ensure("english-lexicon"))


@pytest.mark.parametrize("accent", ["us", "gb"])
def test_the_letter_model_knows_common_spellings(accent: str) -> None:
    model = LetterToSound.load(accent)
    assert model("shobing").startswith("ʃ")
    assert model("phlim").startswith("fl")
    assert model("zentation").endswith(("ʃən", "ʃᵊn"))
