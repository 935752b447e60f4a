"""One step of Catmull-Clark subdivision as a linear map over vertex values."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Refinement:
    """The map from coarse to smooth vertices (Catmull and Clark, 1978).

    Attributes:
        quads: (4q, 4) faces between the smooth vertices: first the moved coarse ones, then one
            for each edge, then one for each face.
        faces, edges: the coarse (q, 4) faces and (e, 2) edges.
        edge_of_side: (q, 4) the edge from each corner to the next.
        border: (e,) whether an edge has a face on one side only.
        count: number of coarse vertices.
    """

    quads: Integers
    faces: Integers
    edges: Integers
    edge_of_side: Integers
    border: npt.NDArray[np.bool_]
    count: int

    def apply(self, values: Floats) -> Floats:
        """Values (count, c) of the coarse vertices carried to the smooth ones."""
        face = values[self.faces].mean(1)
        middle = values[self.edges].mean(1)
        sides = np.bincount(self.edge_of_side.ravel(), minlength=len(self.edges))
        around = _summed(self.edge_of_side, face, len(self.edges))
        inner = (middle + around / np.maximum(sides, 1)[:, None]) / 2
        edge = np.where(self.border[:, None], middle, inner)
        return np.concatenate([self._moved(values, face, middle), edge, face]).astype(np.float32)

    def _moved(self, values: Floats, face: Floats, middle: Floats) -> Floats:
        valence = np.bincount(self.faces.ravel(), minlength=self.count)[:, None]
        n = np.maximum(valence, 1).astype(np.float32)
        faces = _summed(self.faces, face, self.count) / n
        spokes = np.maximum(np.bincount(self.edges.ravel(), minlength=self.count), 1)[:, None]
        edges = _summed(self.edges, middle, self.count) / spokes
        inner = ((n - 3) * values + faces + 2 * edges) / n
        rim = self.edges[self.border]
        on_rim = np.zeros(self.count, bool)
        on_rim[rim] = True
        beside = _summed(rim, middle[self.border], self.count)
        share = np.maximum(np.bincount(rim.ravel(), minlength=self.count), 1)[:, None]
        outer = (values + beside / share) / 2
        return np.asarray(np.where(on_rim[:, None], outer, inner), np.float32)


def _summed(groups: npt.NDArray[np.integer], values: Floats, count: int) -> Floats:
    """Sums of rows by the groups that they belong to, (count, c).

    Args:
        groups: (n, k) the groups of each row.
        values: (n, c).
    """
    flat = groups.ravel()
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    place = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    out = np.zeros((count, values.shape[1]), np.float32)
    # no group has two members in the same place, so that whole places can be added at once
    for number in range(int(place.max(initial=-1)) + 1):
        at = order[place == number]
        out[flat[at]] += values[at // groups.shape[1]]
    return out


def refinement(faces: Integers, count: int) -> Refinement:
    """Prepare the subdivision of a mesh of quads.

    Args:
        faces: (q, 4) vertex indices.
        count: number of vertices.
    """
    sides = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges, inverse, sharing = np.unique(
        np.sort(sides, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    edge_of_side = inverse.reshape(-1, 4).astype(np.int32)
    at_edge = count + edge_of_side
    at_face = count + len(edges) + np.arange(len(faces), dtype=np.int32)
    quads = np.concatenate(
        [
            np.stack([faces[:, i], at_edge[:, i], at_face, at_edge[:, i - 1]], axis=1)
            for i in range(4)
        ]
    ).astype(np.int32)
    return Refinement(quads, faces, edges.astype(np.int32), edge_of_side, sharing == 1, count)
