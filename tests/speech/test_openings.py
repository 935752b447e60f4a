"""A clause in two parts, the first of which comes soon, with the real model."""

from itertools import pairwise

import numpy as np
import pytest

from visavis.errors import ModelError
from visavis.speech import Synthesiser, join, kokoro
from visavis.speech.joint import crossed, level, quietest
from visavis.speech.kokoro import FRAME, RATE, Timbre
from visavis.speech.types import Word
from visavis.speech.windows import renamed

TEXT = "My name is Ava and I work at the front desk."


def test_half_a_second_comes_first_and_nothing_is_lost(synthesiser: Synthesiser) -> None:
    parts = list(synthesiser.synthesise(TEXT, "en-US-heart", soon=True))
    whole = join(synthesiser.synthesise(TEXT, "en-US-heart"))
    joined = join(parts)
    assert 0.3 < parts[0].duration < 0.8
    assert len(parts) > len(list(synthesiser.synthesise(TEXT, "en-US-heart")))
    assert joined.text == whole.text
    assert [word.text for word in joined.words] == [word.text for word in whole.words]
    assert [phone.symbol for phone in joined.phones] == [phone.symbol for phone in whole.phones]
    assert all(a.start <= b.start for a, b in pairwise(joined.phones))
    assert joined.duration == pytest.approx(whole.duration, abs=0.2)
    shift = joined.phones[0].start - whole.phones[0].start
    for mine, other in zip(joined.words, whole.words, strict=True):
        assert mine.start == pytest.approx(other.start + shift, abs=0.03)


def test_the_joint_is_no_step(synthesiser: Synthesiser) -> None:
    first, second, *_ = synthesiser.synthesise(TEXT, "en-US-heart", soon=True)
    sound = np.concatenate([first.samples, second.samples])
    at, reach = len(first.samples), RATE // 100
    steps = np.abs(np.diff(sound))
    assert steps[at - 2 : at + reach].max() <= steps[at - 2400 : at + 2400].max()
    before, after = (
        float(np.sqrt(np.square(part).mean()))
        for part in (first.samples[-7200:], second.samples[:7200])
    )
    assert 0.35 < after / before < 2.8


@pytest.mark.parametrize("text", ["Hello.", "No."])
def test_what_is_short_comes_whole_with_its_pause(synthesiser: Synthesiser, text: str) -> None:
    (speech,) = synthesiser.synthesise(text, "en-US-heart", soon=True)
    assert len(speech.words) == 1
    assert speech.text == text
    assert speech.duration - speech.phones[-1].end > 0.25


def test_the_voice_keeps_its_phase() -> None:
    model = kokoro.load()
    timbre = Timbre(model.style("af_heart"))
    phonemes = "ðə lˈIbɹˌɛɹi ˈOpənz æt tˈɛn əklˈɑk ˌɔn sˈʌndˌA."
    whole, frames = model(phonemes, timbre)
    begun = model.begin(phonemes, timbre)
    assert np.array_equal(begun.frames, frames)
    assert len(begun.samples) == kokoro.OPENING * FRAME
    rest = model.go_on(begun, 30, 0, phonemes, timbre)
    assert len(rest) == len(whole) - 30 * FRAME
    lasting = slice(10 * FRAME, 24 * FRAME)
    from_zero = kokoro.Begun(begun.samples, frames, 0, begun.f0)
    beginning = model.go_on(from_zero, 30, 0, phonemes, timbre)
    assert len(model.go_on(begun, 30, 40, phonemes, timbre)) == 40 * FRAME
    alike = np.corrcoef(whole[30 * FRAME :][lasting], beginning[lasting])[0, 1]
    assert alike > 0.8


def test_a_joint_lies_where_a_word_begins_else_where_it_is_quiet() -> None:
    sound = np.ones(1000, np.float32)
    sound[640:660] = 0.0
    word = Word("so", 0.55, 0.7)
    assert quietest(sound, 1000, 0.5, 0.8, [word]) == 0.55
    assert quietest(sound, 1000, 0.6, 0.8, [word]) == pytest.approx(0.65, abs=0.011)


def test_parts_fade_into_each_other_without_a_gap() -> None:
    sound = np.sin(np.arange(400, dtype=np.float32) / 5)
    late = np.concatenate([np.zeros(150, np.float32), sound[150:]])
    assert np.allclose(crossed(sound[:260], late, 200, 1000), sound, atol=1e-6)
    assert level(sound, sound / 2) == pytest.approx(1.4)
    assert level(sound, sound * 1.25) == pytest.approx(0.8)


def test_another_model_is_refused() -> None:
    with pytest.raises(ModelError, match="not the graph"):
        renamed(bytearray(b"something else"), "one", "two")
