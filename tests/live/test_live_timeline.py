"""Sound in slots: nothing is lost, nothing is doubled, everything is told."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.live.avatar.timeline import Mark, Timeline
from visavis.speech.types import Phone, Speech

RATE = 24_000
SLOT = 960


def timeline() -> Timeline:
    return Timeline(RATE, Fraction(25))


def speech(samples: int, level: float = 0.5, text: str = "") -> Speech:
    return Speech(np.full(samples, level, np.float32), RATE, text=text)


def marks(made: Timeline, slots: int) -> list[Mark]:
    return [mark for _ in range(slots) for mark in made.take().marks]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=8), st.integers(0, 5))
def test_every_sample_is_heard_once_in_order(lengths: list[int], before: int) -> None:
    made = timeline()
    for _ in range(before):
        made.take()
    made.open("a")
    pushed = [np.random.default_rng(n).uniform(-1, 1, n).astype(np.float32) for n in lengths]
    for samples in pushed:
        made.add("a", Speech(samples, RATE))
    slots = [made.take() for _ in range(sum(lengths) // SLOT + 1)]
    heard = np.concatenate([slot.speech.samples for slot in slots])
    np.testing.assert_array_equal(heard[: sum(lengths)], np.concatenate(pushed))
    assert not heard[sum(lengths) :].any()
    assert [slot.index for slot in slots] == list(range(before, before + len(slots)))


def test_phones_belong_to_the_slot_in_which_they_begin() -> None:
    made = timeline()
    made.take()
    made.open("a")
    phones = (Phone("h", 0.0, 0.05), Phone("ə", 0.05, 0.2), Phone("l", 0.13, 0.3))
    made.add("a", Speech(np.zeros(RATE, np.float32), RATE, phones))
    slots = [made.take() for _ in range(4)]
    found = [
        (slot.index * 0.04 + phone.start - 0.04, phone.symbol)
        for slot in slots
        for phone in slot.speech.phones
    ]
    assert [symbol for _, symbol in found] == ["h", "ə", "l"]
    np.testing.assert_allclose([start for start, _ in found], [0.0, 0.05, 0.13], atol=1e-6)


def test_an_utterance_tells_when_it_begins_says_and_ends() -> None:
    made = timeline()
    made.open("a")
    made.add("a", speech(SLOT * 2, text="One."))
    made.add("a", speech(SLOT, text="Two."))
    made.close("a")
    told = [(mark.kind, mark.text) for mark in marks(made, 4)]
    assert told == [("begin", ""), ("say", "One."), ("say", "Two."), ("end", "")]
    assert made.speaking is None


def test_an_end_that_comes_after_its_last_sound_is_still_told() -> None:
    made = timeline()
    made.open("a")
    made.add("a", speech(SLOT))
    assert [mark.kind for mark in made.take().marks] == ["begin"]
    made.close("a")
    ended = made.take().marks
    assert [(mark.kind, mark.seconds) for mark in ended] == [("end", 0.04)]


def test_a_cut_leaves_silence_and_says_how_much_was_heard() -> None:
    made = timeline()
    made.open("a")
    made.open("b")
    made.add("a", speech(RATE))
    made.close("a")
    for _ in range(5):
        made.take()
    assert made.cut() == ["a", "b"]
    rest = [made.take() for _ in range(3)]
    heard = np.concatenate([slot.speech.samples for slot in rest])
    assert not heard.any()
    ended = {mark.utterance: mark for slot in rest for mark in slot.marks}
    assert ended["a"].cut
    assert round(ended["a"].seconds, 6) == 0.2
    assert ended["b"].seconds == 0.0


def test_a_second_cut_at_once_does_not_swallow_the_ends_of_the_first() -> None:
    made = timeline()
    made.open("a")
    made.add("a", speech(RATE))
    made.take()
    assert made.cut() == ["a"]
    assert made.cut() == []
    assert [(mark.kind, mark.utterance, mark.cut) for mark in made.take().marks] == [
        ("end", "a", True)
    ]


def test_what_is_added_after_a_cut_is_not_heard() -> None:
    made = timeline()
    made.open("a")
    made.cut()
    made.take()
    made.add("a", speech(SLOT))
    assert not made.take().speech.samples.any()
    assert not made.is_open("a")


def test_peeking_takes_nothing_and_foresees_what_is_taken() -> None:
    made = timeline()
    made.open("a")
    made.add("a", speech(SLOT + 100))
    foreseen = made.peek(3)
    taken = [made.take() for _ in range(3)]
    for one, other in zip(foreseen, taken, strict=True):
        assert one.key == other.key
        np.testing.assert_array_equal(one.speech.samples, other.speech.samples)
