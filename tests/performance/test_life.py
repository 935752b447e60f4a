"""Blinks, gaze, brows and head: as people do, with and without speech."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from spoken import speak

from visavis.performance import CURVE_INDEX, EMOTIONS, Performance, idle, perform
from visavis.performance.motion import Bumps, Drift, Steps, minimum_jerk
from visavis.speech.types import Phone, Speech

FPS = Fraction(50)
LONG = " .. ".join(["h ə l 'o ʊ _ m 'a ɪ _ f ɹ 'ɛ n d z _ ð ə _ w 'ɛ ð ə ɹ _ 'ɪ z _ f 'a ɪ n"] * 24)


def curve(performance: Performance, name: str) -> np.ndarray:
    return performance.curves[:, CURVE_INDEX[name]].astype(np.float64)


@cache
def resting(seed: int = 1) -> Performance:
    return idle(600, FPS, seed=seed)


@cache
def talking(emotion: str = "neutral", seed: int = 1) -> Performance:
    return perform(speak(LONG), FPS, emotion, seed=seed)


def blinks(performance: Performance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Onset, time of deepest closure and end of every whole blink, in frames."""
    lid = curve(performance, "eyeBlinkLeft")
    shut = np.flatnonzero((lid[1:] > 0.95) & (lid[:-1] <= 0.95)) + 1
    found = []
    for peak in shut:
        before, after = lid[: peak + 1], lid[peak:]
        onset = np.flatnonzero(before < 0.15)
        end = np.flatnonzero(after < 0.15)
        if len(onset) and len(end):
            found.append((onset[-1], peak, peak + end[0]))
    return tuple(np.array(found).T)


@pytest.mark.parametrize("make", [resting, talking])
def test_blinks_come_and_last_as_peoples_do(make: object) -> None:
    performance = make()
    onset, peak, end = blinks(performance)
    intervals = np.diff(onset) / float(FPS)
    assert 2.5 < intervals.mean() < 6.0
    assert intervals.min() > 0.6
    assert intervals.std() > 0.3 * intervals.mean()
    length = (end - onset) / float(FPS)
    assert length.min() >= 0.1
    assert length.max() <= 0.4
    assert np.mean(peak - onset) < 0.75 * np.mean(end - peak)


def test_blinks_gather_at_phrase_ends() -> None:
    speech = speak(LONG)
    ends = np.array([a.end for a, b in zip(speech.phones, [*speech.phones[1:], None], strict=True)
                     if b is None or b.start - a.end > 0.3])  # fmt: skip
    near, count = 0, 0
    for seed in range(12):
        onsets = blinks(perform(speech, FPS, seed=seed))[0] / float(FPS)
        distance = onsets[:, None] - ends[None, :]
        near += int(((distance > -0.1) & (distance < 0.35)).any(axis=1).sum())
        count += len(onsets)
    by_chance = 0.45 * len(ends) / speech.duration
    assert near / count > 1.25 * by_chance


def test_one_frame_has_the_eyes_shut_at_24_frames() -> None:
    lid = curve(idle(120, Fraction(24), seed=4), "eyeBlinkLeft")
    deepest = [lid[k] for k in range(1, len(lid) - 1) if lid[k - 1] < lid[k] >= lid[k + 1] > 0.3]
    assert np.mean(np.array(deepest) > 0.95) > 0.75


def test_an_idle_mouth_is_closed_and_does_not_move() -> None:
    performance = resting()
    mouth = [k for name, k in CURVE_INDEX.items() if name.startswith(("mouth", "jaw", "tongue"))]
    assert np.ptp(performance.curves[:, mouth], axis=0).max() == 0.0
    assert curve(performance, "jawOpen").max() == 0.0


def test_an_idle_face_lives() -> None:
    performance = resting()
    degrees = np.degrees(performance.rotation)
    assert np.all(degrees.std(axis=0) > 0.2)
    assert np.all(np.abs(degrees).max(axis=0) < [3.0, 2.0, 2.0])
    assert np.abs(np.diff(degrees, axis=0)).max() * float(FPS) < 3.0
    assert performance.translation.std(axis=0).min() > 0.001
    window = 10 * int(FPS)
    for start in range(0, len(performance), window):
        assert np.ptp(degrees[start : start + window], axis=0).max() > 0.1


def test_eyes_turn_together_and_stay_on_the_viewer() -> None:
    for performance in (resting(), talking()):
        for left, right in (("Out", "In"), ("In", "Out"), ("Up", "Up"), ("Down", "Down")):
            np.testing.assert_array_equal(
                curve(performance, f"eyeLook{left}Left"), curve(performance, f"eyeLook{right}Right")
            )
        both = curve(performance, "eyeLookOutLeft") * curve(performance, "eyeLookInLeft")
        assert both.max() == 0.0
        # Positive yaw and looking to the subject's left are both to the viewer's right.
        eyes = 32 * (curve(performance, "eyeLookOutLeft") - curve(performance, "eyeLookInLeft"))
        aim = eyes + np.degrees(performance.rotation[:, 0])
        assert np.mean(np.abs(aim) < 3.0) > 0.85
        assert 4.0 < np.abs(aim).max() < 12.0


