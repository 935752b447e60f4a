"""kill -9 of the API, the worker and the render at random moments: nothing accepted is lost."""

import contextlib
import io
import json
import os
import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import av
import calls
import httpx
import psutil
import pytest
from calls import PATIENCE
from conftest import Client, Receiver, many_machines
from flows import create, until, wait_for
from installations import Installation, environment

from visavis.store.tables import Segment, Usage, Worker

KILLS = int(os.environ.get("VISAVIS_KILLS", "8"))


def processes(place: Installation) -> list[psutil.Process]:
    """Every process that works for an installation."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            folder = process.environ().get("VISAVIS_DATA_DIR")
            if folder == place.environment["VISAVIS_DATA_DIR"] and process.pid != os.getpid():
                found.append(process)
    return found


def named(place: Installation, word: str) -> list[psutil.Process]:
    found = []
    for process in processes(place):
        with contextlib.suppress(psutil.Error):
            if word in " ".join(process.cmdline()):
                found.append(process)
    return found


def decodes(data: bytes, seconds: float) -> bool:
    with av.open(io.BytesIO(data)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    return abs(frames / 25 - seconds) < 0.05


class Customer(threading.Thread):
    """Asks for videos through whatever happens, and looks at every one that is there."""

    def __init__(self, place: Installation, key: str, hook: str) -> None:
        super().__init__(daemon=True)
        self._place, self._hook = place, hook
        self._headers = {"x-api-key": key}
        self.accepted: list[str] = []
        self.broken: list[str] = []
        self.stopping = threading.Event()
        self._dice = random.Random(6)  # noqa: S311

    def run(self) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            self._ask(number)
            self._look()
            self.stopping.wait(0.8)

    def _ask(self, number: int) -> None:
        body = {
            "avatar_id": "avatar-1",
            "voice_id": "en-US-heart",
            "text": f"Number {number} of those that must not be lost, whatever happens here.",
            "settings": {"webhook_url": self._hook},
        }
        headers = self._headers | {"Idempotency-Key": f"customer-{number}"}
        while not self.stopping.is_set():
            with contextlib.suppress(httpx.TransportError):
                answer = calls.post(
                    f"{self._place.url}/v1/video-avatars", json=body, headers=headers
                )
                if answer.status_code == 200:
                    self.accepted.append(answer.json()["job_id"])
                    return
                if answer.status_code not in (409, 503):
                    self.broken.append(answer.text)
                    return
                if answer.status_code == 409:
                    return  # the answer was lost with its server; the video may be there
            time.sleep(0.2)

    def _look(self) -> None:
        if not self.accepted:
            return
        with contextlib.suppress(httpx.TransportError):
            name = self._dice.choice(self.accepted)
            url = f"{self._place.url}/v1/video-avatars/{name}"
            job = calls.get(url, headers=self._headers).json()
            if job.get("video_url"):
                file = calls.get(job["video_url"])
                if file.status_code == 200 and not decodes(file.content, job["duration"]):
                    self.broken.append(job["job_id"])


@pytest.fixture(params=["sqlite-disk", "postgres-s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation of its own, over each pair of stores."""
    if request.param == "sqlite-disk":
        settings = environment(tmp_path)
    else:
        settings = many_machines(
            tmp_path, request.getfixturevalue("postgres"), request.getfixturevalue("s3")
        )
    made = Installation(request.param, settings)
    made.start()
    yield made
    made.stop(signal.SIGKILL)
    for process in processes(made):
        with contextlib.suppress(psutil.Error):
            process.kill()


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_served_half(place: Installation, receiver: Receiver) -> None:
    dice = random.Random(5)  # noqa: S311
    key = place.key("customer")
    customer = Customer(place, key, receiver.url)
    customer.start()
    killed: defaultdict[str, int] = defaultdict(int)
    while sum(killed.values()) < KILLS:
        time.sleep(dice.uniform(0.3, 2.0))
        victim = dice.choice(["api", "worker", "render", "render"])
        if victim == "api":
            assert place.process is not None
            place.process.kill()
            place.process.wait()
            place.start()
            killed[victim] += 1
            continue
        found = named(place, "service_card" if victim == "render" else "visavis.jobs.worker")
        if found:
            with contextlib.suppress(psutil.NoSuchProcess):
                found[0].kill()
                killed[victim] += 1
    customer.stopping.set()
    customer.join()
    with httpx.Client(base_url=place.url, headers={"x-api-key": key}, timeout=PATIENCE) as client:
        total = client.get("/v1/videos").json()["data"]["total"]
        ends = [wait_for(client, job) for job in customer.accepted]
    assert customer.broken == []
    assert len(set(customer.accepted)) == len(customer.accepted) <= total
    completed = {job["job_id"] for job in ends if job["status"] == "completed"}
    assert all(job["error"]["message"] for job in ends if job["status"] == "failed")
    assert len(completed) >= len(ends) * 0.8
    told: defaultdict[str, set[str]] = defaultdict(set)

    def heard() -> bool:
        for headers, raw in list(receiver.posts):
            told[json.loads(raw)["event_data"]["video_id"]].add(headers["webhook-id"])
        return completed <= set(told)

    until(heard, "some were never told")
    assert {len(names) for names in told.values()} == {1}
    with place.opened() as service, service.core.database.read() as session:
        counted = [row.video_id for row in session.query(Usage)]
    assert len(counted) == len(set(counted))
    assert completed <= set(counted)
    assert place.stop() == 0
    psutil.wait_procs(processes(place), timeout=PATIENCE)
    assert processes(place) == []
    assert not list((Path(place.environment["VISAVIS_DATA_DIR"]) / "work").glob("*/*-*/out.mp4"))


