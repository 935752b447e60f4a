"""Footage: cost of a frame, faithfulness to held-out frames, lips that follow, a body that wanders.

The figures of real people need a folder of clips in VISAVIS_TEST_CLIPS; without it the stock
presenter is filmed and measured. Who it is needs `dlib-bin` and `face-recognition-models`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from tests.footage.filming import film
from tests.footage.test_walk import longest_repeat
from visavis.face import FaceTracker
from visavis.performance import Director, Pose
from visavis.rigs import load
from visavis.rigs.footage import FootageRig, create_footage
from visavis.rigs.footage.bank import Bank
from visavis.rigs.footage.body import Body
from visavis.rigs.footage.film import FilmReader
from visavis.rigs.footage.points import HULL
from visavis.rigs.footage.shapes import lip_gaps
from visavis.rigs.footage.walk import Step, Walk
from visavis.speech import Delivery, Synthesiser, find_voice

Row = tuple[str, str, str]
Picture = npt.NDArray[np.uint8]

FPS = Fraction(25)
TRAINED = 0.7
SEEN = 24  # frames by which a person is known
FLOW_SIDE = 256  # pixels of the longer side at which movement is measured
PLAIN = 2.0  # grey levels that a place without structure deviates by: its flow is found by chance
TEXT = "Bob's big pumpkin, five very fine vans, we choose to push. Open the large garage door."


def curves() -> npt.NDArray[np.float32]:
    """A performance of a test sentence."""
    director = Director(FPS, "neutral", seed=0)
    speech = Synthesiser().synthesise(TEXT, find_voice("en-US-heart"), Delivery())
    parts = [director.push(chunk).curves for chunk in speech]
    return np.concatenate([*parts, director.finish().curves])


def ssim(a: Picture, b: Picture) -> float:
    """Structural similarity (Wang et al. 2004) with 7x7 windows, mean over colours."""
    x, y = a.astype(np.float64), b.astype(np.float64)

    def mean(image: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(cv2.blur(image, (7, 7)))

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    s = ((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return float(s[3:-3, 3:-3].mean())


def sharpness(picture: Picture) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())


def mouth(picture: Picture, landmarks: npt.NDArray[np.float32]) -> Picture:
    low = landmarks[HULL, :2].min(0).astype(int)
    high = landmarks[HULL, :2].max(0).astype(int)
    return picture[low[1] : high[1], low[0] : high[0]]


def steadied(picture: Picture, landmarks: npt.NDArray[np.float32], rig: FootageRig) -> Picture:
    """The mouth held in place, for measuring what trembles in it."""
    place = rig.shapes.place(landmarks)
    corners = np.array([[-0.6, 0.35, -0.2], [0.6, 0.35, -0.2], [-0.6, 1.25, -0.2]])
    here = place.apply(corners)[:, :2].astype(np.float32)
    there = np.array([[0, 0], [160, 0], [0, 120]], np.float32)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.warpAffine(grey, cv2.getAffineTransform(here, there), (160, 120)))


def jitter(pictures: list[Picture]) -> float:
    stack = np.array(pictures).astype(np.float32)
    return float(np.abs(stack[2:] - 2 * stack[1:-1] + stack[:-2]).mean())


def reenactment(rig: FootageRig) -> tuple[float, float, float]:
    """SSIM, sharpness over the resampling bound, and jitter over the real one, on the last 30 %
    of a clip drawn with the mouths of the first 70 %."""
    split = round(TRAINED * len(rig.film))
    kept = np.flatnonzero(rig.bank.frames < split)
    bank = rig.bank
    early = Bank(
        bank.frames[kept], bank.features[kept], bank.landmarks[kept], bank.boxes[kept],
        tuple(bank.crops[i] for i in kept), bank.penalties[kept],
    )  # fmt: skip
    held = replace(rig, bank=early).open(rig.size, FPS)
    bound = rig.open(rig.size, FPS)
    real = FilmReader(rig.film)
    likeness, sharp, steady, steady_real = [], [], [], []
    for frame in range(split, len(rig.film)):
        landmarks = rig.landmarks[frame]
        face = rig.shapes.place(landmarks).undo(landmarks).astype(np.float32)
        made = held.draw(Step(frame), face).copy()
        best = bound.draw(Step(frame), face).copy()
        true = real.picture(frame).copy()
        likeness.append(ssim(mouth(made, landmarks), mouth(true, landmarks)))
        sharp.append(sharpness(mouth(made, landmarks)) / sharpness(mouth(best, landmarks)))
        steady.append(steadied(made, landmarks, rig))
        steady_real.append(steadied(true, landmarks, rig))
    return (
        float(np.mean(likeness)),
        float(np.mean(sharp)),
        jitter(steady) / jitter(steady_real),
    )


def lips(rig: FootageRig, performance: npt.NDArray[np.float32]) -> tuple[float, int, float]:
    """Correlation of the openings that are seen with those that were asked for, its best lag in
    frames, and the widest opening seen where the lips were to be shut, in eye distances."""
    renderer = rig.open(rig.size, FPS)
    still = np.zeros(3, np.float32)
    tracker = FaceTracker()
    asked, seen = [], []
    for row in performance:
        picture = renderer.render(Pose(row, still, still))
        face = tracker.update(np.ascontiguousarray(picture[..., :3]))
        if face is None:
            continue
        asked.append(float(lip_gaps(renderer.face)[3:6].mean()))
        seen.append(float(lip_gaps(face.landmarks)[3:6].mean()) / face.eye_distance)
    a, b = np.array(asked), np.array(seen)
    lags = range(-3, 4)
    found = [
        np.corrcoef(a[max(0, -k) : len(a) - max(0, k)], b[max(0, k) : len(b) - max(0, -k)])[0, 1]
        for k in lags
    ]
    shut = b[a < 0.004]
    return (
        float(np.corrcoef(a, b)[0, 1]),
        list(lags)[int(np.argmax(found))],
        float(np.quantile(shut, 0.95)) if len(shut) else 0.0,
    )


def structured(grey: Picture) -> npt.NDArray[np.bool_]:
    """(h, w) where a picture deviates from its mean over nine pixels by more than `PLAIN`."""
    light = grey.astype(np.float32)
    mean = cv2.blur(light, (9, 9))
    return np.asarray(cv2.blur(light * light, (9, 9)) - mean * mean > PLAIN**2, np.bool_)


def accelerations(pictures: Iterable[Picture]) -> npt.NDArray[np.float64]:
    """(n - 2,) mean change of the optical flow from one pair of frames to the next, in the width of
    the picture a frame squared; where there is nothing by which movement is seen, it counts as
    none."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    before, moved, found = None, None, []
    for picture in pictures:
        scale = FLOW_SIDE / max(picture.shape)
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        if before is not None:
            now = flow.calc(before, grey, np.zeros((*grey.shape, 2), np.float32))
            if moved is not None:
                change = np.linalg.norm(now - moved, axis=2) * structured(grey)
                found.append(float(change.mean()) / FLOW_SIDE)
            moved = now
        before = grey
    return np.array(found)


