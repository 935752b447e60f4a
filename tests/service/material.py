"""Small real files."""

import io
from functools import lru_cache

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
def picture() -> bytes:
    """A PNG file."""
    image = np.random.default_rng(1).integers(0, 255, (96, 96, 3), np.uint8)
    return bytes(cv2.imencode(".png", image)[1])
