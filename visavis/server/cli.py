"""``visavis serve``, ``visavis worker`` and ``visavis admin``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from visavis.store.config import service_settings

app = typer.Typer(no_args_is_help=True)
admin = typer.Typer(no_args_is_help=True, help="Keys, backup and restore.")
keys = typer.Typer(no_args_is_help=True, help="API keys.")
admin.add_typer(keys, name="keys")
app.add_typer(admin, name="admin")

Workspace = Annotated[str, typer.Option(help="Whose key; made where it does not exist.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the HTTP API with its workers; stop it with Ctrl+C."""
    from visavis.server.serve import serve as run  # the other commands start without it

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    run(service_settings().model_copy(update=chosen))


@app.command()
def worker() -> None:
    """Take jobs for an installation that `visavis serve` runs elsewhere."""
    from visavis.jobs.service import prepare_aside
    from visavis.jobs.worker import main

    prepare_aside(service_settings())
    main()


@admin.command()
def link() -> None:
    """Print a link that signs one browser on this machine into the studio, once."""
    from visavis.jobs.service import open_service
    from visavis.server.studio import welcome_link

    service = open_service(service_settings(), "cli")
    typer.echo(welcome_link(service))
    service.close()


@admin.command()
def backup(path: Annotated[Path, typer.Argument(help="A .tar or .tar.gz file.")]) -> None:
    """Write everything into one file, while the service runs."""
    from visavis.jobs.service import open_service
    from visavis.store.backup import backup as write

    service = open_service(service_settings(), "cli")
    rows, files = write(service.core.database, service.core.blobs, path)
    service.close()
    typer.echo(f"{rows} rows and {files} files in {path}")


@admin.command()
def restore(path: Annotated[Path, typer.Argument(help="What `backup` wrote.")]) -> None:
    """Fill an empty installation from a backup; unfinished videos are begun anew."""
    from visavis.jobs.requeue import requeue
    from visavis.jobs.service import open_service, prepare_aside
    from visavis.store.backup import restore as read

    prepare_aside(service_settings())
    service = open_service(service_settings(), "cli")
    rows, files = read(service.core.database, service.core.blobs, path)
    waiting = requeue(service)
    service.close()
    typer.echo(f"{rows} rows and {files} files came back; {waiting} jobs were enqueued again")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What it is for.")] = "default",
    workspace: Workspace = "default",
    scope: Annotated[list[str] | None, typer.Option(help="read, write, admin; repeatable.")] = None,
    days: Annotated[float | None, typer.Option(help="Days it works; for ever by default.")] = None,
    rate_limit: Annotated[int, typer.Option(help="Calls a minute; 0: the dialect's.")] = 0,
) -> None:
    """Make an API key. It is printed once and kept only as a hash."""
    from visavis.jobs.service import open_service, prepare_aside

    prepare_aside(service_settings())
    service = open_service(service_settings(), "cli")
    owner = service.keys.workspace(workspace)
    seconds = None if days is None else days * 86_400
    text, _ = service.keys.create(owner, name, scope or None, seconds, rate_limit)
    service.close()
    typer.echo(text)


@keys.command("list")
def list_keys(workspace: Workspace = "default") -> None:
    """Show the keys of a workspace."""
    from visavis.jobs.service import open_service
    from visavis.server.context import iso

    service = open_service(service_settings(), "cli")
    table = Table("id", "name", "begins with", "scopes", "last used", "expires", "revoked")
    for row in service.keys.all(service.keys.workspace(workspace)):
        table.add_row(
            row.id,
            row.name,
            row.prefix,
            " ".join(row.scopes),
            iso(row.last_used_at) or "never",
            iso(row.expires_at) or "never",
            iso(row.revoked_at) or "",
        )
    service.close()
    Console().print(table)


@keys.command("revoke")
def revoke_key(key_id: str, workspace: Workspace = "default") -> None:
    """Make a key stop working at once."""
    from visavis.jobs.service import open_service

    service = open_service(service_settings(), "cli")
    service.keys.revoke(service.keys.workspace(workspace), key_id)
    service.close()
    typer.echo("revoked")


if __name__ == "__main__":
    app()
