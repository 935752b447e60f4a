"""Pictures and sound out of a file, upright, in SDR, at the rate that was asked for."""

from collections.abc import Iterator
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Colorspace, Interpolation
from av.video.stream import VideoStream

from visavis.errors import MediaError
from visavis.media import tonemap
from visavis.media.deinterlace import progressive
from visavis.media.probe import shown_size
from visavis.media.source import (
    Source,
    audio_stream,
    check_size,
    check_sound,
    name_of,
    opened,
    start_of,
    video_stream,
)
from visavis.media.types import DEFAULT_LIMITS, Limits, Picture, Samples, VideoFrame

_UNSTATED = 2
_GAP = 0.04
"""Seconds by which sound may be late before silence is put in its place."""


def decode_video(
    source: Source,
    *,
    fps: Fraction | None = None,
    start: float = 0.0,
    threads: int = 1,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[VideoFrame]:
    """The pictures of a file, upright, with square pixels, 8-bit sRGB.

    Args:
        source: a path or the bytes of a file.
        fps: give exactly this many pictures a second, repeating and dropping as needed, the
            first at `start`; None gives every picture once with its own time.
        start: seconds into the presentation at which to start.
        threads: decoder threads.
        limits: what the file may ask for.

    Raises:
        MediaError: no pictures, damaged, or it ends well before its header says.
    """
    frames = _decoded(source, start, threads, limits)
    return frames if fps is None else _resampled(frames, fps, start)


def _decoded(source: Source, start: float, threads: int, limits: Limits) -> Iterator[VideoFrame]:
    name = name_of(source)
    with opened(source, limits) as container:
        stream = video_stream(container)
        if stream is None:
            raise MediaError(f"{name} has no pictures.")
        check_size(name, stream.codec_context.width, stream.codec_context.height, limits)
        stream.codec_context.thread_count = threads
        origin = start_of(container)
        if start > 0:
            container.seek(int((origin + start) * av.time_base))
        last = None
        held = None  # a picture from before `start` is shown until the next one begins
        for frame in progressive(container.decode(stream)):
            time = (frame.time if frame.time is not None else 0.0) - origin
            if last is not None and time <= last:
                continue
            last = time
            check_size(name, frame.width, frame.height, limits)
            if time > limits.duration:
                raise MediaError(f"{name} lasts longer than {limits.duration:.0f} s.")
            if time < start - 1e-6:
                held = frame
                continue
            if held is not None and time > start + 1e-6:
                yield VideoFrame(_upright(held, stream), start)
            held = None
            yield VideoFrame(_upright(frame, stream), time)
        if held is not None and last is not None and start < last + _length(held, stream):
            yield VideoFrame(_upright(held, stream), start)
        _check_end(name, container, stream, last)


def _length(frame: av.VideoFrame, stream: VideoStream) -> float:
    """Seconds for which a frame is shown."""
    if frame.duration and frame.time_base:
        return float(frame.duration * frame.time_base)
    return float(1 / (stream.average_rate or 25))


def _check_end(
    name: str, container: InputContainer, stream: VideoStream, last: float | None
) -> None:
    if last is None:
        raise MediaError(f"{name} has no pictures.")
    if stream.duration and stream.time_base:
        declared = float(stream.duration * stream.time_base)
        if last < 0.9 * declared - 1.0:
            raise MediaError(
                f"{name} breaks off after {last:.1f} s of {declared:.1f} s.",
                "The file was not copied as a whole; upload it again.",
            )


def _upright(frame: av.VideoFrame, stream: VideoStream) -> Picture:
    rgb = tonemap.to_sdr(frame) if tonemap.is_hdr(frame) else _rgb(frame)
    size = shown_size(frame.width, frame.height, stream.sample_aspect_ratio, 0)
    if size != (frame.width, frame.height):
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, turns)) if turns else rgb


def _rgb(frame: av.VideoFrame) -> Picture:
    """8-bit RGB; a matrix that is not stated is guessed by height, as players do."""
    matrix = None
    if frame.colorspace == _UNSTATED and not frame.format.is_rgb:
        matrix = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
    return cast(
        Picture,
        frame.to_ndarray(
            format="rgb24", src_colorspace=matrix, interpolation=Interpolation.BICUBIC
        ),
    )


def _resampled(frames: Iterator[VideoFrame], fps: Fraction, start: float) -> Iterator[VideoFrame]:
    """Every tick shows the picture nearest in time, early by at most half a tick."""
    half = float(0.5 / fps)
    index = 0
    shown: VideoFrame | None = None
    gap = 0.0
    for frame in frames:
        if shown is not None:
            gap = frame.time - shown.time
            change = max(frame.time - half, (frame.time + shown.time) / 2)
            while start + index / fps < change:
                yield VideoFrame(shown.rgb, start + float(index / fps))
                index += 1
        shown = frame
    if shown is not None:
        end = shown.time + max(gap, 2 * half)
        while start + index / fps < end - half:
            yield VideoFrame(shown.rgb, start + float(index / fps))
            index += 1


def decode_audio(
    source: Source,
    rate: int,
    *,
    channels: int = 1,
    start: float = 0.0,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Samples]:
    """The sound of a file in pieces of a fraction of a second, in step with its pictures.

    A track that starts after the pictures is led in by silence, holes in it are filled, and the
    delay of the encoder is removed.

    Args:
        source: a path or the bytes of a file.
        rate: samples per second to deliver.
        channels: 1 mixes everything down, 2 gives (n, 2).
        start: seconds into the presentation at which to start.
        limits: what the file may ask for.

    Raises:
        MediaError: no sound, or damaged.
    """
    name = name_of(source)
    with opened(source, limits) as container:
        stream = audio_stream(container)
        if stream is None:
            raise MediaError(f"{name} has no sound.")
        check_sound(name, stream.codec_context.sample_rate, stream.codec_context.channels)
        origin = start_of(container) + start
        if start > 0:
            container.seek(int(origin * av.time_base))
        layout = "mono" if channels == 1 else "stereo"
        resampler = av.AudioResampler(
            format="flt", layout=layout, rate=rate, options={"rematrix_maxval": "1"}
        )
        delivered = 0
        heard = False
        for frame in container.decode(stream):
            heard = True
            time = (frame.time or 0.0) - origin
            frame.pts = None
            for piece in resampler.resample(frame):
                for samples in _placed(_flat(piece, channels), time, delivered, rate):
                    delivered += len(samples)
                    yield samples
            if delivered > limits.duration * rate:
                raise MediaError(f"{name} lasts longer than {limits.duration:.0f} s.")
        if not heard:
            raise MediaError(f"{name} has a sound track without samples.")
        for piece in resampler.resample(None):
            yield _flat(piece, channels)


def _flat(frame: av.AudioFrame, channels: int) -> Samples:
    samples = frame.to_ndarray().astype(np.float32, copy=False).reshape(-1)
    return samples if channels == 1 else samples.reshape(-1, channels)


def _placed(samples: Samples, time: float, delivered: int, rate: int) -> Iterator[Samples]:
    """Samples led in by silence where they start late, cut where they start before zero."""
    due = round(time * rate)
    if due - delivered > _GAP * rate or (delivered == 0 and due > 0):
        missing = due - delivered
        while missing > 0:
            part = min(missing, rate)
            yield np.zeros((part, *samples.shape[1:]), np.float32)
            missing -= part
    elif delivered == 0 and due < 0:
        samples = samples[-due:]
    if len(samples):
        yield samples
