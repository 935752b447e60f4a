"""The listener answers the same however sound comes, and survives whatever comes."""

import itertools
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from visavis.performance import CURVE_INDEX, PerformanceError, perform
from visavis.performance.listener import Listener, PromptListener, heard_curves, listened
from visavis.performance.listener.classes import CHANNEL_NAMES, PHONES
from visavis.performance.listener.features import LOOKAHEAD, RATE, STEP
from visavis.performance.listener.network import LAG, State, finish, hear
from visavis.speech import Phone, Speech
from visavis.speech.phones import BREATH

Samples = np.ndarray
Maker = Callable[[int], Samples]
CLOSURE, ACTIVITY, JAW = (CHANNEL_NAMES.index(name) for name in ("closure", "activity", "jaw"))


def resampled(samples: Samples, rate: int) -> Samples:
    times = np.arange(int(len(samples) * rate / RATE)) / rate
    return np.interp(times, np.arange(len(samples)) / RATE, samples).astype(np.float32)


def phones_of(samples: Samples, rate: int, chunk: int) -> list[Phone]:
    listener = Listener(rate)
    found = [p for at in range(0, len(samples), chunk) for p in listener.push(samples[at:][:chunk])]
    return found + listener.finish()


@pytest.mark.parametrize("size", [1, 37, 320, 641, 16_000])
def test_chunks_of_any_length_give_what_the_whole_gives(spoken: Speech, size: int) -> None:
    sound = spoken.samples[: 20_000 if size == 1 else None]
    state, answers = State.fresh(), []
    for at in range(0, len(sound), size):
        state, heard = hear(state, sound[at : at + size])
        answers.append(heard)
    answers.append(finish(state))
    _, whole = heard_curves(sound, RATE, Fraction(25))
    assert np.allclose(np.concatenate([a.mouth for a in answers]), whole.mouth, atol=1e-5)
    assert np.allclose(np.concatenate([a.phones for a in answers]), whole.phones, atol=1e-4)
    assert next(a.first for a in answers if len(a)) == 0
    assert len(whole) == -(-len(sound) // STEP)


def test_an_answer_waits_for_no_more_than_the_look_ahead(spoken: Speech) -> None:
    """What comes later than 120 ms after the start of a step cannot change its answer."""
    step = 40
    known = spoken.samples[: (step + LOOKAHEAD + 1) * STEP]
    _, heard = hear(State.fresh(), known)
    assert heard.first + len(heard) == step + 1
    assert pytest.approx(0.12) == LAG
    other = np.concatenate([known, np.random.default_rng(0).normal(0, 0.1, RATE)])
    _, again = hear(State.fresh(), other.astype(np.float32))
    assert np.allclose(again.mouth[: step + 1], heard.mouth, atol=1e-5)


def test_a_state_may_be_kept_and_gone_on_from_twice(spoken: Speech) -> None:
    state, _ = hear(State.fresh(), spoken.samples[:8000])
    _, one = hear(state, spoken.samples[8000:])
    _, other = hear(state, spoken.samples[8000:])
    assert np.array_equal(one.mouth, other.mouth)


def test_the_line_gets_the_same_phones_and_sound_from_chunks_of_any_length(spoken: Speech) -> None:
    def through(size: int) -> tuple[Samples, list[Phone]]:
        pieces = (
            Speech(spoken.samples[at : at + size], RATE)
            for at in range(0, len(spoken.samples), size)
        )
        sound, phones, offset = [], [], 0.0
        for speech in listened(pieces):
            sound.append(speech.samples)
            for phone in speech.phones:
                assert -1e-9 <= phone.start < speech.duration
                phones.append((phone.symbol, round(phone.start + offset, 3)))
            offset += speech.duration
        return np.concatenate(sound), phones  # type: ignore[return-value]

    sound, phones = through(4000)
    assert np.array_equal(sound, spoken.samples)
    assert len(phones) > 5
    assert through(777)[1] == phones


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_any_rate_moves_the_mouth_at_the_same_time(spoken: Speech, rate: int) -> None:
    fps = Fraction(25)
    native, _ = heard_curves(spoken.samples, RATE, fps)
    other, _ = heard_curves(resampled(spoken.samples, rate), rate, fps)
    assert abs(len(other) - len(native)) <= 1
    count = min(len(native), len(other))
    jaw, again = native[:count, JAW], other[:count, JAW]
    assert np.corrcoef(jaw, again)[0, 1] > 0.7


def silence(count: int) -> Samples:
    return np.zeros(count, np.float32)


def offset(count: int) -> Samples:
    return np.full(count, 0.4, np.float32)


def undefined(count: int) -> Samples:
    return np.full(count, np.nan, np.float32)


def hum(count: int) -> Samples:
    return (0.05 * np.sin(2 * np.pi * 50 * np.arange(count) / RATE)).astype(np.float32)


def hiss(count: int) -> Samples:
    return (0.02 * np.random.default_rng(2).standard_normal(count)).astype(np.float32)


def music(count: int) -> Samples:
    """Chords with a beat."""
    time = np.arange(count) / RATE
    sound = np.zeros(count)
    for start in np.arange(0, count / RATE, 0.5):
        since = np.maximum(time - start, 0)
        for tone in (220, 277, 330):
            for harmonic in range(1, 6):
                wave = np.sin(2 * np.pi * tone * harmonic * time) / harmonic
                sound += (time >= start) * np.exp(-4 * since) * wave
    return (0.2 * sound / np.abs(sound).max()).astype(np.float32)


@pytest.mark.parametrize("maker", [silence, offset, undefined, hum, hiss, music])
def test_what_is_no_speech_rests_the_mouth(maker: Maker) -> None:
    sound = maker(4 * RATE)
    curves, _ = heard_curves(sound, RATE, Fraction(25))
    assert np.isfinite(curves).all()
    phones = tuple(phones_of(sound, RATE, 5000))
    assert sum(phone.end - phone.start for phone in phones) < 0.2
    jaw = perform(Speech(np.nan_to_num(sound), RATE, phones), Fraction(25))
    assert jaw.curves[:, CURVE_INDEX["jawOpen"]].mean() < 0.02


def test_clipping_and_wild_values_are_borne(spoken: Speech) -> None:
    wild = spoken.samples * 40
    wild[500:520] = np.nan
    wild[900] = np.inf
    curves, _ = heard_curves(wild, RATE, Fraction(30))
    assert np.isfinite(curves).all()
    assert curves.min() >= 0
    assert curves.max() <= 1
    assert curves[:, ACTIVITY].max() > 0.5


def test_speech_is_heard_over_music(spoken: Speech) -> None:
    quiet = music(len(spoken.samples))
    quiet *= np.sqrt((spoken.samples**2).mean() / (quiet**2).mean()) * 10 ** (-10 / 20)
    alone, _ = heard_curves(spoken.samples, RATE, Fraction(25))
    over, _ = heard_curves(spoken.samples + quiet, RATE, Fraction(25))
    assert np.corrcoef(alone[:, JAW], over[:, JAW])[0, 1] > 0.6


def test_nothing_gives_nothing() -> None:
    curves, heard = heard_curves(np.zeros(0, np.float32), RATE, Fraction(25))
    assert curves.shape == (0, len(CHANNEL_NAMES))
    assert len(heard) == 0
    assert Listener(RATE).finish() == []
    assert list(listened([])) == []


@pytest.mark.parametrize("rate", [0, 1000, 1_000_000])
def test_a_rate_that_nobody_records_at_is_refused(rate: int) -> None:
    with pytest.raises(PerformanceError, match="kHz"):
        Listener(rate)


def test_two_channels_are_refused_by_name(spoken: Speech) -> None:
    both = np.stack([spoken.samples, spoken.samples], axis=1)
    with pytest.raises(PerformanceError, match="mono"):
        Listener(RATE).push(both)
    with pytest.raises(PerformanceError, match="mono"):
        hear(State.fresh(), both)


def promptly(samples: Samples, rate: int, chunk: int) -> list[str]:
    """The phone of every step of 20 ms, as it was known when the sound came in."""
    listener, said = PromptListener(rate), [""] * (len(samples) * 50 // rate + 1)
    for at in range(0, len(samples), chunk):
        part = samples[at : at + chunk]
        for phone in listener(part):
            assert phone.end <= len(part) / rate + 1e-9
            first, last = (round((at / rate + t) * 50) for t in (phone.start, phone.end))
            said[first:last] = [phone.symbol] * (last - first)
    return said


@pytest.mark.parametrize("rate", [RATE, 24_000])
def test_what_is_heard_at_once_depends_on_no_chunks(spoken: Speech, rate: int) -> None:
    sound = resampled(spoken.samples, rate)
    whole = promptly(sound, rate, len(sound))
    assert promptly(sound, rate, rate // 25) == promptly(sound, rate, 777) == whole


def test_what_is_heard_at_once_is_often_what_was_said(spoken: Speech) -> None:
    """Lips close for many of the p, b and m; a decision is known 40 ms after its step began."""
    said = promptly(spoken.samples, RATE, RATE // 50)
    closed = [p for p in spoken.phones if p.symbol in "pbm"]
    met = [
        any(s and s in "pbm" for s in said[round(p.start * 50) - 2 : round(p.end * 50) + 3])
        for p in closed
    ]
    assert np.mean(met) >= 0.4, met
    listener, known = PromptListener(RATE), 0.0
    for at in range(0, RATE, RATE // 50):
        for phone in listener(spoken.samples[at : at + RATE // 50]):
            known = at / RATE + phone.end
        if known:
            behind = (at + RATE // 50) / RATE - known
            assert behind < 0.041 or said[round(known * 50)] == ""


def test_after_a_reset_nothing_is_remembered(spoken: Speech) -> None:
    listener = PromptListener(RATE)
    first = listener(spoken.samples[:RATE])
    listener.reset()
    assert listener(spoken.samples[:RATE]) == first


def test_hours_take_no_more_memory_than_seconds(spoken: Speech) -> None:
    """Everything that is kept between pushes stays as large as it was."""
    listener = Listener(RATE)
    state = State.fresh()
    sizes = []
    for _ in range(60):
        listener.push(spoken.samples)
        state, _ = hear(state, spoken.samples)
        decoder, waiting = listener._decoder, listener._loudness._samples
        sizes.append((len(decoder._back), len(decoder._heard) < 40, len(waiting) < RATE))
        assert len(state.waiting) < STEP + 240
    assert sizes[5:] == [sizes[5]] * 55


def test_phones_that_are_heard_have_known_names_and_follow_each_other(spoken: Speech) -> None:
    phones = phones_of(spoken.samples, RATE, 1000)
    assert {phone.symbol for phone in phones} <= {*PHONES[1:], BREATH}
    for before, after in itertools.pairwise(phones):
        assert before.start < before.end <= after.start + 1e-9
