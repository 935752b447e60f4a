"""The 52 coefficients as moves of the points, and back."""

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from visavis.face import find_faces
from visavis.face import indices as at
from visavis.face.contact import lid_gap, lip_gap
from visavis.performance.types import CURVE_INDEX, CURVE_NAMES

curve_values = arrays(np.float32, 52, elements=st.floats(0, 1, width=32))


def curves(**values: float) -> np.ndarray:
    filled = np.zeros(52, np.float32)
    for name, value in values.items():
        filled[CURVE_INDEX[name]] = value
    return filled


def test_the_names_are_those_of_a_performance(basis):
    assert basis.names == CURVE_NAMES
    assert basis.neutral.shape == (478, 3)
    assert basis.moves.shape == (52, 478, 3)


def test_the_file_is_small():
    assert len(files("visavis.face").joinpath("data/arkit_basis.npz").read_bytes()) < 200_000


def test_the_unit_is_the_distance_between_the_eyes(basis):
    corners = basis.neutral[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER]]
    assert np.linalg.norm(corners[1] - corners[0]) == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(corners.mean(0), 0, atol=0.01)


@pytest.mark.parametrize("name", [n for n in CURVE_NAMES if n != "tongueOut"])
def test_every_coefficient_moves_its_own_side(name, basis):
    move = np.linalg.norm(basis.moves[CURVE_INDEX[name]], axis=1)
    assert move.max() > 0.02
    centre = (move @ basis.neutral[:, 0]) / move.sum()
    if name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        # These shift the whole mouth towards the subject's side.
        sideways = basis.moves[CURVE_INDEX[name]][at.LIPS, 0].mean()
        assert sideways > 0.01 if name.endswith("Left") else sideways < -0.01
    elif name.endswith("Left"):
        assert centre > 0.05  # the subject's left is on the right of the picture
    elif name.endswith("Right"):
        assert centre < -0.05
    else:
        assert abs(centre) < 0.01


@pytest.mark.parametrize(
    ("name", "points", "axis", "sign"),
    [
        ("jawOpen", [at.CHIN, at.LOWER_LIP_MIDDLE], 1, 1),
        ("mouthSmileLeft", [at.LEFT_MOUTH_CORNER], 1, -1),
        ("mouthSmileLeft", [at.LEFT_MOUTH_CORNER], 0, 1),
        ("mouthFrownRight", [at.RIGHT_MOUTH_CORNER], 1, 1),
        ("mouthStretchRight", [at.RIGHT_MOUTH_CORNER], 0, -1),
        ("mouthPucker", [at.RIGHT_MOUTH_CORNER], 0, 1),
        ("mouthPucker", [at.LIPS_OUTER[15]], 2, -1),
        ("mouthFunnel", [at.LOWER_LIP_MIDDLE], 1, 1),
        ("mouthUpperUpLeft", [310], 1, -1),
        ("mouthLowerDownRight", [88], 1, 1),
        ("mouthRollLower", [17], 1, -1),
        ("browInnerUp", [107, 336], 1, -1),
        ("browDownLeft", [334], 1, 1),
        ("browOuterUpRight", [105], 1, -1),
        ("eyeWideLeft", [386], 1, -1),
        ("eyeSquintRight", [145], 1, -1),
        ("eyeLookInLeft", list(at.LEFT_IRIS), 0, -1),
        ("eyeLookOutLeft", list(at.LEFT_IRIS), 0, 1),
        ("eyeLookInRight", list(at.RIGHT_IRIS), 0, 1),
        ("eyeLookUpRight", list(at.RIGHT_IRIS), 1, -1),
        ("eyeLookDownLeft", list(at.LEFT_IRIS), 1, 1),
        ("jawForward", [at.CHIN], 2, -1),
    ],
)
def test_directions(name, points, axis, sign, basis):
    assert (sign * basis.moves[CURVE_INDEX[name]][points, axis] > 0.004).all()


def test_the_mouth_opens_by_the_lower_lip(basis):
    opened = basis.moves[CURVE_INDEX["jawOpen"]]
    assert opened[at.LOWER_LIP_MIDDLE, 1] > 0.3
    assert abs(opened[at.UPPER_LIP_MIDDLE, 1]) < 0.05
    assert (np.diff(lip_gap(basis.neutral + opened))[:4] > 0).all()  # widest in the middle


@given(st.floats(0, 1, width=32))
def test_closed_lips_meet_exactly(amount):
    from visavis.face import ArkitBasis

    basis = ArkitBasis.load()
    both = curves(jawOpen=amount, mouthClose=amount)
    face = basis.neutral + basis.displace(both)
    assert np.abs(lip_gap(face)).max() < 1e-6
    seam = face[at.LIP_SEAM_LOWER] - face[at.LIP_SEAM_UPPER]
    assert np.abs(seam).max() < 1e-6


