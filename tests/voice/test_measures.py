"""Spectra, pitch, embeddings, quality: what a voice is measured by."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis import models
from visavis.errors import SourceError
from visavis.speech.kokoro import RATE
from visavis.speech.person.fit.prepare import TEXTS as FITTED_TO
from visavis.speech.person.judging import Verdict, quality
from visavis.speech.person.pitch import pitch_of, pitch_track
from visavis.speech.person.spectra import hann, istft, levelled, mel_filters, sounding, stft
from visavis.speech.person.stock import stock_table
from visavis.speech.person.studio import Studio
from visavis.speech.person.transcript import spoken_language, word_errors
from visavis.speech.person.trials import ENGLISH, TEXTS, language_of, sound_errors
from visavis.speech.types import Samples
from visavis.speech.voices import find_voice, voices

from .test_person import person


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 2**32 - 1))
def test_spectra_give_the_sound_back(length: int, seed: int) -> None:
    sound = np.random.default_rng(seed).standard_normal(length).astype(np.float32)
    spectrum = stft(sound, hann(720), 120, 1024)
    assert spectrum.shape == (1 + length // 120, 513)
    assert istft(spectrum, hann(720), 120, length) == pytest.approx(sound, abs=1e-4)


def test_mel_filters_have_equal_area_and_cover_the_band() -> None:
    filters = mel_filters(16_000, 512, 40)
    areas = filters.sum(axis=1) * 16_000 / 512
    assert areas[10:] == pytest.approx(1.0, abs=0.12)
    assert (filters.sum(axis=0)[2:250] > 0).all()


def test_pauses_are_found_by_level() -> None:
    noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    noise[6_000:10_000] *= 1e-3
    kept = sounding(noise, 16_000)
    assert kept[:35].all()
    assert not kept[45:57].any()
    assert kept[65:].all()
    assert not sounding(np.zeros(16_000, np.float32), 16_000).any()


def test_the_pitch_of_a_buzz_is_known_to_one_percent(buzz: Samples) -> None:
    pitch = pitch_of(buzz, RATE)
    assert pitch.hertz == pytest.approx(160, rel=0.01)
    assert pitch.spread == pytest.approx(0.1 / np.sqrt(2), rel=0.1)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert (pitch_track(noise, RATE) > 0).mean() < 0.1
    with pytest.raises(SourceError, match="has a voice in it") as caught:
        pitch_of(np.zeros(RATE, np.float32), RATE)
    assert caught.value.check == "voiced"
    assert len(pitch_track(noise[:100], RATE)) == 0


def test_embeddings_know_one_speaker_from_another(
    studio: Studio, michael: Samples, bella: Samples
) -> None:
    half = len(michael) // 2
    same = studio.embed.similarity(michael[:half], michael[half:], RATE)
    other = studio.embed.similarity(michael, bella, RATE)
    assert same > 0.75
    assert other < 0.5


def test_embeddings_hear_neither_level_nor_pauses(studio: Studio, michael: Samples) -> None:
    paused = np.insert(0.05 * michael, len(michael) // 2, np.zeros(RATE, np.float32))
    assert studio.embed.similarity(michael, paused.astype(np.float32), RATE) > 0.97


def test_an_embedding_needs_speech(studio: Studio, michael: Samples) -> None:
    with pytest.raises(SourceError, match="too few to know a voice by"):
        studio.embed(michael[: RATE // 2], RATE)
    with pytest.raises(SourceError):
        studio.embed(np.zeros(0, np.float32), RATE)


def test_the_stock_table_describes_the_voices_there_are() -> None:
    table = stock_table()
    assert set(table.ids) == {voice.kokoro_id for voice in voices()}
    assert list(table.ids) == sorted(table.ids)
    assert np.linalg.norm(table.embeddings, axis=1) == pytest.approx(1.0)
    by_gender = {"female": [], "male": []}
    for name, pitch in zip(table.ids, table.pitches, strict=True):
        by_gender[find_voice(name).gender].append(pitch.hertz)
    assert np.median(by_gender["female"]) > np.median(by_gender["male"]) + 40


@pytest.mark.parametrize(
    ("said", "heard", "wrong"),
    [
        ("One two three.", "one, two, three", 0),
        ("one two three", "one three", 1),
        ("one two three", "one too three four", 2),
        ("one", "", 1),
        ("The museum opens at nine.", "The museum opens at 9.", 0),
        ("platform twenty five", "Platform 25", 0),
        ("platform four", "platform 5", 1),
        ("", "", 0),
    ],
)
def test_words_are_counted_wrong_missing_or_too_many(said: str, heard: str, wrong: int) -> None:
    assert word_errors(said, heard)[0] == wrong


def test_sounds_are_counted_whatever_the_spelling() -> None:
    same = sound_errors("The weather was bright.", "the whether, was bright", "en-US")
    assert same == (0, len("ðəwɛðəɹwʌzbɹIt"))
    assert sound_errors("bat", "mat", "en-US") == (1, 3)
    assert sound_errors("bat", "", "en-US") == (3, 3)


def test_every_language_of_the_voices_has_sentences_that_nothing_is_fitted_to() -> None:
    english = {"en-US", "en-GB"}
    assert set(TEXTS) == {voice.language for voice in voices()} - english | {ENGLISH}
    assert {len(texts) for texts in TEXTS.values()} == {4}
    assert set(TEXTS[ENGLISH]).isdisjoint(FITTED_TO)


def test_a_person_is_judged_in_a_language_that_can_be_read_here() -> None:
    assert language_of(person()) == ENGLISH
    french = replace(person(), language="fr-FR")
    assert language_of(french) == ("fr-FR" if find_spec("phonemizer") else ENGLISH)


def test_languages_are_named_as_voices_name_them() -> None:
    assert spoken_language("pt") == "pt-BR"
    assert spoken_language("de") == "de"


def test_quality_hears_noise(michael: Samples) -> None:
    if not models.present("dnsmos"):
        pytest.skip("the weights of dnsmos are not here: visavis models pull --extra clone")
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(michael)).astype(np.float32)
    clean, noisy = quality(michael, RATE), quality(michael + noise, RATE)
    assert clean is not None
    assert noisy is not None
    assert 2.5 < clean < 5
    assert noisy < clean - 0.5


def test_a_fit_passes_all_gates_or_is_told_which_it_fails() -> None:
    stock = Verdict(0.6, 0.0, 3.3)
    assert Verdict(0.85, 0.02, 3.2).passes(stock) == []
    assert Verdict(0.85, None, None).passes(stock) == []
    assert Verdict(0.65, 0.0, 3.3).passes(stock) == ["similarity 0.65 after 0.60"]
    failed = Verdict(0.65, 0.2, 2.5).passes(stock)
    assert [part.split()[0] for part in failed] == ["similarity", "20%", "quality"]


def test_levelling_survives_silence() -> None:
    assert not levelled(np.zeros(10, np.float32)).any()
