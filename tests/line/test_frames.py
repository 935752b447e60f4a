"""Every frame has exactly its own stretch of sound."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visavis.line.frames import cues, frame_start
from visavis.line.timings import Timings
from visavis.performance import Director
from visavis.speech import Speech, Word

RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(60)])


def chunks(sizes: list[int], rate: int) -> tuple[list[Speech], np.ndarray]:
    rng = np.random.default_rng(0)
    sound = rng.normal(0, 0.05, sum(sizes)).astype(np.float32)
    parts = np.split(sound, np.cumsum(sizes)[:-1])
    return [Speech(part, rate) for part in parts], sound


@given(sizes=st.lists(st.integers(0, 9000), min_size=1, max_size=6), fps=RATES)
def test_the_sound_of_the_frames_is_the_sound(sizes: list[int], fps: Fraction) -> None:
    speeches, sound = chunks(sizes, 24_000)
    acted = list(cues(speeches, Director(fps), fps, Timings()))
    together = np.concatenate([cue.samples for cue in acted]) if acted else sound[:0]
    assert np.array_equal(together[: len(sound)], sound)
    assert not together[len(sound) :].any()
    assert [cue.index for cue in acted] == list(range(len(acted)))
    assert all(len(cue.samples) in (int(24_000 / fps), int(24_000 / fps) + 1) for cue in acted)


def test_frames_do_not_drift_from_the_sound_in_a_day() -> None:
    fps = Fraction(30000, 1001)
    day = 24 * 3600 * 30
    assert abs(frame_start(day, 24_000, fps) / 24_000 - float(day / fps)) < 1 / 24_000


def test_words_come_with_the_frame_in_which_they_begin() -> None:
    first = Speech(np.zeros(24_000, np.float32), 24_000, words=(Word("one", 0.5, 0.8),))
    second = Speech(np.zeros(24_000, np.float32), 24_000, words=(Word("two", 0.01, 0.2),))
    acted = list(cues([first, second], Director(Fraction(25)), Fraction(25), Timings()))
    begun = {word.text: cue.index for cue in acted for word in cue.words}
    assert begun == {"one": 12, "two": 25}
    assert next(w for cue in acted for w in cue.words if w.text == "two").start == 1.01
