"""Faces on one core: tracking, finding, checking, cutting out, and fitting coefficients.

Run with `python -m benchmarks.bench_face`; figures are CPU time, so a busy machine changes them
little.
"""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from visavis.face import (
    ArkitBasis,
    FaceTracker,
    Segmenter,
    VideoSegmenter,
    check_portrait,
    find_faces,
    load_image,
)

HEAD = Path(__file__).resolve().parent.parent / "tests" / "face" / "data" / "front.jpg"


def _cpu_ms(work: Callable[[], object], repeats: int) -> str:
    """The best of five runs, per call."""
    work()
    times = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeats):
            work()
        times.append((time.process_time() - start) / repeats)
    return f"{min(times) * 1000:.1f} ms"


def rows() -> list[tuple[str, str, str]]:
    """(what, measured, target) for each step."""
    cv2.setNumThreads(1)
    head = cv2.resize(load_image(HEAD), (512, 512), interpolation=cv2.INTER_AREA)
    picture = np.ascontiguousarray(head)
    large = cv2.resize(picture, (720, 720), interpolation=cv2.INTER_CUBIC)
    tracker, segmenter, video = FaceTracker(), Segmenter(), VideoSegmenter()
    basis = ArkitBasis.load()
    (face,) = find_faces(picture)
    points = basis.canonical(face.landmarks)
    clip = np.repeat(points[None], 100, axis=0)
    curves = np.random.default_rng(0).random(52).astype(np.float32)
    return [
        ("track a face, 512x512 frame", _cpu_ms(lambda: tracker.update(picture), 40), "<= 3 ms"),
        ("find a face anew, 512x512", _cpu_ms(lambda: find_faces(picture), 20), ""),
        ("coefficients to 478 points", _cpu_ms(lambda: basis.shape(curves), 50), ""),
        ("points to coefficients, one frame", _cpu_ms(lambda: basis.fit(points), 5), ""),
        ("points to coefficients, 100 frames", _cpu_ms(lambda: basis.fit(clip), 2), ""),
        ("person in a video frame, 720x720", _cpu_ms(lambda: video.person(large), 4), ""),
        ("person in a picture, 720x720", _cpu_ms(lambda: segmenter.person(large, face), 2), ""),
        (
            "check a portrait, 720x720",
            _cpu_ms(lambda: check_portrait(large, segmenter=segmenter), 2),
            "",
        ),
    ]


if __name__ == "__main__":
    for what, measured, target in rows():
        print(f"{what:40} {measured:>10}  {target}")
