"""A long call: does sound stay with picture, does memory stay flat?

    python -m benchmarks.soak_live --minutes 60 --quality medium --table soak.md
    python -m benchmarks.soak_live --minutes 2 --every 20

A real avatar idles and beeps once a second while a corner of its picture flashes. A caller with an
unmodified LiveKit client, in a process of its own, notes when it hears and sees that. One row a
minute: the offset of picture to sound in milliseconds (positive: picture late), frames, memory.
With a table the rows are kept as they are made, and a run that was broken off goes on after the
last of them (with a new call, whose drift begins anew).
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from visavis.live.agent.config import FPS, RATE
from visavis.live.avatar.painter import Painter
from visavis.live.avatar.player import Player
from visavis.live.avatar.publisher import Publisher, quality_named
from visavis.live.avatar.timeline import Slot, Timeline
from visavis.live.rooms.access import Keys
from visavis.speech.types import Speech

BEEP = 0.12
CORNER = 48


class FlashingPainter(Painter):
    """An avatar with a corner that is white while it beeps."""

    def paint(self, slots: list[Slot], *, draw: bool = True) -> Any:
        planes = super().paint(slots, draw=draw)
        if planes is not None:
            loud = np.abs(slots[0].speech.samples).max() > 0.05
            planes[:CORNER, :CORNER] = 235 if loud else 16
        return planes


def memory(pid: int | str = "self") -> float:
    """Resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def beeps(timeline: Timeline) -> None:
    """Put one second on the timeline, with a beep that begins with a frame."""
    second = np.zeros(RATE, np.float32)
    tone = 0.4 * np.sin(2 * np.pi * 880 * np.arange(round(BEEP * RATE)) / RATE)
    second[: len(tone)] = tone
    timeline.add("beeps", Speech(second, RATE))


async def call(url: str, token: str) -> None:
    """The caller: writes one JSON line for each beep it heard and each flash it saw."""
    from livekit import rtc

    room = rtc.Room()
    tasks = []

    def note(kind: str) -> None:
        sys.stdout.write(json.dumps({"kind": kind, "at": time.monotonic()}) + "\n")
        sys.stdout.flush()

    async def see(track: rtc.Track) -> None:
        lit = False
        async for event in rtc.VideoStream(track):
            planes = np.frombuffer(event.frame.data, np.uint8)
            rows = planes[: event.frame.width * 40].reshape(40, event.frame.width)
            now_lit = rows[8:40, 8:40].mean() > 125
            if now_lit and not lit:
                note("flash")
            lit = now_lit

    async def hear(track: rtc.Track) -> None:
        quiet = 0
        async for event in rtc.AudioStream(track, sample_rate=RATE, num_channels=1):
            loud = np.abs(np.frombuffer(event.frame.data, np.int16)).max() > 2000
            if loud and quiet > 20:
                note("beep")
            quiet = 0 if loud else quiet + 1

    @room.on("track_subscribed")
    def _(track: rtc.Track, *_: Any) -> None:
        video = track.kind == rtc.TrackKind.KIND_VIDEO
        tasks.append(asyncio.ensure_future(see(track) if video else hear(track)))

    await room.connect(url, token)
    await asyncio.Event().wait()


def offsets(heard: list[dict[str, Any]]) -> list[float]:
    """Milliseconds by which each flash came after its beep."""
    sounds = [item["at"] for item in heard if item["kind"] == "beep"]
    found = []
    for flash in (item["at"] for item in heard if item["kind"] == "flash"):
        near = min(sounds, key=lambda sound: abs(sound - flash), default=None)
        if near is not None and abs(near - flash) < 0.4:
            found.append((flash - near) * 1000)
    return found


def minutes_kept(table: Path) -> float:
    """Minutes that the last row of a table tells of; 0 where there is none."""
    rows = table.read_text().splitlines()[2:] if table.exists() else []
    return float(rows[-1].split("|")[1]) if rows else 0.0


