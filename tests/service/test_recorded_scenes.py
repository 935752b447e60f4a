"""Recordings as scripts, screen styles, and files that cannot be shown, from call to line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from installations import environment, settings_of
from material import picture, tone
from starlette.testclient import TestClient
from test_picture_settings import Studio

from visavis.domain.errors import FieldError
from visavis.jobs import media_child, render_child
from visavis.jobs import service as jobs_service
from visavis.jobs.service import Service, open_service
from visavis.line.stage import set_stage
from visavis.media import AudioFormat, Writer, probe
from visavis.performance import Pose
from visavis.scene.layouts import Arrangement, Layout
from visavis.scene.storyboard import settled
from visavis.server import konpro_settings
from visavis.server.app import create_app
from visavis.speech import Word


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Service]]:
    settings = settings_of(environment(tmp_path_factory.mktemp("recorded")))
    with pytest.MonkeyPatch.context() as patch:  # no process for every file
        patch.setattr(jobs_service, "examine", lambda path, _work: media_child.examine(path))
        service = open_service(settings, "test")
        with TestClient(create_app(service)) as client:
            yield client, service


@pytest.fixture
def studio(installed: tuple[TestClient, Service], request: pytest.FixtureRequest) -> Studio:
    client, service = installed
    return Studio(client, service, request.node.name)


def expected(studio: Studio, job: str) -> float:
    return studio.service.videos.get(studio.workspace, job).video.expected_seconds


def test_a_recording_is_heard_instead_of_a_text(studio: Studio, tmp_path: Path) -> None:
    sound = studio.upload(tone(2), "audio/wav")
    job = studio.made("", audio=sound, layout="split", visual="navy")
    assert expected(studio, job) == pytest.approx(2.0, abs=0.05)
    told = studio.job(job, tmp_path)
    words = render_child.request_of(told)
    assert words.audio is not None
    assert words.audio.read_bytes() == tone(2)
    assert words.text == ""
    assert len(told["subtitles"]) == 3


def test_an_intro_makes_one_scene_of_a_recording(studio: Studio, tmp_path: Path) -> None:
    sound, card = studio.upload(tone(2), "audio/wav"), studio.upload(picture(), "image/png")
    job = studio.made("", audio=sound, intro=card)
    assert studio.order(job).audio == ""
    (scene,) = settled(studio.job(job, tmp_path)["film"]["plan"]).scenes
    assert scene.audio is not None
    assert scene.audio.read_bytes() == tone(2)
    assert scene.text is None


def test_scenes_may_have_recordings_of_their_own(studio: Studio, tmp_path: Path) -> None:
    sound = studio.upload(tone(20), "audio/wav")
    scenes = [{"text": "One."}, *({"audio": sound} for _ in range(6)), {"text": "Last."}]
    job = studio.made("", scenes=scenes, speed=1.5)
    assert expected(studio, job) == pytest.approx(121, abs=2)
    parts = [part["scenes"] for part in studio.parts(job)]
    assert parts[0][0] == 0
    assert parts[-1][1] == 8
    assert len(parts) > 1, "long recordings are rendered side by side too"
    heard = 0
    for number in range(len(parts)):
        folder = tmp_path / str(number)
        folder.mkdir()
        plan = settled(studio.job(job, folder, number)["film"]["plan"])
        assert plan.speed == 1.5
        heard += sum(scene.audio is not None for scene in plan.scenes)
    assert heard == 6


def test_a_recording_may_be_a_variable_of_a_batch(studio: Studio) -> None:
    sounds = [studio.upload(tone(seconds), "audio/wav") for seconds in (1, 2)]
    answer = studio.post(
        settings={"scenes": [{"audio": "{{file}}"}], "batch": [{"file": one} for one in sounds]}
    )
    assert answer.status_code == 200, answer.text
    heard = [studio.order(job).scenes[0].audio for job in answer.json()["job_ids"]]
    assert heard == sounds


def test_a_batch_of_a_hundred_is_taken(studio: Studio) -> None:
    rows = [{"name": f"N{number}"} for number in range(100)]
    answer = studio.post(text="Hi {{name}}.", settings={"batch": rows})
    assert answer.status_code == 200, answer.text
    jobs = answer.json()["job_ids"]
    assert len(set(jobs)) == 100
    assert studio.order(jobs[99]).text == "Hi N99."


@pytest.mark.parametrize(
    ("text", "settings", "field"),
    [
        ("Hi.", {"audio": "{sound}"}, "audio"),
        ("", {"audio": "{image}"}, "audio"),
        ("", {"audio": "{sound}", "speed": 1.5}, "speed"),
        ("", {"audio": "{sound}", "pitch": 2}, "pitch"),
        ("", {"audio": "{sound}", "scenes": [{"text": "Hi."}]}, "audio"),
        ("", {"scenes": [{"text": "Hi.", "audio": "{sound}"}]}, "scenes.0.text"),
        ("", {"scenes": [{"background": "navy"}]}, "scenes.0.text"),
        ("", {"scenes": [{"audio": "{image}"}]}, "scenes.0.audio"),
    ],
)
def test_scripts_that_make_no_sense_are_refused(
    studio: Studio, text: str, settings: dict[str, Any], field: str
) -> None:
    files = {
        "{sound}": studio.upload(tone(1), "audio/wav"),
        "{image}": studio.upload(picture(), "image/png"),
    }

    def meant(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: meant(each) for name, each in value.items()}
        if isinstance(value, list):
            return [meant(each) for each in value]
        return files.get(value, value) if isinstance(value, str) else value

    error = studio.refused(text, **meant(settings))
    assert error["details"]["field"].removeprefix("settings.") == field


def test_recordings_of_others_are_not_found(studio: Studio, installed: Any) -> None:
    sound = Studio(*installed, "somebody else").upload(tone(1), "audio/wav")
    for settings in ({"audio": sound}, {"scenes": [{"audio": sound}]}):
        assert studio.post(text="", settings=settings).status_code == 404
    assert studio.count() == 0


@pytest.mark.parametrize("ears", [True, False])
def test_a_recorded_scene_is_drawn_with_captions_beside_it_where_its_words_are_found(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ears: bool
) -> None:
    from visavis.line import film, stream

    monkeypatch.setattr(render_child, "_can_hear", lambda: ears)
    monkeypatch.setattr(film, "need_ears", lambda: None)
    monkeypatch.setattr(stream, "heard_words", lambda _path: [Word("Boats.", 0.1, 0.4)])
    sound = studio.upload(tone(1), "audio/wav")
    scene = {"layout": "voice", "visual": "navy"}
    job = studio.made("", scenes=[scene | {"audio": sound}], width=128, height=128)
    told = studio.job(job, tmp_path)
    done = render_child.work(told, lambda _stage, _percent: None)
    assert done["duration"] == pytest.approx(1.6, abs=0.05)
    assert probe(Path(told["output"])).audio is not None
    captions = tmp_path / "out.srt"
    assert captions.exists() == ears
    assert not ears or "Boats." in captions.read_text()


def test_images_beyond_the_limits_and_videos_without_pictures_are_refused(
    studio: Studio, tmp_path: Path
) -> None:
    with pytest.raises(FieldError, match="105 MB"):
        konpro_settings._fits(100 << 20, (4000, 3000), "background")
    mute = tmp_path / "mute.mp4"
    with Writer(mute, None, AudioFormat(24_000)) as writer:
        writer.write_audio(np.zeros(24_000, np.float32))
    asset = studio.upload(mute.read_bytes(), "audio/mp4")
    for settings in ({"background": asset}, {"intro": asset}, {"layout": "pip", "visual": asset}):
        assert "audio" in studio.refused(**settings)["message"]


@pytest.mark.parametrize(
    ("style", "arrangement", "share"),
    [
        (1, Arrangement.FULL, 1.0),
        (2, Arrangement.SPLIT, 0.5),
        (3, Arrangement.PICTURE_IN_PICTURE, 0.0),
    ],
)
@pytest.mark.parametrize("aspect", ["landscape", "portrait"])
def test_screen_styles_of_joggai_place_the_person(
    installed: tuple[TestClient, Service], tmp_path: Path, aspect: str,
    style: int, arrangement: Arrangement, share: float,
) -> None:  # fmt: skip
    client, service = installed
    studio = Studio(client, service, f"joggai {style} {aspect}")
    key, *_ = service.keys.create(studio.workspace, "joggai")
    answer: httpx.Response = client.post(
        "/v2/create_video_from_avatar",
        headers={"x-api-key": key},
        json={
            "avatar": {"avatar_id": 1, "avatar_type": 0},
            "voice": {"type": "script", "voice_id": "en-US-heart", "script": "Welcome!"},
            "aspect_ratio": aspect, "screen_style": style, "caption": True,
        },
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    job = answer.json()["data"]["video_id"]
    words = render_child.request_of(studio.job(job, tmp_path))
    arranged = words.layout if isinstance(words.layout, Layout) else Layout()
    assert arranged.arrangement is arrangement
    stage = set_stage(words)
    wide, high = stage.size
    assert min(stage.size) == 1080
    assert (wide > high) == (aspect == "landscape")
    assert stage.renderer is not None
    shown = stage.compositor.compose(stage.renderer.render(Pose.neutral()), 0.0)
    where = arranged.person_box(stage.size)
    assert where is not None
    whole = {3: min(wide, high) ** 2 * 0.34**2}.get(style, wide * high * share)
    assert where.width * where.height == pytest.approx(whole, rel=0.02)
    face = shown[where.rows, where.columns].astype(int)
    assert (face[..., 0] - face[..., 2] > 25).mean() > 0.03, "skin in the person's place"
