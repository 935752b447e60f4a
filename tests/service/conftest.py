"""Installations, workspaces and receivers that the service's tests ask for.

Servers live as long as this folder's tests, so that other tests have the machine for themselves.
"""

import contextlib
import itertools
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from calls import PATIENCE
from installations import (
    BUCKET,
    Installation,
    Postgres,
    environment,
    free_port,
    postgres_binaries,
    settings_of,
)
from starlette.testclient import TestClient

from visavis.jobs import media_child
from visavis.jobs import service as jobs_service
from visavis.jobs.service import Service, open_service
from visavis.server.app import create_app

_NAMES = itertools.count()


@pytest.fixture(scope="package")
def postgres() -> Iterator[Postgres]:
    """A Postgres server."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no Postgres server: install the Debian package postgresql to run this")
    server = Postgres(binaries)
    yield server
    server.close()


@pytest.fixture(scope="package")
def s3() -> Iterator[str]:
    """Address of a server that speaks S3 (moto in server mode) with our bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    client.close()
    yield url
    server.stop()


def many_machines(folder: Path, postgres: Postgres, s3: str, **more: str) -> dict[str, str]:
    """Settings with Postgres and S3."""
    name = f"test_{os.getpid()}_{next(_NAMES)}"
    return environment(
        folder,
        VISAVIS_DATABASE_URL=postgres.create(name),
        VISAVIS_BLOB_URL=f"s3://{BUCKET}/{name}",
        VISAVIS_S3_ENDPOINT=s3,
        VISAVIS_S3_ACCESS_KEY="test",
        VISAVIS_S3_SECRET_KEY="test",  # noqa: S106
        **more,
    )


@pytest.fixture(scope="package", params=["sqlite-disk", "postgres-s3"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A running server, once over each pair of stores."""
    folder = tmp_path_factory.mktemp(request.param)
    short = {"VISAVIS_SEGMENT_SECONDS": "10"}  # so that a long script need not be very long
    if request.param == "sqlite-disk":
        settings = environment(folder, **short)
    else:
        settings = many_machines(
            folder, request.getfixturevalue("postgres"), request.getfixturevalue("s3"), **short
        )
    place = Installation(request.param, settings)
    place.start()
    yield place
    place.stop()


@pytest.fixture(scope="package")
def one_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running server with SQLite and a folder only, where the stores make no difference."""
    place = Installation("sqlite-disk", environment(tmp_path_factory.mktemp("one")))
    place.start()
    yield place
    place.stop()


class Client(httpx.Client):
    """A client of one workspace."""

    def __init__(self, place: Installation, workspace: str, **more: Any) -> None:
        self.place = place
        self.workspace = workspace
        self.text = place.key(workspace, **more)
        super().__init__(base_url=place.url, headers={"x-api-key": self.text}, timeout=PATIENCE)


@pytest.fixture
def client(installation: Installation) -> Iterator[Client]:
    """A client of a fresh workspace."""
    with Client(
        installation, f"workspace {next(_NAMES)}", scopes=["read", "write", "admin"]
    ) as made:
        yield made


@pytest.fixture
def stranger(installation: Installation) -> Iterator[Client]:
    """A client of another workspace of the same installation."""
    with Client(
        installation, f"stranger {next(_NAMES)}", scopes=["read", "write", "admin"]
    ) as made:
        yield made


class Receiver:
    """An HTTP server that keeps what it is sent and answers as told."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.redirects: dict[str, str] = {}
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_OPTIONS(self) -> None:
                self._answer(204, {})

            def do_GET(self) -> None:
                if self.path in receiver.redirects:
                    self._answer(302, {"Location": receiver.redirects[self.path]})
                    return
                mime, body = receiver.files.get(self.path, ("", b""))
                if mime:
                    self._answer(200, {"Content-Type": mime}, body)
                else:
                    self._answer(404, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                with receiver._arrived:
                    status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
                    names = {name.lower(): value for name, value in self.headers.items()}
                    receiver.posts.append((names | {":status": str(status)}, body))
                    receiver._arrived.notify_all()
                self._answer(status, headers)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def wait(self, count: int, seconds: float = PATIENCE) -> list[tuple[dict[str, str], bytes]]:
        """The posts, once there are `count`."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.posts) >= count, seconds), (
                f"{len(self.posts)} of {count} posts arrived"
            )
            return list(self.posts)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who hears webhooks and serves files."""
    made = Receiver()
    yield made
    made.close()


Answering = Callable[[socket.socket], None]
RawServer = Callable[..., str]


@pytest.fixture
def raw_server() -> Iterator[RawServer]:
    """Servers that answer every call however a test likes; each gives its address."""
    listeners: list[socket.socket] = []

    def start(answer: Answering, host: str = "127.0.0.1") -> str:
        listener = socket.create_server((host, 0))
        listeners.append(listener)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://{host}:{listener.getsockname()[1]}/file"

    yield start
    for listener in listeners:
        listener.close()


@pytest.fixture(scope="package")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a person with a silent sound track: the stock presenter, filmed.

    Without speech nobody looks for a likeness of the voice, which takes ten seconds.
    """
    import numpy as np

    from tests.footage.filming import film

    silence = np.zeros(4 * 24_000, np.float32)
    return film(tmp_path_factory.mktemp("filmed") / "person.mp4", 4.2, sound=(silence, 24_000))


@contextmanager
def in_process(folder: Path, **more: str) -> Iterator[tuple[TestClient, Service]]:
    """The API within this process, where nothing renders by itself."""
    with pytest.MonkeyPatch.context() as patch:  # no process for every file
        patch.setattr(jobs_service, "examine", lambda path, _work: media_child.examine(path))
        service = open_service(settings_of(environment(folder, **more)), "test")
        app = create_app(service)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client, service


@pytest.fixture
def one_machine_client(one_machine: Installation) -> Iterator[Client]:
    """A client of a fresh workspace on SQLite, where the stores make no difference."""
    with Client(
        one_machine, f"workspace {next(_NAMES)}", scopes=["read", "write", "admin"]
    ) as made:
        yield made
