"""What KonPro's settings say of the picture, from the call to the line, without a worker."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from conftest import Receiver, in_process
from installations import plain
from material import picture, tone
from PIL import Image
from starlette.testclient import TestClient

from visavis.domain.errors import FieldError, NotFoundError
from visavis.domain.look import COLOURS, CORNERS, POSITIONS, SHAPES
from visavis.domain.order import FRAME_RATES, MOST_SCENES, MOST_VIDEOS, TRANSITIONS, Order
from visavis.domain.runs import Attempt
from visavis.jobs import render_child
from visavis.jobs.rendering import _job, finish_video, render_segment
from visavis.jobs.service import Service
from visavis.line import Request
from visavis.media import decode_audio, decode_video, probe
from visavis.media.credentials import read_credentials
from visavis.scene import FRAME_RATES as RATES
from visavis.scene import Watermark, colours, layouts, pictures, storyboard, transitions
from visavis.server import konpro_settings
from visavis.store.tables import Segment, Video

FAR = 1e9


class Studio:
    """A workspace of an installation in which nothing renders by itself."""

    def __init__(self, client: TestClient, service: Service, workspace: str) -> None:
        self.service = service
        self.workspace = service.keys.workspace(workspace)
        key, *_ = service.keys.create(self.workspace, "test", ["read", "write", "admin"])
        self._client, self._headers = client, {"x-api-key": key}

    def post(self, key: str = "", **body: Any) -> httpx.Response:
        usual = {"avatar_id": "avatar-1", "voice_id": "en-US-heart"}
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return self._client.post("/v1/video-avatars", json=usual | body, headers=headers)

    def made(self, text: str = "Hello.", **settings: Any) -> str:
        answer = self.post(text=text, settings=settings)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["job_id"])

    def refused(self, text: str = "Hello.", status: int = 400, **settings: Any) -> dict[str, Any]:
        answer = self.post(text=text, settings=settings)
        assert answer.status_code == status, answer.text
        assert self.count() == 0
        return dict(answer.json()["error"])

    def get(self, job: str) -> dict[str, Any]:
        answer = self._client.get(f"/v1/video-avatars/{job}", headers=self._headers)
        return dict(answer.json())

    def download(self, link: str) -> bytes:
        return self._client.get(link).content

    def upload(self, data: bytes, mime: str) -> str:
        answer = self._client.post(
            "/v1/asset", content=data, headers=self._headers | {"Content-Type": mime}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def count(self) -> int:
        return self.service.videos.page(self.workspace)[1]

    def order(self, job: str) -> Order:
        return Order.from_json(self.service.videos.get(self.workspace, job).video.request)

    def parts(self, job: str) -> list[dict[str, Any]]:
        with self.service.core.database.read() as session:
            rows = session.query(Segment).filter(Segment.video_id == job)
            return [dict(row.work) for row in rows.order_by(Segment.number)]

    def job(self, job: str, folder: Path, number: int = 0) -> dict[str, Any]:
        """What the child process of one segment is told."""
        attempt = self.service.runs.begin(job, number)
        assert isinstance(attempt, Attempt)
        return _job(self.service, attempt, folder)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Service]]:
    with in_process(tmp_path_factory.mktemp("picture")) as made:
        yield made


@pytest.fixture
def studio(installed: tuple[TestClient, Service], request: pytest.FixtureRequest) -> Studio:
    client, service = installed
    return Studio(client, service, request.node.name)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A GIF of two colours, which is a video too."""
    path = tmp_path_factory.mktemp("film") / "film.gif"
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=200)
    return path.read_bytes()


def test_limits_and_names_are_those_of_the_scene() -> None:
    assert set(COLOURS) == set(colours.NAMES)
    assert CORNERS == layouts.CORNERS
    assert SHAPES == layouts.SHAPES
    assert FRAME_RATES == RATES
    assert tuple(each.value for each in transitions.Transition) == TRANSITIONS
    assert (MOST_SCENES, MOST_VIDEOS) == (storyboard.MOST_SCENES, storyboard.MOST_FILMS)
    assert konpro_settings.LARGEST_IMAGE == pictures.LARGEST_FILE
    assert konpro_settings.MOST_PIXELS == pictures.LARGEST_PICTURE
    assert set(POSITIONS) == {"bottom", "middle", "top"}


