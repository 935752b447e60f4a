"""The frames of a clip as one member of a rig file, any of them decoded when it is wanted."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext

from visavis.rigs.files import RigError
from visavis.rigs.types import Picture

GROUP = 8
"""A picture that needs no other one comes this often, so that a jump decodes at most so many."""

_QUALITY = 14
_HEADER = struct.Struct("<4sHHI")
_MAGIC = b"VFLM"

Planes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Film:
    """H.264 pictures without reordering: the n-th packet gives the n-th picture.

    Attributes:
        size: width and height, both even.
        packets: one a picture; every `GROUP`-th is a key picture with its parameter sets.
    """

    size: tuple[int, int]
    packets: tuple[bytes, ...]

    def __len__(self) -> int:
        return len(self.packets)

    def to_bytes(self) -> bytes:
        """The film as one member of a rig file."""
        lengths = np.array([len(packet) for packet in self.packets], "<u4").tobytes()
        head = _HEADER.pack(_MAGIC, *self.size, len(self.packets))
        return b"".join([head, lengths, *self.packets])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Film":
        """The film that `to_bytes` wrote; nothing is decoded.

        Raises:
            RigError: cut short or not a film.
        """
        if len(data) < _HEADER.size or data[:4] != _MAGIC:
            raise RigError("The rig's film is missing or damaged.", "Create the avatar again.")
        _, width, height, count = _HEADER.unpack_from(data)
        start = _HEADER.size + 4 * count
        if len(data) < start:
            raise RigError("The rig's film is cut short.", "Create the avatar again.")
        lengths = np.frombuffer(data, "<u4", count, _HEADER.size).astype(np.int64)
        ends = start + np.cumsum(lengths)
        if not count or ends[-1] != len(data):
            raise RigError("The rig's film is cut short.", "Create the avatar again.")
        starts = ends - lengths
        packets = tuple(data[a:b] for a, b in zip(starts, ends, strict=True))
        return cls((width, height), packets)


class FilmWriter:
    """Encodes pictures as they come.

    Args:
        size: width and height, both even.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        codec = av.CodecContext.create("libx264", "w")
        assert isinstance(codec, VideoCodecContext)  # noqa: S101
        codec.width, codec.height = size
        codec.pix_fmt = "yuv420p"
        codec.time_base = Fraction(1, 25)
        codec.framerate = Fraction(25)
        codec.thread_count = 1
        codec.options = {
            "preset": "veryfast",
            "tune": "fastdecode",
            "crf": str(_QUALITY),
            "x264-params": f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:bframes=0:threads=1",
        }
        self._codec = codec
        self._packets: list[bytes] = []
        self._count = 0

    def write(self, picture: Picture) -> None:
        """Add the next picture, (h, w, 3) RGB."""
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = self._count
        self._count += 1
        self._packets += [bytes(packet) for packet in self._codec.encode(frame)]

    def finish(self) -> Film:
        """The whole film."""
        self._packets += [bytes(packet) for packet in self._codec.encode(None)]
        return Film(self._size, tuple(self._packets))


class FilmReader:
    """Decodes pictures of a film in any order; fastest one after the other. Not thread-safe."""

    def __init__(self, film: Film) -> None:
        self._packets: Sequence[bytes] = film.packets
        self._codec = self._opened()
        self._at = -1
        self._planes: Planes | None = None

    @staticmethod
    def _opened() -> VideoCodecContext:
        codec = av.CodecContext.create("h264", "r")
        assert isinstance(codec, VideoCodecContext)  # noqa: S101
        codec.thread_count = 1
        codec.options = {"flags": "low_delay"}
        return codec

    @property
    def at(self) -> int:
        """Number of the picture that was decoded last, -1 before the first."""
        return self._at

    def picture(self, index: int) -> Picture:
        """(h, w, 3) RGB of one picture, to be kept or drawn into.

        Raises:
            RigError: the picture cannot be decoded.
        """
        return rgb(self.planes(index))

    def planes(self, index: int) -> Planes:
        """(h * 3 / 2, w) one picture as I420, to be read alone.

        Raises:
            RigError: the picture cannot be decoded.
        """
        if self._planes is None or index != self._at:
            self._seek(index)
            while self._at < index - 1:
                self._decoded()
            self._planes = np.asarray(self._decoded().to_ndarray(format="yuv420p"), np.uint8)
        return self._planes

    def approach(self, index: int) -> None:
        """Decode one of the pictures that `index` needs, if any is missing: `planes` of it is as
        cheap as can be where this was called `GROUP` times before.

        Raises:
            RigError: a picture cannot be decoded.
        """
        self._seek(index)
        if self._at < index - 1:
            self._decoded()
            self._planes = None

    def _seek(self, index: int) -> None:
        """Start anew at the last key picture, unless the way from here is as short."""
        key = index - index % GROUP
        if not key <= self._at + 1 <= index:
            self._codec = self._opened()
            self._at, self._planes = key - 1, None

    def _decoded(self) -> av.VideoFrame:
        """The next picture."""
        self._at += 1
        try:
            frames = self._codec.decode(av.Packet(self._packets[self._at]))
        except av.FFmpegError as error:
            raise RigError(
                f"Picture {self._at} of the rig's film cannot be decoded ({error}).",
                "Create the avatar again.",
            ) from error
        if len(frames) != 1:
            raise RigError(
                f"Picture {self._at} of the rig's film is damaged.", "Create the avatar again."
            )
        return frames[0]


def rgb(planes: Planes) -> Picture:
    """(h, w, 3) RGB of an I420 picture."""
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420), np.uint8)
