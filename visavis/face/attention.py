"""The attention mesh of MediaPipe on stock LiteRT: 478 points of a face, irises included.

Grishchenko et al., "Attention Mesh: High-fidelity Face Mesh Prediction in Real-time", 2020.
The published graph holds three operators that stock LiteRT lacks. They sit at two places only, so
the graph is cut there into two plain models, and the three are done here:

    picture -> [trunk] -> mesh, features, flag
    mesh -> a matrix per region -> 16x16 crops of the features
    crops -> [heads] -> lips, eyes, irises -> back into the picture
"""

import json
from dataclasses import asdict, dataclass
from math import atan2, cos, sin
from typing import Any

import numpy as np
import numpy.typing as npt
from flatbuffers import flexbuffers

from visavis.errors import ModelError
from visavis.face import indices as at
from visavis.face.litert import Net, cut, parse

Array = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RegionSpec:
    """One region of attention, as the options of its operator say.

    Attributes:
        points: mesh indices that bound the region; its head's points replace them.
        left, right: the line between these two is made horizontal.
        margin: width and height of the region over those of its points.
        size: width and height of the crop, in features.
    """

    points: tuple[int, ...]
    left: int
    right: int
    margin: tuple[float, float]
    size: tuple[int, int]


@dataclass(frozen=True)
class MeshParts:
    """The attention mesh, cut at its three special operators.

    Attributes:
        trunk, heads: LiteRT files.
        regions: the regions of attention, in the order of the inputs of `heads`.
        head_region: for every output of `heads`, the number of its region.
        size: side of the picture that goes in.
        grid: pixels of that picture per feature.
    """

    trunk: bytes
    heads: bytes
    regions: tuple[RegionSpec, ...]
    head_region: tuple[int, ...]
    size: int
    grid: float

    @classmethod
    def from_model(cls, model: bytes) -> "MeshParts":
        """Cut the published file.

        Raises:
            ModelError: it is not the attention mesh that this module knows.
        """
        tree = parse(model)
        graph = tree.subgraphs[0]
        maker = {t: op for op in graph.operators for t in op.outputs}
        special: dict[str, list[Any]] = {}
        for op in graph.operators:
            name = tree.operatorCodes[op.opcodeIndex].customCode
            if name:
                special.setdefault(name.decode(), []).append(op)
        expected = ("Landmarks2TransformMatrix", "TransformTensorBilinear", "TransformLandmarks")
        if sorted(special) != sorted(expected):
            raise ModelError(f"The face mesh has operators {sorted(special)}.", _WRONG_MODEL)
        matrices, crops, backs = (special[name] for name in expected)
        matrix_of = [op.outputs[0] for op in matrices]
        if [op.inputs[1] for op in crops] != matrix_of:
            raise ModelError("The face mesh has its regions in an unknown order.", _WRONG_MODEL)
        size = int(graph.tensors[graph.inputs[0]].shape[1])
        mesh, flag, features = graph.outputs[0], graph.outputs[-1], crops[0].inputs[0]
        return cls(
            trunk=cut(model, list(graph.inputs), [mesh, flag, features]),
            heads=cut(model, [op.outputs[0] for op in crops], [op.inputs[0] for op in backs]),
            regions=tuple(_region_spec(op) for op in matrices),
            # Through the MUL that rescales the origin of the matrix.
            head_region=tuple(matrix_of.index(maker[op.inputs[1]].inputs[0]) for op in backs),
            size=size,
            grid=size / float(graph.tensors[features].shape[1]),
        )

    def describe(self) -> str:
        """Everything but the two models, as JSON."""
        fields = asdict(self)
        del fields["trunk"], fields["heads"]
        return json.dumps(fields)

    @classmethod
    def from_description(cls, text: str, trunk: bytes, heads: bytes) -> "MeshParts":
        """The inverse of `describe`."""
        fields = json.loads(text)
        regions = tuple(
            RegionSpec(
                tuple(r["points"]), r["left"], r["right"], tuple(r["margin"]), tuple(r["size"])
            )
            for r in fields["regions"]
        )
        return cls(
            trunk, heads, regions, tuple(fields["head_region"]), fields["size"], fields["grid"]
        )


_WRONG_MODEL = "Fetch it again with `visavis models pull face-mesh`."


