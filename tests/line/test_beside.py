"""What is heard and written beside the picture: recordings in films, covers, previews, loudness."""

import json
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import soundfile
from av.filter import Graph
from PIL import Image

from visavis.errors import InvalidInputError, SceneError
from visavis.line import Film, Line, Request, Result, render, render_film
from visavis.line.stream import LEAD, TAIL
from visavis.media import AudioFormat, VideoFormat, Writer, decode_audio, decode_video, probe
from visavis.media.credentials import read_credentials
from visavis.scene import caption_style
from visavis.scene.storyboard import batch, storyboard
from visavis.speech import Delivery, Synthesiser, Word, find_voice, transcription

RATE = 24_000
TEXT = "The boats went back to sea. Nobody was watching them."


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, synthesiser: Synthesiser) -> Path:
    """Somebody's recording, too quiet."""
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    said = synthesiser.synthesise(TEXT, find_voice("en-US-heart"), Delivery())
    soundfile.write(path, 0.2 * np.concatenate([clause.samples for clause in said]), RATE)
    return path


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of red, then blue, in silence; longer than any voice here."""
    path = tmp_path_factory.mktemp("colours") / "colours.mp4"
    with Writer(path, VideoFormat((128, 128), Fraction(25))) as writer:
        for index in range(250):
            writer.write_video(
                np.full((128, 128, 3), (220, 20, 20) if index < 12 else (20, 20, 220), np.uint8)
            )
    return path


def board(*scenes: dict[str, Any], **more: Any) -> dict[str, Any]:
    plain = {"layout": {"name": "voice", "visual": "navy"}}
    return {"aspect": "128x128", "scenes": [plain | scene for scene in scenes], **more}


def heard(path: Path) -> np.ndarray:
    return np.concatenate(list(decode_audio(path, RATE)))


def loudness(path: Path) -> float:
    """Integrated loudness in LUFS, by FFmpeg's meter."""
    graph = Graph()
    source = graph.add_abuffer(sample_rate=48_000, format="flt", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    samples = np.concatenate(list(decode_audio(path, 48_000))).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate, frame.pts = 48_000, 0
    graph.push(frame)
    graph.push(None)
    told = 0.0
    while True:
        try:
            told = float(graph.pull().metadata.get("lavfi.r128.I", told))
        except av.EOFError:
            return told


def test_a_scene_may_have_a_recording_of_its_own(
    talk: Path, synthesiser: Synthesiser, tmp_path: Path
) -> None:
    plan = board({"audio": str(talk)}, {"text": "Goodbye."}, speed=1.5)
    shares: list[float] = []
    made = render_film(
        storyboard(plan), tmp_path / "film.mp4", synthesiser=synthesiser,
        progress=lambda share, _what: shares.append(share),
    )  # fmt: skip
    assert shares == sorted(shares)
    length = probe(talk).duration
    sound, own = heard(made.path), heard(talk)
    begun = round(LEAD * RATE)
    alike = np.corrcoef(sound[begun : begun + len(own)], own)[0, 1]
    assert alike > 0.95, "at its own speed, from its own beginning"
    goodbye = sound[round((LEAD + length + TAIL + LEAD) * RATE) :]
    assert np.abs(goodbye).max() > 0.05
    assert made.duration > LEAD + length + TAIL + 0.5
    assert np.abs(sound[begun : begun + len(own)]).max() > 2 * np.abs(own).max(), "made louder"


@pytest.mark.parametrize(
    ("sound", "says"),
    [
        (None, r"scenes\.0\.audio: there is no file"),
        (b"no sound at all", "sound.wav"),
        (b"", "empty"),
    ],
)
def test_a_recording_that_is_none_is_found_before_the_first_scene(
    sound: bytes | None, says: str, synthesiser: Synthesiser, tmp_path: Path
) -> None:
    path = tmp_path / "sound.wav"
    if sound is not None:
        path.write_bytes(sound)
    with pytest.raises(InvalidInputError, match=says):
        Film(storyboard(board({"audio": str(path)})), synthesiser)


def test_words_of_a_recorded_scene_stand_at_their_times(
    talk: Path, synthesiser: Synthesiser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from visavis.line import stream

    monkeypatch.setattr(transcription, "can_listen", lambda: True)
    monkeypatch.setattr(stream, "heard_words", lambda _path: [Word("Boats", 0.1, 0.4)])
    film = storyboard(board({"text": "Hello."}, {"audio": str(talk)}))
    made = render_film(
        film, tmp_path / "film.mp4", subtitles=[tmp_path / "film.srt"], synthesiser=synthesiser
    )
    second = made.duration - probe(talk).duration - TAIL
    clock = (tmp_path / "film.srt").read_text().split("Boats")[0].splitlines()[-1]
    begins = float(clock.split(" --> ")[0].replace(",", ".").rpartition(":")[2])
    assert begins == pytest.approx(second + 0.1, abs=0.1)


def test_without_ears_captions_of_a_recorded_scene_are_refused_at_once(
    talk: Path, synthesiser: Synthesiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcription, "can_listen", lambda: False)
    plan = board({"text": "Hello."}, {"audio": str(talk)}, captions={"style": "boxed"})
    with pytest.raises(InvalidInputError, match=r"visavis\[clone\]"):
        Film(storyboard(plan), synthesiser)


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("scenes.0.background", {"background": "{}"}),
        ("scenes.0.layout.visual", {"layout": {"name": "voice", "visual": "{}"}}),
    ],
)
@pytest.mark.parametrize("make", ["sound", "page"])
def test_pictures_that_are_none_are_found_before_the_first_scene(
    place: str, change: dict[str, Any], make: str, synthesiser: Synthesiser, tmp_path: Path
) -> None:
    path = tmp_path / ("fake.mp4" if make == "sound" else "fake.png")
    if make == "sound":
        with Writer(path, None, AudioFormat(RATE)) as writer:
            writer.write_audio(np.zeros(RATE, np.float32))
    else:
        path.write_bytes(b"<html>not found</html>")
    plan = json.loads(json.dumps(board({"text": "Hi."} | change)).replace("{}", str(path)))
    with pytest.raises(SceneError, match=place):
        Film(storyboard(plan), synthesiser)
    with pytest.raises(SceneError, match="intro"):
        Film(storyboard(board({"text": "Hi."}, intro=str(path))), synthesiser)


