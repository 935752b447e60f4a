"""Garments, glasses, head coverings and earrings."""

import functools
from dataclasses import dataclass

import numpy as np
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
    return [Piece(points, quads[seen & (label == name)]) for name in names[np.argsort(-counts)]]


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
