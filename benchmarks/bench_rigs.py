"""What a frame of a portrait costs, and how faithfully its lips move.

Run as a script: ``python -m benchmarks.bench_rigs``. Lips are judged by finding the face again in
every drawn frame by itself. CPU time is that of one thread, encoding apart.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import tempfile
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import ArkitBasis, find_faces, load_image
from visavis.face.contact import lip_gap
from visavis.performance import Performance, idle, perform
from visavis.rigs import Picture, Rig, load
from visavis.rigs.portrait import PortraitRig
from visavis.speech import Synthesiser, join

FPS = Fraction(25)
TEXT = (
    "Would you buy a big blue bowl for Bob, or five fine wolves? We choose fresh fruit, a huge "
    "moon, and simple wooden shoes. Maybe tomorrow the map will be improved."
)
PRESENTER = Path(__file__).parent.parent / "tests" / "rigs" / "presenter.webp"
Rows = list[tuple[str, str, str]]


def presenter(height: int, width: int, face: float) -> Picture:
    """The stock presenter before a wall, her face a share of the picture's width."""
    cut_out = load_image(PRESENTER.read_bytes())
    side = round(width * face / 0.37)
    person = cv2.resize(cut_out, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    wall = np.full((height, width, 3), (150, 170, 190), np.float32)
    top, left = max(height - side, 0), (width - side) // 2
    inner = person[: height - top, max(-left, 0) : max(-left, 0) + width]
    view = wall[top:, max(left, 0) : max(left, 0) + inner.shape[1]]
    alpha = inner[..., 3:] / 255
    view += (inner[..., :3] - view) * alpha
    return np.asarray(wall.round(), np.uint8)


def frame_time(rig: Rig, size: tuple[int, int], acted: Performance) -> float:
    """Median milliseconds of CPU for a frame of a performance."""
    renderer = rig.open(size, FPS)
    spent = []
    for pose in acted:
        start = time.thread_time()
        renderer.render(pose)
        spent.append(time.thread_time() - start)
    return 1e3 * float(np.median(spent[5:]))


def seen_gaps(rig: Rig, size: tuple[int, int], acted: Performance) -> npt.NDArray[np.float64]:
    """Opening of the lips in every drawn frame, in eye distances."""
    renderer = rig.open(size, FPS)
    return np.array(
        [
            find_faces(np.ascontiguousarray(renderer.render(pose)[..., :3]))[0].mouth_gap
            for pose in acted
        ]
    )


def speed(acted: Performance) -> Rows:
    found: Rows = []
    for name, height, width, face, target in (
        ("512x512", 512, 512, 0.37, "<= 8 ms"),
        ("1280x720", 720, 1280, 0.21, "<= 16 ms"),
        ("720x1280", 1280, 720, 0.5, "<= 16 ms"),
        ("1920x1080", 1080, 1920, 0.21, ""),
    ):
        rig = PortraitRig.create(presenter(height, width, face))
        spent = frame_time(rig, (width, height), acted)
        found.append((f"portrait frame, {name}", f"{spent:.1f} ms", target))
    return found


def making() -> Rows:
    picture = presenter(1080, 1080, 0.4)
    PortraitRig.create(picture)
    start = time.perf_counter()
    rig = PortraitRig.create(picture)
    created = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.avatar"
        rig.save(path)
        size = path.stat().st_size
        before = time.perf_counter()
        loaded = load(path)
        read = time.perf_counter()
        loaded.open((1080, 1080), FPS)
        opened = time.perf_counter()
    return [
        ("create from 1080x1080", f"{created - start:.2f} s", ""),
        ("load", f"{1e3 * (read - before):.0f} ms ({size / 1e6:.1f} MB)", "<= 300 ms"),
        ("open at 1080x1080", f"{1e3 * (opened - read):.0f} ms", ""),
    ]


def lips(acted: Performance) -> Rows:
    rig, size = PortraitRig.create(presenter(720, 720, 0.4)), (720, 720)
    basis = ArkitBasis.load()
    wanted = np.maximum(lip_gap(basis.neutral + basis.displace(acted.curves))[:, 4], 0)
    seen = seen_gaps(rig, size, acted)
    lags = range(-3, 4)
    by_lag = [
        np.corrcoef(wanted[3 + lag : len(wanted) - 3 + lag], seen[3:-3])[0, 1] for lag in lags
    ]
    shut = wanted < 1e-4
    silent = seen_gaps(rig, size, idle(3.0, FPS))
    best = lags[int(np.argmax(by_lag))]
    return [
        ("lip gap, wanted against seen", f"{max(by_lag):.3f} at lag {best}", ">= 0.95 at lag 0"),
        (
            f"shut lips, worst of {shut.sum()} frames",
            f"{np.abs(seen[shut] - np.median(silent)).max():.4f} eye distances",
            "<= 0.01",
        ),
        ("lips in silence, deviation", f"{silent.std():.4f} eye distances", "< 0.003"),
    ]


def rows() -> Rows:
    """What, measured, target."""
    cv2.setNumThreads(1)
    acted = perform(join(Synthesiser().synthesise(TEXT, "en-US-heart")), FPS)
    return [*speed(acted), *making(), *lips(acted)]


if __name__ == "__main__":
    for row in rows():
        print("  ".join(row))