def test_an_intro_is_as_loud_as_speech(
    synthesiser: Synthesiser, tmp_path: Path, colours: Path
) -> None:
    quiet = tmp_path / "intro.mp4"
    noise = np.random.default_rng(0).normal(0, 0.004, 3 * RATE).astype(np.float32)
    with Writer(quiet, VideoFormat((64, 64), Fraction(25)), AudioFormat(RATE)) as writer:
        for _ in range(75):
            writer.write_video(np.full((64, 64, 3), 90, np.uint8))
        writer.write_audio(noise)
    plan = board({"text": "Welcome to the show, everybody."}, intro=str(quiet), outro=str(quiet))
    made = render_film(storyboard(plan), tmp_path / "film.mp4", synthesiser=synthesiser)
    assert loudness(made.path) == pytest.approx(-16, abs=1)
    assert loudness(quiet) < -40


def test_a_video_is_as_loud_as_broadcasters_ask(
    synthesiser: Synthesiser, tmp_path: Path, talk: Path
) -> None:
    for number, script in enumerate(({"text": TEXT}, {"audio": talk})):
        request = Request(avatar=None, layout="voice", aspect="128x128", **script)  # type: ignore[arg-type]
        made = render(request, tmp_path / f"{number}.mp4", synthesiser=synthesiser)
        assert loudness(made.path) == pytest.approx(-16, abs=1)


@pytest.fixture(scope="module")
def covered(
    tmp_path_factory: pytest.TempPathFactory, colours: Path, synthesiser: Synthesiser
) -> Result:
    folder = tmp_path_factory.mktemp("covered")
    request = Request(
        text="Hello to all of you.", avatar=None, layout="voice", visual=colours, aspect="128x128"
    )
    return render(
        request, folder / "film.mp4", cover=folder / "late.png", cover_time=1.0,
        preview=folder / "film.webp", subtitles=[folder / "film.vtt"], synthesiser=synthesiser,
    )  # fmt: skip


def test_the_cover_is_what_the_film_shows_at_its_time(
    covered: Result, colours: Path, synthesiser: Synthesiser, tmp_path: Path
) -> None:
    assert covered.cover is not None
    middle = cv2.imread(str(covered.cover))[64, 64]
    assert middle[0] > 180 > 60 > middle[2], "blue"
    request = Request(text="Hi.", avatar=None, layout="voice", visual=colours, aspect="128x128")
    for time, channel in ((0.0, 2), (1e9, 0)):  # the beginning; a time after the end is the end
        made = render(
            request, tmp_path / "x.mp4", cover=tmp_path / "x.jpg", cover_time=time,
            synthesiser=synthesiser,
        )  # fmt: skip
        assert made.cover is not None
        assert int(np.argmax(cv2.imread(str(made.cover))[64, 64])) == channel


