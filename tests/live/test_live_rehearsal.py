"""A performance that takes back what it assumed."""

from fractions import Fraction

import numpy as np
import pytest

from visavis.live.avatar.attention import Attention
from visavis.live.avatar.rehearsal import Rehearsal
from visavis.live.avatar.timeline import Timeline
from visavis.performance import Director, Pose
from visavis.performance.listener import PromptListener
from visavis.speech import Synthesiser, join
from visavis.speech.types import Phone, Speech

FPS = Fraction(25)
RATE = 24_000


def ahs(seconds: float) -> Speech:
    """Open vowels between closed lips, with sound to match."""
    count = round(seconds / 0.3)
    phones = []
    for index in range(count):
        phones.append(Phone("m", index * 0.3, index * 0.3 + 0.1))
        phones.append(Phone("ɑ", index * 0.3 + 0.1, index * 0.3 + 0.3, 2))
    time = np.arange(round(seconds * RATE)) / RATE
    voice = 0.3 * np.sin(2 * np.pi * 150 * time).astype(np.float32)
    return Speech(voice, RATE, tuple(phones))


class Stage:
    """A timeline with a rehearsal, played frame by frame."""

    def __init__(self) -> None:
        self.timeline = Timeline(RATE, FPS)
        self.rehearsal = Rehearsal(Director(FPS, seed=5), FPS)

    def frames(self, count: int) -> list[Pose]:
        poses = []
        for _ in range(count):
            slot = self.timeline.take()
            poses.append(self.rehearsal.pose([slot, *self.timeline.peek(self.rehearsal.ahead)]))
        return poses


def jaws(poses: list[Pose]) -> np.ndarray:
    return np.array([pose["jawOpen"] for pose in poses])


def test_known_speech_is_performed_as_the_director_would() -> None:
    stage = Stage()
    stage.timeline.open("a")
    stage.timeline.add("a", ahs(3.0))
    live = stage.frames(60)
    director = Director(FPS, seed=5)
    played = Timeline(RATE, FPS)
    played.open("a")
    played.add("a", ahs(3.0))
    poses = [pose for _ in range(80) for pose in director.push(played.take().speech)]
    for one, other in zip(live, poses, strict=False):
        np.testing.assert_allclose(one.curves, other.curves, atol=1e-6)


def test_the_mouth_moves_within_three_frames_of_sudden_speech() -> None:
    stage = Stage()
    quiet = jaws(stage.frames(40))
    stage.timeline.open("a")
    stage.timeline.add("a", ahs(2.0))
    spoken = jaws(stage.frames(10))
    assert quiet.max() < 0.03
    assert spoken[:6].max() > 0.1, spoken


def test_nothing_jumps_when_speech_comes_or_is_cut() -> None:
    stage = Stage()
    poses = stage.frames(30)
    stage.timeline.open("a")
    stage.timeline.add("a", ahs(4.0))
    poses += stage.frames(33)
    stage.timeline.cut()
    poses += stage.frames(20)
    rotation = np.array([pose.rotation for pose in poses])
    assert np.abs(np.diff(rotation, axis=0)).max() < 0.03
    assert np.abs(np.diff(jaws(poses))).max() < 0.25


def test_the_mouth_closes_after_a_cut() -> None:
    stage = Stage()
    stage.timeline.open("a")
    stage.timeline.add("a", ahs(4.0))
    assert jaws(stage.frames(40)).max() > 0.1
    stage.timeline.cut()
    after = jaws(stage.frames(14))
    assert after[8:].max() < 0.05, after


def test_an_idle_face_lives_with_its_mouth_still() -> None:
    stage = Stage()
    poses = stage.frames(250)
    assert jaws(poses).max() < 0.03
    assert max(pose["eyeBlinkLeft"] for pose in poses) > 0.8
    assert np.ptp([pose.rotation[0] for pose in poses]) > 0.002


@pytest.fixture(scope="module")
def open_vowels() -> np.ndarray:
    """A second of speech with the mouth mostly open."""
    said = join(Synthesiser().synthesise("Ah, far, far away.", "en-US-heart")).samples
    return said[:RATE]


@pytest.mark.parametrize("size", [240, 960, 1500, 14_400])
def test_sound_without_words_moves_the_mouth(size: int, open_vowels: np.ndarray) -> None:
    """Vowels open it, silence closes it, whatever the size of the chunks."""
    sound = np.concatenate([open_vowels, np.zeros(RATE // 2, np.float32)])
    lips, stage = PromptListener(RATE), Stage()
    stage.timeline.open("a")
    for start in range(0, len(sound), size):
        part = sound[start : start + size]
        stage.timeline.add("a", Speech(part, RATE, lips(part)))
    opened = jaws(stage.frames(50))
    assert opened[3:23].mean() > 0.08, opened
    assert opened[34:].max() < 0.05, opened


def test_a_listener_nods_and_looks() -> None:
    attention = Attention(25, seed=1)
    resting = Pose.neutral(eyeLookInLeft=0.5)
    assert attention(resting) is resting
    attention.set(True)
    poses = [attention(resting) for _ in range(250)]
    pitch = np.array([float(pose.rotation[1]) for pose in poses])
    assert pitch.min() < -0.04
    assert np.abs(np.diff(pitch)).max() < 0.02
    assert poses[-1]["eyeLookInLeft"] < 0.25
    attention.set(False)
    assert attention(resting)["eyeLookInLeft"] < 0.5
    for _ in range(100):
        last = attention(resting)
    assert last["eyeLookInLeft"] == 0.5
