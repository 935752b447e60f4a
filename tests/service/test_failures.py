"""What breaks around the service: locked database, full disk, lost stores, stepping clocks."""

import contextlib
import ctypes
import itertools
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import calls
import httpx
import pytest
from calls import PATIENCE
from conftest import Client, many_machines
from flows import create, until, wait_for
from installations import Installation, Postgres, environment, free_port

from visavis.jobs.worker import BEAT_SECONDS, Heart


def test_a_database_that_is_locked_for_a_while_is_waited_for(tmp_path: Path) -> None:
    place = Installation("sqlite", environment(tmp_path))
    place.start()
    try:
        with Client(place, "locked") as client:
            lock = sqlite3.connect(tmp_path / "visavis.db", isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            release = threading.Timer(1.5, lambda: None)
            began = time.monotonic()
            answers: list[httpx.Response] = []
            body = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Hi there."}
            asking = threading.Thread(
                target=lambda: answers.append(client.post("/v1/video-avatars", json=body))
            )
            asking.start()
            assert client.get("/v1/voices").status_code == 200, "readers do not wait"
            release.start()
            release.join()
            lock.execute("ROLLBACK")
            lock.close()
            asking.join()
            assert answers[0].status_code == 200
            assert time.monotonic() - began >= 1.5
            assert wait_for(client, answers[0].json()["job_id"])["status"] == "completed"
    finally:
        place.stop()


def test_a_database_that_stays_locked_is_told_as_503(tmp_path: Path) -> None:
    from visavis.store import database
    from visavis.store.tables import Secret

    place = database.Database(f"sqlite:///{tmp_path / 'x.db'}")
    Secret.__table__.create(place.engine)
    lock = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with place.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=100")
    with pytest.raises(database.StoreError) as caught:
        place.secret("links")
    assert caught.value.retryable
    lock.close()
    place.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight mebibytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, b"size=8m") != 0:
        pytest.skip("cannot mount a small file system here: it needs root")
    yield folder
    libc.umount2(bytes(folder), 2)


def test_a_full_disk_fails_the_video_with_the_reason_and_recovers(
    tmp_path: Path, small_disk: Path
) -> None:
    place = Installation("sqlite", environment(tmp_path))
    (tmp_path / "work").symlink_to(small_disk)
    place.start()
    try:
        with Client(place, "full") as client:
            filler = small_disk / "filler"
            with contextlib.suppress(OSError), filler.open("wb") as out:
                while True:
                    out.write(b"x" * 65536)
                    out.flush()
            job = wait_for(client, create(client))
            assert job["status"] == "failed"
            assert job["error"]["code"] == "DISK_FULL"
            filler.unlink()
            assert wait_for(client, create(client))["status"] == "completed"
    finally:
        place.stop()


class Door:
    """What is left of a server that is away: it hangs up on everybody and counts them."""

    def __init__(self, port: int) -> None:
        self.knocks = 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._hang_up, daemon=True)

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._listener.accept()[0].close()
                self.knocks += 1

    def __enter__(self) -> "Door":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def test_a_file_store_that_is_away_for_a_while_is_waited_for(
    tmp_path: Path, postgres: Postgres
) -> None:
    import boto3
    from moto.server import ThreadedMotoServer

    port = free_port()

    def serve() -> ThreadedMotoServer:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        server.start()
        return server

    server = serve()
    url = f"http://127.0.0.1:{port}"
    client_of = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    store = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **client_of)
    store.create_bucket(Bucket="visavis-tests")
    place = Installation("pg", many_machines(tmp_path, postgres, url))
    place.start()
    away = float(os.environ.get("VISAVIS_AWAY_SECONDS", "0"))
    try:
        with Client(place, "away") as client:
            job = create(client, "await the word")
            wait_for(client, job, "processing")
            server.stop()
            place.let_go()
            assert calls.get(f"{place.url}/readyz", timeout=PATIENCE).status_code == 503
            with Door(port) as door:  # somebody knocks again and again
                until(lambda: door.knocks >= 3)
            time.sleep(away)
            assert client.get(f"/v1/video-avatars/{job}").json()["status"] == "processing"
            server = serve()
            with contextlib.suppress(store.exceptions.ClientError):
                store.create_bucket(Bucket="visavis-tests")
            done = wait_for(client, job)
            assert done["status"] == "completed"
            assert calls.get(done["video_url"]).status_code == 200
    finally:
        place.stop()
        server.stop()
        store.close()


