"""Whole pictures out of interlaced ones."""

from collections.abc import Iterator

import av
from av.filter import Graph


def progressive(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Pass progressive frames through; weave each interlaced frame into one whole picture.

    The filter is libavfilter's bwdif, started at the first interlaced frame.
    """
    graph: Graph | None = None
    for frame in frames:
        if graph is None and frame.interlaced_frame:
            graph = _bwdif(frame)
        if graph is None:
            yield frame
        else:
            graph.push(frame)
            yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _bwdif(frame: av.VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    weave = graph.add("bwdif", "mode=send_frame:deint=interlaced")
    sink = graph.add("buffersink")
    source.link_to(weave)
    weave.link_to(sink)
    graph.configure()
    return graph


def _pulled(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, av.VideoFrame):
            yield frame
