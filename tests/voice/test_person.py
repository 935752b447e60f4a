"""The voice of a person: kept, spoken with, matched to a recording."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visavis import models
from visavis.errors import SourceError, TextError, VoiceError
from visavis.media import decode_audio
from visavis.speech import Delivery, Synthesiser, join
from visavis.speech.kokoro import BIAS_COUNT, BIASES, RATE, Timbre, bias_name
from visavis.speech.person import PersonVoice, Similarity, match_voice, matching
from visavis.speech.person.fit.weights import OnnxWeights
from visavis.speech.person.pitch import Pitch, pitch_of
from visavis.speech.person.stock import stock_table
from visavis.speech.person.studio import Studio
from visavis.speech.types import Samples
from visavis.speech.voices import find_voice

from .conftest import TEXT


def person(stock: str = "en-US-michael", **changes: object) -> PersonVoice:
    """A person who sounds exactly like a stock voice."""
    voice = find_voice(stock)
    base = PersonVoice(
        name="Ada",
        language="en-US",
        method="matched",
        nearest=voice.slug,
        pitch=stock_table().pitch(voice.kokoro_id),
        rate=1.0,
        loudness=voice.loudness,
        melodies={"en-US": voice.slug, "es-ES": "es-ES-alex"},
        weights=np.array([name == voice.kokoro_id for name in stock_table().ids], np.float32),
        similarity=Similarity(0.6, 0.8, 0.9),
        notes=("one",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def synthesiser(studio: Studio) -> Synthesiser:
    made = Synthesiser.__new__(Synthesiser)
    made._kokoro = studio.kokoro
    return made


@pytest.fixture(scope="module")
def stock_biases() -> np.ndarray:
    weights = OnnxWeights(models.ensure("kokoro")["model.onnx"])
    return np.concatenate([weights.tensor(bias_name(layer)) for layer in BIASES])


def test_a_person_like_a_stock_voice_sounds_like_it(studio: Studio, michael: Samples) -> None:
    timbre = person().timbre(studio.kokoro.style)
    assert (timbre.style == studio.kokoro.style("am_michael")).all()
    assert timbre.pitch == pytest.approx(1.0)
    assert timbre.bend == pytest.approx(0.0, abs=1e-6)
    assert studio.say(TEXT, timbre) == pytest.approx(michael, abs=2e-2)


def test_biases_are_replaced_one_model_for_everybody(
    studio: Studio, michael: Samples, stock_biases: np.ndarray
) -> None:
    style = studio.kokoro.style("am_michael")
    assert stock_biases.shape == (BIAS_COUNT,)
    assert (studio.say(TEXT, Timbre(style, biases=stock_biases)) == michael).all()
    changed = studio.say(TEXT, Timbre(style, biases=stock_biases * np.float32(1.1)))
    assert changed.shape == michael.shape
    assert np.abs(changed - michael).max() > 0.05
    assert (studio.say(TEXT, Timbre(style)) == michael).all()


@pytest.mark.parametrize(("hertz", "spread"), [(95.0, 0.12), (130.0, 0.3), (190.0, 0.1)])
def test_pitch_and_range_are_the_persons(studio: Studio, hertz: float, spread: float) -> None:
    wanted = Pitch(float(np.log(hertz)), spread)
    own = stock_table().pitch("am_michael").spread
    made = pitch_of(studio.say(TEXT, person(pitch=wanted).timbre(studio.kokoro.style)), RATE)
    assert made.hertz == pytest.approx(hertz, rel=0.1)
    assert made.spread == pytest.approx(own * np.clip(spread / own, 0.6, 1.5), rel=0.35)


def test_the_synthesiser_speaks_with_a_person(synthesiser: Synthesiser) -> None:
    plain = join(synthesiser.synthesise("Good morning to you.", person()))
    slow = join(synthesiser.synthesise("Good morning to you.", person(rate=0.8)))
    assert [word.text for word in plain.words] == ["Good", "morning", "to", "you."]
    assert slow.duration > 1.1 * plain.duration
    assert plain.language == "en-US"
    quick = join(
        synthesiser.synthesise("Good morning to you.", person(rate=0.8), Delivery(speed=1.25))
    )
    assert quick.duration == pytest.approx(plain.duration, rel=0.05)
    with pytest.raises(TextError, match="Ada, a voice for English"):
        synthesiser.synthesise("Добрый день", person())


def test_a_person_borrows_the_melody_of_another_language(studio: Studio) -> None:
    spanish = person().speaking("es-ES")
    style = spanish.timbre(studio.kokoro.style).style
    assert (style[:, :128] == studio.kokoro.style("am_michael")[:, :128]).all()
    assert (style[:, 128:] == studio.kokoro.style("em_alex")[:, 128:]).all()
    assert spanish.language_name == "Spanish"
    with pytest.raises(VoiceError, match=r"cannot speak fr-FR.*en-US, es-ES"):
        person().speaking("fr-FR")


def test_members_hold_everything(
    michael: Samples, bella: Samples, stock_biases: np.ndarray
) -> None:
    from visavis.speech.person.alignment import learned
    from visavis.speech.person.envelope import Envelopes

    colour = learned(Envelopes.of(michael), Envelopes.of(bella))
    voice = person(biases=stock_biases, colour=colour, state=b"abc", method="fitted")
    members = voice.members()
    assert sum(map(len, members.values())) < 200_000
    again = PersonVoice.from_members(members)
    assert again.biases is not None
    assert (again.biases == stock_biases).all()
    assert again.colour is not None
    assert (again.colour.matrix == colour.matrix).all()
    for name in ("name", "language", "method", "nearest", "pitch", "rate", "loudness"):
        assert getattr(again, name) == getattr(voice, name)
    assert again.melodies == voice.melodies
    assert (again.similarity, again.notes, again.state) == (voice.similarity, ("one",), b"abc")


def _without(members: Mapping[str, bytes], **changes: object) -> dict[str, bytes]:
    meta = json.loads(members["voice.json"]) | changes
    return dict(members) | {"voice.json": json.dumps(meta).encode()}


def test_damaged_members_are_refused_by_name() -> None:
    members = person().members()
    damaged = [
        {},
        {"voice.json": members["voice.json"]},
        dict(members) | {"voice.json": b"{"},
        dict(members) | {"voice.npz": members["voice.npz"][:100]},
        dict(members) | {"voice.npz": b""},
        _without(members, pitch={"centre": 5.0}),
        _without(members, melodies={"en-US": "nobody-at-all"}),
        _without(members, notes=None),
        person(weights=np.zeros(3, np.float32)).members(),
        person(weights=np.full(54, np.nan, np.float32)).members(),
        person(biases=np.zeros(7, np.float32)).members(),
    ]
    for broken in damaged:
        with pytest.raises(VoiceError):
            PersonVoice.from_members(broken)
    with pytest.raises(VoiceError, match="newer version"):
        PersonVoice.from_members(_without(members, version=99))


def test_matching_finds_who_speaks(
    studio: Studio, michael: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "can_listen", lambda: False)
    voice = match_voice(michael, RATE, name="Mike", studio=studio)
    assert voice.nearest == "en-US-michael"
    assert voice.melodies["en-US"] == "en-US-michael"
    assert len(voice.melodies) == 9
    assert voice.colour is None
    assert "transcript" in voice.notes[0]
    assert voice.similarity is not None
    assert voice.similarity.after > 0.85
    assert voice.similarity.itself > 0.75


def test_matching_learns_pace_and_colour_from_the_words(studio: Studio, bella: Samples) -> None:
    mixed = person(
        weights=np.array(
            [0.5 * (name in {"am_michael", "bm_george"}) for name in stock_table().ids], np.float32
        ),
        pitch=Pitch(float(np.log(110)), 0.2),
    )
    sound = studio.say(TEXT, mixed.timbre(studio.kokoro.style))
    voice = match_voice(sound, RATE, transcript=TEXT, language="en-US", studio=studio)
    assert voice.similarity is not None
    assert voice.similarity.after > voice.similarity.before
    assert voice.pitch.hertz == pytest.approx(110, rel=0.08)
    assert 0.8 <= voice.rate <= 1.25


@pytest.mark.parametrize(
    ("sound", "check"),
    [
        (np.zeros(0, np.float32), "voice_length"),
        (np.zeros(5 * RATE, np.float32), "voice_length"),
        (np.ones(RATE, np.float32), "voice_length"),
        (np.full(5 * RATE, np.nan, np.float32), "finite"),
        (0.1 * np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32), "voiced"),
    ],
)
def test_what_is_no_voice_is_refused(studio: Studio, sound: Samples, check: str) -> None:
    with pytest.raises(SourceError) as caught:
        match_voice(sound, RATE, studio=studio)
    assert caught.value.check == check


@pytest.mark.slow
@pytest.mark.parametrize("name", ["speaker-a", "speaker-b", "speaker-c"])
def test_real_people_are_matched_nearer_than_stock(clips: Path, studio: Studio, name: str) -> None:
    pytest.importorskip("faster_whisper", reason="listening needs visavis[clone]")
    sound = np.concatenate(list(decode_audio(clips / "video" / f"{name}.mp4", RATE)))
    voice = match_voice(sound, RATE, studio=studio)
    assert voice.similarity is not None
    assert voice.similarity.after > voice.similarity.before + 0.05
    assert voice.colour is not None
