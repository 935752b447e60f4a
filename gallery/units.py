"""What all presenters share: which skin moves by which face unit, and where lips and lids are."""

import functools
from pathlib import Path

import numpy as np

from gallery import source

MOVED = 2e-3
RINGS = 2
LIP_REACH = 0.13
"""How far from the red of the lips, in base units, their inner sides are followed."""


@functools.cache
def region() -> tuple[np.ndarray, np.ndarray]:
    """Base vertices of the moving skin, and its quads in terms of those."""
    quads = source.base().faces["body"]
    offsets = np.stack([source.unit(name) for name in source.unit_names()])
    moved = (np.abs(offsets).max((0, 2)) > MOVED)[: source.SKIN]
    chosen = moved[quads].any(1)
    for _ in range(RINGS):
        near = np.zeros(source.SKIN, bool)
        near[quads[chosen]] = True
        chosen = near[quads].any(1)
    vertices, inverse = np.unique(quads[chosen], return_inverse=True)
    return vertices, inverse.reshape(-1, 4)


def lip_labels() -> np.ndarray:
    """1 for vertices of the upper lip, 2 for the lower, 0 elsewhere."""
    vertices, _ = region()
    points = source.base().points[vertices]
    red = source.mask("lips")[vertices] > 0.35
    reach = np.array([np.sqrt(((points[red] - p) ** 2).sum(1)).min() for p in points])
    # with the mouth open, the lower lip is what lies below the corners
    wide = points + source.unit("jawOpen")[vertices]
    corner = red & (np.abs(points[:, 0]) > np.quantile(np.abs(points[red, 0]), 0.95))
    lower = wide[:, 1] < wide[corner, 1].mean()
    return np.where(reach < LIP_REACH, np.where(lower, 2, 1), 0).astype(np.uint8)


def lid_labels() -> np.ndarray:
    """1 and 2 for the upper and lower lid of the subject's left eye, 3 and 4 for the right."""
    vertices, _ = region()
    points = source.base().points[vertices]
    out = np.zeros(len(vertices), np.uint8)
    for first, side in ((1, "l"), (3, "r")):
        eye = source.base().points[source.group(f"helper-{side}-eye")]
        centre = eye.mean(0)
        radius = np.median(np.linalg.norm(eye - centre, axis=1))
        near = np.linalg.norm(points - centre, axis=1) < 1.45 * radius
        near &= points[:, 2] > centre[2]
        name = "Left" if side == "l" else "Right"
        drop = -source.unit(f"eyeBlink{name}")[vertices, 1]
        upper = drop > 0.25 * drop.max()
        lower = ~upper & (points[:, 1] < centre[1] + 0.1 * radius)
        out[near & upper] = first
        out[near & lower] = first + 1
    return out


def _turn(side: str, name: str) -> tuple[float, float]:
    """Yaw and pitch in radians that a unit gives an eye; positive to the viewer's right and up."""
    vertices = source.group(f"helper-{side}-eye")
    rest = source.base().points[vertices]
    moved = rest + source.unit(name)[vertices]
    u, _, vt = np.linalg.svd((rest - rest.mean(0)).T @ (moved - moved.mean(0)))
    ahead = np.array([0.0, 0.0, 1.0]) @ (u @ vt)
    return float(np.arctan2(ahead[0], ahead[2])), float(np.arcsin(np.clip(ahead[1], -1, 1)))


def write(path: Path) -> None:
    names = source.unit_names()
    vertices, quads = region()
    deltas = np.stack([source.unit(name)[vertices] for name in names])
    lower, tongue = source.group("helper-lower-teeth"), source.group("helper-tongue")
    gaze = np.array([[_turn(side, name) for side in "lr"] for name in names])
    gaze[[i for i, name in enumerate(names) if not name.startswith("eyeLook")]] = 0
    np.savez_compressed(
        path,
        names=np.array(names),
        quads=quads.astype(np.uint16),
        deltas=np.round(deltas * 4096).astype(np.int16),
        lips=lip_labels(),
        lids=lid_labels(),
        jaw=np.stack([source.unit(name)[lower].mean(0) for name in names]).astype(np.float32),
        tongue=np.stack([source.unit(name)[tongue].mean(0) for name in names]).astype(np.float32),
        gaze=gaze.astype(np.float32),
    )
