"""Avatars as agents that a LiveKit server or LiveKit Cloud dispatches to its rooms.

LiveKit's own worker registers, keeps processes warm and takes jobs; in each process stands one
avatar, the same as in sessions of our own server.
"""

import asyncio
import importlib.util
import logging
import signal
import sys

from visavis.errors import InvalidInputError
from visavis.live.plugins import PluginError
from visavis.live.settings import LiveSettings, live_settings

FULL = 0.999
"""Load at which no more jobs are taken: every place has its own."""

LOAD_SECONDS = 120.0
"""Longest time in which a process may load its models."""


def run_worker(name: str, settings: LiveSettings | None = None) -> None:
    """Serve until a signal comes.

    Args:
        name: of the agent; empty to be sent to every new room.
        settings: where the LiveKit server is; by default those of the environment.

    Raises:
        PluginError: livekit-agents is not installed.
        InvalidInputError: the settings name no LiveKit server.
    """
    if importlib.util.find_spec("livekit") is None or (
        importlib.util.find_spec("livekit.agents") is None
    ):
        raise PluginError("livekit-agents is not installed.", "pip install 'visavis[live,worker]'")
    chosen = settings or live_settings()
    if not (chosen.url and chosen.key and chosen.secret.get_secret_value()):
        raise InvalidInputError(
            "No LiveKit server is set to register with.",
            "Set VISAVIS_LIVE_URL, VISAVIS_LIVE_KEY and VISAVIS_LIVE_SECRET.",
        )
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    asyncio.run(_serve(name, chosen))


async def _serve(name: str, settings: LiveSettings) -> None:
    from livekit.agents import AgentServer

    from visavis.live.worker import job

    server = AgentServer(
        ws_url=settings.url,
        api_key=settings.key,
        api_secret=settings.secret.get_secret_value(),
        setup_fnc=job.load,
        load_fnc=lambda server: min(1.0, len(server.active_jobs) / settings.slots),
        load_threshold=FULL,
        num_idle_processes=settings.spares,
        initialize_process_timeout=LOAD_SECONDS,
        host="127.0.0.1",
        port=0,
    )
    server.rtc_session(job.perform, agent_name=name)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    running = asyncio.create_task(server.run())
    waiting = asyncio.create_task(over.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await server.aclose()
    await running
