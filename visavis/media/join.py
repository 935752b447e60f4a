"""Segments of one format into one file: pictures copied packet for packet, one unbroken sound."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from visavis.errors import MediaError
from visavis.media.decode import decode_audio
from visavis.media.source import audio_stream, opened, video_stream
from visavis.media.target import Target
from visavis.media.tracks import FILE_RATE, AudioTrack
from visavis.media.types import DEFAULT_LIMITS, AudioFormat, Samples


@dataclass(frozen=True, slots=True)
class _Segment:
    """What must agree between segments, and how many pictures one holds."""

    path: Path
    codec: str
    size: tuple[int, int]
    pixel_format: str | None
    setup: bytes | None
    rate: Fraction
    channels: int
    frames: int

    def format(self) -> tuple[object, ...]:
        return self.codec, self.size, self.pixel_format, self.setup, self.rate, self.channels


def concat(
    segments: Sequence[Path],
    path: Path | str,
    *,
    sound: Iterable[Samples] | None = None,
    audio: AudioFormat | None = None,
    metadata: dict[str, str] | None = None,
) -> None:
    """Join files that a `Writer` made with one format into one file.

    Pictures are copied without re-encoding. Sound cannot be: every segment starts with the delay
    of its encoder. It is encoded once for the whole file, from `sound`, or, where that is None,
    from the segments' own sound cut or padded to the exact length of their pictures.

    Args:
        segments: paths in order.
        path: the file to make; same container as the segments.
        sound: samples of the whole film in small pieces, in the format `audio`.
        audio: format of `sound`.
        metadata: tags of the new file.

    Raises:
        MediaError: no segments, formats that differ, or a file that cannot be read or written.
    """
    if not segments:
        raise MediaError("There are no segments to join.")
    if sound is not None and audio is None:
        raise MediaError("Sound to be joined needs its format.")
    parts = [_examine(segment) for segment in segments]
    for part in parts[1:]:
        if part.format() != parts[0].format():
            raise MediaError(
                f"{part.path.name} differs in format from {parts[0].path.name}.",
                "Write all segments with the same size, rate, codec and quality.",
            )
    if sound is None and parts[0].channels:
        audio = AudioFormat(FILE_RATE, parts[0].channels)
        sound = _own_sound(parts, audio.channels)
    with Target(Path(path), metadata or {}) as target:
        _join(parts, target, audio, iter(sound or ()))


def _join(
    parts: Sequence[_Segment],
    target: Target,
    audio: AudioFormat | None,
    sound: Iterator[Samples],
) -> None:
    with opened(parts[0].path, DEFAULT_LIMITS) as container:
        template = _pictures(parts[0].path, video_stream(container))
        output = target.container.add_stream_from_template(template)
        output.metadata.update(template.metadata)
        track = AudioTrack(target, audio) if audio else None
        target.container.start_encoding()
        begin = 0
        for part in parts:
            for index, packet in _packets(part):
                packet.stream = output
                packet.time_base = 1 / part.rate
                packet.pts = packet.dts = begin + index
                packet.duration = 1
                while track is not None and track.samples * part.rate < packet.pts * track.rate:
                    piece = next(sound, None)
                    if piece is None:
                        break
                    track.write(piece)
                target.mux(packet)
            begin += part.frames
        if track is not None:
            for piece in sound:
                track.write(piece)
            track.finish()


def _examine(path: Path) -> _Segment:
    with opened(path, DEFAULT_LIMITS) as container:
        stream, heard = _pictures(path, video_stream(container)), audio_stream(container)
        context = stream.codec_context
        rate = stream.average_rate or stream.base_rate
        if not rate:
            raise MediaError(f"{path.name} does not say how many pictures it has a second.")
        segment = _Segment(
            path=path,
            codec=context.name,
            size=(context.width, context.height),
            pixel_format=context.pix_fmt,
            setup=context.extradata,
            rate=_tidy(rate),
            channels=min(2, heard.channels) if heard else 0,
            frames=0,
        )
        indices = [index for index, _ in _indexed(container.demux(stream), segment.rate)]
    if not indices:
        raise MediaError(f"{path.name} has no pictures.")
    if sorted(indices) != list(range(len(indices))) or indices != sorted(indices):
        raise MediaError(
            f"{path.name} has holes or reordered pictures and cannot be copied as it is.",
            "Join only files that Visavis wrote.",
        )
    return replace(segment, frames=len(indices))


def _tidy(rate: Fraction) -> Fraction:
    """WebM's clock of milliseconds gives 29.97 and the like only nearly."""
    for nice in (Fraction(round(rate)), Fraction(round(rate) * 1000, 1001)):
        if abs(rate - nice) < Fraction(1, 100):
            return nice
    return rate


def _pictures(path: Path, stream: VideoStream | None) -> VideoStream:
    if stream is None:
        raise MediaError(f"{path.name} has no pictures.")
    return stream


def _packets(part: _Segment) -> "Iterator[tuple[int, Packet[VideoStream]]]":
    with opened(part.path, DEFAULT_LIMITS) as container:
        stream = _pictures(part.path, video_stream(container))
        yield from _indexed(container.demux(stream), part.rate)


def _indexed(
    packets: "Iterator[Packet[VideoStream]]", rate: Fraction
) -> "Iterator[tuple[int, Packet[VideoStream]]]":
    """Packets with the number of the picture they hold."""
    for packet in packets:
        if packet.pts is not None and packet.size > 0:
            yield round(packet.pts * packet.time_base * rate), packet


def _own_sound(parts: Sequence[_Segment], channels: int) -> Iterator[Samples]:
    """The segments' sound, each exactly as long as its pictures."""
    begin = 0
    for part in parts:
        end = begin + part.frames
        first, last = (round(Fraction(n) / part.rate * FILE_RATE) for n in (begin, end))
        missing = last - first
        for piece in decode_audio(part.path, FILE_RATE, channels=channels):
            if missing <= 0:
                break
            yield piece[:missing]
            missing -= len(piece)
        if missing > 0:
            shape = (missing,) if channels == 1 else (missing, channels)
            yield np.zeros(shape, np.float32)
        begin = end