def pops(rig: FootageRig, seconds: float = 60.0) -> tuple[float, float, int]:
    """What is seen of the body's changes: the worst jerk in them over the 99th percentile of the
    clip's own, the share of their frames beyond it, and how many changes there are."""
    reader = FilmReader(rig.film)
    own = accelerations(reader.picture(index) for index in range(len(rig.film)))
    body, walk = Body(rig.film, rig.landmarks, rig.size), Walk(rig.stretches, 1.0, 0)
    steps = [walk.next() for _ in range(round(seconds * rig.stretches.rate))]
    made = accelerations(body.frame(step).picture for step in steps)
    fading = np.array([step.other >= 0 for step in steps])
    # A jerk belongs to the frame in its middle; the one after a change is part of it.
    near = (fading | np.roll(fading, 1) | np.roll(fading, -1))[1:-1]
    limit = float(np.quantile(own, 0.99))
    changes = int((fading[1:] & ~fading[:-1]).sum())
    return float(made[near].max() / limit), float((made[near] > limit).mean()), changes


def identity(rig: FootageRig, performance: npt.NDArray[np.float32]) -> float | None:
    """How much farther frames that speak are from the person's real ones than those are from each
    other, by the face network of dlib; None where `dlib` or `face_recognition_models` is missing.
    """
    weights = find_spec("face_recognition_models")
    if weights is None or not weights.submodule_search_locations or not find_spec("dlib"):
        return None
    dlib: Any = import_module("dlib")
    models = Path(weights.submodule_search_locations[0]) / "models"
    network = dlib.face_recognition_model_v1(
        str(models / "dlib_face_recognition_resnet_model_v1.dat")
    )
    points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))

    def described(picture: Picture, landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        low, high = landmarks[:, :2].min(0).astype(int), landmarks[:, :2].max(0).astype(int)
        box = dlib.rectangle(*low.tolist(), *high.tolist())
        return np.array(network.compute_face_descriptor(picture, points(picture, box)))

    film = FilmReader(rig.film)
    chosen = np.linspace(0, len(rig.film) - 1, SEEN).astype(int)
    real = np.array([described(film.picture(int(i)), rig.landmarks[i]) for i in chosen])
    renderer, still = rig.open(rig.size, FPS), np.zeros(3, np.float32)
    wanted = set(np.linspace(5, len(performance) - 5, SEEN).astype(int).tolist())
    made = []
    for number, row in enumerate(performance):
        step, picture = renderer.next(Pose(row, still, still))
        if number in wanted:
            shown = step.frame if step.share < 0.5 else step.other
            made.append(described(np.ascontiguousarray(picture), rig.landmarks[shown]))
    among = np.linalg.norm(real[:, None] - real, axis=2)[~np.eye(SEEN, dtype=bool)].mean()
    return float(np.linalg.norm(np.array(made)[:, None] - real, axis=2).mean() - among)


def creation_peak(clip: Path) -> float:
    """Megabytes that a process which makes a rig of a clip and nothing else needs at most."""
    program = (
        "import resource, sys; from pathlib import Path;"
        "from visavis.rigs.footage import create_footage; create_footage(Path(sys.argv[1]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(clip)], capture_output=True, text=True, check=True
    )
    return float(told.stdout.split()[-1])


def cost(
    rig: FootageRig, size: tuple[int, int], performance: npt.NDArray[np.float32]
) -> tuple[float, float, float]:
    """Milliseconds of CPU a frame: median, mean and 95th percentile."""
    renderer = rig.open(size, FPS)
    still = np.zeros(3, np.float32)
    spent = []
    for row in performance:
        before = time.thread_time()
        renderer.render(Pose(row, still, still))
        spent.append(1000 * (time.thread_time() - before))
    kept = np.array(spent[5:])
    return float(np.median(kept)), float(kept.mean()), float(np.quantile(kept, 0.95))


def rows() -> list[Row]:
    """Everything measured, with its target."""
    cv2.setNumThreads(1)
    threadpool_limits(1)
    folder = Path(os.environ.get("VISAVIS_TEST_CLIPS", "")) / "video"
    clips = sorted(folder.glob("*.mp4")) if os.environ.get("VISAVIS_TEST_CLIPS") else []
    work = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108
    if not clips:
        clips = [film(work / "presenter.mp4", size=(512, 512))]
    performance = curves()
    result: list[Row] = []
    for clip in clips:
        before = time.perf_counter()
        rig = create_footage(clip)
        name, seconds = clip.stem, len(rig.film) / rig.stretches.rate
        spent = time.perf_counter() - before
        result.append((f"{name}: created from {seconds:.1f} s", f"{spent:.1f} s", "60 s for 10 s"))
        peak = f"{creation_peak(clip):.0f} MB"
        result.append((f"{name}: peak memory of creation", peak, "2000 MB"))
        path = work / f"{name}.avatar"
        rig.save(path)
        before = time.perf_counter()
        load(path)
        loaded = f"{1000 * (time.perf_counter() - before):.0f} ms"
        result.append((f"{name}: loaded, {path.stat().st_size / 1e6:.1f} MB", loaded, "300 ms"))
        path.unlink()
        size = rig.size
        usual, mean, worst = cost(rig, size, performance)
        target = "8 ms" if max(size) <= 512 else "13 ms at 720x1280"
        figure = f"median {usual:.1f} ms, mean {mean:.1f} ms, 95 % {worst:.1f} ms"
        result.append((f"{name}: a frame of {size[0]}x{size[1]}", figure, target))
        alike, sharp, trembling = reenactment(rig)
        result += [
            (f"{name}: SSIM of the mouth, held out", f"{alike:.3f}", "0.84"),
            (f"{name}: sharpness over the bound", f"{sharp:.2f}", "0.60"),
            (f"{name}: jitter over the real one", f"{trembling:.2f}", "0.85 to 1.15"),
        ]
        follows, lag, shut = lips(rig, performance)
        result += [
            (f"{name}: opening seen against asked", f"{follows:.3f}, lag {lag}", "0.95, lag 0"),
            (f"{name}: opening where shut", f"{shut:.3f} eye distances", "0.02"),
        ]
        farther = identity(rig, performance)
        told = "not measured" if farther is None else f"{farther:.3f} farther"
        result.append((f"{name}: identity, from the real frames", told, "0.06"))
        walk = Walk(rig.stretches, 1.0, 0)
        steps = [walk.next() for _ in range(round(60 * rig.stretches.rate))]
        shown = [step.frame if step.share < 0.5 else step.other for step in steps]
        again = longest_repeat(shown) / rig.stretches.rate
        result.append((f"{name}: longest repeat in a minute", f"{again:.2f} s", "2 s"))
        jerk, beyond, changes = pops(rig)
        figure = f"{jerk:.2f}, {beyond:.1%} of the frames beyond"
        result.append((f"{name}: worst jerk in {changes} changes over the clip's", figure, "1"))
    return result


if __name__ == "__main__":
    for what, measured, wanted in rows():
        print(f"{what:55} {measured:28} {wanted}")
