"""Pictures with a time, sound, and the formats they are written in."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""(height, width, 3) RGB or (height, width, 4) RGBA with straight alpha."""

Samples = npt.NDArray[np.float32]
"""(n,) mono or (n, channels) float32, full scale -1..1."""

Effort = Literal["live", "fast", "balanced", "small"]
"""How much time an encoder may spend on one frame; more time makes the same quality smaller."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """How pictures are written.

    Attributes:
        size: width and height in pixels, both even, 16 to 8192.
        fps: frames per second, constant.
        quality: 0 (smallest) to 100 (visually lossless).
        effort: see `Effort`.
        alpha: keep the fourth channel; WebM only.
        threads: encoder threads; one is the most work per core.
    """

    size: tuple[int, int]
    fps: Fraction
    quality: int = 70
    effort: Effort = "fast"
    alpha: bool = False
    threads: int = 1


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How sound is written; files always hold 48 kHz, whatever rate the samples come at.

    Attributes:
        rate: samples per second of what `Writer.write_audio` is given.
        channels: 1 or 2.
        bitrate: bits per second; 0 chooses 128 k for stereo and 96 k for mono.
    """

    rate: int
    channels: int = 1
    bitrate: int = 0


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One decoded picture.

    Attributes:
        rgb: upright (height, width, 3) uint8.
        time: seconds from the start of the file's presentation.
    """

    rgb: Picture
    time: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file from outside may ask of this machine.

    Attributes:
        size: bytes of the file.
        duration: seconds of presentation.
        pixels: width times height of one picture.
        streams: tracks in the container.
    """

    size: int = 4 << 30
    duration: float = 4 * 3600.0
    pixels: int = 8192 * 4352
    streams: int = 32


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The picture track of a file.

    Attributes:
        codec: e.g. ``"h264"``.
        size: width and height as shown: upright and with square pixels.
        fps: mean frames per second.
        variable_rate: whether the frames are unevenly spaced.
        rotation: degrees counter-clockwise by which players turn the picture.
        pixel_format: e.g. ``"yuv420p10le"``.
        bits: bits per component.
        interlaced: whether two half pictures share a frame.
        hdr: ``""``, ``"pq"`` or ``"hlg"``.
        alpha: whether the picture may be transparent.
    """

    codec: str
    size: tuple[int, int]
    fps: Fraction
    variable_rate: bool
    rotation: int
    pixel_format: str
    bits: int
    interlaced: bool
    hdr: str
    alpha: bool


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """The first sound track of a file."""

    codec: str
    rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file holds, found without decoding all of it.

    Attributes:
        container: short name, e.g. ``"mp4"``, ``"webm"``, ``"wav"``.
        duration: seconds; measured from the packets where the header says nothing.
        size: bytes.
        video, audio: the tracks that `decode_video` and `decode_audio` would read.
    """

    container: str
    duration: float
    size: int
    video: VideoInfo | None
    audio: AudioInfo | None
