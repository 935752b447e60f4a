"""The whole way from text to sound, with the real model."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from visavis.errors import TextError, VoiceError
from visavis.speech import Delivery, Speech, Synthesiser, join
from visavis.speech.clauses import Clause, Piece, clauses
from visavis.speech.kokoro import MAX_PHONEMES
from visavis.speech.loudness import CEILING_DBTP, loudness, true_peak
from visavis.speech.phones import INVENTORY
from visavis.speech.reading import Reader
from visavis.speech.text.clean import MAX_CHARACTERS
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import Break

TEXT = (
    "Hello there, my friend. Dr. Lee paid $5.25 for the big blue bag; nobody minded. "
    '<break time="700ms"/> Shall we go?'
)


@pytest.fixture(scope="module")
def chunks(synthesiser: Synthesiser) -> list[Speech]:
    return list(synthesiser.synthesise(TEXT, "en-US-heart"))


def test_a_stream_begins_with_a_short_clause(chunks: list[Speech]) -> None:
    assert len(chunks) >= 3
    assert chunks[0].text == "Hello there, my friend."
    assert chunks[0].duration < 2.5
    assert {chunk.rate for chunk in chunks} == {24000}
    assert {chunk.language for chunk in chunks} == {"en-US"}


def test_words_are_the_written_ones_with_times_that_fit(chunks: list[Speech]) -> None:
    written = TEXT.replace('<break time="700ms"/> ', "")
    assert " ".join(word.text for chunk in chunks for word in chunk.words) == written
    for chunk in chunks:
        assert all(0 <= word.start < word.end <= chunk.duration for word in chunk.words)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(chunk.words))


def test_phones_are_known_ordered_and_close_before_the_pause(chunks: list[Speech]) -> None:
    for chunk in chunks:
        assert all(phone.symbol in INVENTORY for phone in chunk.phones)
        assert all(0 <= phone.start < phone.end <= chunk.duration for phone in chunk.phones)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(chunk.phones))
        assert all(phone.stress == 0 or INVENTORY[phone.symbol].is_vowel for phone in chunk.phones)
    first = chunks[0]
    assert [phone.symbol for phone in first.phones][:5] == ["h", "ə", "l", "o", "ʊ"]
    assert first.duration - first.phones[-1].end > 0.25
    after = first.samples[round((first.phones[-1].end + 0.1) * first.rate) :]
    assert np.abs(after).max() < 0.02


def test_a_break_is_silence_of_its_length(chunks: list[Speech]) -> None:
    (silence,) = [chunk for chunk in chunks if not chunk.words]
    assert silence.duration == pytest.approx(0.7)
    assert not silence.samples.any()


def test_the_whole_is_as_loud_as_promised(chunks: list[Speech]) -> None:
    whole = join(chunks)
    assert loudness(whole.samples, whole.rate) == pytest.approx(-16, abs=1)
    assert 20 * np.log10(true_peak(whole.samples)) <= CEILING_DBTP + 0.1
    assert np.isfinite(whole.samples).all()


def test_join_shifts_the_times(chunks: list[Speech]) -> None:
    whole = join(chunks)
    assert len(whole.samples) == sum(len(chunk.samples) for chunk in chunks)
    assert whole.words[-1].end == pytest.approx(
        whole.duration - chunks[-1].duration + chunks[-1].words[-1].end
    )
    with pytest.raises(ValueError, match="rate"):
        join([chunks[0], Speech.silence(1, 8000)])


def pitch_of(speech: Speech) -> float:
    """Median fundamental of the voiced parts, Hz, by autocorrelation."""
    found = []
    for start in range(0, len(speech.samples) - 1200, 600):
        window = speech.samples[start : start + 1200] * np.hanning(1200)
        if (window**2).mean() > 1e-3:
            lags = np.correlate(window, window, "full")[1199:]
            best = 60 + int(np.argmax(lags[60:340]))
            if lags[best] > 0.5 * lags[0]:
                found.append(speech.rate / best)
    return float(np.median(found))


def test_speed_pitch_and_volume(synthesiser: Synthesiser) -> None:
    def spoken(**delivery: float) -> Speech:
        text = "Where are you now, my friend? We are all over here."
        return join(synthesiser.synthesise(text, "en-US-heart", Delivery(**delivery)))  # type: ignore[arg-type]

    plain, fast, high, quiet = spoken(), spoken(speed=1.6), spoken(pitch=4), spoken(volume=0.5)
    assert 0.5 < fast.phones[-1].end / plain.phones[-1].end < 0.8
    # pauses are found in the sound, which is not the same, by steps of 5 ms
    starts = [word.start for word in plain.words]
    assert [word.start for word in high.words] == pytest.approx(starts, abs=0.02)
    assert pitch_of(high) / pitch_of(plain) == pytest.approx(2 ** (4 / 12), rel=0.06)
    level = loudness(quiet.samples, 24000) - loudness(plain.samples, 24000)
    assert level == pytest.approx(-6, abs=0.5)


def test_lexicon_and_inline_pronunciations_are_spoken(synthesiser: Synthesiser) -> None:
    delivery = Delivery(lexicon={"Visavis": "/viːzəˈviː/"})
    whole = join(synthesiser.synthesise("Visavis [x](/pˈɑp/)", "en-US-heart", delivery))
    assert "".join(p.symbol for p in whole.phones) == "vizəvipɑp"
    assert [word.text for word in whole.words] == ["Visavis", "x"]


def test_a_british_voice_speaks_british(synthesiser: Synthesiser) -> None:
    whole = join(synthesiser.synthesise("A bath.", "en-GB-emma"))
    assert whole.language == "en-GB"
    assert "ɑ" in {phone.symbol for phone in whole.phones}


def test_threads_may_share_a_synthesiser(synthesiser: Synthesiser) -> None:
    made: dict[str, Speech] = {}

    def speak(text: str) -> None:
        made[text] = join(synthesiser.synthesise(text, "en-US-michael"))

    threads = [threading.Thread(target=speak, args=(text,)) for text in ("One two.", "Go on.")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = join(synthesiser.synthesise("Go on.", "en-US-michael"))
    assert made["Go on."].phones == again.phones
    assert [word.text for word in made["One two."].words] == ["One", "two."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\x00\x07\u200b", "empty"),
        ("😀👋🏽 ❤️", "nothing to say"),
        ("... !!! —", "nothing to say"),
        ('<break time="1s"/>', "nothing to say"),
        ("a " * 50_000, "100,000 characters; the most is 50,000"),
        ("こんにちは、世界", "Japanese text cannot be spoken by en-US-heart"),
        ("Привет, мир", "Russian or another language in Cyrillic"),
        ("Say 你好 to her", "Chinese text"),
        ("γειά σου", "Greek text"),
    ],
)
def test_text_that_cannot_be_spoken_is_refused_at_once(
    synthesiser: Synthesiser, text: str, message: str
) -> None:
    with pytest.raises(TextError, match=message) as caught:
        synthesiser.synthesise(text, "en-US-heart")
    assert caught.value.code == "invalid_text"
    assert caught.value.remedy


def test_latin_text_is_refused_by_a_voice_of_another_script(synthesiser: Synthesiser) -> None:
    with pytest.raises(TextError, match="Latin script alone"):
        synthesiser.synthesise("Hello there", "ja-JP-alpha")


def test_an_unknown_voice_is_refused(synthesiser: Synthesiser) -> None:
    with pytest.raises(VoiceError):
        synthesiser.synthesise("Hello", "en-US-nobody")


def test_control_characters_are_stripped(synthesiser: Synthesiser) -> None:
    whole = join(synthesiser.synthesise("He\x07llo\u200b you\x00.", "en-US-heart"))
    assert whole.text == "Hello you."


def test_the_longest_text_starts_at_once(synthesiser: Synthesiser) -> None:
    text = ("The big dog ran home. " * 3000)[:MAX_CHARACTERS]
    first = next(iter(synthesiser.synthesise(text, "en-US-heart")))
    assert first.duration < 5


def test_a_number_longer_than_the_model_takes_is_cut(english: Reader) -> None:
    items = english("1" * 400, UserLexicon({}))
    made = list(clauses(items))
    assert len(made) > 5
    passes = [clause for clause in made if isinstance(clause, Clause)]
    said = " ".join(piece.phonemes for clause in passes for piece in clause.pieces)
    assert said == " ".join(["wˈʌn"] * 400)
    assert all(sum(len(p.phonemes) + 2 for p in c.pieces) < MAX_PHONEMES for c in passes)
    assert [piece.written for piece in passes[1].pieces] == [""] * len(passes[1].pieces)


def pieces(*words: str, end: float = 0.4) -> list[Piece]:
    made = [Piece(word, word.strip(",;"), word[-1:] if word[-1] in ",;" else "") for word in words]
    return [*made[:-1], Piece(made[-1].written, made[-1].phonemes, ".", end)]


def test_clauses_grow_and_are_cut_at_punctuation() -> None:
    long = pieces(*(["aaaa", "bbbb", "cccc,"] * 60))
    made = [item for item in clauses([long]) if isinstance(item, Clause)]
    lengths = [len(clause.text) for clause in made]
    assert lengths[0] <= 40
    assert max(lengths) <= 320
    assert lengths[0] < lengths[1] < lengths[2]
    assert all(clause.text.endswith(",") for clause in made[:-1])
    assert " ".join(clause.text for clause in made) == " ".join(p.written for p in long)


def test_a_break_ends_the_pass_before_it() -> None:
    made = list(clauses([pieces("one", "two"), Break(1.0), pieces("three")]))
    assert [type(item) for item in made] == [Clause, Break, Clause]
