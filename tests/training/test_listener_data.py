"""What the listener is trained on keeps its timing, whatever was done to the sound."""

from collections.abc import Callable

import numpy as np
import pytest

from training.listener import augment
from training.listener.realign import FARTHEST, realigned, runs
from visavis.media import resample
from visavis.performance.listener.classes import phone_class
from visavis.performance.listener.features import HOP, RATE, STACK, STEP, WINDOW, log_mel
from visavis.speech import Synthesiser, join

Degrade = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def syllables(seconds: float = 2.0) -> np.ndarray:
    """Tone bursts at uneven times: something that can be lined up."""
    rng = np.random.default_rng(3)
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for start in np.cumsum(rng.uniform(0.12, 0.3, 8)):
        inside = (time >= start) & (time < start + 0.08)
        sound += inside * np.sin(2 * np.pi * rng.uniform(300, 1800) * time)
    return (0.3 * sound).astype(np.float32)


def lag(one: np.ndarray, other: np.ndarray) -> int:
    size = 1 << (2 * len(one)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)), size)
    best = int(np.argmax(cross))
    return best if best < size // 2 else best - size


@pytest.mark.parametrize(
    "degrade", [augment.room, augment.band, augment.mu_law, augment.opus, augment.mp3, augment.clip]
)
def test_nothing_that_happens_to_the_sound_moves_it(degrade: Degrade) -> None:
    clean = syllables()
    changed = degrade(clean, np.random.default_rng(1))
    assert changed.shape == clean.shape
    assert not np.array_equal(changed, clean)
    assert abs(lag(changed, clean)) <= RATE // 500


def test_a_chain_of_it_all_is_reproducible() -> None:
    def chain(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        backgrounds = augment.Backgrounds(2 * RATE, rng, size=8)
        return augment.degrade(syllables(), rng, backgrounds)

    assert np.array_equal(chain(5), chain(5))
    assert not np.array_equal(chain(5), chain(6))


def test_a_step_of_features_hears_its_own_twenty_milliseconds() -> None:
    sound = np.zeros(RATE, np.float32)
    step = 20
    sound[step * STEP : (step + 1) * STEP] = 0.1 * np.random.default_rng(0).normal(size=STEP)
    padded = np.concatenate([np.zeros(WINDOW - HOP, np.float32), sound])
    mel = log_mel(padded).reshape(RATE // STEP, STACK, -1).mean((1, 2))
    assert int(np.argmax(mel)) == step
    assert np.allclose(mel[:step], mel[0])
    assert mel[step] > mel[0] + 0.5


def spoken() -> tuple[np.ndarray, np.ndarray]:
    """A sentence: int16 at `RATE`, and the class of the phone of each step."""
    said = join(Synthesiser().synthesise("Bob met five very big farmers.", "en-US-heart"))
    sound = resample(said.samples, said.rate, RATE)
    steps = len(sound) // STEP
    times = (np.arange(steps) + 0.5) * STEP / RATE
    classes = np.zeros(steps, np.uint8)
    for phone in said.phones:
        classes[(times >= phone.start) & (times < phone.end)] = phone_class(phone.symbol)
    return (sound[: steps * STEP] * 32767).astype(np.int16), classes


def test_boundaries_move_to_where_they_are_heard_and_the_articulators_with_them() -> None:
    sound, true = spoken()
    late = np.concatenate([np.zeros(2, np.uint8), true[:-2]])  # 40 ms too late, all of it
    carried = np.column_stack([late == 0, late]).astype(np.float16)
    found, channels = realigned(sound, late, carried)
    assert [run.phone for run in runs(found)] == [run.phone for run in runs(late)]
    moved = [heard.start - was.start for heard, was in zip(runs(found), runs(late), strict=True)]
    assert max(abs(steps) for steps in moved) <= FARTHEST
    assert np.mean(moved) < -1.0, "they were heard earlier"
    assert (found == true).mean() > (late == true).mean() + 0.1
    assert ((channels[:, 0] > 0.5) == (found == 0)).mean() > 0.9


def test_what_holds_no_phone_stays_as_it_is() -> None:
    silence, classes = np.zeros(50 * STEP, np.int16), np.zeros(50, np.uint8)
    channels = np.ones((50, 3), np.float16)
    found, carried = realigned(silence, classes, channels)
    assert np.array_equal(found, classes)
    assert np.array_equal(carried, channels)


def test_mixtures_hold_nobody_who_is_kept_out() -> None:
    pytest.importorskip("babel", reason="what writes the sentences is not installed")
    import random

    from training.listener.make_data import UNSEEN, blended
    from visavis.speech import voices
    from visavis.speech.person.stock import stock_table
    from visavis.speech.voices import find_voice

    chosen = [voice for voice in voices() if voice.slug not in UNSEEN]
    kept_out = [stock_table().ids.index(find_voice(slug).kokoro_id) for slug in UNSEEN]
    for seed in range(40):
        rng = random.Random(seed)  # noqa: S311 - no secret
        made = blended(rng.choice(chosen), chosen, rng)
        assert not made.weights[kept_out].any()
        assert made.weights.sum() == pytest.approx(1.0, abs=1e-5)
