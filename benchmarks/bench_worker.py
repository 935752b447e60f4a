"""What a caller waits for where a worker of LiveKit's puts the avatar into the room.

The room is one of the embedded server and the job is sent by the dispatcher of the tests, which
speaks LiveKit's protocol; the same caller as in `bench_live` listens.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.bench_live import KNOWLEDGE, LONG, TEXTS, Caller, lost, questions

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "live"))

Row = tuple[str, str, str]

_GAP = 0.15
"""Seconds without sound that end what is heard."""


def _silent(loud: list[float], since: float) -> float:
    """Seconds from `since` until what was being heard then ended."""
    last = since
    for at in loud:
        if at > last:
            if at - last > _GAP:
                break
            last = at
    return last - since


async def measure(
    url: str, token: str, dispatch: "asyncio.Future[float]"
) -> dict[str, list[float]]:
    """All figures, in seconds; `dispatch` is the instant at which the job was offered."""
    found: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        found.setdefault(what, []).append(value)

    caller = Caller()
    await caller.room.connect(url, token)
    offered = await dispatch
    note("dispatch to first picture", await caller.first(caller.frames, offered))
    await asyncio.sleep(8)

    async def say(text: str) -> float:
        began = time.monotonic()
        await caller.room.local_participant.publish_data(json.dumps(text).encode())
        return began

    for text in TEXTS:
        await caller.quiet()
        note("question in writing to answer's sound", await caller.first(
            caller.loud, await say(f"{text} When does the library open on Sunday?")))  # fmt: skip
    for _ in range(3):
        await caller.quiet()
        await say("Tell me when the library opens and when it closes on Sunday, all of it.")
        await caller.speaking()
        await asyncio.sleep(0.8)
        began = await say("Stop.")
        await asyncio.sleep(1.5)
        note("interrupt to silence", _silent(caller.loud, began))
    await caller.quiet()
    began = time.monotonic()
    await asyncio.sleep(20)
    missing, late = lost([item for item in caller.stamps if item[0] >= began])
    note("pictures missing of 500", missing)
    note("pictures late of 500", late)
    for seconds in await questions(caller):
        note("question to answer", seconds)
    await caller.leave()
    return found


TARGETS = {
    "dispatch to first picture": ("s", "<= 2 s"),
    "question in writing to answer's sound": ("s", "<= 0.5 s"),
    "interrupt to silence": ("s", "<= 0.15 s"),
    "question to answer": ("s", "<= 1.2 s"),
    "pictures missing of 500": ("", "0"),
    "pictures late of 500": ("", ""),
}


def rows() -> list[Row]:
    """(what, measured, target) for the table of benchmarks."""
    from live_dispatch import Dispatcher
    from test_live_rooms import KEYS, Rooms

    rooms = Rooms()
    dispatcher = Dispatcher(KEYS, rooms.url)
    environment = os.environ | {
        "VISAVIS_LIVE_URL": dispatcher.url,
        "VISAVIS_LIVE_KEY": KEYS.key,
        "VISAVIS_LIVE_SECRET": KEYS.secret,
        "VISAVIS_LIVE_SPARES": "1",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "visavis.cli", "live", "worker", "--name", "bench"],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    before = os.getloadavg()[0]

    async def run() -> dict[str, list[float]]:
        await asyncio.to_thread(dispatcher.registered.wait, 120)
        await asyncio.sleep(20)  # let a process load
        offered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        token = KEYS.token("bench", "ann", seconds=600)
        measuring = asyncio.create_task(measure(rooms.url, token, offered))
        await asyncio.sleep(1)
        wish = {"quality": "low", "prompt": f"{KNOWLEDGE} {LONG}"}
        at = time.monotonic()
        await asyncio.to_thread(dispatcher.dispatch, "bench", "bench", json.dumps(wish))
        offered.set_result(at)
        return await measuring

    try:
        found = asyncio.run(run())
    finally:
        worker.terminate()
        worker.wait()
        dispatcher.close()
        rooms.close()
    made = []
    for what, (unit, target) in TARGETS.items():
        values = found.get(what, [])
        spread = f" ({min(values):.2f}..{max(values):.2f})" if len(values) > 1 else ""
        made.append((f"worker: {what}", f"{statistics.median(values):.2f} {unit}{spread}", target))
    made.append(("worker: load meanwhile", f"{before:.1f}..{os.getloadavg()[0]:.1f}", ""))
    return made


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write(" | ".join(row) + "\n")
