"""The written file: in step, tagged, whole or absent."""

import os
import shutil
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.material import SMALL, at_48k, grey, heard, lag, noise, write
from visavis.errors import MediaError
from visavis.media import AudioFormat, Samples, VideoFormat, Writer


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100, 48_000])
def test_first_sample_is_with_the_first_picture(tmp_path: Path, suffix: str, rate: int) -> None:
    path = tmp_path / f"out{suffix}"
    sound = noise(rate, 2)
    write(path, sound, rate)
    got, first = heard(path)
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0)).time
    assert picture == 0
    assert abs(first + lag(got, at_48k(sound, rate)) / 48_000) < 0.001
    assert abs(len(got) / 48_000 - 2) < 0.02


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_still_in_step_after_ten_minutes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"long{suffix}"
    rate, fps, seconds = 24_000, Fraction(5), 600
    sound = noise(rate, 2)
    step = rate // 5
    with Writer(path, VideoFormat((32, 32), fps), AudioFormat(rate)) as writer:
        for index in range(seconds * 5):
            # White pictures for the last two seconds, together with the noise.
            late = index - (seconds - 2) * 5
            writer.write_video(grey(255 if late >= 0 else 0, (32, 32)))
            silent = np.zeros(step, np.float32)
            writer.write_audio(sound[late * step : (late + 1) * step] if late >= 0 else silent)
    got, first = heard(path)
    start = (seconds - 4) * 48_000
    late_sound = first + (lag(got[start:], at_48k(sound, rate)) + start) / 48_000
    with av.open(str(path)) as container:
        bright = next(f.time for f in container.decode(video=0) if f.to_ndarray().max() > 200)
    assert bright == pytest.approx(seconds - 2, abs=0.001)
    assert late_sound == pytest.approx(seconds - 2, abs=0.005)


def test_a_player_that_ignores_edit_lists_is_one_aac_frame_late(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    sound = noise(48_000, 2)
    write(path, sound, 48_000)
    with av.open(str(path), options={"ignore_editlist": "1"}) as container:
        got = np.concatenate([f.to_ndarray().reshape(-1) for f in container.decode(audio=0)])
    assert 0 <= lag(got, sound) <= 1024


def test_stereo_keeps_its_sides(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    left, right = noise(48_000, 1, 1), noise(48_000, 1, 2)
    with Writer(path, None, AudioFormat(48_000, channels=2)) as writer:
        writer.write_audio(np.stack([left, right], axis=1))
    with av.open(str(path)) as container:
        got = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    for side, sent in zip(got, (left, right), strict=True):
        assert np.corrcoef(side[: len(sent)], sent)[0, 1] > 0.9


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (200, 150, 120)])
def test_colours_survive_and_are_tagged(
    tmp_path: Path, suffix: str, colour: tuple[int, int, int]
) -> None:
    path = tmp_path / f"out{suffix}"
    with Writer(path, VideoFormat((64, 64), Fraction(25), quality=100)) as writer:
        writer.write_video(np.tile(np.array(colour, np.uint8), (64, 64, 1)))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1)
    assert np.abs(frame.to_ndarray(format="rgb24").mean((0, 1)) - colour).max() < 4


def test_alpha_survives_in_webm(tmp_path: Path) -> None:
    path = tmp_path / "out.webm"
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[:, :32] = (255, 0, 0, 255)
    picture[:, 32:] = (0, 255, 0, 100)
    with Writer(path, VideoFormat((64, 64), Fraction(25), alpha=True)) as writer:
        for _ in range(5):
            writer.write_video(picture)
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    with av.open(str(path)) as container:
        frame = next(f for packet in container.demux(video=0) for f in decoder.decode(packet))
    got = frame.to_ndarray(format="rgba").astype(int)
    assert np.abs(got[8, 8] - (255, 0, 0, 255)).max() < 8
    assert np.abs(got[8, 56] - (0, 255, 0, 100)).max() < 8


