"""Real installations for tests: SQLite and a folder, Postgres and an S3 server."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import calls
import httpx

from visavis.jobs.service import PREPARED, Service, fingerprint, open_service
from visavis.store.config import ServiceSettings
from visavis.store.database import Database
from visavis.store.tables import Offered

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUCKET = "visavis-tests"


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_binaries() -> Path | None:
    """Folder of the newest Postgres server, None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class Postgres:
    """A server of our own in a temporary folder."""

    def __init__(self, binaries: Path) -> None:
        self._bin = binaries
        self.port = free_port()
        self._prepared = False
        self.home = Path(tempfile.mkdtemp(prefix="visavis-pg-"))
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:  # the server refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.home, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", str(self.home / "db"), "-U", "visavis", "-A", "trust")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.home,
            **self._as,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -k {self.home} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.home / "log")
        self._run("pg_ctl", "-D", str(self.home / "db"), "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it."""
        self._run("pg_ctl", "-D", str(self.home / "db"), "-w", "-m", mode, "stop")

    def create(self, name: str) -> str:
        """A fresh database with the tables of this version; its address."""
        if not self._prepared:
            self._prepared = True
            with tempfile.TemporaryDirectory() as folder:
                url = self._create("prepared", "template1")
                prepare_aside(plain(Path(folder), VISAVIS_DATABASE_URL=url))
        return self._create(name, "prepared")

    def _create(self, name: str, like: str) -> str:
        at = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "visavis")
        self._run("createdb", *at, "-T", like, name)
        return f"postgresql://visavis@127.0.0.1:{self.port}/{name}"

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


@dataclass
class Installation:
    """An installation with its server running.

    Attributes:
        environment: its settings, as variables.
        settings: the same, as the domain sees them.
        url: address of the API.
    """

    name: str
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    program: tuple[str, ...] = ("serve",)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return Path(self.environment["VISAVIS_DATA_DIR"]) / "serve.log"

    @property
    def settings(self) -> ServiceSettings:
        return settings_of(self.environment)

    def let_go(self) -> None:
        """Let the cards end that wait for it."""
        Path(self.environment["VISAVIS_CARD_WORD"]).touch()

    def start(self) -> None:
        """Start the server, and wait until it and its workers are ready."""
        self.process = self.spawn("serve")
        self.wait_ready()

    def spawn(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        """Run one of the product's commands in this installation."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "visavis.server.cli", *command],
                env=os.environ | self.environment | more | {"VISAVIS_PORT": str(self.port)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self, seconds: float = 300.0) -> None:
        """Wait until the API answers that it can work."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if calls.get(f"{self.url}/readyz").status_code == 200:
                    return
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the server and wait for it."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(300)
        self.process = None
        return code

    @contextlib.contextmanager
    def opened(self) -> Iterator[Service]:
        """The domain on the same stores, for looking behind the API."""
        service = open_service(self.settings, "test")
        try:
            yield service
        finally:
            service.close()

    def key(self, workspace: str, scopes: list[str] | None = None, **more: Any) -> str:
        """An API key of a workspace."""
        with self.opened() as service:
            owner = service.keys.workspace(workspace)
            return service.keys.create(owner, "test", scopes, **more)[0]


def settings_of(environment: dict[str, str]) -> ServiceSettings:
    """Settings as the product reads them."""
    values = {
        key.removeprefix("VISAVIS_").lower(): value
        for key, value in environment.items()
        if key.startswith("VISAVIS_")
    }
    return ServiceSettings(**values)


def prepare_aside(environment: dict[str, str]) -> None:
    """What `visavis serve` does first, seconds of it."""
    command = [sys.executable, "-m", "visavis.jobs.service"]
    subprocess.run(command, env=os.environ | environment, check=True)


@lru_cache(maxsize=1)
def _template() -> bytes:
    """An SQLite file with the tables of this version."""
    with tempfile.TemporaryDirectory() as folder:
        prepare_aside(plain(Path(folder)))
        return (Path(folder) / "visavis.db").read_bytes()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Settings of an installation that was prepared before, on SQLite unless told otherwise."""
    made = plain(folder, **more)
    if "VISAVIS_DATABASE_URL" not in made:
        (folder / "visavis.db").write_bytes(_template())
    settings = settings_of(made)
    database = Database(settings.database)
    with database.write() as session:
        session.merge(Offered(name=PREPARED, value={"by": fingerprint(settings)}))
    database.close()
    return made


def plain(folder: Path, **more: str) -> dict[str, str]:
    """Settings of an installation for tests: quick cards instead of renders."""
    return {
        "VISAVIS_DATA_DIR": str(folder),
        "VISAVIS_CHILD_PROGRAM": "service_card",
        "VISAVIS_CATALOGUE": "service_card:stock",
        "VISAVIS_RENDER_SLOTS": "2",
        "VISAVIS_RENDER_MEMORY_MB": "4096",
        "VISAVIS_RATE_LIMIT": "100000",
        "VISAVIS_FETCH_ALLOW": "127.0.0.0/8",
        "VISAVIS_SHUTDOWN_SECONDS": "3",
        "VISAVIS_LIVE_SPARES": "0",
        "VISAVIS_CARD_WORD": str(folder / "word"),
        "PYTHONPATH": os.pathsep.join((str(HERE), str(ROOT))),
        **more,
    }
