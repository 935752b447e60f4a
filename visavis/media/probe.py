"""What a media file holds."""

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from visavis.errors import MediaError
from visavis.media.source import (
    Source,
    audio_stream,
    check_size,
    check_sound,
    name_of,
    opened,
    video_stream,
)
from visavis.media.types import DEFAULT_LIMITS, AudioInfo, Limits, MediaInfo, VideoInfo

PQ, HLG = 16, 18
"""Numbers of the two HDR transfer functions in ITU-T H.273."""

_LOOK_AT_PACKETS = 400
_INTERLACED_ORDERS = range(2, 6)


def probe(source: Source, limits: Limits = DEFAULT_LIMITS) -> MediaInfo:
    """Describe a file; decodes at most its first picture.

    Raises:
        MediaError: not media, damaged, or beyond the limits.
    """
    name = name_of(source)
    with opened(source, limits) as container:
        video, audio = video_stream(container), audio_stream(container)
        if video is None and audio is None:
            raise MediaError(f"{name} holds neither pictures nor sound.")
        duration = (container.duration or 0) / av.time_base
        info = MediaInfo(
            container=_short_name(source, container),
            duration=duration,
            size=len(source) if isinstance(source, bytes) else Path(source).stat().st_size,
            video=_video_info(name, container, video, limits) if video else None,
            audio=_audio_info(name, audio) if audio else None,
        )
    if duration <= 0:
        info = _with_duration(info, _measured_duration(source, limits))
    if info.duration > limits.duration:
        raise MediaError(
            f"{name} lasts {info.duration:.0f} s, at most {limits.duration:.0f} s are read."
        )
    return info


def _short_name(source: Source, container: InputContainer) -> str:
    names = container.format.name.split(",")
    suffix = "" if isinstance(source, bytes) else Path(source).suffix.lower().lstrip(".")
    if suffix in names:
        return suffix
    return {"mov": "mp4", "matroska": "mkv"}.get(names[0], names[0])


def _video_info(
    name: str, container: InputContainer, stream: VideoStream, limits: Limits
) -> VideoInfo:
    context = stream.codec_context
    check_size(name, context.width, context.height, limits)
    times = _packet_times(container, stream)
    container.seek(0)
    frame = next(iter(container.decode(stream)), None)
    if frame is None:
        raise MediaError(f"{name} has a picture track without pictures.")
    rotation = frame.rotation % 360
    components = frame.format.components
    return VideoInfo(
        codec=context.codec.canonical_name,
        size=shown_size(frame.width, frame.height, stream.sample_aspect_ratio, rotation),
        fps=_mean_rate(stream, times),
        variable_rate=_uneven(times),
        rotation=rotation,
        pixel_format=frame.format.name,
        bits=components[0].bits if components else 8,
        interlaced=frame.interlaced_frame or context.field_order in _INTERLACED_ORDERS,
        hdr={PQ: "pq", HLG: "hlg"}.get(frame.color_trc, ""),
        alpha=any(part.is_alpha for part in components)
        or stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1",
    )


def _audio_info(name: str, stream: AudioStream) -> AudioInfo:
    context = stream.codec_context
    check_sound(name, context.sample_rate, context.channels)
    return AudioInfo(context.codec.canonical_name, context.sample_rate, context.channels)


def shown_size(
    width: int, height: int, pixel_aspect: Fraction | None, rotation: int
) -> tuple[int, int]:
    """Width and height of a picture with square pixels, upright."""
    if pixel_aspect and pixel_aspect > 0 and pixel_aspect != 1:
        width = max(1, round(width * pixel_aspect))
    return (height, width) if rotation % 180 == 90 else (width, height)


def _packet_times(container: InputContainer, stream: VideoStream) -> list[float]:
    """Sorted times in seconds of the first packets."""
    packets = islice(container.demux(stream), _LOOK_AT_PACKETS)
    base = float(stream.time_base or 0)
    return sorted(packet.pts * base for packet in packets if packet.pts is not None)


def _mean_rate(stream: VideoStream, times: list[float]) -> Fraction:
    if stream.average_rate and 0 < stream.average_rate < 1000:
        return stream.average_rate
    if len(times) > 1 and times[-1] > times[0]:
        return Fraction((len(times) - 1) / (times[-1] - times[0])).limit_denominator(1001)
    return Fraction(25)


def _uneven(times: list[float]) -> bool:
    """Whether some gap is half again as long as the usual one."""
    gaps = np.diff(times)
    return len(gaps) > 1 and bool(gaps.max() > 1.5 * max(float(np.median(gaps)), 0.002))


def _measured_duration(source: Source, limits: Limits) -> float:
    """Seconds from the first to the end of the last packet, for headers that do not say."""
    first, last = float("inf"), 0.0
    with opened(source, limits) as container:
        for packet in container.demux():
            if packet.pts is None or packet.time_base is None:
                continue
            start = float(packet.pts * packet.time_base)
            first = min(first, start)
            last = max(last, start + float((packet.duration or 0) * packet.time_base))
    return max(0.0, last - first) if last else 0.0


def _with_duration(info: MediaInfo, duration: float) -> MediaInfo:
    return MediaInfo(info.container, duration, info.size, info.video, info.audio)
