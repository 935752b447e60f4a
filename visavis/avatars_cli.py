"""``visavis avatar``: avatars of people."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from visavis.line.people import People
    from visavis.line.person import Person

app = typer.Typer(help="Avatars of people: make, see, remove.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="What the avatar is called.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


@app.command("create")
def create_avatar(
    name: _Name,
    consent: Annotated[
        str, typer.Option(help="The statement in which the person agrees to the avatar.")
    ],
    consent_by: Annotated[str, typer.Option(help="Name of the person who agrees.")],
    video: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A clip of 4 to 15 s.")
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A photograph; beside a clip, the cover."),
    ] = None,
    audio: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A recording of the voice of 4 to 15 s."),
    ] = None,
    voice: Annotated[
        str | None, typer.Option(help="A stock voice; then no sound is needed.")
    ] = None,
    preview: Annotated[bool, typer.Option(help="Make a preview video at once.")] = True,
    as_json: _Json = False,
) -> None:
    """Make an avatar of a person who agrees to it."""
    from visavis.line.person import Consent

    people = _people()
    agreed = Consent(consent, consent_by)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), disable=as_json, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("opening", total=1.0)
        person = people.create(
            name,
            agreed,
            video=video,
            image=image,
            audio=audio,
            voice=voice,
            progress=lambda share, what: bar.update(task, completed=share, description=what),
        )
        if preview:
            bar.update(task, description="making the preview", completed=0.97)
            people.preview(name)
    _show(people, person, as_json)


@app.command("voice")
def improve_voice(name: _Name, as_json: _Json = False) -> None:
    """Fit an avatar's own voice to its recording: minutes, with the extra clone."""
    people = _people()
    bar = Progress(
        TextColumn("fitting the voice"), BarColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), disable=as_json, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("fitting", total=1.0)
        voice = people.improve_voice(name, lambda share: bar.update(task, completed=share))
    if as_json:
        alike = people.get(name).similarity
        typer.echo(json.dumps({"method": voice.method, "similarity": alike, "notes": voice.notes}))
        return
    _show(people, people.get(name), as_json)
    for note in voice.notes:
        typer.echo(note)


@app.command("list")
def list_avatars(as_json: _Json = False) -> None:
    """Every avatar of a person on this installation."""
    people = _people().all()
    if as_json:
        typer.echo(json.dumps({"avatars": [asdict(person) for person in people]}))
        return
    table = Table("Name", "Kind", "Size", "Voice", "Consent by", "Made", box=None)
    for person in people:
        table.add_row(
            person.name,
            person.kind,
            "x".join(map(str, person.size)),
            "own" if person.own_voice else person.voice,
            escape(person.consent.by),
            person.created[:10],
        )
    Console().print(table)


@app.command("show")
def show_avatar(name: _Name, as_json: _Json = False) -> None:
    """What is known of one avatar: sources, consent, warnings."""
    people = _people()
    _show(people, people.get(name), as_json)


@app.command("preview")
def preview_avatar(
    name: _Name,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The video; beside the avatar by default.")
    ] = None,
    text: Annotated[
        str, typer.Option(help="What it says.")
    ] = "Hello! This is my avatar. Whatever you write, I will say it.",
    as_json: _Json = False,
) -> None:
    """Make a video in which an avatar says a sentence."""
    path = _people().preview(name, output, text)
    typer.echo(json.dumps({"path": str(path)}) if as_json else str(path))


@app.command("delete")
def delete_avatar(
    name: _Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: _Json = False,
) -> None:
    """Remove an avatar with all its files."""
    people = _people()
    people.get(name)
    if not yes and not as_json:
        typer.confirm(f"Remove the avatar {name!r} for good?", abort=True)
    people.delete(name)
    typer.echo(json.dumps({"deleted": name}) if as_json else f"{name} is gone.")


def _people() -> "People":
    # Imported late: the command line shall start at once.
    from visavis.line.people import People

    return People()


def _show(people: "People", person: "Person", as_json: bool) -> None:
    from visavis.line.people import RIG

    path = people.path(person.name, RIG)
    if as_json:
        typer.echo(json.dumps({"avatar": asdict(person), "path": str(path)}))
        return
    table = Table(show_header=False, box=None)
    table.add_row("name", person.name)
    table.add_row("kind", f"{person.kind}, {person.size[0]}x{person.size[1]}")
    table.add_row("voice", "the person's own" if person.own_voice else person.voice)
    if alike := person.similarity:
        table.add_row(
            "likeness",
            f"{alike['after']:.2f}, nearest stock voice {alike['before']:.2f}, "
            f"the person's own recording {alike['itself']:.2f}",
        )
    table.add_row("consent", escape(f"{person.consent.statement} ({person.consent.by},"
                                    f" {person.consent.at})"))  # fmt: skip
    table.add_row("file", str(path))
    for warning in person.warnings:
        table.add_row(f"[yellow]{warning.check}[/]", f"{warning.message} {warning.remedy}")
    Console().print(table)