def test_a_graceful_stop_loses_nothing_and_a_sudden_one_leaves_nobody(
    place: Installation,
) -> None:
    """What runs is finished, what hangs is begun anew; children die with their parents."""
    with Client(place, "graceful") as client:
        jobs = [create(client, "await the word"), create(client, "linger"), create(client)]
        until(lambda: named(place, "service_card"))
        assert place.stop() == 0
        assert processes(place) == []
        place.let_go()
        place.start()
        for job in jobs:
            assert wait_for(client, job)["status"] == "completed"
        create(client, "hang until you are killed")
        until(lambda: named(place, "service_card"))
    everybody = processes(place)
    assert len(everybody) >= 3
    assert place.process is not None
    place.process.kill()
    place.process.wait()
    _, alive = psutil.wait_procs(everybody, timeout=PATIENCE)
    assert alive == []


def test_a_dead_worker_is_taken_over_by_another(place: Installation, tmp_path: Path) -> None:
    """Two workers with data folders of their own, as on two machines."""
    if place.name == "sqlite-disk":
        pytest.skip("workers on other machines need a database that they share")
    home = str(tmp_path / "other")
    other = place.spawn("worker", VISAVIS_DATA_DIR=home)
    try:
        with Client(place, "takeover") as client:
            until(lambda: len(workers(place)) == 2)
            jobs = [create(client, "await the word, whoever you are") for _ in range(4)]
            until(lambda: len(begun(place)) == 4)
            other.kill()
            other.wait()
            until(lambda: len(workers(place)) == 1)
            place.let_go()
            for job in jobs:
                assert wait_for(client, job)["status"] == "completed"
            with place.opened() as service, service.core.database.read() as session:
                attempts = [row.attempts for row in session.query(Segment)]
            assert sum(attempts) >= 6
    finally:
        other.kill()
        other.wait()


def workers(place: Installation) -> list[str]:
    """Those that say they live."""
    with place.opened() as service, service.core.database.read() as session:
        return [row.id for row in session.query(Worker)]


def begun(place: Installation) -> list[str]:
    """Videos whose render was begun."""
    with place.opened() as service, service.core.database.read() as session:
        return [row.video_id for row in session.query(Segment) if row.fence]