def test_a_database_server_that_restarts_loses_nothing(
    tmp_path: Path, postgres: Postgres, s3: str
) -> None:
    place = Installation("pg", many_machines(tmp_path, postgres, s3))
    place.start()
    try:
        with Client(place, "restart") as client:
            jobs = [create(client, "await the restarted database") for _ in range(2)]
            for job in jobs:
                wait_for(client, job, "processing")
            postgres.stop("immediate")
            refused = client.get("/v1/videos")
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
            assert refused.headers["retry-after"]
            time.sleep(2)  # for the renders to miss it
            place.let_go()
            postgres.start()
            for job in jobs:
                assert wait_for(client, job)["status"] == "completed"
    finally:
        place.stop()


def test_workers_are_found_dead_by_the_watchers_own_clock(
    one_machine: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step of the wall clock makes nobody dead and nobody alive."""
    with one_machine.opened() as service:
        first, second = Heart(service, "first"), Heart(service, "second")
        first.beat()
        second.beat()
        monkeypatch.setattr(time, "time", lambda: 4e9)
        assert "first" not in second.beat()
        monkeypatch.setattr(time, "time", lambda: 1.0)
        first.beat()
        assert "first" not in second.beat()
        monkeypatch.undo()
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + 60)
        assert "first" not in second.beat(), "a watcher that was held up accuses nobody"
        looks = itertools.count(now + 60, BEAT_SECONDS)
        monkeypatch.setattr(time, "monotonic", lambda: next(looks))
        seen = [second.beat() for _ in range(9)]
        assert "first" in seen[-1]
        assert "first" not in seen[2]
        first.beat()
        assert "first" not in second.beat()
        second.forget(["first", "second"])


def test_a_clock_that_steps_while_videos_are_made_harms_none(tmp_path: Path) -> None:
    """The whole tree runs with a wall clock that jumps an hour ahead and back every few seconds."""
    library = tmp_path / "step.so"
    source = tmp_path / "step.c"
    source.write_text(STEPPING_CLOCK)
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    except FileNotFoundError:
        pytest.skip("no C compiler to make a stepping clock with")
    place = Installation("sqlite", environment(tmp_path, LD_PRELOAD=str(library)))
    place.start()
    try:
        with Client(place, "steps") as client:
            jobs = [create(client, "linger while the clock steps") for _ in range(2)]
            for job in jobs:
                assert wait_for(client, job)["status"] == "completed"
            with place.opened() as service, service.core.database.read() as session:
                from visavis.store.tables import Segment

                assert {row.attempts for row in session.query(Segment)} == {1}
    finally:
        place.stop()


STEPPING_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <sys/time.h>
static long step(void) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    struct timespec now;
    real(CLOCK_MONOTONIC, &now);
    return (now.tv_sec / 3) % 2 ? 3600 : 0;
}
int clock_gettime(clockid_t id, struct timespec *out) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(id, out);
    if (id == CLOCK_REALTIME) out->tv_sec += step();
    return code;
}
"""


def test_what_is_old_is_really_deleted(tmp_path: Path) -> None:
    """Retention: rows and files go; usage stays."""
    from visavis.jobs.housekeeping import Housekeeping
    from visavis.store.tables import Usage, Video

    place = Installation("sqlite", environment(tmp_path))
    place.start()
    try:
        with Client(place, "old") as client:
            job = wait_for(client, create(client))
            kept = wait_for(client, create(client, "This one is younger."))
            with place.opened() as service:
                with service.core.database.write() as session:
                    row = session.get_one(Video, job["job_id"])
                    row.finished_at = time.time() - 8 * 86_400
                Housekeeping(service).round()
                names = service.core.blobs.keys("videos")
                assert not any(job["job_id"] in name for name in names)
                assert any(kept["job_id"] in name for name in names)
                with service.core.database.read() as session:
                    assert session.query(Usage).count() == 2
            assert client.get(f"/v1/video-avatars/{job['job_id']}").status_code == 404
            assert calls.get(job["video_url"]).status_code == 404
            assert calls.get(kept["video_url"]).status_code == 200
    finally:
        place.stop()


def test_the_api_starts_without_models() -> None:
    code = (
        "import sys, visavis.server.app, visavis.server.serve;"
        "heavy = {'onnxruntime', 'cv2', 'av', 'ai_edge_litert'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
