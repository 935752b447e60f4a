"""Sound at another rate, in step with what it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.media import Resampler, resample


@pytest.mark.parametrize(
    ("source", "target"), [(24_000, 16_000), (44_100, 16_000), (8_000, 48_000), (16_000, 16_000)]
)
def test_a_tone_stays_in_place(source: int, target: int) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(source) / source).astype(np.float32)
    wanted = np.sin(2 * np.pi * 440 * np.arange(target) / target)
    got = resample(tone, source, target)
    assert len(got) == target
    assert np.abs(got - wanted)[400:-400].max() < 0.001


@given(cuts=st.lists(st.integers(0, 5000), max_size=20))
def test_chunks_of_any_length_give_the_same_sound(cuts: list[int]) -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, 5000).astype(np.float32)
    streaming = Resampler(24_000, 16_000)
    parts = [streaming.push(part) for part in np.split(sound, sorted(cuts))]
    got = np.concatenate([*parts, streaming.finish()])
    assert np.array_equal(got, resample(sound, 24_000, 16_000))