def test_saccades_are_quick_and_fixations_still() -> None:
    performance = idle(60, Fraction(200), seed=2)
    eyes = 32 * (curve(performance, "eyeLookOutLeft") - curve(performance, "eyeLookInLeft"))
    aim = eyes + np.degrees(performance.rotation[:, 0])
    speed = np.abs(np.diff(aim)) * 200
    assert np.mean(speed < 1.0) > 0.9
    assert speed.max() > 60


def test_lids_follow_vertical_gaze() -> None:
    performance = resting()
    down, lid = curve(performance, "eyeLookDownLeft"), curve(performance, "eyeBlinkLeft")
    awake = lid < 0.08
    assert np.corrcoef(down[awake], lid[awake])[0, 1] > 0.7


def test_head_moves_more_in_speech_within_its_limits() -> None:
    quiet, busy = (np.diff(np.degrees(p.rotation), axis=0).std(0) for p in (resting(), talking()))
    assert np.all(busy > 2 * quiet)
    for seed in range(4):
        degrees = np.abs(np.degrees(talking("excited", seed).rotation)).max(axis=0)
        assert np.all(degrees <= [6.0, 4.0, 3.0])


def test_strong_accents_nod_and_raise_the_brows() -> None:
    """The same words, once with every stress taken away."""
    speech = speak(LONG)
    flat = Speech(speech.samples, speech.rate,
                  tuple(Phone(p.symbol, p.start, p.end, 0) for p in speech.phones))  # fmt: skip
    loud, level = perform(speech, FPS, seed=2), perform(flat, FPS, seed=2)
    assert np.diff(loud.rotation[:, 1]).std() > 1.3 * np.diff(level.rotation[:, 1]).std()
    assert curve(loud, "browInnerUp").mean() > 1.2 * curve(level, "browInnerUp").mean()


def test_emotions_are_told_apart_at_rest_and_in_speech() -> None:
    faces = {name: idle(1, FPS, name, seed=1).curves[0] for name in EMOTIONS}
    names = list(faces)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            assert np.abs(faces[one] - faces[other]).max() > 0.05, (one, other)
    assert faces["friendly"][CURVE_INDEX["mouthSmileLeft"]] > 0.25
    assert faces["serious"][CURVE_INDEX["browDownLeft"]] > 0.2
    moves = {name: np.diff(talking(name).rotation, axis=0).std() for name in EMOTIONS}
    assert moves["soothing"] < moves["neutral"] < moves["excited"]


def test_intensity_scales_an_emotion() -> None:
    smile = [
        curve(idle(0.5, FPS, "excited", amount), "mouthSmileLeft")[0] for amount in (0, 0.5, 1)
    ]
    assert smile[0] == 0.0
    assert smile[1] == pytest.approx(smile[2] / 2, rel=1e-3)


def test_faces_are_a_little_uneven() -> None:
    performance = talking("friendly", 3)
    left, right = curve(performance, "mouthSmileLeft"), curve(performance, "mouthSmileRight")
    ratio = left[left > 0.1] / right[left > 0.1]
    assert 0.001 < np.abs(ratio - 1).max() < 0.15


def test_movement_is_smooth_and_arrives() -> None:
    clock = np.linspace(0, 4, 2001)
    steps = Steps(np.zeros(1))
    steps.move(1.0, 0.5, np.array([2.0]))
    steps.move(2.0, 0.5, np.array([-1.0]))
    path = steps.at(clock)[:, 0]
    assert path[clock < 1].max() == 0.0
    assert path[750] == pytest.approx(2.0)
    assert path[-1] == pytest.approx(-1.0)
    steps.forget(3.0)
    assert steps.at(clock[1500:])[:, 0] == pytest.approx(path[1500:])
    bumps = Bumps(1)
    bumps.add(1.0, 0.2, 0.1, 0.3, np.array([1.0]))
    rise = bumps.at(clock)[:, 0]
    assert rise.max() == pytest.approx(1.0)
    assert rise[clock > 1.6].max() == pytest.approx(0.0)
    assert np.abs(np.diff(minimum_jerk(clock))).max() < 2 * 0.002
    drift = Drift(3, 0.5, 2).at(np.linspace(0, 500, 20000))
    assert np.abs(drift).max() < 1.81
    assert 0.3 < drift.std() < 0.9
    assert abs(np.corrcoef(drift.T)[0, 1]) < 0.1
