"""The frames that HeyGen's SDK sends over its socket: protobuf ``pipecat.Frame``, read by hand.

``Frame`` is a oneof: 1 text {1 id, 2 name, 3 text}, 2 audio {1 id, 2 name, 3 bytes, 4 sample rate,
5 channels}, 3 transcription {1 id, 2 name, 3 text, 4 user, 5 timestamp}.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from visavis.errors import InvalidInputError

TEXT, AUDIO, TRANSCRIPTION = 1, 2, 3
_VARINT, _SIXTY_FOUR, _BYTES, _THIRTY_TWO = 0, 1, 2, 5


class FrameError(InvalidInputError):
    """Bytes that are no frame."""

    code = "invalid_frame"


@dataclass(frozen=True, slots=True)
class TextFrame:
    """Words of the person."""

    text: str


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """Sound of the person: s16le."""

    samples: bytes
    rate: int
    channels: int


def parse(data: bytes) -> TextFrame | AudioFrame | None:
    """The frame in a message; None for kinds that are not for us.

    Raises:
        FrameError: it is no frame.
    """
    for number, value in _fields(data):
        if not isinstance(value, bytes):
            continue
        inner = dict(_fields(value))
        third = inner.get(3, b"")
        if not isinstance(third, bytes):
            raise FrameError("A frame holds a number where its content should be.")
        if number == TEXT:
            return TextFrame(third.decode(errors="replace"))
        if number == AUDIO:
            rate, channels = inner.get(4, 16_000), inner.get(5, 1)
            if not (isinstance(rate, int) and isinstance(channels, int)):
                raise FrameError("A frame of sound has no sample rate.")
            return AudioFrame(third, rate or 16_000, channels or 1)
    return None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise FrameError("A frame ends in the middle of a number.")
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return value, at
        shift += 7


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        size = {_SIXTY_FOUR: 8, _THIRTY_TWO: 4}.get(kind, -1)
        if kind == _BYTES:
            size, at = _varint(data, at)
        if size < 0 or at + size > len(data):
            raise FrameError("A frame is cut short or of an unknown kind.")
        yield tag >> 3, data[at : at + size]
        at += size
