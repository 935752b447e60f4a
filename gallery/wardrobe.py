"""Garments, glasses, head coverings and earrings."""

import functools
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from gallery import source
from gallery.person import Person

GARMENTS = {
    "crew": "female_casualsuit01", "scoop": "female_casualsuit02", "vneck": "female_sportsuit01",
    "blouse": "female_elegantsuit01", "open-shirt": "male_casualsuit01",
    "tee": "male_casualsuit02", "polo": "male_casualsuit03", "long-sleeve": "male_casualsuit04",
    "blazer": "male_casualsuit05", "sweater": "male_casualsuit06", "suit": "male_elegantsuit01",
    "overall": "male_worksuit01",
}  # fmt: skip
CLEAR = 0.03
"""How far rims stay off the skin, in units of k."""
NECKLINE = (0.66, 0.46, -1.40)
"""Half width, half height and middle of a dress's neckline, from the eye line, in units of k."""
ARMHOLE = ([-2.6, -2.1, -1.75, -1.45], [1.30, 1.22, 1.17, 1.25])
"""Heights, and how far from the mid plane a dress ends there."""
TRIM = 0.024
PLACKET = (0.085, -1.62, -2.6)
"""Half width, top and bottom of a kurta's buttoned strip."""


@dataclass(frozen=True)
class Piece:
    """A connected part of a garment: points, quads."""

    points: np.ndarray
    quads: np.ndarray


@functools.cache
def _labels(garment: str) -> np.ndarray:
    """A part number for each quad: connected pieces, the largest in the frame first."""
    shape = source.fitted(f"clothes/{garment}")
    quads = shape.quads
    parent = np.arange(len(shape.mesh.points))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for quad in quads:
        for corner in quad[1:]:
            parent[root(corner)] = root(quad[0])
    return np.array([root(quad[0]) for quad in quads])


def pieces(person: Person, lowest: float) -> list[Piece]:
    """The parts of the garment above a height, in order of size."""
    garment = GARMENTS[person.spec.clothes.garment]
    shape = source.fitted(f"clothes/{garment}")
    points = shape.place(person.points)
    quads, label = shape.quads, _labels(garment)
    seen = points[quads].mean(1)[:, 1] > lowest
    names, counts = np.unique(label[seen], return_counts=True)
    out = [Piece(points, quads[seen & (label == name)]) for name in names[np.argsort(-counts)]]
    if person.spec.clothes.cut == "dress":
        out[0] = _sleeveless(person, out[0])
    return out


