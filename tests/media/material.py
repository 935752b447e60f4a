"""Media files made for the tests, and measurements on them."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from visavis.media import AudioFormat, Samples, VideoFormat, Writer
from visavis.media.decode import decode_audio

SMALL = VideoFormat((64, 48), Fraction(25))


def noise(rate: int, seconds: float, seed: int = 0) -> Samples:
    """Band-limited noise, which correlates with itself at one lag only."""
    wild = np.random.default_rng(seed).standard_normal(round(rate * seconds)) * 0.2
    return np.convolve(wild, np.ones(8) / 8, "same").astype(np.float32)


def write(path: Path, sound: Samples, rate: int, video: VideoFormat = SMALL) -> None:
    """A film whose pictures get lighter, with the sound in step."""
    frames = round(len(sound) / rate * float(video.fps))
    edges = np.linspace(0, len(sound), frames + 1).astype(int)
    width, height = video.size
    with Writer(path, video, AudioFormat(rate)) as writer:
        for index in range(frames):
            writer.write_video(np.full((height, width, 3), index % 200 + 20, np.uint8))
            writer.write_audio(sound[edges[index] : edges[index + 1]])


def at_48k(sound: Samples, rate: int) -> Samples:
    """The same sound on the clock of the file."""
    count = round(len(sound) / rate * 48_000)
    times = np.arange(count) / 48_000
    return np.interp(times, np.arange(len(sound)) / rate, sound).astype(np.float32)


def heard(path: Path) -> tuple[Samples, float]:
    """All sound at 48 kHz, and the presentation time of its first sample."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    assert frames[0].time is not None
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]), frames[0].time


def ours(path: Path, rate: int = 48_000, **options: Any) -> Samples:
    """All sound as `decode_audio` gives it."""
    return np.concatenate(list(decode_audio(path, rate, **options)))


def lag(got: Samples, sent: Samples) -> int:
    """Samples by which `got` is late."""
    size = 1 << (len(got) + len(sent)).bit_length()
    product = np.fft.rfft(got, size) * np.conj(np.fft.rfft(sent, size))
    best = int(np.argmax(np.fft.irfft(product)))
    return best - size if best > size // 2 else best


def raw(
    path: Path,
    frames: list[Any],
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: Fraction = Fraction(25),
    times: list[Fraction] | None = None,
    options: dict[str, str] | None = None,
    **context: Any,
) -> None:
    """A file written by PyAV alone, with any settings.

    Args:
        frames: (height, width, 3) uint8 arrays or ready frames.
        times: seconds of each frame; evenly spaced where None.
        context: attributes of the codec context, and ``rotation`` in degrees.
    """
    rotation = context.pop("rotation", 0)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate, options=options or {})
        first = frames[0]
        stream.width, stream.height = (
            (first.width, first.height)
            if isinstance(first, av.VideoFrame)
            else (first.shape[1], first.shape[0])
        )
        stream.pix_fmt = pix_fmt
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 9000)
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        if rotation:
            stream.set_display_rotation(rotation)
        for index, picture in enumerate(frames):
            frame = (
                picture
                if isinstance(picture, av.VideoFrame)
                else av.VideoFrame.from_ndarray(picture, format="rgb24")
            )
            if times is None:
                frame.pts, frame.time_base = index, 1 / rate
            else:
                frame.pts, frame.time_base = round(times[index] * 9000), Fraction(1, 9000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def grey(value: int, size: tuple[int, int] = (64, 48)) -> Any:
    """(height, width, 3) of one grey."""
    return np.full((size[1], size[0], 3), value, np.uint8)