def _region_spec(op: Any) -> RegionSpec:
    options = flexbuffers.Loads(bytes(op.customOptions))
    return RegionSpec(
        points=tuple(int(i) for i in options["subset_idxs"]),
        left=int(options["left_rotation_idx"]),
        right=int(options["right_rotation_idx"]),
        margin=(float(options["scale_x"]), float(options["scale_y"])),
        size=(int(options["output_width"]), int(options["output_height"])),
    )


class _AttentionRegion:
    """One region of attention: where it lies for a given mesh, and the features in it."""

    def __init__(self, spec: RegionSpec) -> None:
        self.points = np.array(spec.points, np.intp)
        self._ends = [spec.left, spec.right]
        self._margin = np.array(spec.margin)
        self._size = np.array(spec.size, np.float64)
        x, y = np.meshgrid(np.arange(spec.size[0]) + 0.5, np.arange(spec.size[1]) + 0.5)
        self._grid = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
        self._shape = (spec.size[1], spec.size[0])

    def matrix(self, mesh: Doubles) -> Doubles:
        """(2, 3) map from pixels of the crop to the units of `mesh`."""
        left, right = mesh[self._ends, :2]
        angle = atan2(right[1] - left[1], right[0] - left[0])
        turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
        level = mesh[self.points, :2] @ turn
        low, high = level.min(0), level.max(0)
        axes = turn * ((high - low) * self._margin / self._size)
        origin = turn @ ((low + high) / 2) - axes @ (self._size / 2)
        return np.column_stack([axes, origin])

    def sample(self, features: Array, matrix: Doubles) -> Array:
        """The bilinear crop: pixel centres at half integers, zero outside the outermost ones."""
        height, width, channels = features.shape
        x, y = matrix @ self._grid - 0.5
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        x, y = np.where(inside, x, 0), np.where(inside, y, 0)
        x0 = np.minimum(x.astype(np.intp), width - 2)
        y0 = np.minimum(y.astype(np.intp), height - 2)
        fx = (x - x0).astype(np.float32)[:, None]
        fy = (y - y0).astype(np.float32)[:, None]
        flat, first = features.reshape(-1, channels), y0 * width + x0
        upper = flat[first] * (1 - fx) + flat[first + 1] * fx
        lower = flat[first + width] * (1 - fx) + flat[first + width + 1] * fx
        crop = (upper * (1 - fy) + lower * fy) * inside[:, None]
        return np.asarray(crop, np.float32).reshape(1, *self._shape, channels)


class AttentionMesh:
    """Crop of a face to its 478 points. Not thread-safe."""

    def __init__(self, parts: MeshParts, threads: int = 1) -> None:
        self.size = parts.size
        self._trunk = Net(parts.trunk, threads)
        self._heads = Net(parts.heads, threads)
        self._regions = [_AttentionRegion(spec) for spec in parts.regions]
        self._head_region = parts.head_region
        self._grid = parts.grid

    def __call__(self, crop: Array) -> tuple[Doubles, float]:
        """Find the points.

        Args:
            crop: (192, 192, 3) float32 RGB in 0..1.

        Returns:
            (478, 3) float64 points in pixels of the crop, and the score of the face in 0..1.
        """
        mesh, flag, features = self._trunk(crop[None])
        points = np.zeros((at.POINTS, 3))
        points[: at.MESH_POINTS] = mesh.reshape(-1, 3)
        matrices = [r.matrix(points[: at.MESH_POINTS] / self._grid) for r in self._regions]
        crops = [
            region.sample(features[0], matrix)
            for region, matrix in zip(self._regions, matrices, strict=True)
        ]
        self._refine(points, matrices, self._heads(*crops))
        return points, float(1 / (1 + np.exp(-float(flag.ravel()[0]))))

    def _refine(self, points: Doubles, matrices: list[Doubles], heads: list[Array]) -> None:
        """Write the heads' points over the mesh; x and y are theirs, z stays the mesh's."""
        iris = at.MESH_POINTS
        depth = points[:, 2].copy()
        for head, number in zip(heads, self._head_region, strict=True):
            found, matrix = head.reshape(-1, 2), matrices[number]
            region = self._regions[number].points
            target: npt.NDArray[np.intp]
            if len(found) == len(region):
                target = region
            else:
                target = np.arange(iris, iris + 5)
                depth[target] = depth[region[:16]].mean()  # the 16 of the eye's rim
                iris += 5
            # A head counts in quarters of a crop pixel and the matrix gives features of four
            # picture pixels: the two fours cancel, except for the origin.
            points[target, :2] = found @ matrix[:, :2].T + self._grid * matrix[:, 2]
        points[:, 2] = depth