def test_a_preview_moves_and_every_file_says_that_it_is_synthetic(
    covered: Result,
) -> None:
    assert covered.preview is not None
    with Image.open(covered.preview) as moving:
        assert (moving.format, moving.width) == ("WEBP", 320)
        assert getattr(moving, "n_frames", 1) > 1
    for path in (covered.path, covered.cover, covered.preview):
        assert path is not None
        told = read_credentials(path)
        assert told is not None
        assert told["validation_state"] in ("Valid", "Trusted")


@pytest.mark.parametrize(
    "wrong",
    [
        {"cover": "x.bmp"},
        {"preview": "x.mp4"},
        {"subtitles": ["x.txt"]},
        {"cover": "x.jpg", "cover_time": -1.0},
        {"preview": "no/such/folder/x.gif"},
    ],
)
def test_names_that_cannot_be_are_refused_before_anything_is_drawn(
    wrong: dict[str, Any], tmp_path: Path, synthesiser: Synthesiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    request = Request(text="Hi.", avatar=None, layout="voice", aspect="128x128")
    with pytest.raises(InvalidInputError):
        render(request, "x.mp4", synthesiser=synthesiser, **wrong)
    with pytest.raises(InvalidInputError):
        render_film(storyboard(board({"text": "Hi."})), "x.mp4", synthesiser=synthesiser, **wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_font_without_the_letters_is_told_with_the_one_that_stands_in(
    synthesiser: Synthesiser, tmp_path: Path
) -> None:
    with resources.as_file(resources.files("visavis.assets") / "fonts") as fonts:
        style = caption_style("boxed", font=fonts / "DroidSansFallback.ttf")
        request = Request(text="Hi.", avatar=None, layout="voice", aspect="128x128", captions=style)
        made = render(request, tmp_path / "x.mp4", synthesiser=synthesiser)
        plan = board({"text": "Hi."}, captions={"font": str(fonts / "DroidSansFallback.ttf")})
        film = render_film(storyboard(plan), tmp_path / "y.mp4", synthesiser=synthesiser)
    assert made.stand_ins == film.stand_ins == dict.fromkeys("Hi.", "FiraGO-Bold.ttf")


def test_a_batch_is_made_of_a_template(synthesiser: Synthesiser, tmp_path: Path) -> None:
    template = board({"text": "Hi {{name}}.", "layout": {"name": "voice", "visual": "{{colour}}"}})
    rows = [{"name": "Anna", "colour": "#c01020"}, {"name": "Ben", "colour": "#1020c0"}]
    for number, film in enumerate(batch(template, rows)):
        made = render_film(film, tmp_path / f"{number}.mp4", synthesiser=synthesiser)
        shown = next(iter(decode_video(made.path))).rgb[64, 64]
        assert int(np.argmax(shown)) == 2 * number


def test_a_transparent_mp4_and_an_odd_canvas_are_refused(
    synthesiser: Synthesiser, tmp_path: Path
) -> None:
    changes: list[tuple[dict[str, Any], str]] = [
        ({"background": "transparent"}, r"\.webm"),
        ({"aspect": "127x128"}, "Width 127"),
        ({"resolution": "8k"}, "8k"),
    ]

    def ask(**change: Any) -> None:
        request = Request(text="Hi.", avatar="ava", **change)
        render(request, tmp_path / "x.mp4", synthesiser=synthesiser)

    for change, says in changes:
        with pytest.raises(InvalidInputError, match=says):
            ask(**change)
    assert list(tmp_path.iterdir()) == []


def test_five_thousand_letters_and_three_hundred_captions_are_shown(
    synthesiser: Synthesiser,
) -> None:
    request = Request(text="Hi.", avatar=None, layout="voice", aspect="320x180", captions="pill")
    line = Line(request, synthesiser)
    compositor = line._compositor
    words = [Word("x" * 5000 + ".", 0.0, 59.0)]
    words += [Word(f"Go{n}.", 60 + n * 0.2, 60 + n * 0.2 + 0.15) for n in range(300)]
    compositor.add_words(words)
    plain = compositor.compose(None, 0.0).astype(int)
    assert compositor.captions is not None
    cues = compositor.captions.cues
    assert "".join(cue.text for cue in cues if "x" in cue.text) == "x" * 5000 + "."
    for cue in cues[:: len(cues) // 40]:
        shown = compositor.compose(None, cue.start + 1e-3)
        assert shown.max() > 240, cue
        assert shown.shape == plain.shape
