"""Pose of a head and the frame that all faces share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.face import align, find_faces, place_of
from visavis.face.canonical import rotation_angles, rotation_matrix

turns = st.floats(-1.2, 1.2)


@given(turns, turns, turns)
def test_angles_undo_the_rotation(yaw, pitch, roll):
    assert rotation_angles(rotation_matrix(yaw, pitch, roll)) == pytest.approx(
        (yaw, pitch, roll), abs=1e-9
    )


def test_signs_are_those_of_a_pose():
    nose, crown = np.array([0, 0, -1.0]), np.array([0, -1.0, 0])
    assert (rotation_matrix(0.3, 0, 0) @ nose)[0] > 0  # to the viewer's right
    assert (rotation_matrix(0, 0.3, 0) @ nose)[1] < 0  # chin raised
    assert (rotation_matrix(0, 0, 0.3) @ crown)[0] > 0  # crown to the viewer's right


@given(turns, turns, turns, st.floats(0.1, 500), st.integers(0, 2**32 - 1))
def test_align_finds_a_similarity(yaw, pitch, roll, scale, seed):
    rng = np.random.default_rng(seed)
    points, shift = rng.normal(size=(12, 3)), rng.normal(size=3) * scale
    rotation = rotation_matrix(yaw, pitch, roll)
    found = align(points, scale * points @ rotation.T + shift)
    assert found.scale == pytest.approx(scale)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-7)
    np.testing.assert_allclose(found.undo(found.apply(points)), points, atol=1e-7)


def test_align_obeys_its_weights():
    points = np.random.default_rng(0).normal(size=(20, 3))
    moved = points.copy()
    moved[10:] += 5.0
    found = align(points, moved, np.r_[np.ones(10), np.zeros(10)])
    np.testing.assert_allclose(found.shift, 0, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "yaw", "pitch", "roll"),
    [("front", 0, 0, 0), ("turned", 24, 0, 0), ("turned_far", 48, 0, 0), ("tilted", 0, 0, 20)],
)
def test_pose_of_drawn_heads(name, yaw, pitch, roll, head, basis):
    (face,) = find_faces(head(name))
    angles = place_of(face.landmarks, basis.neutral).angles
    assert angles.yaw == pytest.approx(yaw, abs=4)
    assert angles.pitch == pytest.approx(pitch, abs=6)
    assert angles.roll == pytest.approx(roll, abs=3)


def test_a_raised_chin_is_positive_pitch(head, basis):
    (face,) = find_faces(head("raised"))
    assert basis.place(face.landmarks).angles.pitch > 20
