"""Every fault of a source picture has its own message with a figure and a remedy."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from visavis.errors import SourceError
from visavis.face import check_portrait, find_faces, load_image
from visavis.face import indices as at
from visavis.face.check import FACE_WIDTH


@pytest.fixture
def refuse(segmenter):
    def refuse(picture, check, *figures):
        with pytest.raises(SourceError) as caught:
            check_portrait(np.ascontiguousarray(picture), segmenter=segmenter)
        assert caught.value.check == check
        assert caught.value.remedy
        for figure in figures:
            assert re.search(figure, caught.value.message), caught.value.message
        return caught.value

    return refuse


def warnings_of(picture, segmenter):
    return {warning.check for warning in check_portrait(picture, segmenter=segmenter).warnings}


def test_a_good_picture_passes_without_warnings(front, front_face, segmenter):
    source = check_portrait(front, segmenter=segmenter)
    assert source.warnings == ()
    np.testing.assert_array_equal(source.face.landmarks, front_face.landmarks)
    assert source.person.shape == front.shape[:2]
    x, y = (int(value) for value in front_face.centre)
    assert source.person[y, x] > 0.95
    assert abs(source.angles.yaw) < 3


def test_a_cut_out_keeps_its_own_alpha(front, segmenter):
    alpha = np.full((*front.shape[:2], 1), 255, np.uint8)
    alpha[:, :60] = 0
    source = check_portrait(np.concatenate([front, alpha], axis=2), segmenter=segmenter)
    np.testing.assert_allclose(source.person, alpha[..., 0] / 255)


def test_no_face(refuse):
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8)
    refuse(noise, "one_face", "No face", "400x300")


def test_two_faces_are_told_by_size_and_place(head, refuse):
    small = cv2.resize(head("open"), (320, 320), interpolation=cv2.INTER_AREA)
    beside = np.full((640, 320, 3), 196, np.uint8)
    beside[:320] = small
    refuse(
        np.hstack([head("front"), beside]), "one_face", "2 faces", r"\d+ pixels wide at the left"
    )


def test_a_tiny_face_is_refused_and_a_small_one_warned_of(front, front_face, refuse, segmenter):
    for width, accepted in ((FACE_WIDTH[0] - 12, False), (FACE_WIDTH[0] + 30, True)):
        scale = width / front_face.width
        picture = cv2.resize(front, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if accepted:
            assert "size" in warnings_of(picture, segmenter)
        else:
            refuse(picture, "size", r"\d+ pixels")


def test_a_face_cut_by_the_border(front, front_face, refuse):
    refuse(front[: int(front_face.centre[1]) + 30], "framing", r"\d+%")


def test_a_profile_and_a_far_turn(head, refuse):
    refuse(head("turned_far"), "pose", r"turned 4\d degrees to the right")
    refuse(head("turned_far")[:, ::-1], "pose", r"turned 4\d degrees to the left")
    with pytest.raises(SourceError) as caught:
        check_portrait(head("profile"))
    assert caught.value.check in ("pose", "one_face")


def test_a_turn_within_reach_is_warned_of(head, segmenter):
    assert "pose" in warnings_of(head("turned"), segmenter)
    assert "pose" not in warnings_of(head("tilted"), segmenter)


def test_a_raised_head(head, refuse):
    refuse(head("raised"), "pose", r"raised by \d\d degrees")


@pytest.mark.parametrize(("quarters", "name"), [(1, "side"), (2, "upside down"), (3, "side")])
def test_a_picture_that_lies(quarters, name, front, refuse):
    refuse(np.rot90(front, quarters), "orientation", name)


def test_blur_is_refused_in_proportion_to_the_face(front, front_face, refuse, segmenter):
    unit = front_face.eye_distance
    refuse(cv2.GaussianBlur(front, (0, 0), 0.03 * unit), "sharpness", r"0\.\d\d")
    motion = np.zeros((25, 25), np.float32)
    motion[12] = 1 / 25
    refuse(cv2.filter2D(cv2.filter2D(front, -1, motion), -1, motion.T), "sharpness")
    slightly = cv2.GaussianBlur(front, (0, 0), 0.013 * unit)
    assert warnings_of(slightly, segmenter) <= {"sharpness"}


def test_darkness_and_glare(front, refuse, segmenter):
    refuse((front * 0.12).astype(np.uint8), "exposure", "dark", r"\d+%")
    refuse((front * 3.5).clip(0, 255).astype(np.uint8), "exposure", "overexposed")
    assert "exposure" in warnings_of((front * 0.35).astype(np.uint8), segmenter)


@pytest.mark.parametrize("cover", ["mask", "hand", "microphone", "cup"])
@pytest.mark.parametrize("name", ["front", "open"])
def test_a_covered_mouth(cover, name, head, refuse):
    picture = head(name).copy()
    (face,) = find_faces(picture)
    points, unit = face.landmarks[:, :2], face.eye_distance
    mouth = points[at.LIPS].mean(0)
    x, y = (int(value) for value in mouth)
    if cover == "mask":
        outline = np.vstack([points[at.JAW], points[[at.NOSE_TIP]]]).astype(np.int32)
        cv2.fillPoly(picture, [outline], (150, 190, 220))
    elif cover == "hand":
        skin = picture[y - int(unit * 0.5), x - int(unit * 0.5)].tolist()
        cv2.ellipse(picture, (x, y), (int(0.8 * unit), int(0.42 * unit)), 0, 0, 360, skin, -1)
        for finger in (-1, 0, 1):
            across = y + int(finger * 0.2 * unit)
            ends = (x - int(0.7 * unit), across), (x + int(0.7 * unit), across)
            cv2.line(picture, *ends, [int(value * 0.6) for value in skin], 2)
    elif cover == "microphone":
        cv2.circle(picture, (x, y), int(0.45 * unit), (25, 25, 28), -1)
    else:
        left, right = x - int(0.55 * unit), x + int(0.55 * unit)
        picture[y - int(0.45 * unit) : y + int(0.8 * unit), left:right] = (235, 235, 230)
    refuse(picture, "mouth", r"\d+%")


def test_an_open_mouth_and_shut_eyes_are_only_warned_of(head, segmenter):
    assert "mouth" in warnings_of(head("open"), segmenter)
    assert "eyes" not in warnings_of(head("wink"), segmenter)  # one eye is open


def test_real_portraits_pass(clips: Path, segmenter):
    for path in sorted((clips / "portrait").iterdir()):
        source = check_portrait(load_image(path), segmenter=segmenter)
        assert {warning.check for warning in source.warnings} <= {"size"}, path.name


def test_real_frames_pass(clips: Path, segmenter):
    for path in sorted((clips / "video").glob("*.mp4")):
        ok, frame = cv2.VideoCapture(str(path)).read()
        assert ok
        check_portrait(np.ascontiguousarray(frame[..., ::-1]), segmenter=segmenter)