def test_every_setting_reaches_the_request(studio: Studio, tmp_path: Path) -> None:
    image, sound = studio.upload(picture(), "image/png"), studio.upload(tone(2), "audio/wav")
    job = studio.made(
        layout="picture-in-picture",
        visual=image,
        background="office",
        person_share=0.4,
        corner="top-left",
        shape="rounded",
        shadow=False,
        captions=True,
        caption_style="highlight",
        caption_look={"active": "#ff0000", "size": 0.1, "position": "top", "capitals": True},
        music={"source": sound, "volume": 0.5, "duck": 20},
        watermark={"image": image, "corner": "bottom-left", "opacity": 0.5, "scale": 0.2},
        width=640,
        height=360,
        fps=50,
        speed=1.25,
        pitch=2,
        volume=0.5,
        emotion="friendly",
        seed=7,
    )
    words = render_child.request_of(studio.job(job, tmp_path))
    assert (words.aspect, words.fps, words.emotion, words.seed) == ("640x360", 50, "friendly", 7)
    assert (words.speed, words.pitch, words.volume) == (1.25, 2, 0.5)
    assert (words.music_volume, words.duck, words.test) == (0.5, 20, False)
    assert words.background == "office"
    arranged = words.layout
    assert isinstance(arranged, layouts.Layout)
    assert arranged.arrangement is layouts.Arrangement.PICTURE_IN_PICTURE
    assert (arranged.share, arranged.corner, arranged.shape) == (0.4, "top-left", "rounded")
    assert not arranged.shadow
    assert arranged.visual is not None
    assert arranged.visual.path is not None
    assert arranged.visual.path.read_bytes() == picture()
    assert words.music is not None
    assert Path(words.music).read_bytes() == tone(2)
    style = words.caption_style
    assert style is not None
    assert (style.active, style.size, style.position, style.capitals) == (
        (255, 0, 0, 255), 0.1, "top", True,
    )  # fmt: skip
    mark = words.watermark
    assert isinstance(mark, Watermark)
    assert mark.image is not None
    assert (mark.corner, mark.opacity, mark.scale) == ("bottom-left", 0.5, 0.2)


def test_without_settings_the_request_is_the_plain_one(studio: Studio, tmp_path: Path) -> None:
    words = render_child.request_of(studio.job(studio.made(), tmp_path))
    expected = Request(text="Hello.", avatar="ava", voice="en-US-heart", aspect="landscape")
    assert words == expected


def test_a_voice_without_a_face_opens_nobody(studio: Studio, tmp_path: Path) -> None:
    words = render_child.request_of(studio.job(studio.made(layout="voice"), tmp_path))
    assert words.avatar is None


SCENES = [
    {"text": "One.", "background": "navy", "emotion": "friendly"},
    {"text": "Two.", "avatar_id": "avatar-2", "voice_id": "en-US-michael", "transition": "slide",
     "layout": "split", "visual": "gradient:navy,#88aaff,45", "person_first": True},
    {"text": "Three.", "layout": "voice", "visual": "library", "transition": "fade"},
]  # fmt: skip


