"""Segments joined without encoding their pictures again."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.material import SMALL, at_48k, grey, heard, lag, noise, ours, raw, write
from visavis.errors import MediaError
from visavis.media import AudioFormat, VideoFormat, concat, decode_video


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(30_000, 1001)])
def test_segments_run_on_without_a_step(tmp_path: Path, suffix: str, fps: Fraction) -> None:
    sound = noise(48_000, 6)
    video = VideoFormat((64, 48), fps)
    frames = round(2 * fps)
    cut = [round(n * frames / fps * 48_000) for n in range(4)]
    parts = [tmp_path / f"{n}{suffix}" for n in range(3)]
    for part, begin, end in zip(parts, cut[:-1], cut[1:], strict=True):
        write(part, sound[begin:end], 48_000, video)
    whole = tmp_path / f"whole{suffix}"
    concat(parts, whole)
    got, first = heard(whole)
    for begin, end in pairwise(cut):
        piece = sound[begin : min(end, len(sound))]
        assert abs(first * 48_000 + lag(got[begin:], piece)) < 48
    times = [frame.time for frame in decode_video(whole)]
    assert len(times) == 3 * frames
    assert np.abs(np.array(times) - np.arange(len(times)) / float(fps)).max() < 0.0011


def test_pictures_are_copied_bit_for_bit(tmp_path: Path) -> None:
    parts = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    for part in parts:
        write(part, noise(24_000, 1), 24_000)
    concat(parts, tmp_path / "whole.mp4")
    joined = [frame.rgb for frame in decode_video(tmp_path / "whole.mp4")]
    single = [frame.rgb for part in parts for frame in decode_video(part)]
    assert all(np.array_equal(a, b) for a, b in zip(joined, single, strict=True))


def test_no_click_at_the_seam(tmp_path: Path) -> None:
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(96_000) / 48_000)).astype(np.float32)
    parts = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    for part, piece in zip(parts, np.split(tone, 2), strict=True):
        write(part, piece, 48_000)
    concat(parts, tmp_path / "whole.mp4")
    got, _ = heard(tmp_path / "whole.mp4")
    seam = np.abs(np.diff(got[47_000:49_000], 2)).max()
    # The tone itself bends by 0.00025 a sample; a hole or a repeat of one frame by 0.1 and more.
    assert seam < 0.005


def test_separate_sound_becomes_the_track(tmp_path: Path) -> None:
    parts = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    for part in parts:
        raw(part, [grey(n) for n in range(25)], codec="libx264", max_b_frames=0)
    sound = noise(24_000, 2)
    pieces = iter(np.array_split(sound, 20))
    concat(parts, tmp_path / "whole.mp4", sound=pieces, audio=AudioFormat(24_000))
    assert abs(lag(ours(tmp_path / "whole.mp4"), at_48k(sound, 24_000))) < 48


def test_different_formats_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "0.mp4", noise(24_000, 1), 24_000, SMALL)
    write(tmp_path / "1.mp4", noise(24_000, 1), 24_000, VideoFormat((96, 48), Fraction(25)))
    with pytest.raises(MediaError, match=r"1\.mp4 differs"):
        concat([tmp_path / "0.mp4", tmp_path / "1.mp4"], tmp_path / "whole.mp4")
    with pytest.raises(MediaError, match="no segments"):
        concat([], tmp_path / "whole.mp4")
    assert not (tmp_path / "whole.mp4").exists()


def test_packets_alternate(tmp_path: Path) -> None:
    parts = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    for part in parts:
        write(part, noise(24_000, 5), 24_000)
    concat(parts, tmp_path / "whole.mp4")
    with av.open(str(tmp_path / "whole.mp4")) as container:
        places = [(packet.pos, float(packet.pts * packet.time_base)) for packet in container.demux()
                  if packet.pts is not None and packet.pos is not None]  # fmt: skip
    times = np.array([time for _, time in sorted(places)])
    assert np.diff(times).min() > -1.5