def test_a_blink_shuts_the_eye_exactly(basis):
    face = basis.neutral + basis.displace(curves(eyeBlinkLeft=1, eyeBlinkRight=1))
    for rim in (at.LEFT_EYE, at.RIGHT_EYE):
        assert np.abs(lid_gap(face, rim)).max() < 1e-3
        assert lid_gap(basis.neutral, rim).max() > 0.08


@settings(deadline=None, max_examples=40)
@given(curve_values)
def test_lips_and_lids_never_pass_through_each_other(values):
    from visavis.face import ArkitBasis

    face = ArkitBasis.load().shape(values)
    assert lip_gap(face).min() >= -1e-6
    for rim in (at.LEFT_EYE, at.RIGHT_EYE):
        assert lid_gap(face, rim).min() >= -2e-3


def test_contact_leaves_an_open_face_alone(basis):
    values = curves(jawOpen=0.6, eyeWideLeft=0.3)
    np.testing.assert_array_equal(
        basis.shape(values)[at.LIPS], (basis.neutral + basis.displace(values))[at.LIPS]
    )


def test_many_frames_at_once_are_the_same_as_one_by_one(basis):
    frames = np.random.default_rng(0).random((5, 52)).astype(np.float32)
    together = basis.shape(frames)
    assert together.shape == (5, 478, 3)
    for frame, shape in zip(frames, together, strict=True):
        np.testing.assert_allclose(basis.shape(frame), shape, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    ["jawOpen", "mouthSmileLeft", "mouthPucker", "eyeBlinkRight", "browInnerUp", "eyeLookUpLeft"],
)
def test_fit_recovers_one_coefficient(name, basis):
    found = basis.fit(basis.neutral + basis.displace(curves(**{name: 0.7})))
    assert found[CURVE_INDEX[name]] == pytest.approx(0.7, abs=0.12)
    others = np.delete(found, CURVE_INDEX[name])
    assert others.max() < 0.2


@settings(deadline=None, max_examples=15)
@given(curve_values)
def test_fit_stays_in_range_and_looks_like_what_it_was_given(values):
    from visavis.face import ArkitBasis

    basis = ArkitBasis.load()
    wanted = basis.neutral + basis.displace(values)
    found = basis.fit(wanted)
    assert found.min() >= 0
    assert found.max() <= 1
    off = (basis.neutral + basis.displace(found) - wanted)[at.LIPS, :2]
    assert np.abs(off).mean() < 0.03


def test_fit_of_a_drawn_wink_and_an_open_mouth(head, basis):
    (wink,) = find_faces(head("wink"))
    (opened,) = find_faces(head("open"))
    frames = np.stack([basis.canonical(face.landmarks) for face in (wink, opened)])
    found = basis.fit(frames)
    assert found.shape == (2, 52)
    left, right = CURVE_INDEX["eyeBlinkLeft"], CURVE_INDEX["eyeBlinkRight"]
    assert found[0, left] > 0.5
    assert found[0, left] > found[0, right] + 0.3
    assert found[1, CURVE_INDEX["jawOpen"]] == pytest.approx(0.5, abs=0.2)


def test_canonical_removes_place_size_and_turn(head, basis):
    (front,), (tilted,) = find_faces(head("front")), find_faces(head("tilted"))
    for face in (front, tilted):
        points = basis.canonical(face.landmarks)
        corners = points[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER]]
        np.testing.assert_allclose(corners[:, 1], 0, atol=0.05)
        assert corners[1, 0] - corners[0, 0] == pytest.approx(1, abs=0.08)


def test_an_adapted_basis_is_the_persons_own(basis):
    person = basis.neutral * np.array([1.2, 1.1, 1], np.float32)
    upper = np.concatenate([at.RIGHT_UPPER_LID, at.LEFT_UPPER_LID])
    person[upper, 1] += 0.03  # narrower eyes
    own = basis.adapted(person)
    shut = person + own.displace(curves(eyeBlinkLeft=1, eyeBlinkRight=1))
    for rim in (at.LEFT_EYE, at.RIGHT_EYE):
        assert np.abs(lid_gap(shut, rim)).max() < 5e-3
    smile = CURVE_INDEX["mouthSmileLeft"]
    ratio = own.moves[smile, at.LEFT_MOUTH_CORNER, 0] / basis.moves[smile, at.LEFT_MOUTH_CORNER, 0]
    assert ratio == pytest.approx(1.2, abs=0.02)
    brow = CURVE_INDEX["browInnerUp"]
    np.testing.assert_allclose(own.moves[brow, 107], basis.moves[brow, 107], atol=1e-6)
