"""``visavis live``: avatars as agents of a LiveKit server."""

from typing import Annotated

import typer

app = typer.Typer(help="Avatars in calls.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    pass


@app.command("worker")
def worker(
    name: Annotated[
        str,
        typer.Option(
            help="Agent name, as dispatches call it; empty: every new room gets an avatar."
        ),
    ] = "visavis",
) -> None:
    """Register with the LiveKit server of VISAVIS_LIVE_URL; put an avatar into each room that asks.

    A dispatch's metadata says which: {"avatar", "voice", "quality", "prompt", "opening", ...}.
    """
    from visavis.live.worker import run_worker

    run_worker(name)
