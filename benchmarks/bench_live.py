"""What a caller waits for, and what an avatar in a call costs: a real server, a scripted caller."""

import asyncio
import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np

TICKS = os.sysconf("SC_CLK_TCK")
RATE = 24_000
KNOWLEDGE = "The library opens at ten o'clock on Sunday. It closes at six in the evening."
TEXTS = (
    "Hello, this is a short sentence.",
    "The library opens at ten o'clock on Sunday.",
    "Sure, I can help you with that.",
    "Paris is the capital of France.",
    "My name is Ava and I work at the front desk.",
    "Thank you for calling our office today.",
)
QUESTIONS = (
    "When does the library open on Sunday?",
    "Could you tell me when the library closes?",
    "When do you open?",
    "At what time does the library close?",
    "Is the library open on Sunday?",
)
LONG = "This sentence is long, and it is cut off in the middle of it all, for sure. " * 3
INTERRUPTS = 3
TOGETHER = 20.0
"""Seconds that two sessions are watched, one of which speaks all the while."""

FPS = 25


class Server:
    """``visavis serve`` in a temporary folder."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = os.environ | {
            "VISAVIS_DATA_DIR": tempfile.mkdtemp(),
            "VISAVIS_PORT": str(self.port),
            "VISAVIS_WORKERS": "0",
            "VISAVIS_RATE_LIMIT": "100000",
            "VISAVIS_LIVE_SESSIONS": "4",
        }
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = self._run("serve")
        while True:
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        made = self._run("admin", "keys", "create")
        self.key = made.communicate()[0].split()[-1].decode()

    def _run(self, *command: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "visavis.server.cli", *command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def agents(self) -> list[int]:
        """Agent processes, oldest first."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", "agent.process"],
            capture_output=True,
            text=True,
            check=False,
        )
        return sorted((int(line) for line in found.stdout.split()), key=begun)

    def close(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()


def busy(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def begun(pid: int) -> int:
    """When a process began, in ticks since the machine did; numbers of processes are used again."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


class Caller:
    """One person in a room, who notes when something is seen and heard."""

    def __init__(self) -> None:
        from livekit import rtc

        self.room = rtc.Room()
        self.frames: list[tuple[float, float]] = []
        self.stamps: list[tuple[float, float]] = []
        """When each picture came, and the sender's time of it, in seconds."""
        self.loud: list[float] = []
        self.room.on("track_subscribed", self._subscribed)
        self._tasks: list[asyncio.Task[None]] = []

    def _subscribed(self, track: Any, *_: Any) -> None:
        video = track.kind == 2
        self._tasks.append(asyncio.create_task(self._see(track) if video else self._hear(track)))

    async def _see(self, track: Any) -> None:
        from livekit import rtc

        before: Any = None
        async for event in rtc.VideoStream(track):
            width, height = event.frame.width, event.frame.height
            planes = np.frombuffer(event.frame.data, np.uint8)[: width * height]
            grey = planes.reshape(height, width)
            # The lower middle of a face that fills the canvas: where a mouth is.
            mouth = grey[height // 2 : height * 3 // 4, width * 2 // 5 : width * 3 // 5]
            # A sender that is short of processor time makes its picture smaller.
            same = before is not None and before.shape == mouth.shape
            moved = float(np.abs(mouth - before).mean()) if same else 0.0
            before = mouth.astype(np.float32)
            now = time.monotonic()
            self.frames.append((now, moved))
            self.stamps.append((now, event.timestamp_us / 1e6))

    async def _hear(self, track: Any) -> None:
        from livekit import rtc

        async for event in rtc.AudioStream(track, sample_rate=RATE, num_channels=1):
            if np.abs(np.frombuffer(event.frame.data, np.int16)).max() > 400:
                self.loud.append(time.monotonic())

    async def first(self, when: list[Any], since: float, seconds: float = 60.0) -> float:
        """Seconds from `since` to the first note after it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            times = (item if isinstance(item, float) else item[0] for item in when)
            if (at := next((at for at in times if at >= since), None)) is not None:
                return float(at - since)
            await asyncio.sleep(0.005)
        return float("nan")

    async def quiet(self, seconds: float = 1.5) -> None:
        """Wait until nothing was heard for some time."""
        while (left := (self.loud or [0.0])[-1] + seconds - time.monotonic()) > 0:
            await asyncio.sleep(left)

    async def speaking(self) -> None:
        """Wait until something is being heard."""
        while not self.loud or time.monotonic() - self.loud[-1] > 0.05:
            await asyncio.sleep(0.005)

    async def leave(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        await self.room.disconnect()


QUALITIES = ("high", "low", "medium")


async def measure(server: Server, qualities: tuple[str, ...] = QUALITIES) -> dict[str, list[float]]:
    """All figures, in seconds or cores."""
    found: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        found.setdefault(what, []).append(value)

    headers = {"x-api-key": server.key}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=120) as client:

        async def post(what: str, **body: Any) -> Any:
            answer = await client.post(f"/v1/streaming/{what}", json=body)
            answer.raise_for_status()
            return answer.json()["data"]

        for quality in qualities:
            while len(server.agents()) < 1:
                await asyncio.sleep(0.5)
            await asyncio.sleep(12)  # let the spare agent finish loading
            began = time.monotonic()
            data = await post("new", quality=quality, knowledge_base=KNOWLEDGE)
            name = data["session_id"]
            await post("start", session_id=name)
            caller = Caller()
            await caller.room.connect(data["url"], data["access_token"])
            note("start to first frame", await caller.first(caller.frames, began))
            agent = server.agents()[0]
            await asyncio.sleep(10)
            used, at = busy(agent), time.monotonic()
            await asyncio.sleep(10)
            note(f"idle {quality}", (busy(agent) - used) / (time.monotonic() - at))
            for text in TEXTS[:: 1 if quality == qualities[-1] else 2]:
                await caller.quiet()
                began = time.monotonic()
                await post("task", session_id=name, text=text)
                note("task to first sound", await caller.first(caller.loud, began))
            await caller.quiet()
            used, at = busy(agent), time.monotonic()
            await post("task", session_id=name, text=LONG)
            await caller.first(caller.loud, at)
            await asyncio.sleep(3)
            note(f"speaking {quality}", (busy(agent) - used) / (time.monotonic() - at))
            for again in range(INTERRUPTS):
                if again:
                    await post("task", session_id=name, text=LONG)
                    await caller.speaking()
                    await asyncio.sleep(1)
                await caller.speaking()
                began = time.monotonic()
                await post("interrupt", session_id=name)
                await asyncio.sleep(1.5)
                after = [at for at in caller.loud if at > began]
                note("interrupt to silence", max(after, default=began) - began)
            if quality == qualities[-1]:
                for seconds in await questions(caller):
                    note("question to answer", seconds)
            await caller.leave()
            await post("stop", session_id=name)
        await outside(server, client, note)
        await asyncio.sleep(12)  # let a spare agent load
        await together(client, note)
    return found


async def questions(caller: Caller) -> list[float]:
    """Seconds from the last sound of each spoken question to the first of its answer."""
    from livekit import rtc

    from visavis.speech import Synthesiser, join

    made = Synthesiser()
    spoken = [join(made.synthesise(text, "en-US-michael")).samples for text in QUESTIONS]
    del made
    source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
    await caller.room.local_participant.publish_track(
        rtc.LocalAudioTrack.create_audio_track("mic", source),
        rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE),
    )
    found = []
    async with Microphone(source) as microphone:
        await asyncio.sleep(6)  # whisper loads with the first microphone
        for samples in spoken:
            await caller.quiet()
            end = int(np.flatnonzero(np.abs(samples) > 0.02)[-1])
            over = await microphone.say((samples[:end] * 32767).astype(np.int16))
            found.append(await caller.first(caller.loud, over))
    return found


class Microphone:
    """Sends silence, and what is said, as it would be spoken: 10 ms every 10 ms."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._said: asyncio.Queue[tuple[Any, asyncio.Future[float]]] = asyncio.Queue()

    async def __aenter__(self) -> "Microphone":
        self._task = asyncio.create_task(self._send())
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._task.cancel()

    async def say(self, pcm: Any) -> float:
        """Say something; the instant at which the last of it was sent."""
        over: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        await self._said.put((pcm, over))
        return await over

    async def _send(self) -> None:
        from livekit import rtc

        step, due = RATE // 100, time.monotonic()
        silence = np.zeros(step, np.int16)
        waiting, over = np.zeros(0, np.int16), None
        while True:
            if over is None and not self._said.empty():
                waiting, over = self._said.get_nowait()
            piece = np.concatenate([waiting[:step], silence])[:step]
            waiting = waiting[step:]
            await self._source.capture_frame(rtc.AudioFrame(piece.tobytes(), RATE, 1, step))
            if over is not None and not len(waiting):
                over.set_result(time.monotonic())
                over = None
            due += 0.01
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def together(client: httpx.AsyncClient, note: Any) -> None:
    """Two sessions of 480p at once: pictures that do not reach their callers, of those due."""
    rooms = []
    for _ in range(2):
        body = {"quality": "medium", "knowledge_base": KNOWLEDGE}
        data = (await client.post("/v1/streaming/new", json=body)).json()["data"]
        await client.post("/v1/streaming/start", json={"session_id": data["session_id"]})
        caller = Caller()
        await caller.room.connect(data["url"], data["access_token"])
        rooms.append((data["session_id"], caller))
    await asyncio.sleep(8)
    began = time.monotonic()
    await client.post("/v1/streaming/task", json={"session_id": rooms[0][0], "text": LONG * 2})
    await asyncio.sleep(TOGETHER)
    for name, caller in rooms:
        missing, late = lost([item for item in caller.stamps if item[0] >= began])
        note("two sessions of 480p: pictures missing", missing)
        note("two sessions of 480p: pictures late", late)
        await caller.leave()
        await client.post("/v1/streaming/stop", json={"session_id": name})


def lost(stamps: list[tuple[float, float]]) -> tuple[int, int]:
    """Pictures that are missing between those that came, by the sender's times; and those that
    came more than one and a half frames after the one before although none is missing between."""
    missing = late = 0
    for (before, sent_before), (at, sent) in pairwise(stamps):
        between = round((sent - sent_before) * FPS) - 1
        missing += max(0, between)
        late += between <= 0 and (at - before) * FPS > 1.5
    return missing, late


async def outside(server: Server, client: httpx.AsyncClient, note: Any) -> None:
    """A voice over the socket: how soon it is heard and its lips are seen."""
    import websockets

    body = {"quality": "low", "audio_input": "socket"}
    data = (await client.post("/v1/streaming/new", json=body)).json()["data"]
    from visavis.speech import Synthesiser, join

    said = join(Synthesiser().synthesise("Ah, far, far away.", "en-US-heart")).samples
    spoken = said[int(np.flatnonzero(np.abs(said) > 0.02)[0]) :]
    audio = base64.b64encode((32767 * spoken).astype(np.int16).tobytes()).decode()
    caller = Caller()
    async with websockets.connect(data["realtime_endpoint"]) as voices:
        await voices.recv()
        await caller.room.connect(data["url"], data["access_token"])
        await asyncio.sleep(4)
        for _ in range(5):
            still = max(moved for _, moved in caller.frames[-20:])
            began = time.monotonic()
            await voices.send(json.dumps({"type": "agent.speak", "audio": audio}))
            note("audio in to first sound", await caller.first(caller.loud, began))
            await asyncio.sleep(1)
            seen = [at for at, moved in caller.frames if at > began and moved > 2 * still + 0.3]
            note("audio in to moving lips", seen[0] - began if seen else float("nan"))
            await voices.send(json.dumps({"type": "agent.speak_end"}))
            await asyncio.sleep(2)
    await caller.leave()
    await client.post("/v1/streaming/stop", json={"session_id": data["session_id"]})


TARGETS = {
    "start to first frame": ("s", "<= 2 s"),
    "audio in to moving lips": ("s", "<= 0.12 s"),
    "audio in to first sound": ("s", ""),
    "task to first sound": ("s", "<= 0.5 s"),
    "question to answer": ("s", "<= 1.2 s"),
    "interrupt to silence": ("s", "<= 0.15 s"),
    "idle high": ("cores", "<= 0.6 cores"),
    "speaking high": ("cores", ""),
    "idle medium": ("cores", ""),
    "speaking medium": ("cores", ""),
    "idle low": ("cores", "<= 0.3 cores"),
    "speaking low": ("cores", ""),
    "two sessions of 480p: pictures missing": ("of 500", "0"),
    "two sessions of 480p: pictures late": ("of 500", ""),
}


def rows(qualities: tuple[str, ...] = QUALITIES) -> list[tuple[str, str, str]]:
    """(what, measured, target) for the table of benchmarks."""
    server = Server()
    before = os.getloadavg()[0]
    try:
        found = asyncio.run(measure(server, qualities))
    finally:
        server.close()
    made = []
    for what, (unit, target) in TARGETS.items():
        values = found.get(what, [])
        if values:
            spread = f"{min(values):.2f}..{max(values):.2f}" if len(values) > 1 else "once"
            made.append((what, f"{statistics.median(values):.2f} {unit} ({spread})", target))
    made.append(("load of the machine meanwhile", f"{before:.1f}..{os.getloadavg()[0]:.1f}", ""))
    return made


if __name__ == "__main__":
    for row in rows(tuple(sys.argv[1:]) or QUALITIES):
        sys.stdout.write(" | ".join(row) + "\n")