def test_scenes_reach_the_storyboard(studio: Studio, tmp_path: Path, film: bytes) -> None:
    clip, sound = studio.upload(film, "image/gif"), studio.upload(tone(2), "audio/wav")
    job = studio.made(
        text="",
        scenes=SCENES,
        captions=True,
        music={"source": sound, "duck": 6},
        intro=clip,
        outro=clip,
        watermark={"text": "Visavis"},
        aspect_ratio="square",
        fps=30,
        speed=1.5,
        seed=3,
        test=True,
    )
    told = studio.job(job, tmp_path)
    board = storyboard.settled(told["film"]["plan"])
    one, two, three = board.scenes
    assert [scene.text for scene in board.scenes] == ["One.", "Two.", "Three."]
    assert [scene.avatar for scene in board.scenes] == ["ava", "ben", None]
    assert [scene.voice for scene in board.scenes] == [
        "en-US-heart", "en-US-michael", "en-US-michael",
    ]  # fmt: skip
    assert [scene.emotion for scene in board.scenes] == ["friendly"] * 3
    assert [scene.transition.value for scene in board.scenes] == ["cut", "slide", "fade"]
    assert one.background == "navy"
    assert (two.layout.name, two.layout.visual) == ("split", "gradient:navy,#88aaff,45")
    assert two.layout.person_first
    assert (three.layout.name, three.layout.visual) == ("voice", "library")
    assert board.intro is not None
    assert board.intro == board.outro
    assert board.intro.read_bytes() == film
    assert board.music is not None
    assert (board.music.path.read_bytes(), board.music.duck) == (tone(2), 6)
    assert (board.fps, board.speed, board.seed, board.test) == (30, 1.5, 3, True)
    assert board.captions is not None


def test_scenes_are_rendered_in_parts_that_begin_at_cuts(studio: Studio, tmp_path: Path) -> None:
    long = "Somebody says this at some length and then says it again. " * 10
    scenes = [{"text": long, "transition": how} for how in ("cut", "cut", "fade", "cut", "cut")]
    clip = studio.upload(picture(), "image/png")
    job = studio.made(text="", scenes=scenes, intro=clip, outro=clip)
    parts = [part["scenes"] for part in studio.parts(job)]
    assert parts[0][0] == 0
    assert parts[-1][1] == 5
    assert [b for _, b in parts[:-1]] == [a for a, _ in parts[1:]]
    assert len(parts) > 1
    assert all(a != 2 for a, _ in parts)
    plans = []
    for number in range(len(parts)):
        folder = tmp_path / str(number)
        folder.mkdir()
        plans.append(studio.job(job, folder, number)["film"]["plan"])
    assert [bool(plan["intro"]) for plan in plans] == [True] + [False] * (len(parts) - 1)
    assert [bool(plan["outro"]) for plan in plans] == [False] * (len(parts) - 1) + [True]
    assert sum(len(plan["scenes"]) for plan in plans) == 5


def test_music_keeps_a_long_text_in_one_part(studio: Studio) -> None:
    sound, long = studio.upload(tone(2), "audio/wav"), "This is said for quite some time. " * 100
    assert len(studio.parts(studio.made(long))) > 1
    assert len(studio.parts(studio.made(long, music={"source": sound}))) == 1
    scenes = [{"text": long}, {"text": long}]
    assert len(studio.parts(studio.made("", scenes=scenes, music={"source": sound}))) == 1


def test_an_intro_makes_one_scene_of_a_text(studio: Studio, tmp_path: Path) -> None:
    clip = studio.upload(picture(), "image/png")
    told = studio.job(studio.made(intro=clip, layout="split", visual="navy"), tmp_path)
    (scene,) = told["film"]["plan"]["scenes"]
    assert (scene["text"], scene["layout"]["visual"]) == ("Hello.", "navy")


def test_variables_are_replaced_in_texts_and_scenes(studio: Studio) -> None:
    job = studio.made("Dear {{name}}.", variables={"name": "Anna {{x}}"}, title="For {{name}}")
    assert studio.order(job).text == "Dear Anna {{x}}."
    job = studio.made("", scenes=[{"text": "Hi {{n}}.", "visual": "{{c}}"}],
                      variables={"n": 7, "c": "navy"})  # fmt: skip
    assert studio.order(job).scenes[0].text == "Hi 7."
    assert studio.order(job).scenes[0].visual == "navy"
    assert studio.order(studio.made("Say {{this}}.")).text == "Say {{this}}."


