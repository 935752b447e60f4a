"""Small real files."""

import io
import tempfile
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import soundfile


@lru_cache
def tone(seconds: float) -> bytes:
    """A WAV file."""
    out = io.BytesIO()
    samples = 0.3 * np.sin(np.arange(int(seconds * 16_000)) * 0.2)
    soundfile.write(out, samples, 16_000, format="WAV")
    return out.getvalue()


@lru_cache
def silence(seconds: float) -> bytes:
    """A WAV file in which nobody speaks."""
    out = io.BytesIO()
    soundfile.write(out, np.zeros(int(seconds * 16_000)), 16_000, format="WAV")
    return out.getvalue()


@lru_cache
def clip() -> bytes:
    """An MP4 file of four seconds in which nobody is seen."""
    from visavis.media import AudioFormat, VideoFormat, Writer

    picture = np.random.default_rng(2).integers(0, 255, (96, 128, 3), np.uint8)
    sound = np.zeros(24_000 // 15, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with Writer(path, VideoFormat((128, 96), Fraction(15)), AudioFormat(24_000)) as writer:
            for _ in range(15 * 4 + 3):
                writer.write_video(picture)
                writer.write_audio(sound)
        return path.read_bytes()


@lru_cache
def picture() -> bytes:
    """A PNG file."""
    image = np.random.default_rng(1).integers(0, 255, (96, 96, 3), np.uint8)
    return bytes(cv2.imencode(".png", image)[1])
