"""One scene after another: cut, fade, slide."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from visavis.errors import SceneError
from visavis.media import Picture, Samples, decode_video, probe
from visavis.scene.backgrounds import VIDEO_SUFFIXES, flat
from visavis.scene.canvas import Canvas
from visavis.scene.pictures import cover, load_image
from visavis.scene.sound import levelled


class Transition(Enum):
    """How a scene comes on."""

    CUT = "cut"
    FADE = "fade"
    SLIDE = "slide"


TRANSITION_SECONDS = 0.4
"""How long a fade or a slide takes; it uses the pause between two scenes."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of a scene.

    Attributes:
        picture: (height, width, 3) or (height, width, 4) uint8.
        samples: (k,) float32, its stretch of sound.
    """

    picture: Picture
    samples: Samples


@dataclass(frozen=True, slots=True)
class Shot:
    """A scene and how it comes on.

    Attributes:
        moments: its frames in order, consumed once.
        transition: from the scene before; of no meaning for the first.
    """

    moments: Iterable[Moment]
    transition: Transition = Transition.CUT


def transition(name: str) -> Transition:
    """A transition by its name.

    Raises:
        SceneError: unknown.
    """
    try:
        return Transition(name.strip().lower())
    except ValueError:
        offered = ", ".join(each.value for each in Transition)
        raise SceneError(f"There is no transition {name!r}.", f"Use {offered}.") from None


def chain(shots: Iterable[Shot], fps: Fraction) -> Iterator[Moment]:
    """Scenes joined into one film.

    A fade or slide overlaps the last frames of one scene with the first of the next, so that it
    shortens the film by its own length; sound of both is added. Memory holds the frames of one
    transition, whatever the number of scenes.

    Args:
        shots: scenes in order; drawn from one after the other.
        fps: frames per second.
    """
    span = max(1, round(TRANSITION_SECONDS * fps))
    held: deque[Moment] = deque()
    for shot in shots:
        moments = iter(shot.moments)
        if shot.transition is Transition.CUT:
            yield from held
            held.clear()
        steps = len(held) + 1
        while held:
            following = next(moments, None)
            if following is None:
                break
            share = (steps - len(held)) / steps
            yield _blend(held.popleft(), following, share, shot.transition)
        yield from held
        held.clear()
        for moment in moments:
            held.append(moment)
            if len(held) > span:
                yield held.popleft()
    yield from held


def _blend(old: Moment, new: Moment, share: float, how: Transition) -> Moment:
    count = max(len(old.samples), len(new.samples))
    sound = np.zeros(count, np.float32)
    sound[: len(old.samples)] += old.samples * np.float32(np.cos(share * np.pi / 2))
    sound[: len(new.samples)] += new.samples * np.float32(np.sin(share * np.pi / 2))
    if how is Transition.FADE:
        mixed = cv2.addWeighted(old.picture, 1 - share, new.picture, share, 0)
        return Moment(np.asarray(mixed, np.uint8), sound)
    width = old.picture.shape[1]
    eased = share * share * (3 - 2 * share)
    moved = min(width, max(0, round(width * eased)))
    return Moment(np.hstack([old.picture[:, moved:], new.picture[:, :moved]]), sound)


def clip(path: Path, canvas: Canvas, rate: int, seconds: float = 3.0) -> Iterator[Moment]:
    """An intro or outro: a video, its sound as loud as speech, or an image that stands a while.

    Args:
        path: a video or image file.
        canvas: what it shall fill.
        rate: samples per second of the film.
        seconds: how long an image stands.

    Raises:
        SceneError, MediaError: the file cannot be read.
    """
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        still = flat(cover(load_image(path), canvas.size))
        for index in range(round(seconds * canvas.fps)):
            yield Moment(still, np.zeros(_room(index, rate, canvas.fps), np.float32))
        return
    sound = _Waiting(levelled(path, rate) if probe(path).audio else iter(()))
    for index, frame in enumerate(decode_video(path, fps=canvas.fps)):
        picture = cover(frame.rgb, canvas.size)
        yield Moment(picture, sound.take(_room(index, rate, canvas.fps)))


def _room(index: int, rate: int, fps: Fraction) -> int:
    """How many samples a frame holds; exact over any length."""
    return round(Fraction((index + 1) * rate) / fps) - round(Fraction(index * rate) / fps)


class _Waiting:
    """Sound in pieces of any length, taken in others; silence after its end."""

    def __init__(self, pieces: Iterator[Samples]) -> None:
        self._pieces = pieces
        self._rest: Samples = np.zeros(0, np.float32)

    def take(self, count: int) -> Samples:
        while len(self._rest) < count:
            piece = next(self._pieces, None)
            if piece is None:
                piece = np.zeros(count - len(self._rest), np.float32)
            self._rest = np.concatenate([self._rest, piece])
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken
