"""How quickly the service answers, starts jobs, and how much it remembers.

Estimates are compared with real renders, and creating is measured beside two of them. Everything
else is measured with the tests' quick cards instead of renders, so that it is the service that is
measured and not the renderer.
"""

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "service"))

from installations import Installation, Postgres, environment, postgres_binaries  # noqa: E402

CREATES = 150
STATUS_SECONDS = 6.0
MEMORY_CALLS = 10_000
LONG = "The quick brown fox jumps over the lazy dog, and then it does so once again. " * 25


class Caller:
    """One connection of one workspace, kept open."""

    def __init__(self, place: Installation, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=60)
        self._headers = {"x-api-key": key, "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """The answer as JSON."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers)
        answer: dict[str, object] = json.loads(self._connection.getresponse().read())
        return answer

    def create(self, text: str, resolution: str = "360p") -> str:
        """Ask for a video."""
        body = {
            "avatar_id": "avatar-1",
            "voice_id": "en-US-heart",
            "text": text,
            "settings": {"resolution": resolution},
        }
        return str(self.call("POST", "/v1/video-avatars", body)["job_id"])

    def wait(self, job: str, *ends: str) -> dict[str, object]:
        """The job once it is in one of `ends`."""
        while True:
            found = self.call("GET", f"/v1/video-avatars/{job}")
            if found["status"] in ends:
                return found
            time.sleep(0.02)


@contextmanager
def running(**more: str) -> Iterator[tuple[Installation, Caller, str]]:
    """An installation and somebody who calls it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {k: v for k, v in environment(Path(folder), **more).items() if v}
        place = Installation("bench", settings)
        place.start()
        key = place.key("bench")
        try:
            yield place, Caller(place, key), key
        finally:
            place.stop()


def rows() -> list[tuple[str, str, str]]:
    """What was measured here, and what it should be."""
    return [*_estimating(), *_creating(), *_answering(), *_two_workers(), _importing()]


def _estimating() -> list[tuple[str, str, str]]:
    """As it is installed, a slot for every two cores, and with slots that share the cores."""
    return [row for slots in ("0", "2") for row in _estimating_on(slots)]


def _estimating_on(slots: str) -> list[tuple[str, str, str]]:
    """Estimated and real time of real renders, each asked for while those before it wait."""
    texts = [LONG[:60], LONG[:300], LONG[:900], LONG[:150]]
    looks = [(text, size) for text in texts for size in ("720p", "360p")]
    real = {"VISAVIS_CHILD_PROGRAM": "", "VISAVIS_CATALOGUE": ""}
    with running(VISAVIS_RENDER_SLOTS=slots, **real) as (place, caller, _key):
        caller.wait(caller.create(LONG[:200], "720p"), "completed")  # the first one teaches
        asked = []
        for text, size in looks:
            began = time.monotonic()
            job = caller.create(text, size)
            left = caller.call("GET", f"/v1/video-avatars/{job}")["estimated_time"]
            asked.append((job, began, float(str(left))))
        ends: dict[str, float] = {}
        while len(ends) < len(asked):  # they may end in any order
            for job, began, _ in asked:
                state = "" if job in ends else caller.call("GET", f"/v1/video-avatars/{job}")
                if state and state["status"] == "completed":
                    ends[job] = time.monotonic() - began
            time.sleep(0.5)
        found = _metrics(place).split(b"visavis_render_slots ")[-1].split()[0].decode()
    ratios = [told / ends[job] for job, _, told in asked]
    within = sum(1 / 1.5 <= ratio <= 1.5 for ratio in ratios)
    each = ", ".join(f"{told:.0f}/{ends[job]:.0f}" for job, _, told in asked)
    return [
        (
            f"estimated time, {len(looks)} real renders at once, slots: {found}",
            f"{within} within 1.5 (told/real s: {each})",
            "all within 1.5",
        )
    ]


def _creating() -> list[tuple[str, str, str]]:
    with running(VISAVIS_CHILD_PROGRAM="", VISAVIS_CATALOGUE="") as (_, caller, _key):
        renders = [caller.create(LONG, "720p") for _ in range(2)]
        for job in renders:
            caller.wait(job, "processing", "failed")
        time.sleep(3)
        times = []
        for number in range(CREATES):
            began = time.perf_counter()
            caller.create(f"Number {number}.")
            times.append((time.perf_counter() - began) * 1000)
        busy = [str(caller.call("GET", f"/v1/video-avatars/{job}")["status"]) for job in renders]
    times.sort()
    p99 = times[int(len(times) * 0.99) - 1]
    beside = f"beside two renders ({', '.join(busy)} at the end)"
    return [
        (f"create call p50, {beside}", f"{statistics.median(times):.1f} ms", "<= 15 ms"),
        ("create call p99, same", f"{p99:.1f} ms", "<= 60 ms"),
    ]


def _answering() -> list[tuple[str, str, str]]:
    with running() as (place, caller, key):
        starts = []
        for number in range(10):
            done = caller.wait(caller.create(f"Number {number}."), "completed")
            timings = done["timings"]
            starts.append(timings["queued"] if isinstance(timings, dict) else 0.0)
        job = caller.create("One to be asked about.")
        caller.wait(job, "completed")
        rate = _rate(place, key, job)
        assert place.process is not None
        process = psutil.Process(place.process.pid)
        for _ in range(1000):
            caller.call("GET", f"/v1/video-avatars/{job}")
        before = process.memory_info().rss
        for _ in range(MEMORY_CALLS):
            caller.call("GET", f"/v1/video-avatars/{job}")
        grown = (process.memory_info().rss - before) / 2**20
        stopped = max(_cancelled(process, caller) for _ in range(5))
        size = process.memory_info().rss / 2**20
    return [
        ("enqueue to start, median of ten", f"{statistics.median(starts) * 1000:.0f} ms", "<= 250"),
        ("cancel call until its render is gone, longest of five", f"{stopped:.2f} s", "< 1 s"),
        ("status calls, four connections", f"{rate:.0f} a second", ">= 300"),
        (
            f"memory of the API after {MEMORY_CALLS} calls",
            f"{size:.0f} MiB, {grown:+.1f}",
            "flat",
        ),
    ]


def _rate(place: Installation, key: str, job: str) -> float:
    counts: list[int] = []
    deadline = time.monotonic() + STATUS_SECONDS

    def ask() -> None:
        caller, count = Caller(place, key), 0
        while time.monotonic() < deadline:
            caller.call("GET", f"/v1/video-avatars/{job}")
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / STATUS_SECONDS


def _cancelled(process: psutil.Process, caller: Caller) -> float:
    """Seconds from asking to cancel a video that renders until its process is gone."""
    job = caller.create("await a word that never comes")
    caller.wait(job, "processing")
    renders: list[psutil.Process] = []
    while not renders:
        tree = process.children(recursive=True)
        renders = [one for one in tree if "service_card" in " ".join(one.cmdline())]
    began = time.monotonic()
    caller.call("POST", f"/v1/video-avatars/{job}/cancel")
    psutil.wait_procs(renders)
    return time.monotonic() - began


def _two_workers() -> list[tuple[str, str, str]]:
    binaries = postgres_binaries()
    what = "two jobs on two workers of one Postgres, to one after the other"
    if binaries is None:
        return [(what, "no Postgres server here", "<= 0.6")]
    server = Postgres(binaries)
    try:
        address = server.create("bench")
        with running(VISAVIS_DATABASE_URL=address, VISAVIS_RENDER_SLOTS="1") as (place, caller, _):
            began = time.monotonic()
            for job in [caller.create("linger"), caller.create("linger")]:
                caller.wait(job, "completed")
            alone = time.monotonic() - began
            with tempfile.TemporaryDirectory() as other:
                blobs = str(Path(place.environment["VISAVIS_DATA_DIR"]) / "blobs")
                second = place.spawn("worker", VISAVIS_DATA_DIR=other, VISAVIS_BLOB_URL=blobs)
                while b"visavis_render_slots 2" not in _metrics(place):
                    time.sleep(0.2)
                began = time.monotonic()
                for job in [caller.create("linger"), caller.create("linger")]:
                    caller.wait(job, "completed")
                together = time.monotonic() - began
                second.terminate()
                second.wait()
    finally:
        server.close()
    return [(f"{what} (cards that sleep)", f"{together / alone:.2f}", "<= 0.6")]


def _metrics(place: Installation) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", place.port)
    connection.request("GET", "/metrics")
    return connection.getresponse().read()


def _importing() -> tuple[str, str, str]:
    times = []
    for _ in range(5):
        before = psutil.Process().cpu_times()
        subprocess.run([sys.executable, "-c", "import visavis.server.app"], check=True)
        after = psutil.Process().cpu_times()
        times.append(
            after.children_user + after.children_system
            - before.children_user - before.children_system
        )  # fmt: skip
    return "import of the API, processor time", f"{min(times):.2f} s", "< 1 s"


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")