def test_header_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    write(path, noise(24_000, 1), 24_000)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_metadata_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with Writer(path, SMALL, metadata={"title": "Good morning"}) as writer:
        writer.write_video(grey(9))
    with av.open(str(path)) as container:
        assert container.metadata["title"] == "Good morning"


def _fail_in(writer: Writer) -> None:
    with writer:
        writer.write_video(grey(0))
        raise RuntimeError


def test_target_is_untouched_when_the_block_fails(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"the old file")
    with pytest.raises(RuntimeError):
        _fail_in(Writer(path, SMALL))
    assert path.read_bytes() == b"the old file"
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_run_leaves_nothing_at_the_target(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    program = (
        "import sys, numpy as np\n"
        "from fractions import Fraction\n"
        "from visavis.media import Writer, VideoFormat\n"
        "with Writer(sys.argv[1], VideoFormat((64, 48), Fraction(25))) as writer:\n"
        "    for index in range(100_000_000):\n"
        "        writer.write_video(np.full((48, 64, 3), index % 255, np.uint8))\n"
        "        if index == 50: print('under way', flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"under way\n"
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not path.exists()


def test_nothing_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="Nothing"), Writer(tmp_path / "out.mp4", SMALL):
        pass
    assert not list(tmp_path.iterdir())


def test_missing_folder_is_refused_before_work(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be written"):
        Writer(tmp_path / "missing" / "out.mp4", SMALL)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_folder_is_refused_before_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MediaError, match="cannot be written"):
        Writer(tmp_path / "out.mp4", SMALL)


@pytest.mark.parametrize(
    ("name", "video", "says"),
    [
        ("out.avi", SMALL, "what kind of file"),
        ("out", SMALL, "what kind of file"),
        ("out.mp4", None, "pictures or sound"),
        ("out.mp4", VideoFormat((65, 48), Fraction(25)), "65x48"),
        ("out.mp4", VideoFormat((64, 10_000), Fraction(25)), "64x10000"),
        ("out.mp4", VideoFormat((64, 48), Fraction(0)), "out of range"),
        ("out.mp4", VideoFormat((64, 48), Fraction(25), quality=101), "Quality"),
        ("out.mp4", VideoFormat((64, 48), Fraction(25), alpha=True), "transparent"),
    ],
)
def test_impossible_formats_are_refused(
    tmp_path: Path, name: str, video: VideoFormat | None, says: str
) -> None:
    with pytest.raises(MediaError, match=says):
        Writer(tmp_path / name, video)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sound",
    [np.zeros((10, 3), np.float32), np.full(10, np.nan, np.float32)],
    ids=["three channels", "not a number"],
)
def test_impossible_sound_is_refused(tmp_path: Path, sound: Samples) -> None:
    writer = Writer(tmp_path / "out.mp4", None, AudioFormat(24_000))
    with pytest.raises(MediaError), writer:
        writer.write_audio(sound)
    assert not list(tmp_path.iterdir())


def test_wrong_picture_is_refused(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "out.mp4", SMALL)
    with pytest.raises(MediaError, match="uint8"), writer:
        writer.write_video(np.zeros((64, 48, 3), np.uint8))


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_another_player_hears_it_in_step(tmp_path: Path, suffix: str) -> None:
    """The command-line player of the system, where there is one: another build of another age."""
    player = shutil.which("ffmpeg")
    if player is None:
        pytest.skip("no ffmpeg on this machine")
    path = tmp_path / f"out{suffix}"
    sound = noise(24_000, 3)
    write(path, sound, 24_000)
    heard_by_it = subprocess.run(
        [player, "-v", "error", "-i", path, "-f", "f32le", "-ac", "1", "-ar", "48000", "-"],
        capture_output=True,
        check=True,
    ).stdout
    got = np.frombuffer(heard_by_it, np.float32)
    assert abs(lag(got, at_48k(sound, 24_000))) < 48
