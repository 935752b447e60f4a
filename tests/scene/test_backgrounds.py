"""What is behind the person, and what is refused."""

import struct
import zlib
from fractions import Fraction
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.scene.people import CUTOUT, PHOTO, StubMatte, frame
from visavis.errors import MediaError, SceneError
from visavis.media import AudioFormat, Picture, VideoFormat, Writer
from visavis.scene import background_names, compose, parse_background
from visavis.scene.backgrounds import Kind, still
from visavis.scene.pictures import cover, header_size, load_image

SIZE = (320, 180)


def save(path: Path, picture: Picture, *options: int) -> Path:
    assert cv2.imwrite(str(path), picture[..., ::-1] if picture.shape[2] == 3 else picture, options)
    return path


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Ten pictures that get lighter."""
    path = tmp_path / "film.mp4"
    with Writer(path, VideoFormat((160, 120), Fraction(25), quality=95)) as writer:
        for index in range(10):
            writer.write_video(np.full((120, 160, 3), 20 + 20 * index, np.uint8))
    return path


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (None, Kind.OWN),
        ("original", Kind.OWN),
        ("blur", Kind.BLUR),
        ("transparent", Kind.TRANSPARENT),
        ("#1a73e8", Kind.COLOUR),
        ("navy", Kind.COLOUR),
        ("gradient:navy,#88aaff", Kind.GRADIENT),
        ("gradient:#000,#fff,45", Kind.GRADIENT),
        ("office", Kind.NAME),
        ("News desk", Kind.NAME),
    ],
)
def test_what_people_write(text: str | None, kind: Kind) -> None:
    assert parse_background(text).kind is kind


@pytest.mark.parametrize(
    "text", ["offfice", "#12", "#gggggg", "gradient:red", "gradient:red,unknown", "/no/such.png"]
)
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(SceneError):
        parse_background(text)


@pytest.mark.parametrize("name", background_names())
@pytest.mark.parametrize("size", [(320, 180), (180, 320), (128, 128)])
def test_every_room_fills_every_canvas(name: str, size: tuple[int, int]) -> None:
    out = frame(compose(CUTOUT, size, name), CUTOUT)
    assert out.shape == (size[1], size[0], 3)
    room = still(parse_background(name), size)
    assert np.array_equal(out[:20, :20], room[:20, :20]), "the person stands in the middle"
    assert np.array_equal(out, frame(compose(CUTOUT, size, name), CUTOUT)), "always the same"


def test_rendered_rooms_are_soft_and_fill_a_full_hd_picture() -> None:
    folder = resources.files("visavis.assets") / "backgrounds"
    rooms = [entry for entry in folder.iterdir() if entry.name.endswith(".webp")]
    shipped = {entry.name.removesuffix(".webp") for entry in rooms}
    assert shipped <= set(background_names())
    assert {
        "office",
        "classroom",
        "news-desk",
        "living-room",
        "clinic",
        "shop",
        "outdoors",
    } <= shipped
    for entry in rooms:
        picture = load_image(entry.read_bytes())
        assert picture.shape[:2] == (1080, 1920)
        grey = cv2.cvtColor(picture[..., :3], cv2.COLOR_RGB2GRAY).astype(int)
        assert grey.std() > 15, "a room, not a wall"
        assert np.abs(np.diff(grey, axis=1)).max() < 40, "nothing behind a person is sharp"


def test_colour_and_gradient() -> None:
    out = frame(compose(CUTOUT, SIZE, "#204060"), CUTOUT)
    assert tuple(out[2, 2]) == (0x20, 0x40, 0x60)
    out = frame(compose(CUTOUT, SIZE, "gradient:#000000,#ffffff"), CUTOUT)
    assert out[1, 2].max() < 8
    assert out[-2, 2].min() > 240
    turned = frame(compose(CUTOUT, SIZE, "gradient:#000000,#ffffff,90"), CUTOUT)
    assert turned[2, 2].min() > turned[2, -2].max() + 200


def test_image_fills_without_distortion(tmp_path: Path) -> None:
    wide = np.zeros((100, 400, 3), np.uint8)
    cv2.circle(wide, (200, 50), 30, (255, 255, 255), -1)
    shown = cover(load_image(save(tmp_path / "wide.png", wide)), (200, 200))
    rows, columns = np.nonzero(shown[..., 0] > 128)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=2)
    assert np.ptp(rows) == pytest.approx(120, abs=3)


def test_video_loops_and_fits(film: Path) -> None:
    compositor = compose(CUTOUT, SIZE, film, fps=Fraction(25))
    seen = [int(frame(compositor, CUTOUT, n / 25)[5, 5, 0]) for n in range(25)]
    assert seen == pytest.approx([20 + 20 * (n % 10) for n in range(25)], abs=6)


def test_own_background_of_a_cut_out_person_is_a_studio() -> None:
    out = frame(compose(CUTOUT, SIZE), CUTOUT)
    assert 90 < out[5, 5].mean() < 230


def test_matte_replaces_and_blurs_the_own_background() -> None:
    out = frame(compose(PHOTO, SIZE, "#00ff00", matte=StubMatte()), PHOTO)
    assert tuple(out[4, 4]) == (0, 255, 0)
    soft = frame(compose(PHOTO, SIZE, "blur", matte=StubMatte()), PHOTO)
    assert np.abs(np.diff(soft[6].astype(int), axis=0)).max() < 12, "no edges in the blur"
    red = soft[:30, :, 0].astype(int) - soft[:30, :, 2]
    assert red[:, :60].max() < 30, "no halo of the person"


def test_transparent_keeps_alpha(tmp_path: Path) -> None:
    compositor = compose(CUTOUT, SIZE, "transparent")
    assert compositor.alpha
    out = frame(compositor, CUTOUT)
    assert out.shape == (180, 320, 4)
    assert out[4, 4, 3] == 0
    assert out[90, 160, 3] == 255


def test_transparent_in_mp4_is_refused_before_work(tmp_path: Path) -> None:
    compositor = compose(CUTOUT, SIZE, "transparent")
    video = VideoFormat(SIZE, Fraction(25), alpha=compositor.alpha)
    with pytest.raises(MediaError, match=r"transparent.*\.webm"):
        Writer(tmp_path / "out.mp4", video)


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"<html>not found</html>")
    with pytest.raises(SceneError, match="not an image"):
        compose(CUTOUT, SIZE, fake)
    whole = save(tmp_path / "whole.png", np.zeros((64, 64, 3), np.uint8)).read_bytes()
    (tmp_path / "half.png").write_bytes(whole[:60])
    with pytest.raises(SceneError, match="damaged"):
        compose(CUTOUT, SIZE, tmp_path / "half.png")
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    with pytest.raises(SceneError, match="neither an image nor a video"):
        compose(CUTOUT, SIZE, text)


def test_an_image_of_100_megabytes_is_refused_unread(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(100 << 20)
    with pytest.raises(SceneError, match="105 MB"):
        compose(CUTOUT, SIZE, large)


def test_an_image_that_would_unpack_to_gigabytes_is_refused(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    with pytest.raises(SceneError, match="40000x40000"):
        compose(CUTOUT, SIZE, bomb)


def test_video_without_pictures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with Writer(path, None, AudioFormat(24_000)) as writer:
        writer.write_audio(np.zeros(24_000, np.float32))
    with pytest.raises(SceneError, match="no pictures"):
        compose(CUTOUT, SIZE, path)
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    with pytest.raises(SceneError, match="empty"):
        compose(CUTOUT, SIZE, empty)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tiff"])
def test_headers_tell_the_size(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (70, 123, 3), np.uint8)
    assert header_size(save(tmp_path / f"x{suffix}", picture).read_bytes()) == (123, 70)


def test_transparent_images_lie_on_white(tmp_path: Path) -> None:
    glass = np.zeros((50, 50, 4), np.uint8)
    out = frame(compose(CUTOUT, SIZE, save(tmp_path / "glass.png", glass)), CUTOUT)
    assert tuple(out[3, 3]) == (255, 255, 255)
