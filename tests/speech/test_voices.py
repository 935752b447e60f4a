"""Who speaks."""

import sys
from collections import Counter

import pytest

from visavis import models
from visavis.errors import InvalidInputError, VoiceError
from visavis.speech import Delivery, find_voice, voices
from visavis.speech.kokoro import ALPHABET
from visavis.speech.reading import ForeignReader
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import Break


def test_there_are_54_voices_in_nine_groups() -> None:
    assert len(voices()) == 54
    assert len({voice.slug for voice in voices()}) == 54
    assert Counter(voice.language for voice in voices()) == {
        "en-US": 20, "en-GB": 8, "es-ES": 3, "fr-FR": 1, "hi-IN": 4, "it-IT": 2, "ja-JP": 5,
        "pt-BR": 3, "zh-CN": 8,
    }  # fmt: skip
    assert {f"{voice.kokoro_id}.bin" for voice in voices()} == set(models.ensure("kokoro-voices"))


def test_a_voice_says_who_it_is() -> None:
    heart = find_voice("en-US-heart")
    assert (heart.name, heart.gender, heart.grade, heart.kokoro_id) == (
        "Heart", "female", "A", "af_heart",
    )  # fmt: skip
    assert find_voice("bm_george").language == "en-GB"
    assert all(-40 < voice.loudness < -10 for voice in voices())


@pytest.mark.parametrize("name", ["EN-us-Heart", "af_heart", "heart", " Heart "])
def test_a_voice_answers_to_several_names(name: str) -> None:
    assert find_voice(name).slug == "en-US-heart"


def test_an_unknown_voice_names_near_ones() -> None:
    with pytest.raises(VoiceError, match="en-US-heart") as caught:
        find_voice("en-US-hart")
    assert caught.value.code == "invalid_voice"
    with pytest.raises(VoiceError, match="all 54"):
        find_voice("?" * 500)


def test_a_missing_extra_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("misaki", "misaki.espeak", "misaki.ja", "misaki.zh"):
        monkeypatch.setitem(sys.modules, package, None)
    for language in ("es-ES", "ja-JP", "zh-CN"):
        with pytest.raises(VoiceError, match=r"pip install 'visavis\[languages\]'"):
            ForeignReader(language)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Open JTalk's own packages
@pytest.mark.parametrize(
    "language", ["es-ES", "fr-FR", "hi-IN", "it-IT", "pt-BR", "ja-JP", "zh-CN"]
)
def test_every_language_is_read_where_its_packages_are(language: str) -> None:
    pytest.importorskip("misaki", reason="the extra `languages` is not installed")
    text = {"ja": "次の電車は何時ですか。", "zh": "你好，世界。", "hi": "नमस्ते, आप कैसे हैं?"}
    written = text.get(language[:2], "Casa, bello 25.")
    (sentence,) = ForeignReader(language)(written, UserLexicon({}))
    assert not isinstance(sentence, Break)
    assert all(set(piece.phonemes) <= set(ALPHABET) for piece in sentence)
    assert len(sentence) >= 2


@pytest.mark.parametrize(
    "settings",
    [{"speed": 0.4}, {"speed": 2.1}, {"pitch": 7}, {"volume": -1}, {"speed": float("nan")}],
)
def test_a_delivery_out_of_range_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError, match="Choose"):
        Delivery(**settings)  # type: ignore[arg-type]
