"""A server of the studio for tests, as `visavis serve` starts it."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

MARK = {"x-visavis-studio": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StudioServer:
    """One installation with everything in one folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "serve.log"
        self._environment = {
            "VISAVIS_DATA_DIR": str(folder / "data"),
            "VISAVIS_PORT": str(self.port),
            "VISAVIS_FETCH_ALLOW": "127.0.0.0/8",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 120.0) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "visavis.cli", "serve"],
                env=os.environ | self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            time.sleep(0.2)
        raise AssertionError(f"the server did not start:\n{self._log.read_text()[-3000:]}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    @property
    def link(self) -> str:
        """The link that was printed."""
        found = re.search(r"http://127\S+/#\S+", self._log.read_text())
        assert found, "no link was printed"
        return found.group(0)

    @property
    def welcome(self) -> dict[str, str]:
        """What the link carries."""
        return dict(part.split("=", 1) for part in self.link.partition("#")[2].split("&"))

    @contextlib.contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A client that is signed in as a browser is."""
        with httpx.Client(base_url=self.url, headers=MARK, timeout=120) as client:
            answer = client.post("/studio/session", json={"welcome": self.welcome})
            assert answer.status_code == 200, answer.text
            yield client
