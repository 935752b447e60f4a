import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.performance.types import CURVE_NAMES, Pose
from visavis.rigs.character.pack import KEYS, bled
from visavis.rigs.character.subdivide import refinement
from visavis.rigs.character.surface import Motion, Region
from visavis.rigs.character.units import face_units


def grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0 : rows + 1, 0 : columns + 1]
    index = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    faces = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], -1)
    return np.stack([x, y], -1).reshape(-1, 2).astype(np.float32), faces.reshape(-1, 4)


def test_a_flat_grid_stays_flat_and_constant_values_constant():
    points, faces = grid(4, 5)
    refine = refinement(faces.astype(np.int32), len(points))
    values = np.column_stack([2 * points[:, 0] - points[:, 1], np.ones(len(points))])
    smooth = refine.apply(np.concatenate([points, values], axis=1).astype(np.float32))
    assert len(refine.quads) == 4 * len(faces)
    assert smooth[:, 3] == pytest.approx(1)
    inside = (smooth[:, :2] > 1).all(1) & (smooth[:, 0] < 4) & (smooth[:, 1] < 3)
    assert smooth[inside, 2] == pytest.approx(2 * smooth[inside, 0] - smooth[inside, 1], abs=1e-5)


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0, 1))
def test_sources_undo_the_offsets(stretch, shear, amount):
    region = Region(10, 20, 24, 18, 4)
    nodes = region.nodes() - np.array([58, 56], np.float32)
    moved = np.stack([stretch * nodes[..., 0] * 0.5, shear * nodes[..., 0] * 0.5], -1)
    basis = np.zeros((len(CURVE_NAMES), moved.size), np.float32)
    basis[0] = moved.ravel()
    motion = Motion(region, basis, np.zeros(len(CURVE_NAMES), np.float32))
    curves = np.zeros(len(CURVE_NAMES), np.float32)
    curves[0] = amount
    found = np.stack(motion.sources(curves), -1) + np.array([region.left, region.top])
    centred = found - np.array([58, 56])
    offset = np.stack([stretch * centred[..., 0], shear * centred[..., 0]], -1) * 0.5 * amount
    middle = np.s_[5:-5, 7:-7]
    assert (found + offset)[middle] == pytest.approx(region.nodes()[middle], abs=0.6)


def test_the_units_speak_for_every_curve():
    units = face_units()
    assert units.deltas.shape[0] == len(CURVE_NAMES)
    still = [
        name
        for index, name in enumerate(CURVE_NAMES)
        if not np.abs(units.deltas[index]).max() > 1e-3
        and not np.abs(units.gaze[index]).max() > 1e-3
        and not np.abs(units.tongue[index]).max() > 1e-3
    ]
    assert still == []
    assert all(name in CURVE_NAMES for pose in KEYS.values() for name in pose)
    left = units.gaze[CURVE_NAMES.index("eyeLookOutLeft"), 0]
    assert left[0] > 0.1


def test_rendered_keys_are_the_ones_the_gallery_bakes():
    gallery = pytest.importorskip("gallery.keys", reason="the gallery's tools are not beside")
    assert {name: dict(pose) for name, pose in KEYS.items()} == gallery.KEYS


def test_transparent_pixels_take_the_colour_of_their_rim():
    picture = np.zeros((20, 20, 4), np.uint8)
    picture[5:15, 5:15] = (200, 100, 50, 255)
    out = bled(picture)
    assert (out[..., 3] == picture[..., 3]).all()
    assert (out[2, 2, :3] == (200, 100, 50)).all()


def test_a_pose_by_name_reads_back():
    assert Pose.neutral(jawOpen=0.5)["jawOpen"] == pytest.approx(0.5)
