"""A running server for the tests of live sessions, and callers of it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from livekit import rtc

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 240.0


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class LiveServer:
    """``visavis serve`` in a folder of its own."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "VISAVIS_DATA_DIR": str(self.folder),
            "VISAVIS_PORT": str(self.port),
            "VISAVIS_WORKERS": "0",
            "VISAVIS_RATE_LIMIT": "100000",
            "VISAVIS_FETCH_ALLOW": "127.0.0.0/8",
            "VISAVIS_LIVE_SESSIONS": "3",
            "VISAVIS_SHUTDOWN_SECONDS": "2",
            **self.settings,
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "visavis.server.cli", "serve"],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            time.sleep(0.1)
        self.stop(signal.SIGKILL)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(40)
            self.process = None

    def key(self, workspace: str = "default") -> str:
        """An API key of a workspace."""
        made = subprocess.run(
            [
                *(sys.executable, "-m", "visavis.server.cli"),
                *("admin", "keys", "create", "--workspace", workspace),
            ],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return made.stdout.split()[-1]


def children(pid: int) -> list[int]:
    """Processes that a process started."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


class Caller:
    """Somebody in a room with an unmodified LiveKit client."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.frames = 0
        self.size = (0, 0)
        self.picture: Any = None
        self.loud: list[float] = []
        self.events: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self.changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("data_received", self._data)
        self.room.on("disconnected", lambda _reason: self.gone.set())

    async def enter(self, url: str, token: str) -> None:
        """Join."""
        await self.room.connect(url, token)

    def _subscribed(self, track: rtc.Track, *_: Any) -> None:
        video = track.kind == rtc.TrackKind.KIND_VIDEO
        self._tasks.append(asyncio.create_task(self._watch(track) if video else self._hear(track)))

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _watch(self, track: rtc.Track) -> None:
        stream = rtc.VideoStream(track)
        async for event in stream:
            self.frames += 1
            self.size = (event.frame.width, event.frame.height)
            self.picture = event.frame
            await self._tell()
        await stream.aclose()

    async def _hear(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=24_000, num_channels=1)
        async for event in stream:
            if int(np.abs(np.frombuffer(event.frame.data, np.int16)).max()) > 400:
                self.loud.append(time.monotonic())
                await self._tell()
        await stream.aclose()

    def _data(self, packet: rtc.DataPacket) -> None:
        import json

        with contextlib.suppress(ValueError):
            self.events.append({**json.loads(packet.data), "at": time.monotonic()})
        self._tasks.append(asyncio.create_task(self._tell()))

    async def until(self, what: Any, seconds: float = 40.0) -> None:
        """Wait until something is true of this caller."""
        async with self.changed:
            try:
                await asyncio.wait_for(self.changed.wait_for(what), seconds)
            except TimeoutError as error:
                kinds = [event["type"] for event in self.events]
                raise AssertionError(
                    f"not within {seconds} s: {self.frames} frames, {kinds}"
                ) from error

    def saw(self, kind: str, since: float = 0.0) -> list[dict[str, Any]]:
        """Events of a kind."""
        return [item for item in self.events if item["type"] == kind and item["at"] >= since]

    async def speak(self, samples: np.ndarray, rate: int) -> None:
        """Publish a microphone and say something: int16 samples, then silence."""
        source = rtc.AudioSource(rate, 1, queue_size_ms=100)
        track = rtc.LocalAudioTrack.create_audio_track("mic", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        step = rate // 50
        padded = np.concatenate([np.zeros(rate, np.int16), samples, np.zeros(rate * 2, np.int16)])
        for start in range(0, len(padded) - step, step):
            part = padded[start : start + step]
            await source.capture_frame(rtc.AudioFrame(part.tobytes(), rate, 1, step))

    async def leave(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[LiveServer]:
    """A server for as long as the block runs."""
    server = LiveServer(folder, settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
