"""Which mouth is shown: never one that would have to be torn, and sharp ones first."""

import cv2
import numpy as np
import pytest

from visavis.face import indices as at
from visavis.rigs.footage import FootageRig
from visavis.rigs.footage.bank import (
    FIRST_WEIGHTS,
    GAP_WEIGHT,
    LIGHT_WEIGHT,
    MIDDLE_GAP,
    POSE_WEIGHT,
    SHUT,
    Bank,
    Search,
    reweighted,
)
from visavis.rigs.footage.blur import blur_penalties
from visavis.rigs.footage.clip import encode_crop
from visavis.rigs.footage.renderer import AVERTED, looseness
from visavis.rigs.footage.walk import Stretches, Walk
from visavis.rigs.types import Picture

WIDE = MIDDLE_GAP + 20


def mouths(gaps: list[float], penalties: list[float] | None = None) -> Bank:
    """Mouths in one run of frames that differ in their opening alone."""
    features = np.zeros((len(gaps), WIDE), np.float32)
    features[:, MIDDLE_GAP] = np.array(gaps) * GAP_WEIGHT
    n = len(gaps)
    return Bank(
        np.arange(n, dtype=np.int32),
        features,
        np.zeros((n, 478, 2), np.float32),
        np.zeros((n, 4), np.int32),
        (b"",) * n,
        np.array(penalties or [0.0] * n, np.float32),
    )


def wanting(gap: float) -> np.ndarray:
    wanted = np.zeros(WIDE, np.float32)
    wanted[MIDDLE_GAP] = gap * GAP_WEIGHT
    return wanted


def test_a_shut_mouth_is_left_when_lips_open_and_an_open_one_when_they_shut() -> None:
    search = Search(mouths([0.0, 0.01, 0.05, 0.12, 0.2]))
    assert search.next(wanting(0.0)) == 0
    assert search.next(wanting(0.2), settled=False) == 4
    assert search.next(wanting(0.0), settled=False) == 0


def test_the_inside_of_a_mouth_is_mixed_only_with_one_as_open() -> None:
    search = Search(mouths([0.0, 0.1]))
    assert search.likeness(1, wanting(0.1)) == pytest.approx(1)
    assert search.likeness(1, wanting(0.12)) > 0.5
    assert search.likeness(0, wanting(0.15)) < 0.01


def test_lips_that_shall_touch_come_from_lips_that_did() -> None:
    """Even where a mouth that is ajar fits better in all else."""
    bank = mouths([0.0, 0.05])
    bank.features[0, 0] = 0.2
    assert Search(bank).next(wanting(SHUT / 3)) == 0
    assert Search(bank).next(wanting(0.05)) == 1


def test_of_two_mouths_alike_the_sharp_one_is_shown() -> None:
    assert Search(mouths([0.1, 0.1], [0.02, 0.0])).next(wanting(0.1)) == 1


def test_a_mouth_smeared_by_movement_is_found(rig: FootageRig) -> None:
    chosen = np.arange(0, len(rig.bank), 2)
    crops = []
    for index in chosen:
        data = np.frombuffer(rig.bank.crops[index], np.uint8)
        picture: Picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)
        if index == chosen[7]:
            picture = np.asarray(cv2.blur(picture, (1, 9)), np.uint8)
        crops.append(encode_crop(picture))
    points = rig.bank.landmarks[chosen] - rig.bank.boxes[chosen, None, :2]
    gaps = rig.bank.features[chosen, MIDDLE_GAP] / GAP_WEIGHT
    penalties = blur_penalties(crops, points.astype(np.float32), gaps)
    assert int(penalties.argmax()) == 7
    assert np.median(penalties) < 0.005


def test_skin_that_looks_away_steers_no_warp(rig: FootageRig) -> None:
    shapes = rig.shapes
    place = shapes.place(rig.landmarks[0])
    facing = shapes.facing(place, np.array([4, at.JAW[0], 199]))
    assert facing[0] > 0.8
    assert facing[1] < facing[0]
    loose = looseness(np.array([1.0, AVERTED, 0.0], np.float32))
    assert loose[0] == loose[1] < 1e-5
    assert loose[2] > 0.5


def test_the_body_keeps_away_from_grimaces() -> None:
    frames, rate = 250, 25.0
    strain = np.zeros(frames, np.float32)
    strain[150:] = 1
    clip = Stretches(np.full((frames, frames), 0.2, np.float32), np.ones(frames, np.float32), rate,
                     strain, np.zeros(frames, np.float32))  # fmt: skip
    walk = Walk(clip, 1.0, 0)
    steps = [walk.next() for _ in range(1500)]
    shown = np.array([step.frame if step.share < 0.5 else step.other for step in steps])
    assert (shown >= 150).mean() < 0.1


def test_files_of_other_weights_are_read_alike(rig: FootageRig) -> None:
    now = rig.bank.features
    then = now.copy()
    then[:, -7:-5] *= FIRST_WEIGHTS[0] / POSE_WEIGHT
    then[:, -5:] *= FIRST_WEIGHTS[1] / LIGHT_WEIGHT
    assert np.allclose(reweighted(then, FIRST_WEIGHTS), now, atol=1e-5)
    assert np.array_equal(reweighted(now, (POSE_WEIGHT, LIGHT_WEIGHT)), now)
