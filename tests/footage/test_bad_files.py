"""Files as strangers send them: each is named, and nothing is left of it."""

import resource
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from visavis.errors import MediaError, SourceError
from visavis.line.people import People
from visavis.line.person import Consent
from visavis.media import AudioFormat, VideoFormat, Writer

AGREED = Consent("I agree that an avatar is made of me.", "Ada Ample")
MOST_MEMORY = 300 << 10  # kilobytes that a refusal may need beyond what is in use


def blank(path: Path, size: tuple[int, int], fps: int, frames: int, sound: float = 0.0) -> None:
    """A video of grey frames, with as many seconds of silence."""
    audio = AudioFormat(24_000) if sound else None
    with Writer(path, VideoFormat(size, Fraction(fps)), audio) as writer:
        for _ in range(frames):
            writer.write_video(np.full((size[1], size[0], 3), 128, np.uint8))
        if sound:
            writer.write_audio(np.zeros(round(24_000 * sound), np.float32))


def bomb(path: Path, side: int = 30_000) -> None:
    """A film of 640x480 whose pictures are black squares of 900 million pixels in 110 KB."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    packer = zlib.compressobj(9)
    rows = bytes((side // 8 + 1) * 1000)
    packed = b"".join(packer.compress(rows) for _ in range(side // 1000)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    picture = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "rgb24"
        for number in range(110):
            packet = av.Packet(picture)
            packet.stream, packet.pts, packet.dts = stream, number, number
            packet.time_base = Fraction(1, 25)
            packet.is_keyframe = True
            container.mux(packet)


@pytest.mark.parametrize(
    ("check", "name", "make"),
    [
        ("size", "a.mp4", lambda path: blank(path, (3840, 2160), 60, 6, sound=4.5)),
        ("duration", "a.mp4", lambda path: blank(path, (64, 48), 20, 78)),
        ("duration", "a.webm", lambda path: blank(path, (64, 48), 20, 302)),
        ("one_face", "a.mp4", lambda path: blank(path, (128, 96), 12, 50)),
        ("", "a.mov", bomb),
        ("", "a.mp4", lambda path: path.write_bytes(b"PK\x03\x04" + b"\0" * 4000)),
    ],
    ids=["60 fps of 4k", "3.9 s", "15.1 s", "nobody", "bomb", "a zip file"],
)
def test_it_is_named_and_nothing_is_left(
    tmp_path: Path, check: str, name: str, make: Callable[[Path], None]
) -> None:
    make(tmp_path / name)
    people = People(tmp_path / "avatars")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((SourceError, MediaError)) as caught:
        people.create("ada", AGREED, video=tmp_path / name, voice="en-US-heart")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY
    assert getattr(caught.value, "check", "") == check
    assert caught.value.message
    assert caught.value.remedy
    assert not list(people.folder.iterdir())


def test_half_a_clip_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()
    (tmp_path / "a.mp4").write_bytes(data[: len(data) // 2])
    people = People(tmp_path / "avatars")
    with pytest.raises((SourceError, MediaError)):
        people.create("ada", AGREED, video=tmp_path / "a.mp4", voice="en-US-heart")
    assert not list(people.folder.iterdir())
