"""What must be seen of every phone, at every frame rate."""

from fractions import Fraction

import numpy as np
import pytest
from spoken import SENTENCES, speak

from visavis.performance import CURVE_INDEX, EMOTIONS, Performance, perform
from visavis.performance.visemes import viseme_of
from visavis.speech.phones import INVENTORY
from visavis.speech.types import Phone, Speech

RATES = [
    Fraction(24),
    Fraction(25),
    Fraction(30),
    Fraction(50),
    Fraction(60),
    Fraction(30000, 1001),
]
PARTING = ("mouthFunnel", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft",
           "mouthUpperUpRight", "mouthShrugUpper", "tongueOut")  # fmt: skip


def curve(performance: Performance, name: str) -> np.ndarray:
    return performance.curves[:, CURVE_INDEX[name]]


def near(performance: Performance, start: float, end: float) -> slice:
    fps = float(performance.fps)
    return slice(int(np.floor(start * fps)), int(np.ceil(end * fps)) + 1)


def openness(performance: Performance) -> np.ndarray:
    """(n,) how far anything parts the lips, 0 where they touch."""
    jaw = curve(performance, "jawOpen") - curve(performance, "mouthClose")
    return np.maximum(jaw, np.max([curve(performance, name) for name in PARTING], axis=0))


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_lips_touch_on_every_p_b_m(sentence: str, fps: Fraction) -> None:
    for pace in (0.03, 0.06, 0.1):
        speech = speak(sentence, pace)
        performance = perform(speech, fps)
        for phone in speech.phones:
            if phone.symbol in "pbm":
                margin = 0.5 / float(fps)
                frames = near(performance, phone.start - margin, phone.end + margin)
                assert openness(performance)[frames].min() < 1e-4, (phone, pace)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_no_emotion_parts_closed_lips(emotion: str) -> None:
    speech = speak("bob")
    performance = perform(speech, Fraction(25), emotion, intensity=2.0)
    for phone in speech.phones:
        if phone.symbol in "pbm":
            frames = near(performance, phone.start - 0.02, phone.end + 0.02)
            assert openness(performance)[frames].min() < 1e-4


def test_a_closed_mouth_is_left_open_by_vowels() -> None:
    performance = perform(speak("b 'ɑ b 'ɑ b"), Fraction(50))
    assert openness(performance).max() > 0.2


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_lower_lip_meets_teeth_on_f_and_v(fps: Fraction) -> None:
    speech = speak("wolves", 0.06)
    performance = perform(speech, fps)
    for phone in speech.phones:
        if phone.symbol in "fv":
            frames = near(performance, phone.start - 0.02, phone.end + 0.02)
            best = int(np.argmax(curve(performance, "mouthRollLower")[frames])) + frames.start
            assert curve(performance, "mouthRollLower")[best] > 0.45
            assert curve(performance, "jawOpen")[best] < 0.09
            assert curve(performance, "mouthLowerDownLeft")[best] < 0.03
            assert curve(performance, "mouthUpperUpLeft")[best] > 0.1


def test_visemes_differ() -> None:
    def shape(symbol: str) -> dict[str, float]:
        """Mean of ten tokens: single ones vary, as people do."""
        speech = speak(f"k '{symbol} k", 0.12)
        phone = speech.phones[1]
        frame = round(100 * (phone.start + phone.end) / 2)
        tokens = [perform(speech, Fraction(100), seed=seed).curves[frame] for seed in range(10)]
        return dict(zip(CURVE_INDEX, np.mean(tokens, axis=0), strict=True))

    i, u, ɑ, ʃ, s = (shape(symbol) for symbol in "iuɑʃs")
    assert u["mouthPucker"] > i["mouthPucker"] + 0.3
    assert i["mouthStretchLeft"] > u["mouthStretchLeft"] + 0.1
    assert ɑ["jawOpen"] > max(i["jawOpen"], u["jawOpen"]) + 0.15
    assert ʃ["mouthFunnel"] > s["mouthFunnel"] + 0.2
    assert s["jawOpen"] < 0.4 * ɑ["jawOpen"]