def test_a_batch_is_a_video_for_every_row(studio: Studio) -> None:
    rows = [{"name": "Anna"}, {"name": "Ben"}, {"name": "Cho"}]
    answer = studio.post(
        text="{{greeting}} {{name}}.", settings={"batch": rows, "variables": {"greeting": "Hi"}}
    )
    body = answer.json()
    assert body["job_id"] == body["job_ids"][0]
    said = [studio.order(job).text for job in body["job_ids"]]
    assert said == ["Hi Anna.", "Hi Ben.", "Hi Cho."]
    assert len(set(body["job_ids"])) == 3


def test_a_batch_is_taken_whole_or_not_at_all(studio: Studio) -> None:
    rows = [{"name": "Anna"}, {"name": ""}]
    answer = studio.post(text="{{name}}", settings={"batch": rows})
    assert answer.status_code == 400
    assert studio.count() == 0


def test_a_batch_asked_for_twice_is_made_once(studio: Studio) -> None:
    body = {"text": "Hi {{n}}.", "settings": {"batch": [{"n": 1}, {"n": 2}]}}
    first, second = studio.post(key="one", **body).json(), studio.post(key="one", **body).json()
    assert first["job_ids"] == second["job_ids"]
    assert studio.count() == 2


SCENE = {"text": "Hello."}
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"caption_style": "loud"}, "caption_style", "classic, boxed, highlight, pill"),
    ({"caption_look": {"ink": "loud"}}, "captions.ink", "#1a73e8"),
    ({"caption_look": {"size": 0.9}}, "caption_look", "0.2"),
    ({"layout": "triangle"}, "layout", "split"),
    ({"layout": "split", "background": "transparent", "format": "webm"}, "background", "split"),
    ({"visual": "the moon"}, "visual", "office"),
    ({"visual": "blur", "layout": "split"}, "visual", "blur"),
    ({"background": "gradient:navy"}, "background", "two to eight"),
    ({"background": "gradient:navy,office"}, "background", "two to eight"),
    ({"background": "transparent"}, "background", "webm"),
    ({"background": "transparent", "format": "webm", "captions": True}, "background", "captions"),
    ({"corner": "middle"}, "corner", "top-left"),
    ({"shape": "star"}, "shape", "circle"),
    ({"person_share": 0.95}, "person_share", "0.85"),
    ({"width": 127, "height": 720}, "width", "even number from 128 to 4096"),
    ({"width": 1281, "height": 720}, "width", "even number"),
    ({"width": 1280, "height": 4098}, "height", "4096"),
    ({"width": 1280}, "width", "both"),
    ({"width": -4, "height": 10**9}, "width", "not possible"),
    ({"fps": 23}, "fps", "24, 25, 30, 50, 60"),
    ({"music": {"source": "x", "volume": 9}}, "music.volume", "2"),
    ({"watermark": {"text": "a", "corner": "here"}}, "watermark.corner", "top-right"),
    ({"preview": "mpeg"}, "preview", "gif"),
    ({"cover_time": -1}, "cover_time", "0"),
    ({"scenes": [SCENE] * 51, "text": ""}, "scenes", "51 scenes; 50"),
    ({"scenes": [SCENE]}, "text", "Leave"),
    ({"scenes": [{"text": "..."}], "text": ""}, "scenes.0.text", "nothing"),
    ({"scenes": [SCENE | {"transition": "melt"}], "text": ""}, "scenes.0.transition", "fade"),
    ({"scenes": [SCENE | {"emotion": "grumpy"}], "text": ""}, "scenes.0.emotion", "friendly"),
    ({"scenes": [SCENE | {"background": "moon"}], "text": ""}, "scenes.0.background", "office"),
    ({"scenes": [SCENE | {"background": "transparent"}], "text": "", "format": "webm"},
     "scenes.0.background", "transparent"),
    ({"scenes": [SCENE | {"colour": "red"}], "text": ""}, "colour", ""),
    ({"batch": [{"n": 1}] * 101}, "batch", "101 rows; 100"),
    ({"batch": [{"n": 1}], "text": "{{m}}"}, "batch.0", "'m' has no value"),
    ({"variables": {"n": 1}, "text": "{{m}}"}, "variables", "'m' has no value"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "field", "word"), BAD)
