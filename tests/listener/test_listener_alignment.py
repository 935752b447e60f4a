"""A text and its recording: when each of its phones is said."""

import itertools

import numpy as np
import pytest

from visavis.performance import PerformanceError
from visavis.performance.listener import Sound, align, alignment, heard_phones
from visavis.performance.listener.features import RATE
from visavis.speech import Phone, Speech


@pytest.fixture(scope="module")
def likely(spoken: Speech) -> np.ndarray:
    return heard_phones(spoken.samples, RATE)


def sounds_of(speech: Speech) -> list[Sound]:
    starts = [word.start for word in speech.words]
    return [
        Sound(p.symbol, p.stress, any(abs(p.start - at) < 1e-6 for at in starts))
        for p in speech.phones
    ]


def test_phones_are_found_where_they_were_spoken(spoken: Speech, likely: np.ndarray) -> None:
    found = align(likely, sounds_of(spoken))
    assert len(found) == len(spoken.phones)
    pairs = [(a, b) for a, b in zip(found, spoken.phones, strict=True) if a is not None]
    assert len(pairs) >= 0.95 * len(found)
    late = np.array([a.start - b.start for a, b in pairs])
    assert abs(np.median(late)) < 0.04
    assert np.abs(late).mean() < 0.06
    closures = [(a, b) for a, b in pairs if b.symbol in "pbm"]
    assert len(closures) >= 10
    assert np.mean([abs(a.start - b.start) < 0.08 for a, b in closures]) > 0.85
    assert [a.stress for a, _ in pairs] == [b.stress for _, b in pairs]


def test_times_follow_each_other_and_stay_inside(spoken: Speech, likely: np.ndarray) -> None:
    found = [phone for phone in align(likely, sounds_of(spoken)) if phone]
    for before, after in itertools.pairwise(found):
        assert before.start < before.end <= after.start + 1e-9
    assert found[0].start >= 0
    assert found[-1].end <= len(likely) * 0.02 + 1e-9


def test_a_narrow_band_finds_the_same_way(
    spoken: Speech, likely: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def times(found: list[Phone | None]) -> list[float]:
        return [phone.start if phone else -1.0 for phone in found]

    wide = times(align(likely, sounds_of(spoken)))
    monkeypatch.setattr(alignment, "BAND", 60)
    assert times(align(likely, sounds_of(spoken))) == wide


def test_a_word_that_was_not_said_does_not_push_the_others_away(
    spoken: Speech, likely: np.ndarray
) -> None:
    sounds = sounds_of(spoken)
    extra = [Sound("z", begins=True)]
    plain = align(likely, sounds)
    longer = align(likely, [*sounds[:20], *extra, *sounds[20:]])
    ends = (plain[-1], longer[-1])
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0].start == ends[1].start


@pytest.mark.parametrize("count", [0, 5000])
def test_a_text_that_cannot_be_in_the_recording_is_refused(likely: np.ndarray, count: int) -> None:
    with pytest.raises(PerformanceError, match="sounds for"):
        align(likely, [Sound("a")] * count)
