"""Opening of files that nobody vouches for."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from visavis.errors import MediaError
from visavis.media.types import Limits

Source = Path | str | bytes

# Containers that hold their own media. Playlists and other formats that name further files or
# addresses (HLS, DASH, concat, image sequences, SDP) are left out on purpose.
_DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,asf,mpeg,mpegts,ogg,wav,w64,aiff,mp3,aac,flac,"
    "caf,amr,au,gif,ivf,mxf,ac3,eac3,webp_pipe,apng"
)


def name_of(source: Source) -> str:
    """How messages call a source."""
    return "The data" if isinstance(source, bytes) else Path(source).name


@contextmanager
def opened(source: Source, limits: Limits) -> Iterator[InputContainer]:
    """An open container of at most the allowed size.

    Any failure of the media library while the container is open becomes a `MediaError`.

    Raises:
        MediaError: unreadable, empty, too large, not a media file, or damaged further in.
    """
    name = name_of(source)
    with _stream(source, limits) as stream:
        try:
            with av.open(
                stream, "r", container_options={"format_whitelist": _DEMUXERS}
            ) as container:
                if len(container.streams) > limits.streams:
                    raise MediaError(
                        f"{name} has {len(container.streams)} tracks, at most {limits.streams}"
                        " are read."
                    )
                yield container
        except (av.FFmpegError, EOFError, ValueError, IndexError) as error:
            raise MediaError(
                f"{name} cannot be read as media: {error}.",
                "Give a whole MP4, MOV, WebM, MKV, WAV, MP3, M4A, OGG or FLAC file.",
            ) from error


def _stream(source: Source, limits: Limits) -> BinaryIO:
    name = name_of(source)
    try:
        size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
        if size == 0:
            raise MediaError(f"{name} is empty.")
        if size > limits.size:
            raise MediaError(
                f"{name} has {size / 1e6:.0f} MB, at most {limits.size / 1e6:.0f} MB are read."
            )
        return io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")
    except OSError as error:
        raise MediaError(f"{name} cannot be opened: {error.strerror}.") from error


def video_stream(container: InputContainer) -> VideoStream | None:
    """The first track of moving pictures that can be decoded; a sound file's cover is none."""
    for stream in container.streams.video:
        if stream.codec_context and not stream.disposition & stream.disposition.attached_pic:
            return stream
    return None


def audio_stream(container: InputContainer) -> AudioStream | None:
    """The first track of sound that there is a decoder for."""
    return next((stream for stream in container.streams.audio if stream.codec_context), None)


def start_of(container: InputContainer) -> float:
    """Seconds at which the presentation starts on the container's own clock."""
    return (container.start_time or 0) / av.time_base


def check_size(name: str, width: int, height: int, limits: Limits) -> None:
    """Refuse pictures that would not fit in memory.

    Raises:
        MediaError: too many pixels, or none.
    """
    if width <= 0 or height <= 0:
        raise MediaError(f"{name} has pictures without a size.")
    if width * height > limits.pixels:
        raise MediaError(
            f"{name} has pictures of {width}x{height}, at most {limits.pixels / 1e6:.0f} million"
            " pixels are read."
        )


def check_sound(name: str, rate: int, channels: int) -> None:
    """Refuse sound that no recorder makes, before time is spent on resampling it.

    Raises:
        MediaError: a sample rate or number of channels out of range.
    """
    if not 2000 <= rate <= 768_000 or not 1 <= channels <= 64:
        raise MediaError(
            f"{name} has sound of {channels} channels at {rate} Hz.",
            "Give 1 to 64 channels at 2 to 768 kHz.",
        )
