"""The command line as people and machines use it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from visavis import __version__
from visavis.cli import Exit, app

ROOT = Path(__file__).resolve().parent.parent


def visavis(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "visavis.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_say_leaves_a_video_and_says_where_and_how_long_each_stage_took(tmp_path: Path) -> None:
    target = tmp_path / "hi.mp4"
    done = visavis(
        "say", "-", "--avatar", "ava", "-r", "360p", "-o", str(target), stdin="Hi there."
    )
    assert done.returncode == 0, done.stderr
    assert str(target) in done.stdout
    assert "times faster than real time" in done.stdout
    assert all(stage in done.stderr for stage in ("speech", "picture", "encode", "wall clock"))
    assert target.stat().st_size > 5000


def test_say_for_machines_prints_one_object(tmp_path: Path) -> None:
    target = tmp_path / "hi.mp4"
    cover = tmp_path / "hi.jpg"
    done = visavis(
        "say", "Hi.", "-r", "360p", "--aspect", "portrait", "--fps", "30", "--background", "navy",
        "--cover", str(cover), "--cover-time", "0.3", "--preview", str(tmp_path / "hi.gif"),
        "--layout", "pip", "--corner", "top-left", "--shape", "square", "--captions", "pill",
        "--subtitles", str(tmp_path / "hi.vtt"), "--pronounce", "Hi=/hˈaɪ/",
        "-o", str(target), "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["width"], facts["height"]) == (360, 640)
    assert facts["frames"] == round(facts["duration"] * 30)
    assert facts["path"] == str(target)
    assert cover.exists()
    assert facts["preview"] == str(tmp_path / "hi.gif")
    assert (tmp_path / "hi.gif").read_bytes()[:3] == b"GIF"
    assert "Hi" in (tmp_path / "hi.vtt").read_text()
    assert done.stderr.strip() == ""


def test_a_template_and_a_table_make_a_film_for_every_row(tmp_path: Path) -> None:
    scene = {"text": "Hi {{name}}.", "layout": {"name": "voice", "visual": "{{colour}}"}}
    board, rows = tmp_path / "board.json", tmp_path / "rows.csv"
    board.write_text(json.dumps({"aspect": "128x128", "scenes": [scene]}))
    rows.write_text("name,colour\nAnna,navy\nBen,teal\n")
    done = visavis(
        "film", str(board), "--rows", str(rows), "--subtitles", "x.srt", "-o", str(tmp_path / "all")
    )
    assert done.returncode == 0, done.stderr
    made = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert made == ["001.mp4", "001.srt", "002.mp4", "002.srt"]
    assert "Hi Ben." in (tmp_path / "all" / "002.srt").read_text()
    wrong = visavis("film", str(board), "--set", "name=Anna", "-o", str(tmp_path / "no.mp4"))
    assert wrong.returncode == Exit.INVALID_INPUT
    assert "'colour' has no value" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "names"),
    [
        (["say", "Hi.", "--voice", "en-US-hart"], "invalid_voice", "en-US-heart"),
        (["say", "Hi.", "--avatar", "nobody.jpg"], "invalid_source", "nobody.jpg"),
        (["say", ""], "invalid_text", ""),
        (["say", "Hi.", "--resolution", "8k"], "invalid_scene", "720p"),
        (["say", "Hi.", "--pronounce", "nonsense"], "invalid_input", "nonsense"),
        (["say", "Hi.", "-o", "talk.avi"], "invalid_media", ".mp4"),
        (["say", "Hi.", "--aspect", "127x720"], "invalid_scene", "128"),
        (["say", "Hi.", "--preview", "talk.png"], "invalid_input", ".gif"),
    ],
)
def test_a_mistake_ends_in_one_line_that_says_what_to_do(
    arguments: list[str], code: str, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plain = visavis(*arguments)
    assert plain.returncode == Exit.INVALID_INPUT
    assert plain.stderr.startswith("Error: ")
    assert len(plain.stderr.strip().splitlines()) == 1
    assert names in plain.stderr
    machine = visavis(*arguments, "--json")
    error = json.loads(machine.stdout)["error"]
    assert error["code"] == code
    assert error["message"] in plain.stderr
    assert error["remedy"]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_weight_has_its_own_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISAVIS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    done = visavis("say", "Hi.", "-o", str(tmp_path / "hi.mp4"))
    assert done.returncode == Exit.MODEL_UNAVAILABLE
    assert "VISAVIS_MODELS_DIR" in done.stderr


def test_doctor_finds_this_machine_well_and_names_what_is_optional() -> None:
    done = visavis("doctor", "--json")
    findings = {row["what"]: row for row in json.loads(done.stdout)["findings"]}
    assert done.returncode == 0
    assert findings["Python"]["state"] == "ok"
    assert findings["Weights kokoro"]["state"] == "ok"
    assert all(row["remedy"] for row in findings.values() if row["state"] != "ok")


def test_doctor_fails_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("VISAVIS_DATA_DIR", str(blocked / "data"))
    done = visavis("doctor")
    assert done.returncode == Exit.FAILED
    assert "VISAVIS_DATA_DIR" in done.stdout


def test_voices_by_language() -> None:
    done = CliRunner().invoke(app, ["voices", "--language", "en-GB", "--json"])
    found = json.loads(done.stdout)["voices"]
    assert len(found) == 8
    assert {row["language"] for row in found} == {"en-GB"}


def test_the_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"visavis {__version__}\n"
