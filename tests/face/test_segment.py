"""The person against the background, the head against the body."""

import cv2
import numpy as np
import pytest

from visavis.face import VideoSegmenter
from visavis.face import indices as at
from visavis.face.head import split_head
from visavis.face.matte import refine


@pytest.fixture(scope="module")
def truth(front):
    """Where the drawn head is: everything but its plain grey background."""
    away = np.abs(front.astype(int) - 196).max(2).astype(np.float32)
    return cv2.medianBlur((away > 14).astype(np.uint8), 5).astype(bool)


def agreement(alpha, truth):
    """Intersection over union above the ragged end of the drawn shoulders."""
    found, truth = alpha[:560] > 0.5, truth[:560]
    return (found & truth).sum() / (found | truth).sum()


def test_the_person_is_cut_out(front, front_face, truth, segmenter):
    for face in (None, front_face):
        alpha = segmenter.person(front, face)
        assert alpha.shape == front.shape[:2]
        assert alpha.dtype == np.float32
        assert alpha.min() >= 0
        assert alpha.max() <= 1
        assert agreement(alpha, truth) > 0.97


def test_refining_moves_a_coarse_edge_onto_the_picture(front, truth):
    rough = cv2.GaussianBlur(truth.astype(np.float32), (0, 0), 7)
    shifted = np.roll(rough, 3, axis=1)
    refined = refine(front, shifted)
    error = np.abs(refined - truth).mean()
    assert error < 0.65 * np.abs(shifted - truth).mean()


def test_refining_keeps_plain_alpha(front):
    for value in (0.0, 1.0):
        refined = refine(front, np.full(front.shape[:2], value, np.float32))
        np.testing.assert_allclose(refined, value, atol=1e-3)


@pytest.mark.parametrize("size", [(64, 64), (65, 301), (301, 65)])
def test_odd_sizes(size, front, segmenter):
    picture = cv2.resize(front, size, interpolation=cv2.INTER_AREA)
    alpha = segmenter.person(picture)
    assert alpha.shape == picture.shape[:2]
    assert np.isfinite(alpha).all()


def test_the_head_moves_and_the_shoulders_stay(front, front_face, segmenter):
    split = segmenter.hair_and_head(front, front_face)
    nose, chin = front_face.landmarks[[at.NOSE_TIP, at.CHIN], :2].astype(int)
    shoulder = (int(nose[0] - 1.6 * front_face.eye_distance), int(chin[1] + 150))
    assert split.head[nose[1], nose[0]] > 0.95
    assert split.follow[nose[1], nose[0]] > 0.95
    crown = front_face.landmarks[at.FOREHEAD, :2].astype(int)
    assert split.head[crown[1] - 40, crown[0]] > 0.9
    assert split.head[shoulder[1], shoulder[0]] < 0.05
    assert split.follow[shoulder[1], shoulder[0]] < 0.05
    assert split.follow[2, 2] == pytest.approx(0, abs=0.02)  # the background
    neck = split.follow[chin[1] : chin[1] + 100, chin[0]]
    assert (np.diff(neck) <= 1e-3).all()  # falls off downwards, without a step
    assert np.abs(np.diff(neck)).max() < 0.06
    assert (split.head <= split.person + 1e-6).all()


def test_long_hair_belongs_to_the_head(front, front_face, truth):
    """Two dark curtains from above the ears to the shoulders."""
    picture, person = front.copy(), truth.astype(np.float32)
    x = front_face.centre[0]
    unit = front_face.eye_distance
    top, bottom = int(front_face.box[1] - 20), int(front_face.box[3] + 0.9 * unit)
    for side in (-1, 1):
        left, right = sorted((int(x + side * 0.85 * unit), int(x + side * 1.25 * unit)))
        picture[top:bottom, left:right] = (52, 34, 24)
        person[top:bottom, left:right] = 1
    split = split_head(picture, front_face, person)
    below = int(front_face.box[3] + 0.3 * unit)
    column = int(x + 1.05 * unit)
    assert split.head[below, column] > 0.6
    middle = int(x)
    assert split.head[below, middle] < 0.2  # the neck does not


def test_video_alpha_is_steadier_than_single_pictures(front, segmenter):
    rng = np.random.default_rng(5)
    noisy = [
        (front + rng.normal(0, 25, front.shape)).clip(0, 255).astype(np.uint8) for _ in range(6)
    ]
    video = VideoSegmenter()
    steady = np.stack([video.person(picture) for picture in noisy])
    single = np.stack([VideoSegmenter().person(picture) for picture in noisy])
    assert np.abs(np.diff(steady[2:], axis=0)).mean() < np.abs(np.diff(single[2:], axis=0)).mean()


def test_video_follows_a_cut_after_reset(front, truth):
    video = VideoSegmenter()
    video.person(np.full_like(front, 60))
    video.reset()
    assert agreement(video.person(front), truth) > 0.95
