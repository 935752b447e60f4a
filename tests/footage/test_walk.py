from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.rigs.footage.renderer import stride_of
from visavis.rigs.footage.walk import FADE_SECONDS, Step, Stretches, Walk, measure_stretches


def swaying(frames: int, rate: float, seed: int) -> Stretches:
    """A person who sways, with an eye that blinks now and then."""
    random = np.random.default_rng(seed)
    t = np.arange(frames) / rate
    sway = np.stack([0.1 * np.sin(1.3 * t + p) for p in random.random(6) * 6], 1)
    looks = 0.5 + 0.1 * np.stack([np.sin(0.7 * t + p) for p in random.random(20) * 6], 1)
    eyes = np.where(t % 2.1 < 0.15, 0.02, 0.1)
    still = np.zeros(len(sway), np.float32)
    return measure_stretches(sway, looks, eyes, rate, still, still)


def longest_repeat(frames: list[int]) -> int:
    """Steps of the longest run of consecutive frames that is shown twice in the same order."""
    from collections import defaultdict

    seen = defaultdict(list)
    for place, pair in enumerate(pairwise(frames)):
        seen[pair].append(place)
    longest = 0
    for places in seen.values():
        for first, second in pairwise(places):
            length = 0
            while (
                second + length < len(frames) and frames[first + length] == frames[second + length]
            ):
                length += 1
            longest = max(longest, length)
    return longest


@settings(max_examples=15, deadline=None)
@given(
    frames=st.integers(100, 440),
    rate=st.sampled_from([22.13, 25.0, 30.0]),
    seed=st.integers(0, 1000),
)
def test_a_minute_repeats_no_two_seconds(frames: int, rate: float, seed: int) -> None:
    clip = swaying(frames, rate, seed)
    walk = Walk(clip, 1.0, seed)
    steps = [walk.next() for _ in range(round(60 * rate))]
    assert all(0 <= step.frame < frames for step in steps)
    assert all(-1 <= step.other < frames for step in steps)
    shown = [step.frame if step.share < 0.5 else step.other for step in steps]
    assert longest_repeat(shown) <= 2.0 * rate
    # Never stuck: most of the clip is used.
    assert len(set(shown)) > 0.5 * frames


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_what_is_shown_moves_on_or_is_faded(seed: int) -> None:
    walk = Walk(swaying(160, 25, seed), 1.0, seed)
    steps = [walk.next() for _ in range(1500)]
    for before, after in pairwise(steps):
        if after.frame != before.frame + 1:
            # A change over ends where the other picture has taken over wholly.
            assert before.other >= 0
            assert before.share > 0.9
            assert abs(after.frame - before.other) <= 1
        if after.other >= 0 and before.other < 0:
            assert after.share < 0.15


def test_a_change_over_goes_where_it_shows_least() -> None:
    """Of two poses, changes happen within one of them."""
    places = np.where(np.arange(200) % 100 < 50, 0.0, 0.5)[:, None] * np.ones((1, 4))
    still = np.zeros((200, 3))
    calm = np.zeros(200, np.float32)
    walk = Walk(measure_stretches(places, still, np.full(200, 0.1), 25, calm, calm), 1.0, 3)
    steps = [walk.next() for _ in range(1000)]
    jumps = [(s.frame, s.other) for s in steps if s.other >= 0]
    assert jumps
    alike = [places[a, 0] == places[b, 0] for a, b in jumps]
    assert np.mean(alike) > 0.9


def level(frames: int, cost: float, jerks: np.ndarray) -> Stretches:
    """A clip of which every frame suits every other as well."""
    calm = np.zeros(frames, np.float32)
    alike = np.full((frames, frames), cost, np.float32)
    return Stretches(alike, np.ones(frames, np.float32), 25.0, calm, jerks)


def test_a_change_keeps_away_from_jerks() -> None:
    """Where the clip itself jerks, nothing is faded that would add to it."""
    jerks = np.full(240, 0.3, np.float32)
    jerks[[37, 90, 91, 160, 215]] = 1.3
    walk = Walk(level(240, 0.2, jerks), 1.0, 4)
    steps = [walk.next() for _ in range(1500)]
    seen = [
        jerks[step.frame] * (1 - step.share) + jerks[step.other] * step.share
        for step in steps
        if step.other >= 0
    ]
    assert len(seen) > 200
    assert max(seen) < 0.9
    shown = {step.frame for step in steps}
    assert {37, 90, 160} <= shown


def fades(steps: list[Step]) -> list[list[Step]]:
    """The changes of a way, those at its ends left out."""
    found: list[list[Step]] = [[]]
    for step in steps:
        if step.other >= 0:
            found[-1].append(step)
        elif found[-1]:
            found.append([])
    return found[:-1]


def test_a_larger_change_takes_longer() -> None:
    still = np.zeros(240, np.float32)
    lengths = []
    for cost in (0.1, 10.0):
        walk = Walk(level(240, cost, still), 1.0, 0)
        lengths.append({len(fade) for fade in fades([walk.next() for _ in range(800)])})
    assert lengths == [{round(25 * seconds)} for seconds in FADE_SECONDS]


def test_a_change_starts_and_ends_gently() -> None:
    walk = Walk(level(240, 0.2, np.zeros(240, np.float32)), 1.0, 0)
    for fade in fades([walk.next() for _ in range(400)]):
        shares = np.array([0, 0, *(step.share for step in fade), 1, 1])
        assert (np.diff(shares) >= 0).all()
        assert np.abs(np.diff(shares, 2)).max() < 4.5 / (len(fade) + 1) ** 2


def test_what_is_coming_is_told_before_it_comes() -> None:
    walk = Walk(swaying(160, 25, 1), 1.0, 1)
    steps = [walk.next() for _ in range(600)]
    for before, after in pairwise(steps):
        if after.other >= 0 and before.other < 0:
            assert before.coming == after.other


def test_the_same_seed_walks_the_same_way() -> None:
    clip = swaying(150, 25, 0)
    first, second, other = Walk(clip, 1.0, 1), Walk(clip, 1.0, 1), Walk(clip, 1.0, 2)
    ways = [[walk.next() for _ in range(400)] for walk in (first, second, other)]
    assert ways[0] == ways[1]
    assert ways[0] != ways[2]


@pytest.mark.parametrize(
    ("clip", "output", "stride"),
    [
        (25, 25, 1),
        (22.13, 25, 1),
        (30, 25, 1),
        (60, 25, 2),
        (30, 30, 1),
        (30, 60, 0.5),
        (25, 50, 0.5),
    ],
)
def test_frames_are_neither_skipped_nor_doubled_where_it_can_be(
    clip: float, output: float, stride: float
) -> None:
    assert stride_of(clip, output) == pytest.approx(stride)
