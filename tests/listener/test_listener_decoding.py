"""What becomes of probabilities: phones, doubts about them, and breath."""

from fractions import Fraction

import numpy as np
import pytest

from visavis.performance import CURVE_INDEX, Performance, perform
from visavis.performance.listener.classes import PHONES, SILENCE, phone_class
from visavis.performance.listener.decoding import SECONDS, Decoder
from visavis.performance.prosody import Prosody
from visavis.performance.score import Score
from visavis.performance.visemes import CHANNELS, viseme_of
from visavis.speech.phones import BREATH
from visavis.speech.types import Phone, Speech

STEPS = 60


def likely(*parts: tuple[int, dict[str, float]]) -> np.ndarray:
    """(steps, phones) logarithms: each part lasts some steps with the same probabilities."""
    rows = []
    for steps, shares in parts:
        row = np.full(len(PHONES), 1e-6, np.float32)
        for symbol, share in shares.items():
            row[0 if symbol == SILENCE else phone_class(symbol)] = share
        rows += [np.log(row)] * steps
    return np.array(rows, np.float32)


def decoded(phones: np.ndarray, activity: np.ndarray | None = None) -> list[Phone]:
    decoder = Decoder(15)
    quiet = np.full(len(phones), -30, np.float32)
    return [*decoder.push(phones, quiet, activity), *decoder.finish()]


@pytest.mark.parametrize("steps", [12, 25])
def test_silence_in_which_the_mouth_moves_is_breath(steps: int) -> None:
    phones = likely((STEPS, {SILENCE: 0.99}))
    activity = np.zeros(STEPS, np.float32)
    activity[20 : 20 + steps] = 0.9
    (breath,) = decoded(phones, activity)
    assert breath.symbol == BREATH
    assert breath.start == pytest.approx(20 * SECONDS)
    assert breath.end == pytest.approx((20 + steps) * SECONDS)


def test_a_moment_is_no_breath_nor_is_silence() -> None:
    phones = likely((STEPS, {SILENCE: 0.99}))
    activity = np.zeros(STEPS, np.float32)
    activity[20:25] = 0.9
    assert decoded(phones, activity) == []
    assert decoded(phones, np.full(STEPS, 0.2, np.float32)) == []
    assert decoded(phones) == [], "nobody said how much the mouth moves"


def test_a_phone_tells_what_else_it_may_have_been() -> None:
    phones = likely(
        (20, {SILENCE: 0.99}), (10, {"i": 0.6, "u": 0.3, "p": 0.09}), (20, {SILENCE: 1})
    )
    (heard,) = decoded(phones)
    assert heard.symbol == "i"
    assert [name for name, _ in heard.others] == ["u"], "contacts are not mixed in"
    assert heard.others[0][1] == pytest.approx(1 / 3, abs=0.01)


def test_a_contact_is_certain() -> None:
    phones = likely((20, {SILENCE: 0.99}), (10, {"p": 0.6, "t": 0.4}), (20, {SILENCE: 1}))
    (heard,) = decoded(phones)
    assert (heard.symbol, heard.others) == ("p", ())


def spoken(*phones: Phone) -> Performance:
    return perform(Speech(np.zeros(24_000, np.float32), 24_000, phones), Fraction(50), seed=1)


def test_doubt_stands_between_the_mouths() -> None:
    shares = (0.0, 0.5, 1.0)
    widths = []
    for share in shares:
        others = (("u", share),) if share else ()
        curves = spoken(Phone("i", 0.4, 0.6, 0, others)).curves
        widths.append(float(curves[25, CURVE_INDEX["mouthStretchLeft"]]))
    assert widths[0] > widths[1] > widths[2]


def test_doubt_that_is_complete_is_the_other_phone() -> None:
    sure, doubted = viseme_of("u"), spoken(Phone("i", 0.4, 0.6, 0, (("u", 1.0),)))
    meant = spoken(Phone("u", 0.4, 0.6))
    assert sure is not None
    assert sure.target[CHANNELS.index("pucker")] > 0.3
    np.testing.assert_allclose(doubted.curves, meant.curves, atol=1e-6)


def test_breath_opens_the_mouth_and_is_no_speech() -> None:
    performance = spoken(Phone(BREATH, 0.4, 0.7))
    jaw = performance.curves[:, CURVE_INDEX["jawOpen"]]
    assert jaw[27] > 0.1
    assert jaw[[0, -1]].max() == 0
    score, prosody = Score(), Prosody(24_000)
    prosody.push(np.zeros(24_000, np.float32), last=True)
    score.add(Phone(BREATH, 0.4, 0.7))
    assert [score.at(0.02 * tick, prosody) for tick in range(50)] == [[]] * 50
    assert not score.speaking(0.5)