def test_fast_speech_opens_less() -> None:
    peaks = [
        np.percentile(
            curve(perform(speak("t 'ɑ t 'ɛ d 'ɑ t 'æ d", pace), Fraction(50)), "jawOpen"), 95
        )
        for pace in (0.045, 0.07, 0.14)
    ]
    assert peaks[0] < 0.85 * peaks[1] < peaks[2]


@pytest.mark.parametrize("ending", ["h ə l 'o ʊ", "'ɑ", "f 'a ɪ v", "ʃ 'u", "s 'ʌ m", "h 'æ p"])
@pytest.mark.parametrize("fps", RATES, ids=str)
def test_mouth_is_shut_150_ms_after_the_last_phone(ending: str, fps: Fraction) -> None:
    speech = speak(ending, 0.09)
    performance = perform(speech, fps)
    after = int(np.ceil((speech.phones[-1].end + 0.15) * fps))
    assert openness(performance)[after:].max() < 1e-4
    mouth = [index for name, index in CURVE_INDEX.items() if name.startswith(("mouth", "jaw"))]
    assert np.ptp(performance.curves[after:, mouth], axis=0).max() < 1e-6


def test_mouth_opens_shortly_before_speech() -> None:
    speech = speak("'ɑ t 'ɑ", lead=1.0)
    performance = perform(speech, Fraction(100))
    first = int(np.argmax(openness(performance) > 1e-3)) / 100
    assert 0.14 <= speech.phones[0].start - first <= 0.19


def test_lips_do_not_part_before_an_initial_closure() -> None:
    speech = speak("m 'i t", lead=1.0)
    performance = perform(speech, Fraction(100))
    before = round(speech.phones[0].start * 100)
    assert openness(performance)[: before + 1].max() < 1e-4


def test_mouth_is_still_in_a_long_pause() -> None:
    speech = speak("h ə l 'o ʊ .. .. h 'a ɪ")
    performance = perform(speech, Fraction(60))
    gap = next(a.end for a, b in zip(speech.phones, speech.phones[1:], strict=False)
               if b.start - a.end > 0.5)  # fmt: skip
    pause = slice(int((gap + 0.15) * 60) + 1, int((gap + 0.85) * 60))
    assert openness(performance)[pause].max() == 0.0


def test_sound_without_phones_leaves_the_mouth_shut() -> None:
    speech = speak("wolves")
    performance = perform(Speech(speech.samples, speech.rate), Fraction(25))
    assert openness(performance).max() == 0.0


def test_every_symbol_of_the_inventory_has_a_mouth() -> None:
    for symbol, segment in INVENTORY.items():
        viseme = viseme_of(symbol)
        assert viseme is not None
        assert (viseme.closure == 1.0) == segment.closes_lips
        assert viseme.target.min() >= 0.0
        assert viseme.target.max() <= 1.0


@pytest.mark.parametrize(
    ("unknown", "like"),
    [("g", "ɡ"), ("tʃ", "ʧ"), ("ɝ", "ɜ"), ("ɑ̃", "ɑ"), ("m̩", "m"), ("pʰ", "p"), ("iː", "i"),
     ("c\u0327", "ç"), ("B", "b"), ("ʘ", "ə"), ("한", "ə")],
)  # fmt: skip
def test_an_unknown_symbol_falls_back(unknown: str, like: str) -> None:
    found, expected = viseme_of(unknown), viseme_of(like)
    assert found is not None
    assert expected is not None
    np.testing.assert_array_equal(found.target, expected.target)
    assert found.closure == expected.closure


@pytest.mark.parametrize("nothing", ["", " ", "?", "ˈ", "1", "\x00", "→", "😀"])
def test_what_is_no_letter_moves_nothing(nothing: str) -> None:
    assert viseme_of(nothing) is None
    speech = Speech(np.zeros(24000, np.float32), 24000, (Phone(nothing, 0.3, 0.5),))
    assert openness(perform(speech, Fraction(25))).max() == 0.0
