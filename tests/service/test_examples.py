"""The executable examples run, with curl and with Node, from making a key to a video that plays."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import av
import cv2
import pytest
from calls import PATIENCE
from installations import ROOT, Installation
from material import silence

EXAMPLES = ROOT / "examples"


@dataclass
class Run:
    """One example that was started; all of them run side by side, since most of it is waiting."""

    process: subprocess.Popen[str]
    out: Path

    def said(self) -> str:
        """What it said, once it ended well."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, said
        return said


def face(folder: Path) -> Path:
    """A picture of a face that we may ship: a presenter's cover."""
    covers = resources.files("visavis.assets") / "covers"
    cover = min(Path(str(entry)) for entry in covers.iterdir())
    picture = cv2.imread(str(cover), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    if picture.shape[2] == 4:
        alpha = picture[..., 3:] / 255.0
        picture = (picture[..., :3] * alpha + 200 * (1 - alpha)).astype("uint8")
    path = folder / "face.png"
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture(scope="module")
def runs(
    one_machine: Installation, tmp_path_factory: pytest.TempPathFactory, filmed: Path
) -> Iterator[dict[str, Run]]:
    """Every example, started with a key that the command line made."""
    folder = tmp_path_factory.mktemp("examples")
    sound = folder / "voice.wav"
    sound.write_bytes(silence(6.0))
    picture = str(face(folder))
    made = subprocess.run(
        [sys.executable, "-m", "visavis.server.cli", "admin", "keys", "create"],
        env=os.environ | one_machine.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    settings = {"VISAVIS_URL": one_machine.url, "VISAVIS_KEY": made.stdout.strip()}
    settings["VISAVIS_VOICE"] = "en-US-heart"  # the recordings are silent
    sources = {"image": [picture, str(sound)], "video": [str(filmed)]}
    started: dict[str, Run] = {}
    for program, suffix in (("bash", "sh"), ("node", "mjs")):
        if shutil.which(program) is None:
            continue
        wanted: dict[str, list[str]] = {"konpro": [], "joggai": []}
        wanted |= {f"mosaic {kind}": [kind, *files] for kind, files in sources.items()}
        for name, arguments in wanted.items():
            out = folder / f"{name.replace(' ', '-')}-{program}.mp4"
            file = str(EXAMPLES / f"{name.partition(' ')[0]}.{suffix}")
            process = subprocess.Popen(
                [program, file, *arguments, str(out)],
                env=os.environ | settings,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            started[f"{name} {program}"] = Run(process, out)
    yield started
    for run in started.values():
        run.process.kill()
        run.process.wait()


@pytest.mark.parametrize("name", ["konpro", "joggai", "mosaic image", "mosaic video"])
@pytest.mark.parametrize("program", ["bash", "node"])
def test_a_flow_ends_in_a_video_that_plays(
    runs: dict[str, Run], one_machine: Installation, name: str, program: str
) -> None:
    if f"{name} {program}" not in runs:
        pytest.skip(f"{program} is not installed")
    run = runs[f"{name} {program}"]
    said = run.said()
    if (name, program) == ("konpro", "node"):  # KonPro's own example prints the link and no more
        assert f"Video generated: {one_machine.url}/files/videos/" in said
        return
    with av.open(str(run.out)) as container:
        assert container.streams.audio
        assert sum(1 for _ in container.decode(video=0)) >= 10


def test_the_node_example_of_konpro_is_the_vendors_own() -> None:
    """Unmodified but for address, key and ids."""
    ours = (EXAMPLES / "konpro.mjs").read_text()
    for line in VENDORS.strip().splitlines():
        assert line.strip() in ours, line


VENDORS = """
async function generateAvatarVideo() {
            method: 'POST',
                'x-api-key': apiKey,
                'Content-Type': 'application/json'
                text: 'Welcome to our platform! Let me show you around.',
                    resolution: '1080p',
                    format: 'mp4',
                    background: 'office'
        const { job_id } = await response.json();
        while (!videoUrl) {
            await new Promise(resolve => setTimeout(resolve, 5000));
            if (status.status === 'completed') {
                videoUrl = status.video_url;
            } else if (status.status === 'failed') {
                throw new Error('Video generation failed');
"""
