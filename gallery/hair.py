"""Hair of the head as strands: grown from the scalp, or combed along a MakeHuman hair shape."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from gallery import source
from gallery.person import Person
from gallery.strands import on_skin

COMBED = {
    "flowing": ("hair/long01", None),
    "ponytail": ("hair/ponytail01", None),
    "quiff": ("hair/short01", None),
    "shag": ("hair/short02", None),
}


@dataclass(frozen=True)
class Hair:
    """Strands (n, s, 3), radius at the root, and how much each base vertex lies under hair."""

    points: np.ndarray
    radius: float
    scalp: np.ndarray


def hairline(person: Person, azimuth: np.ndarray) -> np.ndarray:
    """Height of the hairline around the head, 0 at the front."""
    raised = person.spec.hair.line
    height = np.array([.66, .66, .60, .36, .05, -.16, .10, -.18, -.66, -.74])  # fmt: skip
    height += raised * np.array([1, 1, 1, 0.5, 0, 0, 0, 0, 0, 0])
    degrees = np.degrees(np.abs(azimuth))
    at = [0, 25, 42, 58, 72, 82, 92, 115, 140, 180]
    return person.eye_y + person.k * np.interp(degrees, at, height)


def _azimuth(person: Person, points: np.ndarray) -> np.ndarray:
    return np.arctan2(points[:, 0], points[:, 2] - person.ear_z)


def scalp(person: Person) -> np.ndarray:
    skin = person.points[: source.SKIN]
    line = hairline(person, _azimuth(person, skin))
    out = np.zeros(source.VERTICES)
    out[: source.SKIN] = np.clip((skin[:, 1] - line) / (0.05 * person.k), 0, 1)
    out[: source.SKIN] *= ~person.ears[: source.SKIN]
    out[: source.SKIN] *= skin[:, 1] > person.eye_y - 0.9 * person.k
    return out


def make(person: Person) -> Hair | None:
    style = person.spec.hair.style
    if style == "none":
        return None
    area = scalp(person)
    radius = person.spec.hair.radius * person.k
    if style in COMBED:
        return Hair(_combed(person, *COMBED[style]), radius, area)
    return Hair(_grown(person, area), radius, area)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


class _Surface:
    """The head as something to stay off: signed distance along the normals of near vertices."""

    def __init__(self, person: Person) -> None:
        skin = person.points[: source.SKIN]
        keep = (skin[:, 1] > person.eye_y - 4 * person.k) & ~person.ears[: source.SKIN]
        self.points = skin[keep]
        self.normals = person.normals[: source.SKIN][keep]
        self.tree = cKDTree(self.points)

    def clearance(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _, near = self.tree.query(points, k=3)
        offset = points[:, None] - self.points[near]
        distance = np.einsum("nkd,nkd->nk", offset, self.normals[near]).mean(1)
        return distance, _unit(self.normals[near].mean(1))


def _grown(person: Person, area: np.ndarray) -> np.ndarray:
    hair, k = person.spec.hair, person.k
    rng = np.random.default_rng(person.spec.seed + 4)
    n, style = hair.strands, hair.style
    triangles, weights = on_skin(person, area, n, rng)
    roots = (person.points[triangles] * weights[..., None]).sum(1)
    normal = _unit((person.normals[triangles] * weights[..., None]).sum(1))
    guides = rng.choice(n, max(60, n // 14), replace=False)
    _, nearest = cKDTree(roots[guides]).query(roots)
    surface = _Surface(person)
    relative = np.clip((roots[:, 1] - person.eye_y) / (person.top - person.eye_y), -1, 1)
    noise = rng.random(n)
    lengths = {
        "long": 3.1 * (0.85 + 0.2 * noise), "bob": 2.0 * (0.9 + 0.15 * noise),
        "bun": np.full(n, 2.4), "buzz": np.full(n, 0.06),
        "short": (0.08 + 0.42 * np.clip(relative, 0, 1) ** 0.9) * (0.75 + 0.5 * noise),
        "afro": (0.26 + 0.34 * np.clip(relative, 0, 1)) * (0.75 + 0.5 * noise),
        "curls": (0.40 + 0.85 * np.clip(relative + 0.2, 0, 1)) * (0.8 + 0.4 * noise),
    }  # fmt: skip
    steps = {"long": 30, "bob": 28, "bun": 22, "buzz": 4, "short": 10, "afro": 22, "curls": 26}
    scale = hair.length if style in ("short", "afro", "curls", "buzz", "long") else 1.0
    length, count = lengths[style] * k * scale, steps[style]
    step = (length / count)[:, None]
    layer = (0.03 + 0.13 * rng.random(n)) * k * hair.volume
    side = np.where(roots[:, 0] >= hair.part * k + 0.03 * k * rng.normal(size=n), 1.0, -1.0)
    knot = np.array([0, person.eye_y + 0.62 * k, person.ear_z - 1.02 * k])
    phase = nearest * 1.7 + rng.normal(0, 0.25, n)
    heading, at, path = normal.copy(), roots.copy(), [roots.copy()]
    hangs = style in ("long", "bob")
    for index in range(count):
        share = index / count
        if hangs:
            heading, step_now = _hang(person, surface, heading, at, side, share, nearest), step
        elif style == "short":
            # on top as it is swept, at the sides flat and down
            above = np.clip((normal[:, 1:2] - 0.15) / 0.45, 0, 1)
            swept = np.tile(hair.sweep, (n, 1))
            # past the top, hair swept to a side lies down on it
            over = at[:, 0] * np.sign(hair.sweep[0]) / k
            swept[:, 0] *= np.clip((0.5 - over) / 0.5, 0, 1)
            swept[:, 1] -= np.clip((over - 0.2) / 0.4, 0, 1) * abs(hair.sweep[0])
            combed = swept * above + np.array([0, -0.75, -0.35]) * (1 - above)
            heading, step_now = heading * 0.55 + combed * 0.42 + normal * 0.02, step
        elif style in ("afro", "curls"):
            turn, width = (1.15, 0.85) if style == "afro" else (0.75, 0.7)
            angle = phase + index * turn
            first = _unit(np.cross(normal, [0.3, 1, 0.2]))
            second = np.cross(normal, first)
            spiral = first * np.cos(angle)[:, None] + second * np.sin(angle)[:, None]
            fall = np.array([0.0, -0.75, -0.1]) * share if style == "curls" else 0.0
            heading, step_now = normal * 0.55 + width * spiral + fall, step
        elif style == "bun":
            to_knot = knot - at
            distance = np.linalg.norm(to_knot, axis=1, keepdims=True)
            heading = heading * 0.5 + 0.6 * to_knot / (distance + 1e-6)
            step_now = np.minimum(step, distance * 0.5)
        else:
            heading, step_now = normal * 0.6 + np.array([0.1, -0.3, 0.1]), step
        heading = _unit(heading)
        at = at + heading * step_now
        if style not in ("afro", "buzz", "curls"):
            at = _keep_off(person, surface, at, layer * min(1, (index + 1) / 4), style)
        if hangs:
            at = _free_face(person, at, side)
        path.append(at.copy())
    points = np.stack(path, 1)
    return _finish(person, points, roots, guides, nearest, style, knot, rng)


def _hang(person, surface, heading, at, side, share, nearest):
    """Combed away from the parting over the crown, then down."""
    hair, k, y = person.spec.hair, person.k, person.eye_y
    _, near = surface.tree.query(at)
    normal = surface.normals[near]
    over = np.maximum(
        np.clip(normal[:, 1], 0, 1) * (at[:, 1] > y),
        np.clip((at[:, 1] - (y + 0.38 * k)) / (0.25 * k), 0, 1) * (np.abs(at[:, 0]) < 0.74 * k),
    )
    wanted = np.stack([side * 1.15 * over, -1 + 0.8 * over, -0.40 * over], 1)
    heading = heading * 0.60 + wanted * 0.45
    along = (heading * normal).sum(1) * (at[:, 1] > y - 0.5 * k)
    heading = heading - normal * along[:, None] * 0.9
    if hair.wave and share > 0.3:
        heading = heading + hair.wave * np.stack(
            [np.sin(9 * share + nearest * 0.37), 0 * nearest, np.cos(8 * share + nearest * 0.71)], 1
        )
    return heading


def _keep_off(person, surface, at, layer, style):
    distance, normal = surface.clearance(at)
    layer = layer * (0.5 if style == "short" else 1)
    pull = np.zeros(len(at))
    if style in ("long", "bob"):
        near_head = at[:, 1] > person.eye_y - 0.35 * person.k
        pull = np.where(near_head, np.clip(0.5 * (layer - distance), -0.05, 0), 0)
    push = np.where(layer > distance, np.clip(layer - distance, 0, 0.2), pull)
    return at + normal * push[:, None]


def _free_face(person, at, side):
    """Hanging hair stays beside the face."""
    k = person.k
    azimuth = _azimuth(person, at)
    least = np.radians(
        np.interp(at[:, 1] - person.eye_y, np.array([-2.5, -1.0, -0.2, 0.30, 0.62]) * k,
                  [62, 64, 66, 50, 0])
    )  # fmt: skip
    sign = np.sign(np.where(np.abs(azimuth) < 0.02, side, azimuth))
    azimuth = sign * np.maximum(np.abs(azimuth), least)
    reach = np.hypot(at[:, 0], at[:, 2] - person.ear_z)
    return np.column_stack(
        [reach * np.sin(azimuth), at[:, 1], person.ear_z + reach * np.cos(azimuth)]
    )


def _finish(person, points, roots, guides, nearest, style, knot, rng):
    hair, k, y = person.spec.hair, person.k, person.eye_y
    count = points.shape[1] - 1
    if style == "bob":
        cut = y - (1.10 * hair.length) * k + 0.05 * k * rng.random(len(points))
        kept = (points[:, :, 1] > cut[:, None]).cumprod(1).sum(1)
        last = np.maximum(kept - 1, 1)[:, None]
        order = np.minimum(np.arange(count + 1)[None], last)
        points = np.take_along_axis(points, order[..., None].repeat(3, 2), 1)
    pull = hair.clump * np.linspace(0, 1, count + 1)[None, :, None] ** 1.4
    pull = pull * (0.4 + 1.2 * rng.random((len(points), 1, 1)))
    guide = points[guides][nearest]
    apart = (roots - roots[guides][nearest])[:, None] * 0.35
    points = points * (1 - pull) + (guide + apart) * pull
    frizz = rng.normal(0, 0.012, (len(points), 1, 3)) * np.linspace(0, 1, count + 1)[None, :, None]
    points = points + frizz * k
    if style in ("long", "bob"):
        below = points[..., 1] < y - 0.75 * k
        front = (np.abs(points[..., 0]) < 0.55 * k) & (points[..., 2] > person.ear_z - 0.2 * k)
        points = points[~(below & front).any(1)]
    if style == "bun":
        points = np.concatenate([points, _knot(person, knot, count, rng)])
    return points


def _knot(person, knot, count, rng):
    n, k = 2600, person.k
    outward = _unit(rng.normal(size=(n, 3)))
    along = _unit(np.cross(outward, rng.normal(size=(n, 3)) * 0.3 + [0, 0, 1]))
    angle = np.linspace(0, 1.6, count + 1)
    turn = (
        outward[:, None] * np.cos(angle)[None, :, None]
        + along[:, None] * np.sin(angle)[None, :, None]
    )
    radius = (0.40 + 0.03 * rng.random(n))[:, None, None] * k
    return knot + np.array([0, 0.12, -0.1]) * k + turn * radius * np.array([1, 0.9, 0.9])


def _combed(person: Person, folder: str, name: str | None) -> np.ndarray:
    """Strands along the texture columns (or rows, whichever runs longer) of each hair card."""
    shape = source.fitted(folder, name)
    placed = shape.place(person.points)
    quads, texture = shape.quads, shape.mesh.texture[shape.texture_quads]
    rng = np.random.default_rng(person.spec.seed + 5)
    steps, k = 24, person.k
    surface = _Surface(person)
    strands, widths = [], []
    for members in connected(len(placed), quads):
        columns = _columns(placed[quads[members]], texture[members])
        for line, width in columns:
            strands.append(_resample(line, steps))
            widths.append(width)
    guides = np.array(strands)
    width = np.array(widths)
    distance, _ = surface.clearance(guides[:, [0, -1]].reshape(-1, 3))
    ends = distance.reshape(-1, 2)
    upside = guides[:, 0, 1] < guides[:, -1, 1] - 0.15 * k
    swap = np.where(np.abs(ends[:, 0] - ends[:, 1]) > 0.06 * k, ends[:, 0] > ends[:, 1], upside)
    guides[swap] = guides[swap, ::-1]
    area = width * np.linalg.norm(np.diff(guides, axis=1), axis=2).sum(1)
    chosen = rng.choice(len(guides), person.spec.hair.strands, p=area / area.sum())
    points = guides[chosen]
    tangent = _unit(np.gradient(points, axis=1))
    sideways = _unit(np.cross(tangent, points - np.array([0, person.eye_y, person.ear_z])))
    outward = np.cross(sideways, tangent)
    n = len(points)
    t = np.linspace(0, 1, steps)[None, :, None]
    across = rng.uniform(-0.6, 0.6, (n, 1, 1)) * width[chosen][:, None, None]
    depth = rng.normal(0, 0.018, (n, 1, 1)) * k * hair_volume(person)
    bend = rng.normal(0, 0.012, (n, 1, 1)) * k * np.sin(np.pi * t * rng.uniform(0.5, 2, (n, 1, 1)))
    points = points + sideways * (across + bend) + outward * depth
    points = points + rng.normal(0, 0.010, (n, 1, 3)) * t * k
    # roots and tips end unevenly, or the cards' straight edges show
    start, stop = 0.05 * rng.random(n), 1 - 0.15 * rng.random(n) ** 2
    at = (start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, steps)) * (steps - 1)
    low = np.minimum(at.astype(int), steps - 2)
    share = (at - low)[..., None]
    rows = np.arange(n)[:, None]
    return points[rows, low] * (1 - share) + points[rows, low + 1] * share


def hair_volume(person: Person) -> float:
    return person.spec.hair.volume


def connected(count: int, quads: np.ndarray) -> list[np.ndarray]:
    """Quads grouped into connected pieces."""
    parent = np.arange(count)

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for quad in quads:
        for corner in quad[1:]:
            parent[root(corner)] = root(quad[0])
    label = np.array([root(quad[0]) for quad in quads])
    return [np.where(label == value)[0] for value in np.unique(label)]


def _columns(corners: np.ndarray, texture: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Lines of constant texture coordinate on one card, with the width each stands for."""
    size, dense = 160, 10
    du = np.abs(texture[:, 1] - texture[:, 0]) + np.abs(texture[:, 2] - texture[:, 3])
    dv = np.abs(texture[:, 3] - texture[:, 0]) + np.abs(texture[:, 2] - texture[:, 1])
    first = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    second = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    reach = np.zeros(2)
    for axis in range(2):
        share_first = du[:, axis] / (du.sum(1) + 1e-9)
        share_second = dv[:, axis] / (dv.sum(1) + 1e-9)
        per_unit = (first * share_first + second * share_second).sum()
        reach[axis] = per_unit / np.sqrt(len(corners)) * np.ptp(texture[..., axis])
    if reach[0] > 1.3 * reach[1]:
        texture = texture[..., ::-1]
    a, b = np.meshgrid(np.linspace(0, 1, dense), np.linspace(0, 1, dense))
    blend = np.stack([(1 - a) * (1 - b), a * (1 - b), a * b, (1 - a) * b], -1).reshape(-1, 4)
    points = np.einsum("sc,qcd->qsd", blend, corners).reshape(-1, 3)
    where = np.einsum("sc,qcd->qsd", blend, texture).reshape(-1, 2)
    low, span = where.min(0), np.ptp(where, axis=0) + 1e-6
    cells = np.clip(((where - low) / span * (size - 1)).astype(int), 0, size - 1)
    grid = np.full((size, size, 3), np.nan)
    grid[cells[:, 1], cells[:, 0]] = points
    out = []
    for column in range(0, size, 2):
        line = grid[:, column]
        known = np.where(~np.isnan(line[:, 0]))[0]
        if len(known) < 6:
            continue
        for run in np.split(known, np.where(np.diff(known) > 8)[0] + 1):
            if len(run) < 6:
                continue
            path = line[run]
            beside = grid[run, min(column + 2, size - 1)]
            gap = np.linalg.norm(beside - path, axis=1)
            width = float(np.nanmedian(gap)) if np.isfinite(gap).any() else 0.02
            out.append((path, min(width, 0.15)))
    return out


def _resample(line: np.ndarray, count: int) -> np.ndarray:
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, along[-1], count)
    return np.stack([np.interp(at, along, line[:, i]) for i in range(3)], 1)
