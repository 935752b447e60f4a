"""Every layout on every canvas, before every kind of background, under every caption style.

The sheets in ``golden/`` were looked at. After a wanted change, write them anew with
``VISAVIS_WRITE_GOLDEN=1 pytest tests/scene/test_golden.py`` and look at them again.
"""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.scene.people import CUTOUT, PHOTO, StubMatte, frame, said
from visavis.media import Picture, VideoFormat, Writer
from visavis.scene import FULL, STYLES, Arrangement, Layout, backgrounds, compose, layout

GOLDEN = Path(__file__).parent / "golden"
WRITE = bool(os.environ.get("VISAVIS_WRITE_GOLDEN"))

LAYOUTS: dict[str, Layout] = {
    "full": FULL,
    "split": layout("split", "skyline"),
    "picture-in-picture": layout("pip", "library"),
    "voice": layout("voice", "gradient:navy,teal,45"),
}
SIZES = ((320, 180), (180, 320), (180, 180), (180, 226))
BACKGROUNDS = (
    "own", "office", "#1e8e3e", "gradient:#334466,#99aacc", "blur", "transparent", "image", "video",
)  # fmt: skip
OF_THE_PERSON = ("own", "blur", "transparent")
TALK = "Welcome to مرحبا 今天 everybody. Goodbye."
TIME = 1.0
SHADE = 96


def drawn_wall(step: int) -> Picture:
    """A checked wall on which a disc moves with every step."""
    y, x = np.mgrid[:180, :320]
    checked = ((y // 30 + x // 30) % 2)[..., None]
    wall = np.where(checked, (236, 214, 170), (196, 120, 84)).astype(np.uint8)
    cv2.circle(wall, (40 + 40 * step, 60), 26, (40, 90, 160), -1, cv2.LINE_AA)
    return wall


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An image, and a video of four pictures in 0.8 s, in its second round at `TIME`."""
    folder = tmp_path_factory.mktemp("walls")
    image, video = folder / "wall.png", folder / "wall.mp4"
    cv2.imwrite(str(image), drawn_wall(0)[..., ::-1])
    with Writer(video, VideoFormat((320, 180), Fraction(5), quality=95)) as writer:
        for step in range(4):
            writer.write_video(drawn_wall(step))
    return {"image": image, "video": video}


def cell(arranged: Layout, size: tuple[int, int], background: str | Path, style: str) -> Picture:
    """One picture; what is transparent shows a grey, and a voice has the background for visual."""
    if arranged.arrangement is Arrangement.VOICE and background not in OF_THE_PERSON:
        arranged = layout("voice", background)
    person = PHOTO if background in ("own", "blur") else CUTOUT
    compositor = compose(
        person, size, background, layout=arranged, captions=STYLES[style], matte=StubMatte()
    )
    compositor.add_words(said(TALK))
    out = frame(compositor, person, TIME)
    if out.shape[2] == 4:
        alpha = out[..., 3:].astype(np.float32) / 255
        out = np.round(out[..., :3] * alpha + SHADE * (1 - alpha)).astype(np.uint8)
    return out


def sheet(arranged: Layout, files: dict[str, Path]) -> Picture:
    """A row for every canvas and caption style, a column for every background."""
    rows = []
    room = len(BACKGROUNDS) * SIZES[0][0]
    for size in SIZES:
        for style in STYLES:
            cells = [
                cell(arranged, size, files.get(background, background), style)
                for background in BACKGROUNDS
                if background != "transparent" or arranged is FULL
            ]
            row = np.hstack(cells)
            rows.append(np.pad(row, ((0, 0), (0, room - row.shape[1]), (0, 0))))
    return np.vstack(rows)


@pytest.fixture(autouse=True)
def drawn_rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rooms that are drawn, whatever pictures of rooms are shipped by now."""
    monkeypatch.setattr(backgrounds, "_rendered", tuple)
    backgrounds._room.cache_clear()
    yield
    backgrounds._room.cache_clear()


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_grid_looks_as_it_was_looked_at(
    name: str, files: dict[str, Path], tmp_path: Path
) -> None:
    path = GOLDEN / f"{name}.webp"
    now = sheet(LAYOUTS[name], files)
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        cv2.imwrite(str(path), now[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 80])
    before = cv2.imread(str(path))
    assert before is not None, f"{path} is missing"
    assert before.shape == now.shape
    # What an eye would see: colours over a few pixels, not the grain of the coding.
    difference = np.abs(
        cv2.blur(before[..., ::-1], (5, 5)).astype(int) - cv2.blur(now, (5, 5))
    ).max(axis=2)
    if difference.mean() > 2.5 or np.percentile(difference, 99.9) > 48:
        cv2.imwrite(str(tmp_path / f"{name}.png"), now[..., ::-1])
        pytest.fail(f"{name} differs by {difference.mean():.2f} in the mean; see {tmp_path}")


def test_the_comparison_can_fail() -> None:
    before = cv2.imread(str(GOLDEN / "full.webp"))
    shifted = np.roll(before, 6, axis=1)
    difference = np.abs(cv2.blur(before, (5, 5)).astype(int) - cv2.blur(shifted, (5, 5))).max(
        axis=2
    )
    assert difference.mean() > 2.5
