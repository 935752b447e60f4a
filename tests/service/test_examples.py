"""The executable examples run, with curl and with Node, and so does the seed's own JavaScript."""

import os
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import av
import pytest
from conftest import Client
from installations import ROOT
from material import tone

EXAMPLES = ROOT / "examples"


def run(client: Client, *command: str, folder: Path) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        command,
        env=os.environ | {"VISAVIS_URL": client.place.url, "VISAVIS_KEY": client.text},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def plays(path: Path) -> bool:
    with av.open(str(path)) as container:
        return any(True for _ in container.decode(video=0))


@pytest.fixture
def face(tmp_path: Path) -> Path:
    """A picture of a face that we may ship: a presenter's cover."""
    import cv2

    covers = resources.files("visavis.assets") / "covers"
    cover = next(Path(str(entry)) for entry in covers.iterdir())
    picture = cv2.imread(str(cover), cv2.IMREAD_UNCHANGED)
    if picture.shape[2] == 4:
        alpha = picture[..., 3:] / 255.0
        picture = (picture[..., :3] * alpha + 200 * (1 - alpha)).astype("uint8")
    path = tmp_path / "face.png"
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    path = tmp_path / "voice.wav"
    path.write_bytes(tone(6.0))
    return path


@pytest.mark.parametrize("name", ["konpro", "joggai"])
def test_curl(one_machine_client: Client, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out.mp4"
    run(one_machine_client, "bash", str(EXAMPLES / f"{name}.sh"), str(out), folder=tmp_path)
    assert plays(out)


@pytest.mark.parametrize("name", ["konpro", "joggai"])
def test_node(one_machine_client: Client, tmp_path: Path, name: str) -> None:
    said = run(one_machine_client, "node", str(EXAMPLES / f"{name}.mjs"), folder=tmp_path)
    assert f"{one_machine_client.place.url}/files/videos/" in said


def test_mosaic_with_curl(
    one_machine_client: Client, tmp_path: Path, face: Path, voice: Path
) -> None:
    out = tmp_path / "out.mp4"
    script = str(EXAMPLES / "mosaic.sh")
    run(
        one_machine_client,
        "bash",
        script,
        "image",
        str(face),
        str(voice),
        str(out),
        folder=tmp_path,
    )
    assert plays(out)


def test_mosaic_with_node(
    one_machine_client: Client, tmp_path: Path, face: Path, voice: Path
) -> None:
    said = run(
        one_machine_client,
        "node",
        str(EXAMPLES / "mosaic.mjs"),
        str(face),
        str(voice),
        folder=tmp_path,
    )
    assert "video_url" in said


@pytest.mark.slow
def test_mosaic_with_a_clip(one_machine_client: Client, tmp_path: Path, clips: Path) -> None:
    out = tmp_path / "out.mp4"
    clip = str(clips / "video" / "speaker-a.mp4")
    run(
        one_machine_client,
        "bash",
        str(EXAMPLES / "mosaic.sh"),
        "video",
        clip,
        str(out),
        folder=tmp_path,
    )
    assert plays(out)
