"""Layouts, captions, music and films of several scenes, end to end."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from visavis.errors import SceneError, TextError
from visavis.line import Film, Line, Request, render, render_film
from visavis.media import decode_audio, decode_video, probe
from visavis.media.credentials import read_credentials
from visavis.scene.storyboard import storyboard
from visavis.speech import Synthesiser

BOARD = {
    "avatar": "ava",
    "aspect": "square",
    "resolution": "360p",
    "captions": {"style": "boxed"},
    "scenes": [
        {"text": "Hello {{name}}.", "background": "#203040"},
        {
            "text": "Goodbye.",
            "transition": "fade",
            "layout": {"name": "pip", "visual": "#c01020", "corner": "top-left"},
        },
    ],
}


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "bed.wav"
    time = np.arange(5 * 24_000) / 24_000
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * 220 * time), 24_000)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, synthesiser: Synthesiser) -> Path:
    folder = tmp_path_factory.mktemp("film")
    shares: list[float] = []
    render_film(
        storyboard(BOARD, {"name": "Anna"}),
        folder / "film.mp4",
        cover=folder / "film.jpg",
        subtitles=[folder / "film.srt", folder / "film.vtt", folder / "film.ass"],
        progress=lambda share, _what: shares.append(share),
        synthesiser=synthesiser,
    )
    assert shares == sorted(shares)
    assert shares[0] < 0.2
    return folder / "film.mp4"


def test_scenes_follow_each_other_on_one_canvas(film: Path) -> None:
    info = probe(film)
    assert info.video is not None
    assert info.audio is not None
    assert info.video.size == (360, 360)
    frames = [frame.rgb for frame in decode_video(film)]
    assert len(frames) == round(info.duration * 25)
    corner = [frame[20:40, -40:-20].mean((0, 1)) for frame in (frames[2], frames[-3])]
    assert np.abs(corner[0] - (32, 48, 64)).max() < 12
    assert np.abs(corner[1] - (192, 16, 32)).max() < 12


def test_sidecars_have_the_words_at_their_times(film: Path) -> None:
    text = film.with_suffix(".srt").read_text()
    assert "Hello Anna." in text
    assert "Goodbye." in text
    start = text.split("Goodbye.")[0].splitlines()[-1].split(" --> ")[0]
    hours, minutes, seconds = start.replace(",", ".").split(":")
    begins = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    sound = np.concatenate(list(decode_audio(film, 16_000)))
    word = sound[round(begins * 16_000) : round((begins + 0.3) * 16_000)]
    before = sound[round((begins - 0.15) * 16_000) : round((begins - 0.05) * 16_000)]
    assert np.abs(word).max() > 10 * np.abs(before).max()
    assert film.with_suffix(".vtt").read_text().startswith("WEBVTT")
    assert "[Script Info]" in film.with_suffix(".ass").read_text()


def test_every_file_says_that_it_is_synthetic(film: Path) -> None:
    for path in (film, film.with_suffix(".jpg")):
        told = read_credentials(path)
        assert told is not None
        assert "trainedAlgorithmicMedia" in json.dumps(told) or "WithTrained" in json.dumps(told)


def test_a_text_that_cannot_be_spoken_is_found_before_the_first_scene(
    synthesiser: Synthesiser,
) -> None:
    board = storyboard({"avatar": "ava", "scenes": [{"text": "Hello."}, {"text": "日本語"}]})
    with pytest.raises(TextError):
        Film(board, synthesiser)


def test_music_plays_between_the_words_and_makes_room_for_them(
    bed: Path, synthesiser: Synthesiser
) -> None:
    def sound(**more: object) -> np.ndarray:
        request = Request(text="One. <break time='2s'/> Two.", avatar="ava", resolution="360p",
                          aspect="square", **more)  # type: ignore[arg-type]  # fmt: skip
        return np.concatenate([frame.samples for frame in Line(request, synthesiser).frames()])

    plain, mixed = sound(), sound(music=bed)
    added = mixed - plain
    pause = slice(round(2.2 * 24_000), round(2.6 * 24_000))
    speech = int(np.argmax(np.abs(plain[: 24_000 * 2])))
    word = slice(speech, speech + 2400)
    assert np.abs(plain[pause]).max() < 1e-4
    assert np.sqrt(np.mean(added[pause] ** 2)) > 2 * np.sqrt(np.mean(added[word] ** 2))
    assert np.abs(mixed[-200:]).max() < 0.01


@pytest.mark.parametrize("name", ["split", "pip", "voice"])
def test_layouts_share_the_canvas_with_a_second_picture(
    name: str, synthesiser: Synthesiser
) -> None:
    request = Request(
        text="Hi.", avatar=None if name == "voice" else "ava", resolution="360p",
        aspect="landscape", layout=name, visual="#00ff00",
    )  # fmt: skip
    frames = Line(request, synthesiser).frames()
    picture = next(frames).picture
    frames.close()
    green = (np.abs(picture.astype(int) - (0, 255, 0)).max(2) < 8).mean()
    assert green == pytest.approx({"split": 0.5, "pip": 0.9, "voice": 1.0}[name], abs=0.07)


def test_a_test_is_small_and_marked(tmp_path: Path, synthesiser: Synthesiser) -> None:
    request = Request(text="Hi.", avatar="ava", resolution="1080p", aspect="square", test=True)
    plain = Request(text="Hi.", avatar="ava", resolution="360p", aspect="square")
    result = render(request, tmp_path / "test.mp4", synthesiser=synthesiser)
    assert result.size == (360, 360)
    marked, clean = (
        next(Line(each, synthesiser).frames()).picture.astype(int) for each in (request, plain)
    )
    assert (np.abs(marked - clean).max(2) > 5).mean() > 0.01


@pytest.mark.parametrize(
    "change",
    [
        {"captions": "neon"},
        {"layout": "pip", "visual": "blur"},
        {"layout": "sideways"},
        {"watermark": Path("missing.png")},
        {"music": "missing.mp3"},
        {"music_volume": 5.0, "music": "missing.mp3"},
        {"avatar": None},
    ],
)
def test_an_impossible_scene_is_refused(
    change: dict[str, object], synthesiser: Synthesiser
) -> None:
    asked = {"text": "Hi.", "avatar": "ava", "resolution": "360p", **change}
    with pytest.raises(SceneError):
        Line(Request(**asked), synthesiser)  # type: ignore[arg-type]
