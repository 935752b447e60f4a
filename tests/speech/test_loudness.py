"""Loudness against signals whose figure is known, and the gain and limiter built on it."""

import numpy as np
import pytest

from visavis.speech.loudness import (
    CEILING_DBTP,
    RunningGain,
    k_weighted,
    limit,
    loudness,
    true_peak,
)
from visavis.speech.types import Samples


def tone(frequency: float, level: float, seconds: float, rate: int, phase: float = 0) -> Samples:
    """A sine of a level in dB of full scale."""
    times = np.arange(round(seconds * rate)) / rate
    return (10 ** (level / 20) * np.sin(2 * np.pi * frequency * times + phase)).astype(np.float32)


@pytest.mark.parametrize("rate", [16000, 24000, 48000])
def test_the_reference_tone_reads_what_the_standard_says(rate: int) -> None:
    """BS.1770: a 997 Hz sine of full scale in one channel is -3.01 LKFS."""
    assert loudness(tone(997, 0, 5, rate), rate) == pytest.approx(-3.01, abs=0.05)
    assert loudness(tone(997, -20, 5, rate), rate) == pytest.approx(-23.01, abs=0.05)


def test_the_weighting_follows_the_curve_of_the_standard() -> None:
    rate = 48000
    for frequency, decibels in ((38.1, -6.0), (100, -1.1), (1000, 0.7), (10000, 4.0)):
        heard = k_weighted(tone(frequency, -10, 2, rate), rate)
        gain = 20 * np.log10(np.sqrt((heard**2).mean()) / (10 ** (-10 / 20) / np.sqrt(2)))
        assert gain == pytest.approx(decibels, abs=0.4)


def test_pauses_do_not_lower_the_loudness() -> None:
    """The two gates leave silence and whispers out, as EBU Tech 3341 cases 3 to 5 ask."""
    rate = 24000
    loud = tone(1000, -20, 10, rate)
    whisper = tone(1000, -40, 10, rate)
    nothing = np.zeros(10 * rate, np.float32)
    mixed = np.concatenate([nothing, whisper, loud, nothing])
    assert loudness(mixed, rate) == pytest.approx(loudness(loud, rate), abs=0.2)


def test_silence_has_no_loudness() -> None:
    assert loudness(np.zeros(24000, np.float32), 24000) == float("-inf")
    assert loudness(np.zeros(0, np.float32), 24000) == float("-inf")


def test_true_peak_sees_between_samples() -> None:
    """A quarter-rate sine sampled off its crests hides 3 dB from the sample peak."""
    hidden = tone(6000, 0, 0.5, 24000, np.pi / 4)
    assert np.abs(hidden).max() == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert true_peak(hidden[1000:-1000]) >= 0.95


def test_the_limiter_holds_the_ceiling_and_leaves_the_rest() -> None:
    rate = 24000
    samples = tone(300, -12, 2, rate)
    samples[20000:20200] *= 6
    limited = limit(samples, rate)
    assert 20 * np.log10(true_peak(limited)) <= CEILING_DBTP + 0.1
    np.testing.assert_array_equal(limited[:19000], samples[:19000])
    np.testing.assert_array_equal(limited[22000:], samples[22000:])
    quiet = tone(300, -12, 1, rate)
    assert limit(quiet, rate) is quiet


def test_a_stream_of_clauses_reaches_the_target_without_pumping() -> None:
    rate, rng = 24000, np.random.default_rng(3)
    gain = RunningGain(expected=-28.0)
    made, gains = [], []
    for level in rng.normal(-24, 1.5, 12):
        clause = tone(500, level, 2.0, rate)
        gains.append(20 * np.log10(gain(clause, rate)))
        made.append(clause * np.float32(10 ** (gains[-1] / 20)))
    assert loudness(np.concatenate(made), rate) == pytest.approx(-16, abs=1)
    assert max(abs(np.diff(gains))) <= 1.5 + 1e-6


def test_a_single_short_clause_is_near_the_target() -> None:
    clause = tone(500, -30, 1.2, 24000)
    made = clause * np.float32(RunningGain(expected=-34.5)(clause, 24000))
    assert loudness(made, 24000) == pytest.approx(-16, abs=1)
