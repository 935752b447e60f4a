"""The commands that make videos: ``say``, ``demo`` and ``film``."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from visavis.errors import InvalidInputError

if TYPE_CHECKING:
    from visavis.line import Result
    from visavis.scene import Layout
    from visavis.scene.layouts import Corner, Shape

app = typer.Typer()
_console = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
Avatar = Annotated[
    str,
    typer.Option(
        "--avatar", "-a", help="A photograph, a clip, an avatar's name or file, or a presenter."
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to make: .mp4 or .webm.")]
Subtitles = Annotated[
    list[Path] | None,
    typer.Option(help="Also write captions: .srt, .vtt or .ass; may be given again."),
]
Cover = Annotated[Path | None, typer.Option(help="Also write a cover picture here.")]
CoverTime = Annotated[
    float | None, typer.Option(help="Seconds into the video at which the cover is taken.")
]
Preview = Annotated[
    Path | None, typer.Option(help="Also write a small moving picture: .gif or .webp.")
]
VoiceName = Annotated[
    str | None,
    typer.Option(
        "--voice",
        "-v",
        help="Who speaks; `visavis voices` lists them. By default the avatar's own.",
    ),
]


@app.command()
def say(
    text: Annotated[
        str, typer.Argument(help='What is said; pauses as <break time="1.5s"/>; - reads it in.')
    ] = "",
    audio: Annotated[
        Path | None,
        typer.Option(help="A recording instead of a voice; the text is then what it reads."),
    ] = None,
    avatar: Avatar = "ava",
    voice: VoiceName = None,
    output: Output = Path("out.mp4"),
    emotion: Annotated[str, typer.Option(help="How it is said, e.g. friendly.")] = "neutral",
    speed: Annotated[float, typer.Option(help="Rate of speech, 0.5 to 2.")] = 1.0,
    pitch: Annotated[float, typer.Option(help="Semitones up or down, -6 to 6.")] = 0.0,
    volume: Annotated[float, typer.Option(help="Gain of the voice, 0 to 2.")] = 1.0,
    resolution: Annotated[str, typer.Option("--resolution", "-r", help="360p to 4k.")] = "720p",
    aspect: Annotated[str, typer.Option(help="auto, portrait, landscape, square or 4:5.")] = "auto",
    fps: Annotated[int, typer.Option(help="24, 25, 30, 50 or 60.")] = 25,
    background: Annotated[
        str | None,
        typer.Option(
            "--background",
            "-b",
            help="A name, a colour, gradient:navy,#88aaff, an image, a video, blur or transparent.",
        ),
    ] = None,
    pronounce: Annotated[
        list[str] | None,
        typer.Option(help='A word said otherwise: "Kokoro=/kəˈkɔɹoʊ/"; may be given again.'),
    ] = None,
    layout: Annotated[str, typer.Option(help="full, split, pip or voice.")] = "full",
    visual: Annotated[
        str | None, typer.Option(help="The second picture of a layout: image, video, colour.")
    ] = None,
    corner: Annotated[
        str, typer.Option(help="Of a picture in picture: bottom-right, top-left...")
    ] = "bottom-right",
    shape: Annotated[
        str, typer.Option(help="Of a picture in picture: circle, rounded or square.")
    ] = "circle",
    captions: Annotated[
        str | None, typer.Option(help="Burn in captions: classic, boxed, highlight or pill.")
    ] = None,
    font: Annotated[Path | None, typer.Option(help="A font file for the captions.")] = None,
    subtitles: Subtitles = None,
    music: Annotated[Path | None, typer.Option(help="Music under the speech.")] = None,
    music_volume: Annotated[float, typer.Option(help="Gain of the music, 0 to 2.")] = 1.0,
    duck: Annotated[
        float, typer.Option(help="Decibels by which music makes room for speech, 0 to 40.")
    ] = 12.0,
    watermark: Annotated[str | None, typer.Option(help="A line of text or a logo.")] = None,
    test: Annotated[bool, typer.Option(help="Fast, small and marked as a test.")] = False,
    cover: Cover = None,
    cover_time: CoverTime = None,
    preview: Preview = None,
    seed: Annotated[int, typer.Option(help="Other blinks, glances and nods.")] = 0,
    as_json: Json = False,
) -> None:
    """Make a face say a text, or what a recording says, as a video file."""
    from visavis.line import Request, render
    from visavis.scene import caption_style

    request = Request(
        text=sys.stdin.read() if text == "-" else text,
        audio=audio,
        avatar=avatar,
        voice=voice,
        emotion=emotion,
        speed=speed,
        pitch=pitch,
        volume=volume,
        lexicon=_pairs(pronounce or [], "pronunciation", "word=/phonemes/ or word=respelling"),
        resolution=resolution,
        aspect=aspect,
        fps=fps,
        background=background,
        layout=_arranged(layout, visual, background, corner, shape),
        visual=visual,
        captions=caption_style(captions or "classic", font=font) if captions or font else False,
        watermark=watermark,
        music=music,
        music_volume=music_volume,
        duck=duck,
        test=test,
        seed=seed,
    )
    with _bar(hidden=as_json) as tell:
        result = render(
            request,
            output,
            cover=cover,
            cover_time=cover_time,
            preview=preview,
            subtitles=subtitles or (),
            progress=tell,
        )
    _tell(result, as_json)


@app.command()
def demo(output: Output = Path("demo.mp4"), as_json: Json = False) -> None:
    """Make the demonstration: a presenter introduces the product."""
    from visavis.line import Request, render

    text = (
        "Hello! I am Ava, and I live on this machine. Give me a text, and I will say it. "
        "No cloud, no meter, and no need for a big graphics card."
    )
    request = Request(text=text, avatar="ava", emotion="friendly", aspect="landscape")
    with _bar(hidden=as_json) as tell:
        result = render(request, output, progress=tell)
    _tell(result, as_json)


@app.command()
def film(
    board: Annotated[Path, typer.Argument(help="A storyboard in JSON; - reads it in.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The film, or with --rows a folder of films.")
    ] = Path("film.mp4"),
    value: Annotated[
        list[str] | None, typer.Option("--set", help="A variable: name=Anna; may be given again.")
    ] = None,
    rows: Annotated[
        Path | None, typer.Option(help="A CSV with a column per variable: a film for every row.")
    ] = None,
    subtitles: Subtitles = None,
    cover: Cover = None,
    cover_time: CoverTime = None,
    preview: Preview = None,
    as_json: Json = False,
) -> None:
    """Make a film of many scenes, or a batch of them.

    With --rows, of the names of captions, covers and previews only the endings count: they lie
    beside each film.
    """
    from visavis.line import render_film
    from visavis.scene.storyboard import batch, storyboard
    from visavis.speech import Synthesiser

    text = sys.stdin.read() if str(board) == "-" else _read(board)
    if rows is None:
        films = [(storyboard(text, _pairs(value or [], "variable", "name=value")), output)]
    else:
        table = list(csv.DictReader(_read(rows).splitlines()))
        made = batch(text, table)
        output.mkdir(parents=True, exist_ok=True)
        films = [(one, output / f"{number:03}.mp4") for number, one in enumerate(made, 1)]

    def beside(path: Path, wanted: Path | None) -> Path | None:
        return wanted if wanted is None or rows is None else path.with_suffix(wanted.suffix)

    synthesiser = Synthesiser()
    for one, path in films:
        with _bar(hidden=as_json) as tell:
            result = render_film(
                one,
                path,
                cover=beside(path, cover),
                cover_time=cover_time,
                preview=beside(path, preview),
                subtitles=[beside(path, each) or each for each in subtitles or ()],
                progress=tell,
                synthesiser=synthesiser,
            )
        _tell(result, as_json)


def _arranged(
    name: str, visual: str | None, background: str | None, corner: str, shape: str
) -> "str | Layout":
    """The layout as the options have it."""
    from visavis.scene import layout

    if name in ("full", "1"):
        return name
    second = visual or background or "studio"
    return layout(name, second, corner=cast("Corner", corner), shape=cast("Shape", shape))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read: {error}.", "Give a text file.") from error


def _pairs(pairs: list[str], what: str, form: str) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, content = pair.partition("=")
        if not (name and equals and content):
            raise InvalidInputError(f"{pair!r} is no {what}.", f"Write it as {form}.")
        found[name.strip()] = content.strip()
    return found


def _tell(result: "Result", as_json: bool) -> None:
    facts: dict[str, Any] = {
        "path": str(result.path),
        "cover": str(result.cover) if result.cover else None,
        "preview": str(result.preview) if result.preview else None,
        "duration": round(result.duration, 3),
        "frames": result.frames,
        "width": result.size[0],
        "height": result.size[1],
        "seconds": round(result.seconds, 3),
        "stages": {stage: round(spent, 3) for stage, spent in result.stages.items()},
        "stand_ins": result.stand_ins,
    }
    if as_json:
        typer.echo(json.dumps(facts))
        return
    table = Table("stage", "seconds", box=None, pad_edge=False)
    for stage, spent in result.stages.items():
        table.add_row(stage, f"{spent:.2f}")
    table.add_row("wall clock", f"{result.seconds:.2f}")
    _console.print(table)
    for font in sorted(set(result.stand_ins.values())):
        letters = " ".join(each for each, name in result.stand_ins.items() if name == font)
        told = f"{font} stands in for" if font else "No font of this machine has"
        typer.echo(f"{told}: {letters}", err=True)
    typer.echo(
        f"{result.path}: {result.duration:.1f} s of {result.size[0]}x{result.size[1]} video,"
        f" {result.speed:.1f} times faster than real time"
    )


@contextmanager
def _bar(*, hidden: bool) -> Iterator[Any]:
    """A progress bar on standard error while the context lasts."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=_console,
        disable=hidden or not _console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("opening", total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=what)