def _finer(points: np.ndarray, quads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each quad in four, and the points drawn towards their neighbours as on a smooth surface."""
    pairs = np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)
    edges, at = np.unique(pairs, axis=0, return_inverse=True)
    middles = len(points) + at.reshape(-1, 4)
    centres = len(points) + len(edges) + np.arange(len(quads))
    out = np.concatenate([points, points[edges].mean(1), points[quads].mean(1)])
    fine = np.concatenate(
        [np.stack([quads[:, i], middles[:, i], centres, middles[:, i - 1]], 1) for i in range(4)]
    )
    inner = np.ones(len(out), bool)
    inner[np.unique(_border(fine))] = False
    for _ in range(2):
        total, count = np.zeros_like(out), np.zeros(len(out))
        for i in range(4):
            for j in (i - 1, (i + 1) % 4):
                np.add.at(total, fine[:, i], out[fine[:, j]])
                np.add.at(count, fine[:, i], 1)
        moved = inner & (count > 0)
        out[moved] = total[moved] / count[moved, None]
    return out, fine


def _border(quads: np.ndarray) -> np.ndarray:
    """(m, 2) edges that belong to one quad alone."""
    pairs = np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    edges, count = np.unique(pairs, axis=0, return_counts=True)
    return edges[count == 1]


def _loops(quads: np.ndarray) -> list[np.ndarray]:
    """Closed lines of points round the holes and ends of a piece."""
    beside: dict[int, list[int]] = {}
    for a, b in _border(quads).tolist():
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    out = []
    while beside:
        start = next(iter(beside))
        line, at = [start], start
        while beside.get(at):
            ahead = beside[at].pop()
            beside[ahead].remove(at)
            line.append(ahead)
            at = ahead
        for point in line:
            beside.pop(point, None)
        if len(line) > 12 and line[0] == line[-1]:
            out.append(np.array(line[:-1]))
    return out


def _sleeveless(person: Person, piece: Piece) -> Piece:
    """A dress: without sleeves, and with a wide round neckline."""
    points, quads = piece.points, piece.quads
    for _ in range(2):
        points, quads = _finer(points, quads)

    def beyond(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far a point is in the neckline's oval and past the armholes, one on their edge."""
        x, y, _ = person.frame(at)
        neck = np.hypot(x / NECKLINE[0], (y - NECKLINE[2]) / NECKLINE[1])
        return 1 / np.maximum(neck, 1e-3), x / np.interp(y, *ARMHOLE)

    neck, arm = beyond(points)
    gone = (neck > 1) | (arm > 1)
    kept = quads[~gone[quads].all(1)]
    rim = np.zeros(len(points), bool)
    rim[np.unique(kept)] = True
    rim &= gone
    points = points.copy()
    height = person.eye_y + NECKLINE[2] * person.k
    for _ in range(3):
        neck, arm = beyond(points)
        of_neck, of_arm = rim & (neck > 1), rim & (arm > 1)
        points[of_neck, 0] *= neck[of_neck]
        points[of_neck, 1] = height + (points[of_neck, 1] - height) * neck[of_neck]
        points[of_arm, 0] /= arm[of_arm]
    return Piece(points, kept)


def trims(person: Person, piece: Piece) -> list[tuple[np.ndarray, float]]:
    """A sewn band round the neckline of scrubs or a dress: closed lines and their radius."""
    if person.spec.clothes.cut not in ("scrubs", "dress"):
        return []
    out = []
    for loop in _loops(piece.quads):
        line = piece.points[loop]
        # the hem lies below the picture
        if line[:, 1].mean() > person.eye_y - 2.2 * person.k:
            line = gaussian_filter(line, (1.0, 0), mode="wrap")
            out.append((line, TRIM * person.k))
    return out


def _before(person: Person, cloth: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Points of the front of the cloth at places given in units of k."""
    flat = np.stack([x * person.k, person.eye_y + y * person.k], -1)
    front = cloth[cloth[:, 2] > person.ear_z]
    gap, near = cKDTree(front[:, :2]).query(flat, k=5)
    share = 1 / (gap + 0.02)
    depth = (front[near, 2] * share).sum(-1) / share.sum(-1)
    return np.concatenate([flat, depth[..., None]], -1)


def placket(person: Person, piece: Piece) -> tuple[Piece, list[np.ndarray]]:
    """The buttoned strip down the front of a kurta, and the middles of its buttons."""
    cloth, _ = _finer(piece.points, piece.quads)
    across, down = np.meshgrid(np.linspace(-1, 1, 7), np.linspace(*PLACKET[1:], 24))
    points = _before(person, cloth, across * PLACKET[0], down)
    points[..., 2] = gaussian_filter(points[..., 2], (1.5, 1.0), mode="nearest")
    points[..., 2] += (0.035 - 0.02 * np.abs(across) ** 4) * person.k
    index = np.arange(across.size).reshape(across.shape)
    quads = np.stack([index[1:, :-1], index[1:, 1:], index[:-1, 1:], index[:-1, :-1]], -1)
    buttons = [points[row, 3] for row in (4, 12, 20)]
    return Piece(points.reshape(-1, 3), quads.reshape(-1, 4)), buttons


def _skin_before(person: Person, line: np.ndarray) -> np.ndarray:
    """How far the face reaches to the camera at each point of a line."""
    skin = person.points[: source.SKIN]
    face = skin[(skin[:, 2] > person.ear_z + 0.2 * person.k) & ~person.ears[: source.SKIN]]
    _, near = cKDTree(face[:, :2]).query(line[:, :2], k=4)
    return face[near, 2].max(1)


def glasses(person: Person) -> list[tuple[np.ndarray, float, bool]]:
    """Tubes of a pair of glasses: closed or open lines with their radius."""
    k, style = person.k, person.spec.clothes.glasses
    if style == "none":
        return []
    width, height, power = {
        "round": (0.235, 0.225, 2.2), "square": (0.265, 0.19, 4.0), "oval": (0.26, 0.18, 2.6),
    }[style]  # fmt: skip
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power) * width * k
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power) * height * k
    middle = person.eye_x * 1.02
    rings = []
    for side in (1, -1):
        curve = 0.06 * k * ((x * side) / (width * k)) ** 2 * np.sign(x * side)
        rings.append(
            np.column_stack([middle * side + x, person.eye_y - 0.03 * k + y, -np.maximum(curve, 0)])
        )
    least = max(float((_skin_before(person, ring) - ring[:, 2]).max()) for ring in rings)
    front = max(person.eye_z + person.eyes["l"].radius + 0.10 * k, least + CLEAR * k)
    lines = [(ring + np.array([0, 0, front]), 0.017 * k, True) for ring in rings]
    for side in (1, -1):
        hinge = np.array([(middle + width * k) * side, person.eye_y + 0.05 * k, front - 0.06 * k])
        ear = np.array([0.80 * k * side, person.eye_y + 0.06 * k, person.ear_z])
        outward = np.array([0.84 * k * side, person.eye_y + 0.06 * k, front - 0.35 * k])
        t = np.linspace(0, 1, 16)[:, None]
        arm = (1 - t) ** 2 * hinge + 2 * t * (1 - t) * outward + t**2 * ear
        lines.append((arm, 0.015 * k, False))
    t = np.linspace(-1, 1, 12)
    inner = middle - width * k
    bridge = np.column_stack(
        [inner * t, person.eye_y + (0.02 + 0.05 * (1 - t**2)) * k, front + 0.05 * k * (1 - t**2)]
    )
    lines.append((bridge, 0.015 * k, False))
    return lines


def earrings(person: Person) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points and quads of a ring or a bead at each ear lobe."""
    k, style = person.k, person.spec.clothes.earrings
    if style == "none":
        return []
    turn, around = np.meshgrid(
        np.linspace(0, 2 * np.pi, 48, endpoint=False),
        np.linspace(0, 2 * np.pi, 12, endpoint=False), indexing="ij",
    )  # fmt: skip
    size, thick = (0.10, 0.011) if style == "hoop" else (0.016, 0.016)
    radius = (size + thick * np.cos(around)) * k
    # a hoop hangs in the plane of the cheek, turned a little to the camera
    x, y, z = radius * np.cos(turn), radius * np.sin(turn), thick * k * np.sin(around)
    index = np.arange(turn.size).reshape(turn.shape)
    quads = np.stack(
        [index, np.roll(index, -1, 0), np.roll(np.roll(index, -1, 0), -1, 1),
         np.roll(index, -1, 1)], -1
    ).reshape(-1, 4)  # fmt: skip
    out = []
    for side in (1, -1):
        ear = person.points[person.ears & (person.points[:, 0] * side > 0)]
        lobe = ear[np.argsort(ear[:, 1])[:12]].mean(0)
        drop = size * k if style == "hoop" else -0.035 * k
        centre = lobe + np.array([side * 0.03 * k, -drop, 0.05 * k])
        points = np.stack([0.75 * x * side + 0.5 * z, y, z - 0.5 * x * side], -1).reshape(-1, 3)
        out.append((centre + points, quads))
    return out
