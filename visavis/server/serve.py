"""``visavis serve``: the API and its workers as one process tree."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import uvicorn

from visavis.jobs.logs import configure_logs
from visavis.jobs.service import open_service, prepare_aside
from visavis.server import studio
from visavis.server.app import create_app
from visavis.server.parts import installed_parts
from visavis.store.config import ServiceSettings

log = logging.getLogger(__name__)

_CALM_SECONDS = 10.0
_MAX_WAIT = 30.0


class Workers:
    """Worker processes that are started again whenever they die."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, name=f"worker-keeper-{index}", daemon=True)
            for index in range(settings.workers)
        ]
        self._running: set[subprocess.Popen[bytes]] = set()

    def start(self) -> None:
        """Start them."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask them to finish what they do, and wait."""
        self._stopping.set()
        for process in tuple(self._running):
            process.terminate()
        for thread in self._threads:
            thread.join(self._settings.shutdown_seconds + 15)
        for process in tuple(self._running):
            process.kill()

    def _keep(self) -> None:
        """Lives as long as the process it made: a child is killed with its parent's thread."""
        wait = 0.5
        while not self._stopping.is_set():
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-m", "visavis.jobs.worker"],
                env=os.environ
                | {
                    "VISAVIS_PARENT": str(os.getpid()),
                    "VISAVIS_HOST": self._settings.host,
                    "VISAVIS_PORT": str(self._settings.port),
                },
            )
            self._running.add(process)
            code = process.wait()
            self._running.discard(process)
            if self._stopping.is_set():
                return
            log.warning("worker died", extra={"exit": code})
            wait = 0.5 if time.monotonic() - began > _CALM_SECONDS else min(wait * 2, _MAX_WAIT)
            self._stopping.wait(wait)


@contextlib.contextmanager
def workers(settings: ServiceSettings) -> Iterator[None]:
    """Workers for as long as the block runs."""
    kept = Workers(settings)
    kept.start()
    try:
        yield
    finally:
        kept.stop()


class Server(uvicorn.Server):
    """Stops at a signal and lets the caller go on, instead of dying by it afterwards."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen for SIGTERM and SIGINT while serving."""
        before = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    configure_logs()
    prepare_aside(settings)
    service = open_service(settings)
    app = create_app(service, studio.routes(service), installed_parts(service))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
        timeout_keep_alive=30,
        proxy_headers=True,
    )
    sys.stdout.write(f"\n  Visavis is here: {studio.welcome_link(service)}\n\n")
    sys.stdout.flush()
    with workers(settings):
        Server(config).run()
