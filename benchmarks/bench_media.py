"""How long writing and reading takes, on one core, on a picture that moves like a talking head."""

import os
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np

from visavis.media import AudioFormat, Picture, VideoFormat, Writer, concat, decode_video

FPS = Fraction(25)
FRAMES = 100


def talking(size: tuple[int, int]) -> Iterator[Picture]:
    """A textured head that nods a little before a still, grainy wall."""
    cv2.setNumThreads(1)
    width, height = size
    rng = np.random.default_rng(0)
    coarse = rng.integers(60, 200, (height // 16, width // 16, 3), np.uint8)
    wall = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    skin = cv2.resize(rng.integers(90, 220, (64, 48, 3), np.uint8), (width // 3, height // 2))
    for index in range(FRAMES):
        picture = wall.copy()
        x = width // 3 + round(width * 0.01 * np.sin(index / 9))
        y = height // 4 + round(height * 0.01 * np.cos(index / 7))
        picture[y : y + skin.shape[0], x : x + skin.shape[1]] = skin
        yield picture


def cpu(job: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    start = time.process_time()
    job()
    return (time.process_time() - start) * 1000


def _encode(path: Path, size: tuple[int, int], pictures: list[Picture]) -> None:
    second = np.random.default_rng(0).standard_normal(24_000).astype(np.float32) * 0.1
    with Writer(path, VideoFormat(size, FPS), AudioFormat(24_000)) as writer:
        for picture in pictures:
            writer.write_video(picture)
            writer.write_audio(second[:960])


def rows() -> list[tuple[str, str, str]]:
    """(what, measured, target)."""
    table = []
    with TemporaryDirectory() as folder:
        for label, size, suffix, target in (
            ("720p mp4", (1280, 720), ".mp4", "about 5 ms + colour conversion"),
            ("1080p mp4", (1920, 1080), ".mp4", ""),
            ("720p webm", (1280, 720), ".webm", ""),
        ):
            pictures = list(talking(size))
            path = Path(folder) / f"{label.replace(' ', '-')}{suffix}"
            spent = cpu(partial(_encode, path, size, pictures))
            table.append((f"write {label}, with sound", f"{spent / FRAMES:.1f} ms/frame", target))
            rate = path.stat().st_size * 8 / (FRAMES / 25) / 1e6
            table.append((f"size of {label}", f"{rate:.2f} Mbit/s", ""))
        source = Path(folder) / "720p-mp4.mp4"
        spent = cpu(lambda: [None for _ in decode_video(source)])
        table.append(("read 720p mp4 as RGB", f"{spent / FRAMES:.1f} ms/frame", ""))
        for count in (10, 50):
            spent = cpu(partial(concat, [source] * count, Path(folder) / "all.mp4"))
            table.append((f"join {count} segments", f"{spent / count:.1f} ms/segment", "linear"))
    return table


if __name__ == "__main__":
    for what, measured, target in rows():
        print(f"{what:32} {measured:>18}   {target}")
