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


def carried(link: str) -> dict[str, str]:
    """What a link carries behind its `#`."""
    return dict(part.split("=", 1) for part in link.partition("#")[2].split("&"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StudioServer:
    """One installation with everything in one folder.

    Attributes:
        browser: signed in by the printed link.
        key: may do everything.
    """

    browser: httpx.Client
    key: str

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

    def start(self, seconds: float = 300.0) -> None:
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
                    return self._enter()
            time.sleep(0.2)
        raise AssertionError(f"the server did not start:\n{self._log.read_text()[-3000:]}")

    def stop(self) -> None:
        if self._process is not None:
            self.browser.close()
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
        """What the printed link carries."""
        return carried(self.link)

    def new_link(self) -> str:
        """Another link, as the command line prints it."""
        return self._admin("link")

    def new_workspace(self, name: str) -> str:
        """A key that may do everything in a workspace of its own."""
        rights = [word for scope in ("read", "write", "admin") for word in ("--scope", scope)]
        made = self._admin("keys", "create", "--workspace", name, "--rate-limit", "1200", *rights)
        return made.split()[-1]

    def _admin(self, *command: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "visavis.cli", "admin", *command],
            env=os.environ | self._environment,
            capture_output=True,
            check=True,
            text=True,
        )
        return ran.stdout.strip()

    @contextlib.contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A client that is signed in as a browser is."""
        with httpx.Client(base_url=self.url, headers=MARK, timeout=120) as client:
            client.post("/studio/session", json={"key": self.key}).raise_for_status()
            yield client

    def _enter(self) -> None:
        self.browser = httpx.Client(base_url=self.url, headers=MARK, timeout=120)
        self.browser.post("/studio/session", json={"welcome": self.welcome}).raise_for_status()
        wanted = {"name": "tests", "scopes": ["read", "write", "admin"], "rate_limit": 1200}
        self.key = self.browser.post("/v1/api-keys", json=wanted).json()["data"]["key"]