async def soak(
    minutes: float,
    quality: str,
    avatar: str,
    every: float = 60.0,
    tell: Callable[[str], None] = lambda _line: None,
    before: float = 0.0,
) -> list[list[str]]:
    """Run, telling a row each `every` seconds; the rows.

    Args:
        minutes: how long.
        quality: of the picture.
        avatar: who.
        every: seconds between rows.
        tell: given each row as a line of a table.
        before: minutes that an earlier run lasted.
    """
    from visavis.line.avatars import open_avatar
    from visavis.line.stream import single_threaded

    single_threaded()
    keys = Keys("soak", "soak" * 10)
    environment = os.environ | {"VISAVIS_PARENT": str(os.getpid())}
    rooms = subprocess.Popen(
        [sys.executable, "-m", "visavis.live.rooms.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert rooms.stdin
    assert rooms.stdout
    rooms.stdin.write(json.dumps({"key": keys.key, "secret": keys.secret, "open_doors": True}))
    rooms.stdin.write("\n")
    rooms.stdin.flush()
    url = f"ws://127.0.0.1:{json.loads(rooms.stdout.readline())['port']}"
    seconds = minutes * 60 + 600
    log = Path(tempfile.mkdtemp()) / "caller.jsonl"
    with log.open("w") as out:
        caller = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.soak_live",
                "--caller",
                url,
                keys.token("soak", "caller", seconds=seconds),
            ],
            stdout=out,
            env=environment,
        )
    chosen = quality_named(quality)
    timeline = Timeline(RATE, Fraction(FPS))
    publisher = Publisher(RATE, chosen, FPS, "H264")
    painter = FlashingPainter(open_avatar(avatar), chosen.size, Fraction(FPS))
    player = Player(timeline, painter, publisher, lambda _mark: None)
    rows: list[list[str]] = []
    try:
        await publisher.enter(url, keys.token("soak", "avatar", seconds=seconds, agent=True))
        timeline.open("beeps")
        playing = asyncio.create_task(player.play())
        began, cpu, seen, frames, read = time.monotonic(), time.process_time(), 0.0, 0, 0
        while time.monotonic() - began < minutes * 60:
            while timeline.ahead < 2.0:
                beeps(timeline)
            await asyncio.sleep(0.25)
            if time.monotonic() - began - seen < every:
                continue
            lines = log.read_text().splitlines()
            found = offsets([json.loads(line) for line in lines[read:]])
            read, now, used = len(lines), time.monotonic() - began, time.process_time()
            counts = player.counts
            row = [
                f"{before + now / 60:.1f}",
                f"{statistics.median(found):+.0f}" if found else "-",
                f"{min(found):+.0f}..{max(found):+.0f}" if found else "-",
                f"{(counts.frames - frames) / (now - seen):.1f}",
                str(counts.dropped),
                str(counts.gaps),
                f"{memory():.0f}",
                f"{memory(rooms.pid):.0f}",
                f"{(used - cpu) / (now - seen):.2f}",
                f"{os.getloadavg()[0]:.1f}",
            ]
            frames, seen, cpu = counts.frames, now, used
            rows.append(row)
            tell("| " + " | ".join(row) + " |")
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    finally:
        caller.kill()
        with contextlib.suppress(Exception):
            await publisher.leave()
        rooms.kill()
        caller.wait()
        rooms.communicate()
    return rows


HEAD = (
    "| minute | offset ms | range ms | frames/s | dropped | gaps | agent MiB | rooms MiB | cores |"
    " load |\n|" + "---|" * 10
)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between rows")
    parser.add_argument("--quality", default="medium")
    parser.add_argument("--avatar", default="ava")
    parser.add_argument("--caller", nargs=2, metavar=("URL", "TOKEN"))
    parser.add_argument("--table", type=Path, help="file to keep the rows in, and to go on from")
    given = parser.parse_args()
    if given.caller:
        asyncio.run(call(*given.caller))
        return
    before = minutes_kept(given.table) if given.table else 0.0

    def tell(lines: str) -> None:
        sys.stdout.write(lines + "\n")
        sys.stdout.flush()
        if given.table:
            with given.table.open("a") as kept:
                kept.write(lines + "\n")

    if not before:
        tell(HEAD)
    left = given.minutes - before
    if left > 0:
        asyncio.run(soak(left, given.quality, given.avatar, given.every, tell, before))


if __name__ == "__main__":
    main()
