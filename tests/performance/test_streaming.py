"""Chunks, clocks and seeds."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spoken import speak

from visavis.performance import LOOK_AHEAD, Director, Performance, PerformanceError, idle, perform
from visavis.performance.articulation import REACH
from visavis.performance.prosody import AHEAD
from visavis.speech.types import Phone, Speech

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(60), Fraction(30000, 1001),
         Fraction(2213, 100)]  # fmt: skip
SPEECH = speak("final")


def chunks(speech: Speech, cuts: Sequence[int]) -> Iterator[Speech]:
    edges = [0, *sorted(cuts), len(speech.samples)]
    for low, high in pairwise(edges):
        offset = low / speech.rate
        phones = tuple(
            Phone(p.symbol, p.start - offset, p.end - offset, p.stress)
            for p in speech.phones
            if low <= round(p.start * speech.rate) < high
        )
        yield Speech(speech.samples[low:high], speech.rate, phones)


def joined(parts: Sequence[Performance]) -> tuple[np.ndarray, ...]:
    fields = ("curves", "rotation", "translation")
    return tuple(np.concatenate([getattr(part, name) for part in parts]) for name in fields)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    cuts=st.lists(st.integers(0, len(SPEECH.samples)), max_size=12),
    fps=st.sampled_from(RATES),
    seed=st.integers(-5, 2**40),
)
def test_any_chunking_gives_the_same_frames(cuts: list[int], fps: Fraction, seed: int) -> None:
    director = Director(fps, seed=seed)
    parts = [director.push(chunk) for chunk in chunks(SPEECH, cuts)]
    streamed = joined([*parts, director.finish()])
    whole = joined([perform(SPEECH, fps, seed=seed)])
    for one, other in zip(streamed, whole, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_tiny_chunks_give_the_same_frames() -> None:
    director = Director(Fraction(25))
    cuts = range(480, len(SPEECH.samples), 480)
    streamed = joined([*[director.push(c) for c in chunks(SPEECH, cuts)], director.finish()])
    for one, other in zip(streamed, joined([perform(SPEECH, Fraction(25))]), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@given(
    samples=st.integers(0, 30000),
    rate=st.sampled_from([8000, 11025, 16000, 22050, 24000, 44100, 48000]),
    fps=st.sampled_from(RATES),
)
@settings(max_examples=60, deadline=None)
def test_frames_cover_the_sound_exactly(samples: int, rate: int, fps: Fraction) -> None:
    director = Director(fps)
    early = len(director.push(Speech(np.zeros(samples, np.float32), rate)))
    total = early + len(director.finish())
    assert total == math.ceil(Fraction(samples, rate) * fps)
    if early:
        assert Fraction(early - 1) / fps + LOOK_AHEAD <= Fraction(samples, rate)
    assert Fraction(early) / fps + LOOK_AHEAD > Fraction(samples, rate) or early == total


def test_nothing_looks_further_than_it_says() -> None:
    assert max(REACH, AHEAD) <= LOOK_AHEAD


def test_a_frame_does_not_know_what_comes_after_its_look_ahead() -> None:
    """Two speeches that differ from 1 s on agree until 0.8 s, to the last bit."""
    cut = 24000
    other = Speech(
        np.concatenate([SPEECH.samples[:cut], -0.3 * SPEECH.samples[: len(SPEECH.samples) - cut]]),
        SPEECH.rate,
        (*(p for p in SPEECH.phones if p.start < 1.0), Phone("ɑ", 1.02, 1.3, 2)),
    )
    one, two = (joined([perform(speech, Fraction(50))]) for speech in (SPEECH, other))
    for left, right in zip(one, two, strict=True):
        np.testing.assert_array_equal(left[:40], right[:40])
        assert not np.array_equal(left[40:75], right[40:75])


def test_time_does_not_drift_over_twenty_minutes() -> None:
    director = Director(Fraction(30000, 1001))
    count = sum(len(director.push(Speech.silence(10.01, 8000))) for _ in range(120))
    assert count + len(director.finish()) == math.ceil(
        Fraction(120 * 80080, 8000) * Fraction(30000, 1001)
    )


def test_the_same_seed_gives_the_same_performance() -> None:
    one, two, other = (joined([perform(SPEECH, Fraction(25), seed=s)]) for s in (7, 7, 8))
    for left, right in zip(one, two, strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(one[1], other[1])


def test_frame_rates_show_the_same_performance() -> None:
    slow, fast = (perform(speak("wolves"), Fraction(rate)) for rate in (25, 50))
    every = fast.curves[::2][: len(slow)]
    lids = [8, 9]
    assert np.abs(np.delete(every - slow.curves, lids, axis=1)).max() < 0.03
    np.testing.assert_allclose(fast.rotation[::2][: len(slow)], slow.rotation, atol=1e-6)


def test_nothing_said_gives_nothing() -> None:
    assert len(Director(Fraction(25)).finish()) == 0
    assert len(perform(Speech.silence(0, 16000), Fraction(25))) == 0
    assert len(idle(0.01, Fraction(25))) == 1


def test_wrong_use_is_told() -> None:
    director = Director(Fraction(25))
    director.push(Speech.silence(0.1, 16000))
    with pytest.raises(PerformanceError, match="24000 Hz after 16000 Hz"):
        director.push(Speech.silence(0.1, 24000))
    with pytest.raises(PerformanceError, match="mono"):
        director.push(Speech(np.zeros((100, 2), np.float32), 16000))
    director.finish()
    with pytest.raises(PerformanceError, match="finished"):
        director.push(Speech.silence(0.1, 16000))
    with pytest.raises(PerformanceError, match="finished"):
        director.finish()
    with pytest.raises(PerformanceError, match="0 frames per second"):
        Director(Fraction(0))
    with pytest.raises(PerformanceError, match="intensity"):
        Director(Fraction(25), intensity=float("nan"))
    with pytest.raises(PerformanceError, match="gloomy"):
        Director(Fraction(25), emotion="gloomy")


WILD = st.floats(allow_nan=True, allow_infinity=True)
ANYWHERE = st.one_of(WILD, st.floats(-1, 3))


@settings(max_examples=60, deadline=None)
@given(
    phones=st.lists(
        st.builds(Phone, st.one_of(st.sampled_from("pbmfvaiuʃwɹ"), st.text(max_size=3)), ANYWHERE,
                  ANYWHERE, st.integers(-3, 9)), max_size=12,
    ),
    values=st.lists(st.floats(width=32), max_size=40),
    seed=st.integers(-(2**70), 2**70),
    emotion=st.sampled_from(["neutral", "excited"]),
)  # fmt: skip
def test_wild_input_gives_a_face(
    phones: list[Phone], values: list[float], seed: int, emotion: str
) -> None:
    samples = np.resize(np.array(values or [0.0], np.float32), 16000)
    director = Director(Fraction(25), emotion, 2.0, seed)
    parts = [director.push(Speech(samples, 16000, tuple(phones))) for _ in range(2)]
    curves, rotation, translation = joined([*parts, director.finish()])
    assert len(curves) == 50
    assert curves.dtype == rotation.dtype == translation.dtype == np.float32
    assert np.isfinite(curves).all()
    assert curves.min() >= 0.0
    assert curves.max() <= 1.0
    assert np.all(np.abs(rotation) <= np.radians([6.0, 4.0, 3.0]) + 1e-6)
    assert np.abs(translation).max() < 0.2
