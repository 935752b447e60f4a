"""What a frame of a stock presenter costs on one core."""

import time
from fractions import Fraction

import cv2
import numpy as np

from visavis.performance.types import CURVE_NAMES, Pose
from visavis.rigs.character import catalogue
from visavis.scene import compose

FRAMES = 100
FPS = Fraction(25)
SIZES = {(512, 512): "8 ms", (1280, 720): "14 ms", (1920, 1080): "-"}
"""Pictures as they are asked for; the person in them is drawn as large as the scene needs."""
OWN = {(640, 512): "8 ms", (900, 720): "14 ms"}
"""The presenter's whole picture of shoulders and all, in the shape that it was rendered in."""


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
    poses = _poses()
    out = []
    for size, target in (*SIZES.items(), *OWN.items()):
        scene = compose(rig, size, None, fps=FPS) if size in SIZES else None
        start = time.process_time()
        renderer = rig.open(scene.rig_size if scene else size, FPS)
        opened = time.process_time() - start
        drawn = composed = 0.0
        for index, pose in enumerate((poses[0], *poses)):
            start = time.process_time()
            person = renderer.render(pose)
            middle = time.process_time()
            if scene:
                scene.compose(person, index / 25)
            if index:
                drawn += middle - start
                composed += time.process_time() - middle
        wide, high = renderer.size
        name = f"{size[0]}x{size[1]}"
        own = f" (person {wide}x{high})" if scene else ", the presenter's own shape"
        spent = f"{drawn / FRAMES * 1000:.1f} ms"
        out.append((f"frame of a presenter for {name}{own}, CPU time", spent, target))
        if scene:
            spent = f"{composed / FRAMES * 1000:.1f} ms"
            out.append((f"putting it before a room at {name}, CPU time", spent, "-"))
        out.append((f"opening a presenter for {name}, CPU time", f"{opened:.2f} s", "2 s"))
    return out


if __name__ == "__main__":
    for what, measured, target in rows():
        print(f"{what}: {measured} (target {target})")
