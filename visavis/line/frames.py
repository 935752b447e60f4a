"""Pair every frame of a performance with its own stretch of sound."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from visavis.line.timings import Timings
from visavis.performance import Director, Performance, Pose
from visavis.speech.types import Samples, Speech, Word


@dataclass(frozen=True, slots=True)
class Cue:
    """One frame before it is drawn.

    Attributes:
        index: frame number from 0; the frame is shown at index / fps.
        pose: what the face does.
        samples: (k,) float32, the sound from this frame's time to the next one's.
        rate: samples per second.
        words: the words that begin within this frame, in seconds from the start of everything.
    """

    index: int
    pose: Pose
    samples: Samples
    rate: int
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """One finished frame with its sound.

    Attributes:
        index: frame number from 0.
        time: seconds from the start, index / fps.
        picture: (height, width, 3) uint8 RGB, or (height, width, 4) with straight alpha where the
            background is transparent.
        samples: (k,) float32 mono sound of this frame, full scale -1..1.
        rate: samples per second.
    """

    index: int
    time: float
    picture: npt.NDArray[np.uint8]
    samples: Samples
    rate: int


def frame_start(index: int, rate: int, fps: Fraction) -> int:
    """The first sample of a frame, exact for any frame rate."""
    return round(Fraction(index * rate) / fps)


class _Sound:
    """Samples that wait for their frames."""

    def __init__(self) -> None:
        self._parts: list[Samples] = []
        self._start = 0

    def push(self, samples: Samples) -> None:
        self._parts.append(samples)

    def take(self, end: int) -> Samples:
        """Everything up to sample number `end`, with silence where the sound has ended."""
        wanted = end - self._start
        buffer = np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)
        taken = buffer[:wanted]
        self._parts = [buffer[wanted:]]
        self._start = end
        return np.pad(taken, (0, wanted - len(taken)))


def cues(
    speeches: Iterable[Speech], director: Director, fps: Fraction, timings: Timings
) -> Iterator[Cue]:
    """Act out speech as it comes.

    Args:
        speeches: chunks of one sample rate, each with its times from its own start.
        director: what turns them into a performance at `fps`.
        fps: frames per second.
        timings: where the time spent acting is noted.
    """
    sound = _Sound()
    waiting: list[Word] = []
    index = 0
    rate = 0
    offset = 0.0

    def pair(performance: Performance) -> Iterator[Cue]:
        nonlocal index
        for pose in performance:
            index += 1
            now = float(index / fps)
            begun = tuple(word for word in waiting if word.start < now)
            del waiting[: len(begun)]
            yield Cue(index - 1, pose, sound.take(frame_start(index, rate, fps)), rate, begun)

    for speech in speeches:
        rate = speech.rate
        sound.push(speech.samples)
        waiting.extend(
            Word(word.text, word.start + offset, word.end + offset) for word in speech.words
        )
        offset += speech.duration
        with timings.measure("performance"):
            performance = director.push(speech)
        yield from pair(performance)
    if rate:
        with timings.measure("performance"):
            performance = director.finish()
        yield from pair(performance)
