from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.footage.filming import FPS, film, lettering, paste, take, tune
from visavis.errors import MediaError, SourceError
from visavis.face import FaceTracker
from visavis.media import AudioFormat, AudioInfo, MediaInfo, Picture, VideoInfo, Writer
from visavis.performance import Pose
from visavis.rigs.footage import create_footage
from visavis.rigs.footage.checks import check_container, longest_run
from visavis.rigs.footage.shapes import lip_gaps

SIZE = (360, 480)


def refusal(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        create_footage(path)
    assert caught.value.remedy
    return caught.value


def facts(duration: float = 8.0, size: tuple[int, int] = (1280, 720), fps: float = 25) -> MediaInfo:
    rate = Fraction(fps).limit_denominator(1001)
    video = VideoInfo("h264", size, rate, False, 0, "yuv420p", 8, False, "", False)
    return MediaInfo("mp4", duration, 10, video, AudioInfo("aac", 48000, 2))


@pytest.mark.parametrize("seconds", [4.0, 3.96, 15.0, 15.04])
def test_the_allowed_lengths(seconds: float) -> None:
    check_container(facts(seconds))


@pytest.mark.parametrize("seconds", [0.0, 3.9, 15.1, 3600.0])
def test_other_lengths_are_refused(seconds: float) -> None:
    with pytest.raises(SourceError) as caught:
        check_container(facts(seconds))
    assert caught.value.check == "duration"
    assert f"{seconds:.1f} s" in caught.value.message


def test_sixty_frames_of_4k_are_refused_thirty_are_not() -> None:
    check_container(facts(size=(3840, 2160), fps=30))
    with pytest.raises(SourceError) as caught:
        check_container(facts(size=(3840, 2160), fps=60))
    assert caught.value.check == "size"
    assert "3840x2160" in caught.value.message


def test_a_slide_show_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        check_container(facts(fps=5))
    assert caught.value.check == "rate"


def test_too_short_a_file_is_refused(tmp_path: Path) -> None:
    assert refusal(film(tmp_path / "a.mp4", 3.8)).check == "duration"


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.mp4", None, AudioFormat(24_000)) as writer:
        writer.write_audio(tune(5))
    assert refusal(tmp_path / "a.mp4").check == "picture"


def test_two_people_are_refused(tmp_path: Path) -> None:
    half = [cv2.resize(p, (240, 320)) for p in take(4.4, SIZE, FPS, False)]

    def beside(index: int, _: Picture) -> Picture:
        pair = np.hstack([half[index], half[(index + 40) % len(half)]])
        return cv2.resize(pair, (480, 320)).astype(np.uint8)

    frames = film(tmp_path / "a.mp4", change=lambda i, p: _fit(beside(i, p)))
    error = refusal(frames)
    assert error.check == "one_face"


def _fit(picture: Picture) -> Picture:
    """A picture on the canvas of the clips."""
    scale = SIZE[0] / picture.shape[1]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    whole = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    whole[: small.shape[0]] = small
    return whole


def test_nobody_is_refused(tmp_path: Path) -> None:
    def wall(index: int, picture: Picture) -> Picture:
        return np.full_like(picture, 90 + index % 40)

    assert refusal(film(tmp_path / "a.mp4", change=wall)).check == "one_face"


def test_a_second_without_a_face_is_refused(tmp_path: Path) -> None:
    def leaves(index: int, picture: Picture) -> Picture:
        return np.full_like(picture, 110) if 40 <= index < 65 else picture

    error = refusal(film(tmp_path / "a.mp4", change=leaves))
    assert error.check == "face_lost"
    assert "1.0 s" in error.message
    assert "1.6 s" in error.message


def test_a_cut_is_refused(tmp_path: Path) -> None:
    def elsewhere(index: int, picture: Picture) -> Picture:
        if index < 60:
            return picture
        moved = np.roll(picture, 55, axis=1)
        return np.asarray(np.clip(moved * 0.7 + 60, 0, 255), np.uint8)

    error = refusal(film(tmp_path / "a.mp4", change=elsewhere))
    assert error.check == "cut"
    assert "2.4 s" in error.message


def test_text_over_the_mouth_is_refused(tmp_path: Path) -> None:
    bar = lettering(360, 70)
    clip = film(tmp_path / "a.mp4", change=lambda _, picture: paste(picture, bar, 0, 238))
    assert refusal(clip).check in ("mouth", "face_lost", "one_face")


def test_a_blurred_clip_is_refused(tmp_path: Path) -> None:
    def blur(_: int, picture: Picture) -> Picture:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), 9), np.uint8)

    assert refusal(film(tmp_path / "a.mp4", change=blur)).check in ("sharpness", "mouth")


def test_a_dark_clip_is_refused(tmp_path: Path) -> None:
    dark = film(tmp_path / "a.mp4", change=lambda _, p: (p // 12).astype(np.uint8))
    assert refusal(dark).check in ("exposure", "one_face", "mouth")


def test_a_tiny_face_is_refused(tmp_path: Path) -> None:
    def far(_: int, picture: Picture) -> Picture:
        whole = np.full((480, 360, 3), 128, np.uint8)
        small = cv2.resize(picture, (135, 180), interpolation=cv2.INTER_AREA)
        whole[100:280, 110:245] = small
        return whole

    assert refusal(film(tmp_path / "a.mp4", change=far)).check == "face_size"


def test_a_file_that_breaks_off_is_named(clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()
    (tmp_path / "a.mp4").write_bytes(data[: len(data) // 2])
    with pytest.raises((MediaError, SourceError)):
        create_footage(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "content", [b"", b"<html>no</html>" * 50, b"\x89PNG\r\n\x1a\n" + b"0" * 400]
)
def test_a_file_that_lies_about_its_type_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(MediaError):
        create_footage(tmp_path / "a.mp4")


def test_a_still_mouth_is_a_warning_and_speaks_all_the_same(tmp_path: Path) -> None:
    rig = create_footage(film(tmp_path / "a.mp4", still=True))
    assert "mouth_moves" in [warning["check"] for warning in rig.notes["warnings"]]
    renderer = rig.open(rig.size, FPS, 0)
    tracker = FaceTracker()
    seen = []
    for opening in [0.0] * 5 + [0.1, 0.2, 0.3] + [0.4] * 5:
        picture = renderer.render(Pose.neutral(jawOpen=opening))
        face = tracker.update(np.ascontiguousarray(picture[..., :3]))
        assert face is not None
        seen.append(lip_gaps(face.landmarks)[3:6].mean() / face.eye_distance)
    assert seen[4] < 0.03
    assert seen[-1] > 0.08


def test_runs() -> None:
    assert longest_run([]) == 0
    assert longest_run([True, False, True, True]) == 2
