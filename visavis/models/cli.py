"""``visavis models``: list, pull and verify the weights."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from visavis import models
from visavis.errors import ModelError
from visavis.models.console import progress_bars
from visavis.models.digests import describe_size
from visavis.models.errors import UnknownModelError

UNAVAILABLE = 4
"""Exit code where a weight is missing or wrong."""

app = typer.Typer(help="The weights: what there is, fetching, checking.", no_args_is_help=True)

_Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Models; see `visavis models list`.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


@app.command("list")
def list_models(as_json: _Json = False) -> None:
    """Every model with its size and licence, and whether it is here."""
    rows = [(model, models.present(model.name)) for model in models.catalogue()]
    if as_json:
        _print_json(
            [
                {
                    "name": model.name,
                    "version": model.version,
                    "summary": model.summary,
                    "licence": model.licence,
                    "homepage": model.homepage,
                    "extra": model.extra,
                    "bytes": model.bytes,
                    "present": here,
                }
                for model, here in rows
            ]
        )
        return
    table = Table("Model", "Here", "Size", "Extra", "Licence", "What for", box=None)
    for model, here in rows:
        table.add_row(
            model.name,
            "yes" if here else "no",
            describe_size(model.bytes),
            model.extra or "",
            model.licence,
            model.summary,
        )
    Console().print(table)


@app.command()
def pull(
    names: _Names = None,
    extra: Annotated[
        list[str] | None,
        typer.Option("--extra", help="Also what this extra needs; may be given again."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every model there is.")] = False,
    as_json: _Json = False,
) -> None:
    """Fetch and check what is missing; without names, what the core needs."""
    wanted = _choose(names or [], extra or [], everything=everything)
    store = models.store()
    if as_json:
        found = {name: store.ensure(name) for name in wanted}
        _print_json(
            [
                {"name": name, "files": {file: str(path) for file, path in files.items()}}
                for name, files in found.items()
            ]
        )
        return
    with progress_bars() as progress:
        store.pull(wanted, progress)
    for name in wanted:
        model = store.model(name)
        typer.echo(f"{name} {model.version}: {describe_size(model.bytes)}, verified")


@app.command()
def verify(names: _Names = None, as_json: _Json = False) -> None:
    """Hash every file again; without names, of every model that is here."""
    store = models.store()
    wanted = names or [model.name for model in models.catalogue() if models.present(model.name)]
    for name in wanted:
        store.model(name)
    failures: dict[str, ModelError] = {}
    for name in wanted:
        try:
            store.verify(name)
        except ModelError as error:
            failures[name] = error
        if not as_json:
            typer.echo(f"{name}: {failures.get(name, 'verified')}", err=name in failures)
    if as_json:
        _print_json([_verdict(name, failures.get(name)) for name in wanted])
    if failures:
        raise typer.Exit(UNAVAILABLE)


def _verdict(name: str, failure: ModelError | None) -> dict[str, object]:
    if failure is None:
        return {"name": name, "ok": True}
    error = {"code": failure.code, "message": failure.message, "remedy": failure.remedy}
    return {"name": name, "ok": False, "error": error}


def _choose(names: list[str], extras: list[str], *, everything: bool) -> list[str]:
    """The models to fetch, in the manifest's order; raises UnknownModelError."""
    catalogue = models.catalogue()
    known = {model.extra for model in catalogue if model.extra is not None}
    for extra in extras:
        if extra not in known:
            raise UnknownModelError(
                f"No model belongs to an extra {extra!r}.",
                f"Extras with models: {', '.join(sorted(known))}.",
            )
    for name in names:
        models.store().model(name)
    core = not names
    return [
        model.name
        for model in catalogue
        if everything
        or model.name in names
        or model.extra in extras
        or (core and model.extra is None)
    ]


def _print_json(entries: list[dict[str, object]]) -> None:
    typer.echo(json.dumps({"models": entries}, indent=2))
