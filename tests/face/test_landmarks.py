"""Points of faces: the same as MediaPipe's, in one picture and through a clip."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import ModelError
from visavis.face import Face, FaceTracker, find_faces, weights
from visavis.face import indices as at
from visavis.face.attention import MeshParts
from visavis.face.track import region_of
from visavis.face.types import Picture

HEADS = ("front", "open", "wink", "turned", "tilted")


@pytest.mark.parametrize("name", HEADS)
def test_landmarks_agree_with_mediapipe(name, head, reference):
    picture = head(name)
    (face,) = find_faces(picture)
    off = (face.landmarks - reference[name]) * (512 / max(picture.shape))
    assert np.linalg.norm(off[:, :2], axis=1).max() < 0.05
    assert np.abs(off[:, 2]).max() < 0.05
    assert face.landmarks.shape == (478, 3)
    assert face.landmarks.dtype == np.float32
    assert face.score > 0.99


def test_measures_of_a_face(head, front_face):
    corners = front_face.landmarks[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER]]
    assert corners[0, 0] < corners[1, 0]  # the subject's right is on the left
    assert front_face.eye_distance == pytest.approx(np.linalg.norm(corners[1] - corners[0]))
    assert front_face.mouth_gap < 0.03
    (opened,) = find_faces(head("open"))
    assert opened.mouth_gap > 0.15
    left, top, right, bottom = front_face.box
    assert front_face.width == pytest.approx(right - left)
    assert front_face.height == pytest.approx(bottom - top)


def test_no_face_in_noise_or_plain_grey():
    noise = np.random.default_rng(1).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    assert find_faces(noise) == ()
    assert find_faces(np.full((64, 64, 3), 128, np.uint8)) == ()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 255))
def test_any_shape_of_picture_is_searched(height, width, grey):
    assert find_faces(np.full((height, width, 3), grey, np.uint8)) == ()


def test_every_face_is_found(head):
    both = np.hstack([head("front"), head("open")])
    faces = sorted(find_faces(both), key=lambda face: face.centre[0])
    assert len(faces) == 2
    assert faces[0].centre[0] < 640 < faces[1].centre[0]
    assert faces[0].mouth_gap < 0.05 < faces[1].mouth_gap


def test_small_faces_need_the_second_detector(front):
    wall = np.full((1000, 1400, 3), 150, np.uint8)
    small = cv2.resize(front, (320, 320), interpolation=cv2.INTER_AREA)
    wall[300:620, 900:1220] = small
    assert find_faces(wall) == ()
    (face,) = find_faces(wall, small=True)
    assert face.centre[0] == pytest.approx(1060, abs=15)


def _clip(picture: Picture, frames: int) -> list[Picture]:
    """The head swaying a little."""
    clip = []
    for frame in range(frames):
        turn = cv2.getRotationMatrix2D((320, 320), 4 * np.sin(frame / 4), 1)
        turn[:, 2] += [3 * frame, frame]
        clip.append(
            np.asarray(cv2.warpAffine(picture, turn, (640, 640), borderMode=cv2.BORDER_REPLICATE))
        )
    return clip


def test_tracking_follows_a_moving_head(front):
    tracker = FaceTracker()
    for picture in _clip(front, 12):
        tracked = tracker.update(picture)
        (found,) = find_faces(picture)
        assert tracked is not None
        off = np.linalg.norm((tracked.landmarks - found.landmarks)[:, :2], axis=1)
        assert off.mean() < 0.03 * found.eye_distance


def test_tracking_is_deterministic_and_starts_anew_after_reset(front):
    clip = _clip(front, 4)
    tracker = FaceTracker()
    first = [tracker.update(picture) for picture in clip]
    tracker.reset()
    again = [tracker.update(picture) for picture in clip]
    for one, other in zip(first, again, strict=True):
        assert one is not None
        assert other is not None
        np.testing.assert_array_equal(one.landmarks, other.landmarks)


def test_a_lost_face_is_found_again(front):
    tracker = FaceTracker()
    assert tracker.update(front) is not None
    assert tracker.update(np.full_like(front, 90)) is None
    moved = np.roll(front, 150, axis=1)
    found = tracker.update(moved)
    assert found is not None
    (truth,) = find_faces(moved)
    assert found.centre[0] == pytest.approx(truth.centre[0], abs=5)


def test_a_face_that_jumps_is_found_in_the_same_frame(front):
    small = cv2.resize(front, (320, 320), interpolation=cv2.INTER_AREA)
    canvas = np.full((640, 960, 3), 196, np.uint8)
    here, there = canvas.copy(), canvas.copy()
    here[:320, :320] = small
    there[320:, 640:] = small
    tracker = FaceTracker()
    tracker.update(here)
    face = tracker.update(there)
    assert face is not None
    assert face.centre[0] > 640


def test_smoothing_steadies_a_still_face_and_keeps_up_with_a_moving_one(front):
    rng = np.random.default_rng(3)
    noisy = [
        (front + rng.normal(0, 12, front.shape)).clip(0, 255).astype(np.uint8) for _ in range(16)
    ]

    def jitter(*, smooth: bool) -> float:
        tracker = FaceTracker(smooth=smooth)
        faces = [tracker.update(picture) for picture in noisy]
        points = np.stack([face.landmarks for face in faces if face is not None])
        return float(np.abs(np.diff(points[4:, at.LIPS], axis=0)).mean())

    assert jitter(smooth=True) < 0.6 * jitter(smooth=False)

    tracker = FaceTracker(smooth=True)
    clip = _clip(front, 12)
    lags = []
    for picture in clip:
        smooth = tracker.update(picture)
        (found,) = find_faces(picture)
        assert smooth is not None
        lags.append((smooth.landmarks - found.landmarks)[:, :2].mean(0) / found.eye_distance)
    assert np.abs(lags).max() < 0.05


def test_region_of_the_next_frame_is_turned_with_the_eyes(head):
    (face,) = find_faces(head("tilted"))
    region = region_of(face.landmarks)
    assert np.rad2deg(region.angle) == pytest.approx(20, abs=4)
    assert region.size == pytest.approx(1.5 * max(face.width, face.height))


def test_the_cut_mesh_survives_storage(front, front_face):
    parts = weights.mesh_parts()
    again = MeshParts.from_description(parts.describe(), parts.trunk, parts.heads)
    assert again == parts
    assert len(parts.regions) == 3
    assert parts.size == 192


def test_cutting_the_published_mesh_gives_the_stored_parts():
    source = weights.models.ensure("face-mesh")[weights.MESH_FILE]
    assert MeshParts.from_model(source.read_bytes()) == weights.mesh_parts()


def test_another_model_is_refused():
    with pytest.raises(ModelError, match="operators"):
        MeshParts.from_model(weights.detector_model())


def test_real_clips_are_tracked_without_a_miss(clips: Path):
    for path in sorted((clips / "video").glob("*.mp4")):
        capture = cv2.VideoCapture(str(path))
        tracker = FaceTracker()
        faces: list[Face | None] = []
        for _ in range(25):
            ok, frame = capture.read()
            assert ok
            faces.append(tracker.update(np.ascontiguousarray(frame[..., ::-1])))
        assert all(face is not None for face in faces), path.name


def test_nothing_is_written_to_the_terminal_but_errors_are_kept():
    script = (
        "import os, numpy as np\n"
        "from visavis.face import find_faces, litert\n"
        "make = litert.Interpreter\n"
        "def noisy(**options):\n"
        "    os.write(2, b'something went wrong\\n')\n"
        "    return make(**options)\n"
        "litert.Interpreter = noisy\n"
        "find_faces(np.zeros((64, 64, 3), np.uint8))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert set(done.stderr.splitlines()) == {b"something went wrong"}
