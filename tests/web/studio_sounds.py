"""Sounds for the studio's tests."""

import wave
from pathlib import Path

import numpy as np


def hum(path: Path, seconds: float) -> Path:
    """A voice of sorts, which rises and falls like a sentence."""
    rate = 24_000
    time = np.arange(int(rate * seconds)) / rate
    pitch = 140 + 30 * np.sin(2 * np.pi * 0.6 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    sound = sum(np.sin(phase * k) / k for k in range(1, 9)) * (0.55 + 0.45 * np.sin(9 * time))
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes((sound / np.abs(sound).max() * 20_000).astype("<i2").tobytes())
    return path
