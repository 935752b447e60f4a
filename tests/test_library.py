"""The library as the readme shows it."""

import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import visavis
from visavis.line.request import Options, Request


def test_a_file_and_a_stream_of_the_same_text(tmp_path: Path) -> None:
    result = visavis.render(
        text="Hi.", avatar="ava", output=tmp_path / "hi.webm", resolution="360p",
        cover=tmp_path / "hi.jpg", cover_time=0.1, preview=tmp_path / "hi.gif",
        subtitles=[tmp_path / "hi.srt"],
    )  # fmt: skip
    frames = list(visavis.stream(text="Hi.", avatar="ava", resolution="360p"))
    assert result.path.stat().st_size > 5000
    assert {path.suffix for path in tmp_path.iterdir()} == {
        ".webm", ".c2pa", ".jpg", ".gif", ".srt"
    }  # fmt: skip
    assert len(frames) == result.frames
    assert sum(len(frame.samples) for frame in frames) == round(result.duration * frames[0].rate)


def test_a_film_of_a_template(tmp_path: Path) -> None:
    scene = {"text": "Hi {{name}}.", "layout": {"name": "voice", "visual": "navy"}}
    result = visavis.film(
        {"aspect": "128x128", "scenes": [scene]}, tmp_path / "hi.mp4", values={"name": "Ann"},
        preview=tmp_path / "hi.webp", subtitles=[tmp_path / "hi.srt"],
    )  # fmt: skip
    assert result.size == (128, 128)
    assert result.preview == tmp_path / "hi.webp"
    assert "Hi Ann." in (tmp_path / "hi.srt").read_text()


def test_every_option_of_a_request_is_an_option_of_the_library() -> None:
    optional = {
        field.name
        for field in fields(Request)
        if field.default is not MISSING or field.default_factory is not MISSING
    }
    assert optional - {"text"} == set(Options.__annotations__)


def test_importing_the_library_loads_nothing_heavy() -> None:
    code = "import sys, visavis; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "cv2", "av", "onnxruntime", "ai_edge_litert", "torch"}