def test_what_cannot_be_drawn_is_refused_at_once_and_named(
    studio: Studio, settings: dict[str, Any], field: str, word: str
) -> None:
    text = settings.get("text", "Hello.")
    error = studio.refused(text, **{k: v for k, v in settings.items() if k != "text"})
    assert error["code"] == "VALIDATION_ERROR"
    assert field in error["details"]["field"]
    assert word in error["message"]


def test_files_of_others_are_not_found(studio: Studio, installed: Any, tmp_path: Path) -> None:
    theirs = Studio(*installed, "somebody else")
    image, sound = theirs.upload(picture(), "image/png"), theirs.upload(tone(2), "audio/wav")
    scene = SCENE | {"background": image}
    asked: list[dict[str, Any]] = [
        {"background": image}, {"visual": image, "layout": "split"}, {"intro": image},
        {"outro": image}, {"watermark": {"image": image}}, {"music": {"source": sound}},
    ]  # fmt: skip
    for settings in asked:
        assert "workspace" in studio.refused(status=404, **settings)["message"]
    assert "workspace" in studio.refused("", 404, scenes=[scene])["message"]
    assert "no such id" in studio.refused(status=404, music={"source": "no such id"})["message"]
    job = theirs.made(background=image)
    with studio.service.core.database.write() as session:
        video = session.get_one(Video, job)
        video.workspace_id = studio.workspace  # as if an id had been smuggled in
    with pytest.raises(NotFoundError):
        studio.job(job, tmp_path)


def test_avatars_of_others_are_not_found(studio: Studio, installed: Any) -> None:
    answer = studio.post(settings={"scenes": [SCENE | {"avatar_id": "avatar-99999"}]})
    assert answer.status_code == 404
    answer = studio.post(settings={"scenes": [SCENE | {"voice_id": "nobody"}]}, text="")
    assert answer.status_code == 404
    assert answer.json()["error"]["details"]["field"] == "voice_id"
    assert studio.count() == 0


