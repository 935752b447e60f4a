"""What a frame of a stock presenter costs on one core."""

import time
from fractions import Fraction

import cv2
import numpy as np

from visavis.performance.types import CURVE_NAMES, Pose
from visavis.rigs.character import catalogue

FRAMES = 100
# the presenter's own shape is 5:4; these have the heights of 512x512 and 720p pictures
SIZES = {(640, 512): "8 ms", (900, 720): "14 ms"}


def _poses() -> list[Pose]:
    """A busy face: a third of the curves in motion, the head never still."""
    rng = np.random.default_rng(0)
    poses = []
    for _ in range(FRAMES):
        curves = rng.random(len(CURVE_NAMES)) * 0.4 * (rng.random(len(CURVE_NAMES)) < 0.35)
        rotation = rng.uniform(-0.1, 0.1, 3)
        poses.append(
            Pose(curves.astype(np.float32), rotation.astype(np.float32), np.zeros(3, np.float32))
        )
    return poses


def rows() -> list[tuple[str, str, str]]:
    cv2.setNumThreads(1)
    rig = catalogue()[0].open()
    out = []
    for size, target in SIZES.items():
        start = time.process_time()
        renderer = rig.open(size, Fraction(25))
        opened = time.process_time() - start
        poses = _poses()
        renderer.render(poses[0])
        start = time.process_time()
        for pose in poses:
            renderer.render(pose)
        spent = (time.process_time() - start) / FRAMES * 1000
        name = f"{size[0]}x{size[1]}"
        out.append((f"frame of a presenter at {name}, CPU time", f"{spent:.1f} ms", target))
        out.append((f"opening a presenter at {name}, CPU time", f"{opened:.2f} s", "2 s"))
    return out


if __name__ == "__main__":
    for what, measured, target in rows():
        print(f"{what}: {measured} (target {target})")
