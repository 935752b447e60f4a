"""Strands that follow the skin: brows, beards, lashes. Each is bound to base vertices."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gallery import source
from gallery.person import Person


@dataclass(frozen=True)
class Strands:
    """Curves of equal length in points, moving with the skin.

    Attributes:
        points: (n, s, 3) at rest.
        vertices, weights: (n, m) what each root is bound to.
        radius: at the root; the tip tapers to `taper` of it.
    """

    points: np.ndarray
    vertices: np.ndarray
    weights: np.ndarray
    radius: float
    taper: float = 0.15

    def moved(self, rest: np.ndarray, posed: np.ndarray) -> np.ndarray:
        shift = ((posed - rest)[self.vertices] * self.weights[..., None]).sum(1)
        return self.points + shift[:, None]


def on_skin(
    person: Person, weight: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Random places on the skin, as dense as `weight` says: triangles and barycentric weights."""
    quads = person.quads
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    a, b, c = (person.points[triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) * weight[triangles].mean(1)
    chosen = rng.choice(len(triangles), count, p=area / area.sum())
    uv = rng.random((count, 2))
    flip = uv.sum(1) > 1
    uv[flip] = 1 - uv[flip]
    return triangles[chosen], np.stack([1 - uv.sum(1), uv[:, 0], uv[:, 1]], 1)


def brows(person: Person) -> Strands:
    """Fine hairs, upright at the inner end, swept outwards and down at the tail."""
    shape, k = person.spec.brows, person.k
    rng = np.random.default_rng(person.spec.seed + 1)
    n = shape.strands
    along = rng.beta(1.45, 1.25, n)
    across = np.clip(rng.normal(0, 0.42, n), -1.0, 1.0)
    side = np.where(rng.random(n) < 0.5, 1, -1)
    x = person.eye_x + (-0.215 + 0.46 * along) * k * shape.width
    arch = np.interp(along, [0, 0.35, 0.62, 1], [0.158, 0.186, 0.206, 0.160])
    arch = 0.18 + (arch - 0.18) * shape.arch + shape.raise_by
    thick = shape.thickness * np.interp(
        along, [0, 0.15, 0.35, 0.65, 1], [0.62, 0.95, 1.0, 0.7, 0.16]
    )
    y = person.eye_y + (arch + thick * across) * k
    roots_xy = np.stack([x * side, y], 1)
    skin = person.points[: source.SKIN]
    facing = np.where(
        (skin[:, 2] > person.ear_z)
        & (person.normals[: source.SKIN, 2] > 0.05)
        & (skin[:, 1] > person.eye_y - 0.5)
    )[0]
    distance, nearest = cKDTree(skin[facing][:, :2]).query(roots_xy, k=4)
    vertices = facing[nearest]
    weights = 1 / (distance + 1e-4)
    weights /= weights.sum(1, keepdims=True)
    depth = (skin[vertices] * weights[..., None]).sum(1)[:, 2]
    normal = (person.normals[vertices] * weights[..., None]).sum(1)
    roots = np.column_stack([roots_xy, depth])
    out = np.interp(along, [0, 0.12, 0.5, 1], [0.35, 0.8, 1, 1]) * side
    up = np.interp(along, [0, 0.12, 0.45, 1], [0.6, 0.45, 0.18, -0.30]) - across * 0.9
    heading = np.column_stack([out, up + rng.normal(0, 0.12, n), -0.3 * along])
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    length = (0.05 + 0.045 * rng.random(n)) * k
    t = np.linspace(0, 1, 6)
    lift = 0.005 + 0.012 * np.sin(np.pi * t)
    points = (
        roots[:, None]
        + heading[:, None] * length[:, None, None] * t[None, :, None]
        + normal[:, None] * lift[None, :, None] * k
    )
    return Strands(points, vertices, weights, 0.0016 * k, 0.1)


def beard(person: Person) -> Strands | None:
    wanted, k = person.spec.beard, person.k
    if wanted.style == "none":
        return None
    rng = np.random.default_rng(person.spec.seed + 2)
    area = np.zeros(source.VERTICES)
    area[: source.SKIN] = person.beard_area
    x, _, _ = person.frame(person.points)
    y = (person.points[:, 1] - person.mouth[1]) / k
    if wanted.style == "goatee":
        area *= np.clip((0.30 - x) / 0.05, 0, 1)
    elif wanted.style == "moustache":
        area *= (y > 0.02) * np.clip((0.30 - x) / 0.05, 0, 1)
    vertices, weights = on_skin(person, area**1.5, wanted.strands, rng)
    roots = (person.points[vertices] * weights[..., None]).sum(1)
    normal = (person.normals[vertices] * weights[..., None]).sum(1)
    dense = (area[vertices] * weights).sum(1)
    n = len(roots)
    above = np.clip((roots[:, 1] - person.mouth[1]) / (0.1 * k), 0, 1)
    sideways = np.sign(roots[:, 0]) * 0.5 * above
    heading = normal * 0.45 + np.column_stack([sideways, np.full(n, -0.85), np.full(n, 0.05)])
    heading += rng.normal(0, 0.16, (n, 3))
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    length = wanted.length * k * (0.5 + 0.8 * rng.random(n)) * np.clip(dense, 0.25, 1)
    t = np.linspace(0, 1, 6)
    curl = rng.normal(0, 0.010, (n, 1, 3)) * np.sin(2.5 * t)[None, :, None] * k
    points = roots[:, None] + heading[:, None] * length[:, None, None] * t[None, :, None] + curl
    return Strands(points, vertices, weights, 0.0024 * k, 0.2)


def lashes(person: Person) -> Strands:
    """Upper lashes along the lash strips of the base mesh, root on the lid, fanned and curved."""
    rng = np.random.default_rng(person.spec.seed + 3)
    k, amount, count = person.k, person.spec.eyes.lash, 130
    skin_tree = cKDTree(person.points[: source.SKIN])
    all_points, all_vertices, all_weights = [], [], []
    for side in "lr":
        quads = source.base().faces[f"helper-{side}-eyelashes-2"]
        distance, _ = skin_tree.query(person.points[quads])
        # turn each quad so that its first two corners are the ones nearest to the lid
        turn = (distance + np.roll(distance, -1, 1)).argmin(1)
        rows = np.arange(len(quads))[:, None]
        quads = quads[rows, (turn[:, None] + np.arange(4)) % 4]
        width = np.linalg.norm(person.points[quads[:, 0]] - person.points[quads[:, 1]], axis=1)
        near = np.sort(distance, 1)[:, :2].mean(1) < 0.02 * k
        middle = person.points[quads].mean(1)[:, 0]
        inner = (middle - person.eyes[side].centre[0]) / person.eyes[side].radius
        inner *= -np.sign(person.eyes[side].centre[0])
        share = width * near * (inner < 0.62)
        chosen = rng.choice(len(quads), count, p=share / share.sum())
        u = rng.random(count)
        quad = quads[chosen]
        weights = np.column_stack([1 - u, u])
        roots = (person.points[quad[:, :2]] * weights[..., None]).sum(1)
        eye = person.eyes[side]
        across = (roots[:, 0] - eye.centre[0]) / eye.radius
        outer = across * np.sign(eye.centre[0])
        heading = np.column_stack([0.75 * across, np.full(count, 0.25), np.full(count, 0.75)])
        heading += rng.normal(0, 0.10, heading.shape)
        heading /= np.linalg.norm(heading, axis=1, keepdims=True)
        length = 0.058 * k * amount * (0.75 + 0.35 * outer) * (0.75 + 0.4 * rng.random(count))
        t = np.linspace(0, 1, 8)
        points = (
            roots[:, None]
            + heading[:, None] * length[:, None, None] * t[None, :, None]
            + np.array([0, 1.0, 0]) * (length[:, None, None] * 0.5 * (t**2)[None, :, None])
        )
        all_points.append(points)
        all_vertices.append(quad[:, :2])
        all_weights.append(weights)
    return Strands(
        np.concatenate(all_points),
        np.concatenate(all_vertices),
        np.concatenate(all_weights),
        0.0028 * k * (0.6 + 0.4 * amount),
        0.12,
    )
