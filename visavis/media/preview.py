"""Small moving pictures and stills taken from a film."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from av.filter import Graph
from av.video.stream import VideoStream

from visavis.errors import MediaError
from visavis.media.decode import decode_video
from visavis.media.source import Source, name_of
from visavis.media.target import reserve
from visavis.media.types import Picture

PREVIEWS = {".gif": "gif", ".webp": "webp"}
"""What files of moving pictures may end in, and their formats."""


def picture_at(source: Source, time: float) -> Picture:
    """The picture that a film shows at `time` seconds, e.g. to be its cover.

    Raises:
        MediaError: no pictures, or the film is shorter than that.
    """
    frame = next(decode_video(source, start=max(0.0, time)), None)
    if frame is None:
        raise MediaError(
            f"{name_of(source)} has no picture at {time:g} s.", "Give an earlier time."
        )
    return frame.rgb


def write_preview(
    source: Source,
    path: Path,
    *,
    start: float = 0.0,
    seconds: float = 3.0,
    width: int = 320,
    fps: int = 12,
) -> None:
    """Write the beginning of a film as a GIF or an animated WebP that repeats for ever.

    Args:
        source: the film.
        path: ends in .gif or .webp; appears whole or not at all.
        start: seconds into the film.
        seconds: length, up to 15.
        width: pixels, 32 to 1024; the height follows.
        fps: pictures per second, 1 to 30.

    Raises:
        MediaError: unknown suffix, a value out of range, or a file that cannot be read or written.
    """
    kind = PREVIEWS.get(path.suffix.lower())
    if kind is None:
        raise MediaError(f"{path.name} is no preview.", "End its name in .gif or .webp.")
    if not 0 < seconds <= 15 or not 32 <= width <= 1024 or not 1 <= fps <= 30:
        raise MediaError(
            f"A preview of {seconds:g} s, {width} pixels wide, {fps} pictures a second is out of"
            " range.",
            "Use up to 15 s, 32 to 1024 pixels and 1 to 30 pictures a second.",
        )
    pictures = _small(source, start, seconds, width, fps)
    part = reserve(path)
    try:
        _encode(pictures, part, kind, fps)
        part.replace(path)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path.name} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _small(source: Source, start: float, seconds: float, width: int, fps: int) -> list[Picture]:
    pictures: list[Picture] = []
    for frame in decode_video(source, fps=Fraction(fps), start=start):
        if len(pictures) >= round(seconds * fps):
            break
        high, wide = frame.rgb.shape[:2]
        size = width, max(2, 2 * round(width * high / wide / 2))
        small = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA)
        pictures.append(np.asarray(small, np.uint8))
    if not pictures:
        raise MediaError(f"{name_of(source)} has no picture at {start:g} s.")
    return pictures


def _encode(pictures: list[Picture], part: Path, kind: str, fps: int) -> None:
    with av.open(str(part), "w", format=kind, options={"loop": "0"}) as container:
        codec = "gif" if kind == "gif" else "libwebp_anim"
        stream = cast(VideoStream, container.add_stream(codec, rate=fps))
        stream.width, stream.height = pictures[0].shape[1], pictures[0].shape[0]
        stream.pix_fmt = "pal8" if kind == "gif" else "yuv420p"
        frames = _frames(pictures, fps)
        for frame in _with_palette(frames) if kind == "gif" else frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(pictures: list[Picture], fps: int) -> Iterator[av.VideoFrame]:
    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, fps)
        yield frame


def _with_palette(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The frames in the 256 colours that suit all of them best."""
    graph: Graph | None = None
    for frame in frames:
        if graph is None:
            graph = _palette_graph(frame)
        graph.push(frame)
    if graph is None:
        return
    graph.push(None)
    while True:
        try:
            pulled = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(pulled, av.VideoFrame):
            yield pulled


def _palette_graph(frame: av.VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    parted = graph.add("split", "2")
    palette = graph.add("palettegen", "stats_mode=diff")
    painted = graph.add("paletteuse", "dither=bayer:bayer_scale=4")
    sink = graph.add("buffersink")
    source.link_to(parted)
    parted.link_to(palette, 0, 0)
    parted.link_to(painted, 1, 0)
    palette.link_to(painted, 0, 1)
    painted.link_to(sink)
    graph.configure()
    return graph
