"""A contact sheet of packed presenters, drawn by the product's own rig.

``python -m gallery.contact OUT.png [names] [--width 240]``, with the product's environment: one row
for each presenter; neutral, smile, five visemes, half blink, blink, gaze left and right.
"""

import argparse
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from visavis.performance.types import Pose
from visavis.rigs.character import catalogue

BACKDROP = np.array([206, 212, 220], np.float32)


def _both(**curves: float) -> Pose:
    """A pose from curves given once for both sides: ``mouthSmile`` sets left and right."""
    sided = ("mouthSmile", "mouthStretch", "mouthUpperUp", "mouthLowerDown", "eyeBlink", "eyeLook")
    out = {}
    for name, value in curves.items():
        if name.startswith(sided) and not name.endswith(("Left", "Right")):
            out[f"{name}Left"] = out[f"{name}Right"] = value
        else:
            out[name] = value
    return Pose.neutral(**out)


POSES = {
    "neutral": _both(),
    "smile": _both(mouthSmile=0.7, mouthUpperUp=0.25, mouthLowerDown=0.2, jawOpen=0.06),
    "aa": _both(jawOpen=0.6, mouthLowerDown=0.35, mouthUpperUp=0.15),
    "ee": _both(
        jawOpen=0.14, mouthStretch=0.45, mouthSmile=0.3, mouthLowerDown=0.3, mouthUpperUp=0.2
    ),
    "oo": _both(mouthPucker=0.6, mouthFunnel=0.35, jawOpen=0.18),
    "f": _both(mouthRollLower=0.6, mouthUpperUp=0.35, jawOpen=0.1),
    "m": _both(mouthPressLeft=0.3, mouthPressRight=0.3, mouthRollLower=0.25, mouthRollUpper=0.25),
    "half": _both(eyeBlink=0.5),
    "blink": _both(eyeBlink=1.0),
    "left": _both(eyeLookOutLeft=0.6, eyeLookInRight=0.6),
    "right": _both(eyeLookInLeft=0.6, eyeLookOutRight=0.6),
}  # fmt: skip


def row(name: str, width: int) -> np.ndarray:
    """One presenter in every pose, BGR, cropped to the head."""
    rig = next(one for one in catalogue() if one.name == name).open()
    size = rig.size
    renderer = rig.open(size, Fraction(25), seed=1)
    frame = rig.framing
    high = int((frame.chin - frame.crown) * size[1] * 1.3)
    top = max(0, int(frame.crown * size[1]) - high // 16)
    middle = int(frame.centre * size[0])
    cells = []
    for pose in POSES.values():
        picture = renderer.render(pose)[top : top + high, middle - high // 2 : middle + high // 2]
        cover = picture[..., 3:].astype(np.float32) / 255
        flat = picture[..., :3] * cover + BACKDROP * (1 - cover)
        flat = cv2.cvtColor(flat.astype(np.uint8), cv2.COLOR_RGB2BGR)
        cells.append(cv2.resize(flat, (width, width), interpolation=cv2.INTER_AREA))
    cv2.putText(cells[0], name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1)
    return np.concatenate(cells, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--width", type=int, default=240)
    options = parser.parse_args()
    names = options.names or [one.name for one in catalogue()]
    cv2.imwrite(str(options.out), np.concatenate([row(name, options.width) for name in names]))


if __name__ == "__main__":
    main()