def test_links_are_fetched_through_the_guard(
    studio: Studio, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.files["/a.png"] = ("image/png", picture())
    receiver.files["/a.wav"] = ("audio/wav", tone(2))
    receiver.files["/note.txt"] = ("text/plain", b"nothing to see")
    receiver.redirects["/inside"] = "http://10.0.0.1/secret.png"
    image = f"{receiver.url}/a.png"
    job = studio.made(
        layout="split", visual=image, background=image, music={"source": f"{receiver.url}/a.wav"}
    )
    order = studio.order(job)
    assert order.visual_asset == order.background_asset != ""
    told = studio.job(job, tmp_path)
    assert Path(told["stage"]["visual"]).read_bytes() == picture()
    for link, word in (
        ("http://10.0.0.1/a.png", "public internet"),
        (f"{receiver.url}/inside", "public internet"),
        (f"{receiver.url}/missing.png", "404"),
        (f"{receiver.url}/note.txt", ""),
    ):
        for settings in (
            {"visual": link, "layout": "pip"}, {"music": {"source": link}}, {"intro": link},
            {"watermark": {"image": link}}, {"scenes": [SCENE | {"background": link}]},
        ):  # fmt: skip
            answer = studio.post(text="" if "scenes" in settings else "Hi.", settings=settings)
            assert answer.status_code == 400, (link, settings)
            assert word in answer.json()["error"]["message"]
    assert studio.count() == 1


def test_files_that_are_not_what_they_should_be_are_refused(studio: Studio) -> None:
    sound, image = studio.upload(tone(2), "audio/wav"), studio.upload(picture(), "image/png")
    assert "audio" in studio.refused(background=sound)["message"]
    assert "audio" in studio.refused(layout="split", visual=sound)["message"]
    assert "image" in studio.refused(music={"source": image})["message"]
    assert "audio" in studio.refused(watermark={"image": sound})["message"]


def test_a_huge_picture_is_refused_before_it_is_drawn(studio: Studio) -> None:
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    asset = studio.upload(out.getvalue(), "image/png")
    assert "81 million" in studio.refused(background=asset)["message"]


def test_a_watermark_is_a_text_or_an_image(studio: Studio) -> None:
    image = studio.upload(picture(), "image/png")
    error = studio.refused(watermark={"text": "a", "image": image})
    assert error["details"]["field"] == "settings.watermark"


def test_a_call_names_a_limited_number_of_files(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(konpro_settings, "MOST_FILES", 2)
    ids = [studio.upload(picture(), "image/png") for _ in range(3)]
    scenes = [SCENE | {"background": one} for one in ids]
    assert "at most 2 files" in studio.refused("", scenes=scenes)["message"]
    assert studio.made("", scenes=[*scenes[:2], scenes[0]])


def test_an_order_survives_the_database(studio: Studio) -> None:
    clip = studio.upload(picture(), "image/png")
    order = studio.order(studio.made("", scenes=SCENES, intro=clip, watermark={"text": "a"}))
    assert Order.from_json(order.as_json()) == order
    assert order.assets() == (clip,)
    old = {"text": "Hi.", "voice": "en-US-heart", "captions": True, "layout": "pip"}
    assert Order.from_json(old).caption_style == "classic"


def test_captions_of_a_sound_need_somebody_who_listens(studio: Studio) -> None:
    offer = studio.service.core.offers.get()
    order = Order(audio="some-asset", captions=True)
    can = replace(offer, features=("audio", "transcription"))
    order.check(100, can)
    with pytest.raises(FieldError, match="words of a sound"):
        order.check(100, replace(can, features=("audio",)))


def test_cover_and_preview_are_made_as_asked(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in plain(tmp_path).items():
        monkeypatch.setenv(name, value)  # the card's child finds itself by them
    job = studio.made("This is a card.", cover_time=FAR, preview="webp")
    assert not render_segment(studio.service, job, 0)
    finish_video(studio.service, job)
    body = studio.get(job)
    assert body["status"] == "completed", body
    for name, link in (("cover.jpg", body["cover_url"]), ("preview.webp", body["preview_url"])):
        file = tmp_path / name
        file.write_bytes(studio.download(link))
        assert read_credentials(file) is not None, name
    with Image.open(tmp_path / "preview.webp") as moving:
        assert (moving.format, moving.width) == ("WEBP", 320)


def test_a_film_is_what_was_asked_for(studio: Studio, tmp_path: Path) -> None:
    """The one test here that draws: two scenes with everything, as the child draws them."""
    blue = io.BytesIO()
    Image.new("RGB", (64, 64), (20, 40, 220)).save(blue, "PNG")
    image = studio.upload(blue.getvalue(), "image/png")
    sound = studio.upload(tone(2), "audio/wav")
    job = studio.made(
        text="",
        scenes=[
            {"text": "Hi.", "layout": "split", "visual": image, "background": "#00ff00"},
            {"text": "Bye.", "layout": "voice", "visual": "#cc1122", "transition": "cut"},
        ],
        intro=image,
        music={"source": sound, "volume": 1.5},
        captions=True,
        width=320,
        height=180,
    )
    told = studio.job(job, tmp_path)
    done = render_child.work(told, lambda _stage, _percent: None)
    path = Path(told["output"])
    video = probe(path).video
    assert video is not None
    assert video.size == (320, 180)
    frames = [frame.rgb for frame in decode_video(path)]
    assert done["duration"] == pytest.approx(len(frames) / 25, abs=0.05)
    assert near(frames[5][90, 160], (20, 40, 220))  # the intro
    middle = next(frame for frame in frames if near(frame[4, 316], (0, 255, 0)))
    assert near(middle[20, 20], (20, 40, 220))  # the second picture beside the person
    assert near(frames[-1][20, 20], (204, 17, 34))  # a voice alone
    heard = np.concatenate(list(decode_audio(path, 16_000)))
    assert np.abs(heard[8_000:24_000]).max() > 0.01  # music under the intro
    assert "Bye" in (tmp_path / "out.srt").read_text()


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() < 30)
