"""Alignment, and the filter that moves one voice's colour towards another's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.speech.kokoro import RATE
from visavis.speech.person import matching
from visavis.speech.person.alignment import learned, warp
from visavis.speech.person.envelope import ColourFilter, Envelopes
from visavis.speech.person.judging import SHARES
from visavis.speech.person.studio import Studio
from visavis.speech.types import Samples


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_a_warp_runs_from_corner_to_corner_in_single_steps(n: int, m: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    first, second = (chance.standard_normal((size, 4)) for size in (n, m))
    rows, columns = warp(first, second)
    assert (rows[0], columns[0], rows[-1], columns[-1]) == (0, 0, n - 1, m - 1)
    steps = np.stack([np.diff(rows), np.diff(columns)])
    assert ((steps >= 0) & (steps <= 1)).all()
    assert (steps.sum(axis=0) >= 1).all()


def test_a_warp_finds_what_was_said_slower() -> None:
    vectors = np.random.default_rng(0).standard_normal((40, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows, columns = warp(vectors, vectors.repeat(2, axis=0))
    assert (columns // 2 == rows).all()


def test_a_filter_learns_a_colour_that_is_known(michael: Samples) -> None:
    spectrum = np.fft.rfft(michael)
    hertz = np.fft.rfftfreq(len(michael), 1 / RATE)
    tilt = np.exp(0.8 * np.cos(2 * np.pi * hertz / 3000)) * (hertz < 7000) + (hertz >= 7000)
    target = np.fft.irfft(spectrum * tilt, len(michael)).astype(np.float32)
    colour = learned(Envelopes.of(michael), Envelopes.of(target))
    made = Envelopes.of(colour(michael)).cepstra
    before = np.abs(Envelopes.of(michael).cepstra.mean(0) - Envelopes.of(target).cepstra.mean(0))
    after = np.abs(made.mean(0) - Envelopes.of(target).cepstra.mean(0))
    assert after[1:12].mean() < 0.4 * before[1:12].mean()


def test_a_filter_brings_one_voice_nearer_to_another(
    studio: Studio, michael: Samples, bella: Samples
) -> None:
    half = len(michael) // 2
    colour = learned(Envelopes.of(michael), Envelopes.of(bella))
    before = studio.embed.similarity(michael[half:], bella, RATE)
    after = studio.embed.similarity(colour(michael)[half:], bella, RATE)
    assert after > before + 0.1


def test_a_filter_keeps_length_and_loudness(michael: Samples, bella: Samples) -> None:
    colour = learned(Envelopes.of(michael), Envelopes.of(bella))
    for sound in (michael, michael[:5001], michael[:10], np.zeros(5000, np.float32)):
        coloured = colour(sound)
        assert coloured.shape == sound.shape
        assert coloured.dtype == np.float32
        assert np.square(coloured).sum() == pytest.approx(np.square(sound).sum(), rel=1e-3)


def test_a_softened_filter_goes_a_share_of_the_way(michael: Samples, bella: Samples) -> None:
    colour = learned(Envelopes.of(michael), Envelopes.of(bella))
    cepstra = Envelopes.of(michael).cepstra
    whole = colour.moved(cepstra)
    for share in (0.0, 0.4, 1.0):
        moved = colour.softened(share).moved(cepstra)
        assert np.allclose(moved, cepstra + share * (whole - cepstra), atol=1e-3)


def test_a_filter_is_kept_in_arrays(michael: Samples, bella: Samples) -> None:
    colour = learned(Envelopes.of(michael), Envelopes.of(bella))
    again = ColourFilter.from_arrays(colour.arrays())
    assert again is not None
    assert (again(michael) == colour(michael)).all()
    assert ColourFilter.from_arrays({}) is None
    with pytest.raises(ValueError, match="another size"):
        ColourFilter.from_arrays(colour.arrays() | {"colour_gains": np.zeros(3, np.float32)})


@pytest.mark.parametrize(
    ("worse", "share"), [(0.0, 1.0), (0.5, 0.4), (5.0, None)], ids=["clean", "harsh", "broken"]
)
def test_only_as_much_of_a_filter_is_kept_as_sounds_clean(
    monkeypatch: pytest.MonkeyPatch,
    studio: Studio,
    michael: Samples,
    bella: Samples,
    worse: float,
    share: float | None,
) -> None:
    """`worse` is what the whole filter costs of quality; a part of it costs as much less."""
    colour = learned(Envelopes.of(michael), Envelopes.of(bella))
    heard: list[float] = []

    def quality(*_: object) -> float:
        heard.append(3.0 - worse * (0.0, *SHARES)[len(heard)])
        return heard[-1]

    monkeypatch.setattr(matching, "quality", quality)
    monkeypatch.setattr(matching.models, "present", lambda _name: True)
    person = studio.embed(bella, RATE)
    alike = float(studio.embed(michael, RATE) @ person)
    found = matching._softened(colour, [michael], alike, person, studio)
    if share is None:
        assert found is None
    else:
        assert found is not None
        kept, nearer = found
        assert nearer > alike
        np.testing.assert_allclose(kept.matrix, colour.softened(share).matrix, atol=1e-6)
