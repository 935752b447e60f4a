"""Loudness and pitch, measured as sound comes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import speak

from visavis.performance.prosody import HOP, Prosody, _pitch
from visavis.performance.score import TICK, Score
from visavis.speech.types import Phone, Speech


def voice(hertz: np.ndarray, rate: int) -> np.ndarray:
    phase = np.cumsum(hertz) / rate
    return (0.2 * sum(np.sin(2 * np.pi * phase * k) / k for k in range(1, 8))).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 48000])
@pytest.mark.parametrize("hertz", [80, 120, 210, 330])
def test_pitch_is_found_within_a_semitone(hertz: float, rate: int) -> None:
    step = max(1, rate // 8000)
    width = round(0.04 * rate / step)
    sound = voice(np.full(2 * rate, float(hertz)), rate)
    windows = np.stack([sound[k : k + width * step] for k in range(4000, 9000, 500)])
    windows = windows.reshape(len(windows), -1, step).mean(axis=2)
    semitones, clarity = _pitch(windows, rate / step)
    assert np.abs(semitones - 12 * np.log2(hertz)).max() < 1.0
    assert clarity.min() > 0.7


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(size=(200, 320)).astype(np.float32)
    _, clarity = _pitch(noise, 8000)
    assert np.mean(clarity > 0.5) < 0.1


def test_contours_tell_higher_and_louder() -> None:
    rate, seconds = 16000, 4.0
    clock = np.arange(int(seconds * rate)) / rate
    sound = voice(np.where(clock < 2, 120.0, 150.0), rate)
    sound = sound * np.where(clock < 3, 0.5, 1.0).astype(np.float32)
    prosody = Prosody(rate)
    prosody.push(sound, last=True)
    level, pitch = prosody.contours(np.array([1.8, 2.3, 2.8, 3.3]))
    assert pitch[1] > pitch[0] + 0.4
    assert level[3] > level[2] + 0.3


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 40000), max_size=10), rate=st.sampled_from([11025, 24000]))
def test_chunks_measure_the_same(cuts: list[int], rate: int) -> None:
    sound = speak("wolves").samples[:40000]
    whole, streamed = Prosody(rate), Prosody(rate)
    whole.push(sound, last=True)
    edges = [0, *sorted(cuts), len(sound)]
    for low, high in pairwise(edges):
        streamed.push(sound[low:high], last=False)
    streamed.push(np.zeros(0, np.float32), last=True)
    assert len(whole) == len(streamed)
    np.testing.assert_allclose(whole.level, streamed.level, atol=1e-9)
    np.testing.assert_allclose(whole.pitch, streamed.pitch, atol=1e-9)


@pytest.mark.parametrize("rate", [50, 200, 1000, 192000])
def test_odd_rates_do_not_break_it(rate: int) -> None:
    prosody = Prosody(rate)
    prosody.push(np.full(rate * 2, 0.3, np.float32), last=True)
    level, pitch = prosody.contours(np.arange(0, 2, 0.1))
    assert np.isfinite(level).all()
    assert np.isfinite(pitch).all()


def test_silence_is_neutral() -> None:
    prosody = Prosody(16000)
    prosody.push(np.zeros(32000, np.float32), last=True)
    level, pitch = prosody.contours(np.arange(0, 2, 0.04))
    assert not level.any()
    assert not pitch.any()


def cues_of(speech: Speech) -> list[tuple[str, float, float]]:
    prosody, score = Prosody(speech.rate), Score()
    prosody.push(speech.samples, last=True)
    for phone in speech.phones:
        score.add(phone)
    ticks = (k * TICK for k in range(int(speech.duration / TICK)))
    return [(cue.kind, cue.time, cue.strength) for now in ticks for cue in score.at(now, prosody)]


def test_phrases_pauses_and_accents_are_found() -> None:
    speech = speak("h ə l 'o ʊ .. f 'a ɪ n")
    kinds = [kind for kind, _, _ in cues_of(speech)]
    assert kinds == ["phrase_start", "accent", "phrase_end", "pause",
                     "phrase_start", "accent", "phrase_end", "pause"]  # fmt: skip
    start, accent, end, pause = (time for _, time, _ in cues_of(speech)[:4])
    phones = speech.phones
    stressed = next(phone for phone in phones if phone.stress)
    last = max(phone.end for phone in phones if phone.end < 1.0)
    assert start == pytest.approx(phones[0].start - 0.15, abs=TICK)
    assert accent == pytest.approx(stressed.start - 0.08, abs=TICK)
    assert end == pytest.approx(last - 0.03, abs=TICK)
    assert pause == pytest.approx(last + 0.3, abs=TICK)


def test_a_question_ends_with_rising_pitch() -> None:
    rate = 16000
    clock = np.arange(rate * 2) / rate
    phones = tuple(Phone("a", 0.2 + 0.1 * k, 0.3 + 0.1 * k) for k in range(10))
    endings = []
    for slope in (-40.0, 60.0):
        hertz = 140 + slope * np.clip((clock - 0.8) / 0.4, 0, 1)
        speech = Speech(
            np.where(clock < 1.2, voice(hertz, rate), 0).astype(np.float32), rate, phones
        )
        endings += [strength for kind, _, strength in cues_of(speech) if kind == "phrase_end"]
    assert endings[0] < -0.2 < 0.4 < endings[1]


def test_memory_stays_bounded() -> None:
    prosody = Prosody(8000)
    for second in range(300):
        prosody.push(np.zeros(8000, np.float32))
        prosody.forget(float(second))
    assert len(prosody.level) < 5 / HOP
    assert len(prosody) == pytest.approx(300 / HOP, abs=3)
