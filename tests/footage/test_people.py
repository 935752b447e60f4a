import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.footage.filming import film
from visavis.avatars_cli import app
from visavis.errors import SourceError
from visavis.line import open_avatar
from visavis.line.own_voice import VOICE_RATE
from visavis.line.people import COVER, PREVIEW, SOUND, People
from visavis.line.person import AvatarError, Consent
from visavis.media import probe
from visavis.settings import settings
from visavis.speech.person import PersonVoice
from visavis.speech.types import Samples

AGREED = Consent("I agree that an avatar is made of me.", "Ada Ample")


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "avatars")


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory, spoken: dict[str, Samples]) -> Path:
    path = tmp_path_factory.mktemp("talking") / "a.mp4"
    return film(path, sound=(spoken["en-US-heart"], 24_000))


@pytest.mark.parametrize(("statement", "by"), [("", "Ada"), ("ok", "Ada"), (AGREED.statement, "")])
def test_without_consent_there_is_no_avatar(statement: str, by: str) -> None:
    with pytest.raises(AvatarError, match="consent"):
        Consent(statement, by)


def test_a_person_with_a_voice(people: People, talking: Path) -> None:
    told: list[float] = []
    person = people.create(
        "ada", AGREED, video=talking, progress=lambda share, _: told.append(share)
    )
    assert person.kind == "footage"
    assert person.own_voice
    assert person.voice == "en-US-heart"
    assert person.similarity["after"] > 0.8
    assert person.consent == AGREED
    assert person.figures["speech"] > 3
    assert told == sorted(told)
    assert told[-1] == 1
    assert people.get("ada") == person
    assert people.all() == (person,)
    voice = people.voice("ada")
    assert isinstance(voice, PersonVoice)
    assert voice.method == "matched"
    assert probe(people.path("ada", SOUND)).duration == pytest.approx(probe(talking).duration, 0.05)
    assert people.rig("ada").size == person.size
    assert people.path("ada", COVER).is_file()
    with pytest.raises(AvatarError, match="already"):
        people.create("ada", AGREED, video=talking)
    people.delete("ada")
    assert not list(people.folder.iterdir())


def test_where_no_voice_can_be_made_a_stock_voice_speaks(people: People, talking: Path) -> None:
    def refuse(samples: Samples, rate: int) -> PersonVoice:
        assert rate == VOICE_RATE
        raise SourceError("Too little speech.", "Say more.", check="voice_length")

    person = people.create("ada", AGREED, video=talking, make_voice=refuse)
    assert not person.own_voice
    assert people.voice("ada") == person.voice == "en-US-heart"
    assert "Too little speech." in person.warnings[-1].message
    with pytest.raises(AvatarError, match="no voice of its own"):
        people.improve_voice("ada")


def test_a_stock_voice_needs_no_sound(people: People, clip: Path) -> None:
    person = people.create("ada", AGREED, video=clip, voice="en-GB-emma")
    assert person.voice == "en-GB-emma"
    assert not person.own_voice
    assert not person.figures


@pytest.mark.parametrize("check", ["sound", "silent", "picture"])
def test_what_is_refused_leaves_nothing_behind(
    people: People, clip: Path, tmp_path: Path, check: str
) -> None:
    sources = {
        "sound": clip,
        "silent": tmp_path / "silent.mp4",
        "picture": tmp_path / "sound.mp4",
    }
    silence = (np.zeros(24_000 * 5, np.float32), 24_000)
    if check == "silent":
        film(sources["silent"], sound=silence)
    if check == "picture":
        from visavis.media import AudioFormat, Writer

        with Writer(sources["picture"], None, AudioFormat(24_000)) as writer:
            writer.write_audio(silence[0])
    voice = "en-US-heart" if check == "picture" else None
    with pytest.raises(SourceError) as caught:
        people.create("ada", AGREED, video=sources[check], voice=voice)
    assert caught.value.check == check
    assert not list(people.folder.iterdir())
    assert not people.all()


@pytest.mark.parametrize("name", ["", "Ada", "../ada", "a b", "-a", "a" * 65])
def test_names_that_are_none(people: People, clip: Path, name: str) -> None:
    with pytest.raises(AvatarError):
        people.create(name, AGREED, video=clip)


def test_nothing_to_make_it_of(people: People) -> None:
    with pytest.raises(AvatarError, match="nothing"):
        people.create("ada", AGREED)


def test_the_command(talking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    run = CliRunner().invoke
    agreed = ["--consent", AGREED.statement, "--consent-by", AGREED.by]
    made = run(app, ["create", "ada", "--video", str(talking), *agreed, "--no-preview", "--json"])
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["avatar"]["consent"]["by"] == "Ada Ample"
    assert open_avatar("ada").kind == "footage"
    listed = run(app, ["list", "--json"])
    assert [one["name"] for one in json.loads(listed.output)["avatars"]] == ["ada"]
    assert "Ada Ample" in run(app, ["show", "ada"]).output
    spoken = run(app, ["preview", "ada", "--text", "Hello you."])
    assert spoken.exit_code == 0, spoken.output
    assert probe(tmp_path / "avatars" / "ada" / PREVIEW).duration > 0.8
    assert run(app, ["delete", "ada"], input="n\n").exit_code != 0
    assert run(app, ["delete", "ada", "--yes"]).exit_code == 0
    assert json.loads(run(app, ["list", "--json"]).output)["avatars"] == []
    settings.cache_clear()


def test_the_command_wants_consent(talking: Path) -> None:
    assert CliRunner().invoke(app, ["create", "ada", "--video", str(talking)]).exit_code == 2
