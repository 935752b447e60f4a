"""The command line: ``visavis``."""

import json
import sys
from enum import IntEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from visavis import __version__
from visavis.avatars_cli import app as avatars_app
from visavis.errors import InvalidInputError, ModelError, VisavisError
from visavis.live.cli import app as live_app
from visavis.making import app as making_app
from visavis.models.cli import app as models_app
from visavis.server.cli import app as server_app

app = typer.Typer(
    name="visavis",
    help="Text in, a lip-synced person on video out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_errors = Console(stderr=True)


class Exit(IntEnum):
    """Exit codes; 2 is a wrong command line, as everywhere."""

    FAILED = 1
    INVALID_INPUT = 3
    MODEL_UNAVAILABLE = 4
    INTERRUPTED = 130


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


def main() -> None:
    """Run the command line; a user's mistake ends in one line that says what to do."""
    try:
        app()
    except VisavisError as error:
        sys.exit(_report(error))
    except KeyboardInterrupt:
        _errors.print("Interrupted; nothing was left behind.")
        sys.exit(Exit.INTERRUPTED)


def _report(error: VisavisError) -> Exit:
    if "--json" in sys.argv:
        body = {"code": error.code, "message": error.message, "remedy": error.remedy}
        typer.echo(json.dumps({"error": body}))
    else:
        _errors.print(
            f"[bold red]Error:[/] {error.message} {error.remedy}".rstrip(), soft_wrap=True
        )
    if isinstance(error, ModelError):
        return Exit.MODEL_UNAVAILABLE
    return Exit.INVALID_INPUT if isinstance(error, InvalidInputError) else Exit.FAILED


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"visavis {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command("voices")
def list_voices(
    language: Annotated[str | None, typer.Option(help="Only this language, e.g. en or fr.")] = None,
    as_json: Json = False,
) -> None:
    """The voices there are."""
    from visavis.speech import voices

    chosen = [v for v in voices() if v.language.lower().startswith((language or "").lower())]
    if as_json:
        rows = [
            {"voice": v.slug, "name": v.name, "language": v.language, "gender": v.gender}
            for v in chosen
        ]
        typer.echo(json.dumps({"voices": rows}))
        return
    table = Table("Voice", "Name", "Language", "Gender", box=None)
    for v in chosen:
        table.add_row(v.slug, v.name, v.language_name, v.gender)
    Console().print(table)


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is missing on this machine, and how to get it."""
    from visavis.doctor import State, examine

    findings = list(examine())
    if as_json:
        rows = [
            {"what": f.what, "state": f.state, "detail": f.detail, "remedy": f.remedy}
            for f in findings
        ]
        typer.echo(json.dumps({"findings": rows}))
    else:
        console = Console()
        colours = {State.OK: "green", State.OPTIONAL: "yellow", State.MISSING: "red"}
        for f in findings:
            remedy = f"\n         [dim]{escape(f.remedy)}[/]" if f.remedy else ""
            line = (
                f"[{colours[f.state]}]{f.state:8}[/] {escape(f.what)}: {escape(f.detail)}{remedy}"
            )
            console.print(line, soft_wrap=True)
    if any(finding.state is State.MISSING for finding in findings):
        raise typer.Exit(Exit.FAILED)


app.add_typer(avatars_app, name="avatar")
app.add_typer(live_app, name="live")
app.add_typer(making_app)
app.add_typer(models_app, name="models")
app.add_typer(server_app)

if __name__ == "__main__":
    main()
