"""A request or a film to finished files."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visavis.line.beside import Beside
from visavis.line.film import Film
from visavis.line.request import Request
from visavis.line.stream import Line, single_threaded
from visavis.media import AudioFormat, Picture, VideoFormat, Writer
from visavis.media.credentials import identity, sign
from visavis.rigs import Rig
from visavis.scene import STYLES, CaptionStyle
from visavis.scene.storyboard import Storyboard
from visavis.speech import Synthesiser

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice

Progress = Callable[[float, str], None]
"""Called with the share that is done, 0..1, and what is being done."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was made.

    Attributes:
        path: the file.
        cover: the cover picture, or None if none was asked for.
        preview: the small moving picture, or None if none was asked for.
        duration: seconds of video.
        frames: number of pictures.
        size: width and height.
        seconds: time it took, from the call to the files in place.
        stages: seconds of work by stage; stages run side by side, so they may exceed `seconds`.
        stand_ins: characters of the captions that the wanted font lacks, with the name of the font
            that stands in for it; an empty one where no font has the character.
    """

    path: Path
    cover: Path | None
    preview: Path | None
    duration: float
    frames: int
    size: tuple[int, int]
    seconds: float
    stages: dict[str, float]
    stand_ins: dict[str, str]

    @property
    def speed(self) -> float:
        """Seconds of video made in one second."""
        return self.duration / self.seconds


def render(
    request: Request,
    output: str | Path,
    *,
    cover: str | Path | None = None,
    cover_time: float | None = None,
    preview: str | Path | None = None,
    subtitles: Iterable[str | Path] = (),
    progress: Progress | None = None,
    synthesiser: Synthesiser | None = None,
    rig: Rig | None = None,
) -> Result:
    """Make a video file; it appears whole at `output` or not at all.

    The file carries content credentials that say that it is synthetic.

    Args:
        request: what is to be made.
        output: path that ends in .mp4 or .webm.
        cover: path of a picture to write beside it.
        cover_time: seconds into the video at which the cover is taken, 0.8 by default.
        preview: path of a small moving picture to write beside it: .gif or .webp.
        subtitles: paths of captions to write beside it: .srt, .vtt, .ass.
        progress: told how far it is.
        synthesiser: a loaded one to share; by default one is loaded.
        rig: the avatar where it is open already.

    Raises:
        VisavisError: the input cannot be used, a weight is missing or the output is unwritable.
    """
    single_threaded()
    beside = Beside.of(cover, cover_time, preview, subtitles)
    line = Line(request, synthesiser, rig, transcribe=bool(beside.subtitles) or None)
    style = request.caption_style or STYLES["classic"]
    return _write(line, Path(output), beside, style, progress)


def render_film(
    board: Storyboard,
    output: str | Path,
    *,
    cover: str | Path | None = None,
    cover_time: float | None = None,
    preview: str | Path | None = None,
    subtitles: Iterable[str | Path] = (),
    progress: Progress | None = None,
    synthesiser: Synthesiser | None = None,
    voices: "Mapping[str, PersonVoice] | None" = None,
) -> Result:
    """Make a film of many scenes; arguments and errors are those of `render`.

    Args:
        board: see `visavis.scene.storyboard.storyboard`.
        output, cover, cover_time, preview, subtitles, progress, synthesiser: see `render`.
        voices: people's own, by the names that the scenes give them.
    """
    single_threaded()
    beside = Beside.of(cover, cover_time, preview, subtitles)
    film = Film(board, synthesiser, voices, transcribe=bool(beside.subtitles) or None)
    style = board.captions.build() if board.captions is not None else STYLES["classic"]
    return _write(film, Path(output), beside, style, progress)


def _write(
    source: Line | Film, path: Path, beside: Beside, style: CaptionStyle, progress: Progress | None
) -> Result:
    tell = progress or (lambda _share, _what: None)
    who = identity()
    video = VideoFormat(source.size, source.fps, alpha=source.alpha)
    thumbnail: Picture | None = None
    share = 0.0
    with closing(source.frames()) as frames, Writer(path, video, AudioFormat(source.rate)) as file:
        for frame in frames:
            with source.timings.measure("encode"):
                file.write_video(frame.picture)
                file.write_audio(frame.samples)
            if thumbnail is None or frame.time <= beside.cover_time:
                thumbnail = frame.picture
            expected = source.extent.expected
            if expected:
                share = max(share, min(0.99, frame.time / expected))
            tell(share, "rendering")
        written = file.frames
    with source.timings.measure("sign"):
        sign(path, who)
    beside.write_words(source.words, style, source.size, source.starts)
    beside.write_pictures(path, thumbnail, who)
    tell(1.0, "done")
    return Result(
        path,
        beside.cover,
        beside.preview,
        float(written / source.fps),
        written,
        source.size,
        source.timings.wall,
        source.timings.stages,
        source.stand_ins,
    )
