"""Visavis: text or audio in, a lip-synced person on video out.

>>> import visavis
>>> visavis.render(text="Hello there", avatar="photo.jpg", output="hello.mp4")  # doctest: +SKIP
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from visavis.line import Frame, Result
    from visavis.line.render import Progress
    from visavis.line.request import Options

__version__ = "0.1.0"

__all__ = ["film", "render", "stream"]


def render(
    *,
    text: str = "",
    avatar: str | Path | None,
    output: str | Path,
    cover: str | Path | None = None,
    cover_time: float | None = None,
    preview: str | Path | None = None,
    subtitles: Iterable[str | Path] = (),
    progress: "Progress | None" = None,
    **options: "Unpack[Options]",
) -> "Result":
    """Make a video file; it appears whole at `output` or not at all.

    Args:
        text: what is said; ``<break time="1.5s"/>`` pauses. May be empty where `audio` is given.
        avatar: path of a photograph or of a saved rig, or the name of a stock presenter; None where
            the layout is ``voice``.
        output: path that ends in .mp4 or .webm.
        cover: path of a picture to write beside it.
        cover_time: seconds into the video at which the cover is taken, 0.8 by default.
        preview: path of a small moving picture to write beside it: .gif or .webp.
        subtitles: paths of captions to write beside it: .srt, .vtt, .ass.
        progress: called with the share that is done, 0..1, and what is being done.
        **options: further fields of `visavis.line.Request`: voice, emotion, speed, resolution...

    Raises:
        VisavisError: the input cannot be used, a weight is missing or the output is unwritable.
    """
    from visavis.line import Request
    from visavis.line import render as make

    request = Request(text=text, avatar=avatar, **options)
    return make(
        request,
        output,
        cover=cover,
        cover_time=cover_time,
        preview=preview,
        subtitles=subtitles,
        progress=progress,
    )


def film(
    board: "str | Mapping[str, Any]",
    output: str | Path,
    *,
    values: "Mapping[str, Any] | None" = None,
    cover: str | Path | None = None,
    cover_time: float | None = None,
    preview: str | Path | None = None,
    subtitles: Iterable[str | Path] = (),
    progress: "Progress | None" = None,
) -> "Result":
    """Make a film of up to 50 scenes.

    Args:
        board: JSON text or what it holds, see `visavis.scene.storyboard`; ``{{names}}`` in it are
            replaced by `values`.
        output: path that ends in .mp4 or .webm.
        values: what the variables of the board stand for.
        cover, cover_time, preview, subtitles, progress: as for `render`.

    Raises:
        VisavisError: as `render`; a mistake in the board is named by its place.
    """
    from visavis.line import render_film
    from visavis.scene.storyboard import storyboard

    read = storyboard(board, values)
    return render_film(
        read,
        output,
        cover=cover,
        cover_time=cover_time,
        preview=preview,
        subtitles=subtitles,
        progress=progress,
    )


def stream(
    *, text: str = "", avatar: str | Path | None, **options: "Unpack[Options]"
) -> "Iterator[Frame]":
    """Every frame with its own stretch of sound, as fast as they are drawn.

    Args:
        text: what is said.
        avatar: as for `render`.
        **options: as for `render`.

    Raises:
        VisavisError: as `render`, before the first frame.
    """
    from visavis.line import Line, Request

    return Line(Request(text=text, avatar=avatar, **options)).frames()
