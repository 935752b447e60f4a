"""What the listener is trained on keeps its timing, whatever was done to the sound."""

from collections.abc import Callable

import numpy as np
import pytest

from training.listener import augment
from visavis.performance.listener.features import HOP, RATE, STACK, STEP, WINDOW, log_mel

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
