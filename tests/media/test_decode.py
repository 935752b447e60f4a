"""Decoding of the files that people really have, and of those that lie."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.media.material import at_48k, grey, lag, noise, ours, raw, write
from visavis.errors import MediaError
from visavis.media import AudioFormat, Limits, Writer, decode_audio, decode_video, probe

FPS = Fraction(25)


def quarters() -> Any:
    """(64, 96, 3): red, green, blue and white quarters, clockwise from the upper left."""
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:32, :48], picture[:32, 48:] = (255, 0, 0), (0, 255, 0)
    picture[32:, 48:], picture[32:, :48] = (0, 0, 255), (255, 255, 255)
    return picture


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_flags_are_honoured(tmp_path: Path, degrees: int) -> None:
    path = tmp_path / "turned.mp4"
    raw(path, [quarters()] * 3, rotation=degrees)
    upright = np.rot90(quarters(), degrees // 90)
    shown = next(decode_video(path)).rgb
    info = probe(path).video
    assert info is not None
    assert shown.shape == upright.shape
    assert info.size == (upright.shape[1], upright.shape[0])
    assert np.abs(shown.astype(int) - upright)[::8, ::8].mean() < 20


def test_wide_pixels_become_square(tmp_path: Path) -> None:
    path = tmp_path / "dv.mp4"
    raw(path, [grey(99)] * 3, sample_aspect_ratio=Fraction(4, 3))
    info = probe(path).video
    assert info is not None
    assert info.size == (85, 48)
    assert next(decode_video(path)).rgb.shape == (48, 85, 3)


def test_variable_rate_becomes_constant(tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    times = [Fraction(n, 1000) for n in (0, 33, 67, 300, 333, 500, 900)]
    raw(path, [grey(30 * n) for n in range(7)], times=times)
    info = probe(path).video
    assert info is not None
    assert info.variable_rate
    frames = list(decode_video(path, fps=Fraction(10)))
    assert [round(frame.time, 6) for frame in frames[:10]] == [n / 10 for n in range(10)]
    seen = [round(float(frame.rgb.mean()) / 30) for frame in frames]
    # The picture nearest in time, never one from far ahead.
    assert seen[:10] == [0, 2, 2, 3, 4, 5, 5, 5, 5, 6]


def test_odd_rates_keep_their_length(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    rate = Fraction(2213, 100)
    raw(path, [grey(n) for n in range(66)], rate=rate)
    for fps in (Fraction(24), FPS, Fraction(60), Fraction(30_000, 1001)):
        count = len(list(decode_video(path, fps=fps)))
        assert count == pytest.approx(float(66 / rate * fps), abs=1)


def test_starting_in_the_middle_shows_what_was_on(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    raw(path, [grey(4 * n) for n in range(50)], options={"g": "10"})
    frames = list(decode_video(path, fps=FPS, start=1.0))
    assert frames[0].time == pytest.approx(1.0)
    assert float(frames[0].rgb.mean()) == pytest.approx(100, abs=3)
    assert len(frames) == 25


@pytest.mark.parametrize("transfer", [16, 18], ids=["pq", "hlg"])
def test_hdr_is_tone_mapped(tmp_path: Path, transfer: int) -> None:
    path = tmp_path / "hdr.mp4"
    # Code values of a black, a grey page and reference white (BT.2408, table 1), and a highlight.
    codes = {16: (0.0, 0.38, 0.58, 0.75), 18: (0.0, 0.38, 0.75, 1.0)}[transfer]
    levels = np.repeat(np.array(codes), 16)
    code = np.tile(np.round(levels * 65535).astype(np.uint16)[None, :, None], (48, 1, 3))
    frame = av.VideoFrame.from_ndarray(code, format="rgb48le")
    frame = frame.reformat(format="yuv420p10le", dst_colorspace="bt2020")
    raw(
        path, [frame], pix_fmt="yuv420p10le", color_trc=transfer, color_primaries=9, colorspace=9,
        options={"crf": "1"},
    )  # fmt: skip
    info = probe(path).video
    assert info is not None
    assert info.hdr == {16: "pq", 18: "hlg"}[transfer]
    assert info.bits == 10
    black, page, white, glare = next(decode_video(path)).rgb[24, 8::16].mean(1)
    assert black < 8
    assert 90 < page < 170
    assert 200 < white < 250
    assert white < glare <= 255


def test_interlaced_is_woven(tmp_path: Path) -> None:
    path = tmp_path / "tape.mp4"
    pictures = []
    for index in range(12):
        # A bar that moves 6 px between the two half pictures: combs if taken as it is.
        picture = np.zeros((64, 96, 3), np.uint8)
        for field in (0, 1):
            left = 6 * (2 * index + field) % 80
            picture[field::2, left : left + 12] = 255
        pictures.append(picture)
    options = {"flags": "+ildct+ilme", "x264-params": "tff=1:interlaced=1:crf=5"}
    raw(path, pictures, options=options)
    info = probe(path).video
    assert info is not None
    assert info.interlaced
    frames = list(decode_video(path))
    assert len(frames) == 12
    woven = np.mean([_combing(frame.rgb) for frame in frames[2:-2]])
    assert woven < 0.35 * np.mean([_combing(picture) for picture in pictures[2:-2]])


def _combing(picture: Any) -> float:
    rows = picture[..., 0].astype(float)
    return float(np.abs(rows[2:] - 2 * rows[1:-1] + rows[:-2]).mean())


def _surround(path: Path, layout: str) -> None:
    """A 48 kHz tone on every channel of a WAV file."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=48_000)
        stream.codec_context.layout = layout
        channels = av.AudioLayout(layout).nb_channels
        tone = np.sin(np.arange(48_000) * 0.05) * 8000
        data = np.repeat(tone.astype(np.int16), channels)[None]
        frame = av.AudioFrame.from_ndarray(data, format="s16", layout=layout)
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_everything_mixes_down_to_mono(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "sound.wav"
    _surround(path, layout)
    got = ours(path, 16_000)
    assert got.ndim == 1
    assert len(got) == pytest.approx(16_000, abs=2)
    assert 0.15 < np.abs(got).max() < 0.3


def test_sound_that_starts_late_is_led_in_by_silence(tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    sound = noise(48_000, 1)
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio: Any = container.add_stream("pcm_s16le", rate=48_000)
        audio.codec_context.layout = "mono"
        for index in range(50):
            picture = av.VideoFrame.from_ndarray(grey(index), format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, 25)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(
            (sound * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), 24_000
        container.mux(audio.encode(frame))
    got = ours(path)
    assert lag(got, sound) == pytest.approx(24_000, abs=48)
    assert np.abs(got[:23_900]).max() == 0


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_our_own_files_come_back_in_step(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"own{suffix}"
    sound = noise(24_000, 2)
    write(path, sound, 24_000)
    assert abs(lag(ours(path), at_48k(sound, 24_000))) < 48
    assert abs(lag(ours(path, start=1.0), at_48k(sound[24_000:], 24_000))) < 240
    assert probe(path).duration == pytest.approx(2, abs=0.03)


def test_real_clips_decode_whole(clips: Path) -> None:
    for path in sorted((clips / "video").glob("*.mp4")):
        info = probe(path)
        assert info.video is not None
        frames = sum(1 for _ in decode_video(path, fps=FPS))
        assert frames / 25 == pytest.approx(info.duration, abs=0.1), path.name
    for path in sorted((clips / "audio").glob("*.wav")):
        seconds = len(ours(path, 16_000)) / 16_000
        assert seconds == pytest.approx(probe(path).duration, abs=0.01), path.name


def consume(source: Path | bytes, limits: Limits | None = None) -> None:
    """Everything that is ever done with an upload."""
    bounds = limits or Limits()
    info = probe(source, bounds)
    if info.video is not None:
        for _ in decode_video(source, limits=bounds):
            pass
    if info.audio is not None:
        for _ in decode_audio(source, 16_000, limits=bounds):
            pass


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 5000,
        b"just a text, no film at all\n" * 100,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0",
    ],
    ids=["empty", "zeros", "text", "playlist", "concat list", "cut header"],
)
def test_what_is_no_media_is_refused(data: bytes) -> None:
    with pytest.raises(MediaError):
        consume(data)


def test_sound_at_an_absurd_rate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    _surround(path, "mono")
    data = bytearray(path.read_bytes())
    assert int.from_bytes(data[24:28], "little") == 48_000
    data[24:28] = (3).to_bytes(4, "little")
    with pytest.raises(MediaError, match="3 Hz"):
        consume(bytes(data))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"nothing\.mp4 cannot be opened"):
        probe(tmp_path / "nothing.mp4")


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.6])
def test_truncated_files_are_refused(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "whole.mp4"
    rng = np.random.default_rng(0)
    raw(path, [rng.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(100)])
    data = path.read_bytes()
    with pytest.raises(MediaError):
        consume(data[: int(len(data) * keep)])
    with Writer(tmp_path / "fast.mp4", None, AudioFormat(24_000)) as writer:
        writer.write_audio(noise(24_000, 5))
    start = (tmp_path / "fast.mp4").read_bytes()
    with pytest.raises(MediaError):
        consume(start[: int(len(start) * 0.02)])


def test_faststart_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "whole.mp4"
    write(path, noise(24_000, 8), 24_000)
    data = path.read_bytes()
    with pytest.raises(MediaError):
        consume(data[: len(data) // 3])


def test_damaged_bytes_never_crash(tmp_path: Path) -> None:
    path = tmp_path / "whole.mp4"
    write(path, noise(24_000, 1), 24_000)
    data = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(5)
    for _ in range(40):
        hurt = data.copy()
        places = rng.integers(0, len(hurt), 60)
        hurt[places] = rng.integers(0, 256, 60)
        with suppress(MediaError):
            consume(hurt.tobytes())


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(size=1000), "at most"),
        (Limits(duration=1.0), "lasts"),
        (Limits(pixels=1000), "pixels"),
        (Limits(streams=1), "tracks"),
    ],
)
def test_limits_hold(tmp_path: Path, limits: Limits, says: str) -> None:
    path = tmp_path / "big.mp4"
    write(path, noise(24_000, 2), 24_000)
    with pytest.raises(MediaError, match=says):
        consume(path, limits)


def test_silent_and_blind_files_say_so(tmp_path: Path) -> None:
    with Writer(tmp_path / "sound.mp4", None, AudioFormat(24_000)) as writer:
        writer.write_audio(noise(24_000, 1))
    raw(tmp_path / "film.mp4", [grey(5)] * 3)
    with pytest.raises(MediaError, match="no pictures"):
        next(decode_video(tmp_path / "sound.mp4"))
    with pytest.raises(MediaError, match="no sound"):
        next(decode_audio(tmp_path / "film.mp4", 16_000))
