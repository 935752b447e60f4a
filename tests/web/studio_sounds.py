"""What the studio's tests let it hear and see."""

import io
import wave
from pathlib import Path

import numpy as np
from PIL import Image


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


def speech(path: Path) -> Path:
    """Somebody who speaks for some seconds."""
    from visavis.speech import Synthesiser, join

    text = "My brother bought five very big maps before the long trip to Bombay, and one more."
    said = join(Synthesiser().synthesise(text, "en-US-heart"))
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, said.rate, 0, "NONE", ""))
        out.writeframes((said.samples * 32767).astype("<i2").tobytes())
    return path


def watch(path: Path, picture: Path) -> Path:
    """What a camera sees that looks at a picture: one frame of MJPEG, which browsers repeat."""
    shown = Image.open(picture).convert("RGB")
    shown.thumbnail((1280, 720))
    frame = Image.new("RGB", (1280, 720), (128, 128, 128))
    frame.paste(shown, ((1280 - shown.width) // 2, (720 - shown.height) // 2))
    out = io.BytesIO()
    frame.save(out, "JPEG", quality=92, subsampling="4:2:0")
    path.write_bytes(out.getvalue())
    return path
