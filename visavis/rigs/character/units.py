"""The face units that all presenters share: how skin, jaw, tongue and eyes follow the 52 curves."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from visavis.performance.types import CURVE_INDEX, CURVE_NAMES
from visavis.rigs.character.subdivide import Refinement, refinement

Floats = npt.NDArray[np.float32]

STORED = 4096.0
"""Lengths are kept in the files as integers, so many to the unit of the base mesh."""
LABELS = 6
"""Upper lip, lower lip; upper and lower lid of the subject's left eye, then of the right."""


@dataclass(frozen=True, slots=True)
class FaceUnits:
    """Motion of one head of unit size, after one step of subdivision.

    Attributes:
        refine: from the stored vertices to the smooth ones.
        quads: (q, 4) int32 faces between the smooth vertices.
        deltas: (52, n, 3) offsets of the smooth vertices in the order of `CURVE_NAMES`.
        labels: (n, 6) how much each smooth vertex belongs to a lip or a lid, 0..1.
        jaw, tongue: (52, 3) offsets of the lower teeth and of the tongue.
        gaze: (52, 2, 2) yaw and pitch in radians of the subject's left and right eye; positive
            is to the viewer's right and up.
    """

    refine: Refinement
    quads: npt.NDArray[np.int32]
    deltas: Floats
    labels: Floats
    jaw: Floats
    tongue: Floats
    gaze: Floats


@lru_cache(maxsize=1)
def face_units() -> FaceUnits:
    """The shipped units, read once."""
    with (
        (resources.files("visavis.assets") / "face_units.npz").open("rb") as stream,
        np.load(stream) as stored,
    ):
        names = [str(name) for name in stored["names"]]
        order = [names.index(name) for name in CURVE_NAMES]
        quads = stored["quads"].astype(np.int32)
        deltas = stored["deltas"][order].astype(np.float32) / np.float32(STORED)
        lips, lids = stored["lips"], stored["lids"]
        jaw, tongue, gaze = (stored[name][order] for name in ("jaw", "tongue", "gaze"))
    count = len(lips)
    labels = np.zeros((count, LABELS), np.float32)
    for value in (1, 2):
        labels[lips == value, value - 1] = 1
    for value in (1, 2, 3, 4):
        labels[lids == value, value + 1] = 1
    refine = refinement(quads, count)
    flat = np.concatenate([deltas.transpose(1, 0, 2).reshape(count, -1), labels], axis=1)
    smooth = refine.apply(flat)
    curves = len(CURVE_INDEX)
    return FaceUnits(
        refine,
        refine.quads,
        np.ascontiguousarray(smooth[:, : curves * 3].reshape(-1, curves, 3).transpose(1, 0, 2)),
        np.ascontiguousarray(smooth[:, curves * 3 :]),
        jaw,
        tongue,
        gaze,
    )
