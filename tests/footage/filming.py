"""Clips as somebody would film them, drawn with the stock presenter: tests need no footage."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from visavis.line import open_avatar
from visavis.media import AudioFormat, Picture, Samples, VideoFormat, Writer
from visavis.performance import Pose

FPS = Fraction(25)
Change = Callable[[int, Picture], Picture]


def poses(seconds: float, fps: Fraction = FPS) -> Iterator[Pose]:
    """A person who opens and shuts the mouth, smiles, purses, blinks and sways."""
    for index in range(round(seconds * fps)):
        t = float(index / fps)
        jaw = max(0.0, np.sin(7.3 * t)) * (0.35 + 0.2 * np.sin(1.3 * t))
        pose = Pose.neutral(
            jawOpen=jaw,
            mouthFunnel=0.5 * max(0.0, np.sin(3.1 * t + 1)),
            mouthSmileLeft=0.3 * max(0.0, np.sin(2.2 * t)),
            mouthSmileRight=0.3 * max(0.0, np.sin(2.2 * t)),
            eyeBlinkLeft=float(t % 2.3 < 0.12),
            eyeBlinkRight=float(t % 2.3 < 0.12),
        )
        turn = np.array([0.08 * np.sin(1.7 * t), 0.03 * np.sin(2.3 * t), 0], np.float32)
        yield Pose(pose.curves, turn, pose.translation)


@cache
def take(seconds: float, size: tuple[int, int], fps: Fraction, still: bool) -> tuple[Picture, ...]:
    """The stock presenter in front of a wall, drawn once for all tests."""
    rig = open_avatar("ava")
    ratio = max(size[0] / rig.size[0], size[1] / rig.size[1])
    drawn = (round(rig.size[0] * ratio / 2) * 2, round(rig.size[1] * ratio / 2) * 2)
    renderer = rig.open(drawn, fps, 0)
    left = (drawn[0] - size[0]) // 2
    wall = np.linspace(90, 170, size[0], dtype=np.float32)[None, :, None]
    pictures = []
    for pose in poses(seconds, fps):
        frame = renderer.render(Pose.neutral() if still else pose)
        frame = frame[: size[1], left : left + size[0]]
        alpha = frame[..., 3:].astype(np.float32) / 255
        mixed = frame[..., :3] * alpha + wall * (1 - alpha)
        pictures.append(np.asarray(mixed.round(), np.uint8))
    return tuple(pictures)


def film(
    path: Path,
    seconds: float = 4.4,
    *,
    size: tuple[int, int] = (360, 480),
    fps: Fraction = FPS,
    sound: tuple[Samples, int] | None = None,
    change: Change | None = None,
    still: bool = False,
) -> Path:
    """Write a clip of the presenter.

    Args:
        path: where.
        seconds: how long.
        size: width and height.
        fps: frames per second.
        sound: samples and their rate; they are cut or drawn out with silence to fit.
        change: what is done to each picture, by its number.
        still: the person does nothing.
    """
    audio = AudioFormat(sound[1]) if sound else None
    with Writer(path, VideoFormat(size, fps, quality=85), audio) as writer:
        for index, picture in enumerate(take(seconds, size, fps, still)):
            writer.write_video(change(index, picture) if change else picture)
        if sound is not None:
            samples, rate = sound
            wanted = round(seconds * rate)
            writer.write_audio(np.pad(samples, (0, max(0, wanted - len(samples))))[:wanted])
    return path


def tune(seconds: float, rate: int = 24_000) -> Samples:
    """A melody on a plucked string: loud, but nobody speaks."""
    t = np.arange(round(seconds * rate)) / rate
    notes = np.array([220, 277.2, 329.6, 440, 329.6, 277.2])
    pitch = notes[(t / 0.4).astype(int) % len(notes)]
    since = t % 0.4
    waves = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in (1, 2, 3, 4))
    return np.asarray(0.2 * waves * np.exp(-5 * since), np.float32)


def paste(picture: Picture, patch: Picture, left: int, top: int) -> Picture:
    """A picture with a part covered."""
    covered = picture.copy()
    covered[top : top + patch.shape[0], left : left + patch.shape[1]] = patch
    return covered


def lettering(width: int, height: int) -> Picture:
    """A caption bar."""
    bar = np.full((height, width, 3), 20, np.uint8)
    cv2.putText(bar, "BREAKING NEWS", (4, height * 2 // 3), 0, height / 50, (250, 250, 250), 2)
    return bar


def difference(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> float:
    """Mean absolute difference of two pictures, 0..255."""
    return float(np.abs(a.astype(np.int16) - b).mean())
