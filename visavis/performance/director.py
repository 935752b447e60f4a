"""The director: speech in as it comes, performance out a fifth of a second behind."""

import math
from collections import deque
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from visavis.performance.articulation import Articulator
from visavis.performance.blinks import Blinks
from visavis.performance.brows import Brows
from visavis.performance.emotion import emotion_named, resting_face, scaled
from visavis.performance.errors import PerformanceError
from visavis.performance.gaze import Gaze, turn_eyes
from visavis.performance.head import Head
from visavis.performance.lips import shape_lips
from visavis.performance.motion import Floats
from visavis.performance.prosody import Prosody
from visavis.performance.score import TICK, Score
from visavis.performance.types import CURVE_INDEX, CURVE_NAMES, Performance
from visavis.speech.types import Phone, Speech

LOOK_AHEAD = Fraction(1, 5)
"""Seconds of speech that must be known beyond a frame before it is given out."""

_BLOCK = 256
_FAR = 1e7  # seconds; times beyond are no times
_KEEP = 1.0


class Director:
    """Turns speech into a performance, chunk by chunk.

    Frame k stands at exactly k / fps seconds from the first sample. Chunks of any length give the
    same frames as one push of the whole. Sound without phones moves head, brows and eyes but not
    the mouth; silence gives a face that lives: it blinks, looks and breathes, with its lips still.

    Args:
        fps: frames per second, 1-240.
        emotion: a name of `EMOTIONS`.
        intensity: how much of the emotion, 0-2.
        seed: the same speech with the same seed gives the same performance.

    Raises:
        PerformanceError: an unknown emotion, or a rate or intensity out of range.
    """

    def __init__(
        self, fps: Fraction, emotion: str = "neutral", intensity: float = 1.0, seed: int = 0
    ) -> None:
        if not 1 <= fps <= 240:
            raise PerformanceError(
                f"{float(fps):g} frames per second is out of range.", "Use a rate from 1 to 240."
            )
        if not 0.0 <= intensity <= 2.0:
            raise PerformanceError(
                f"An intensity of {intensity} is out of range.", "Use a value from 0 to 2."
            )
        manner = emotion_named(emotion)
        self._fps = Fraction(fps)
        self._rest = resting_face(manner, intensity)
        self._sides = np.random.default_rng([seed % 2**32, 0]).normal(size=2)
        self._articulator = Articulator(float(fps), scaled(manner.articulation, intensity), seed)
        self._blinks = Blinks(seed, scaled(manner.blink, intensity), float(1 / self._fps))
        self._gaze = Gaze(seed, scaled(manner.gaze, intensity), self._blinks)
        self._brows = Brows(seed, scaled(manner.brow, intensity))
        self._head = Head(
            seed,
            scaled(manner.head, intensity),
            scaled(manner.nod, intensity),
            manner.pitch * intensity,
        )
        self._score = Score()
        self._prosody: Prosody | None = None
        self._rate = 0
        self._samples = 0
        self._frames = 0
        self._ticks = 0
        self._waiting: deque[Phone] = deque()
        self._speaking = np.zeros(1)
        self._speaking_first = 0
        self._finished = False

    def push(self, speech: Speech) -> Performance:
        """Take the next stretch of speech.

        Args:
            speech: samples that follow the last ones; its phones are those that begin within it,
                also where they end beyond it.

        Returns:
            All frames whose look-ahead is satisfied, which may be none.

        Raises:
            PerformanceError: samples that are not mono, a rate that is not positive or not that of
                the stretches before, or a push after `finish`.
        """
        prosody = self._accept(speech)
        offset = self._samples / self._rate
        for phone in sorted(speech.phones, key=lambda phone: phone.start):
            if -_FAR < phone.start <= phone.end < _FAR:  # false for NaN as well
                # Microseconds: sums of chunk lengths must not differ in their last bits.
                start, end = round(phone.start + offset, 6), round(phone.end + offset, 6)
                self._waiting.append(replace(phone, start=start, end=end))
        samples = np.nan_to_num(speech.samples.astype(np.float32, copy=False), posinf=1, neginf=-1)
        prosody.push(np.clip(samples, -1.0, 1.0))
        self._samples += len(samples)
        known = Fraction(self._samples, self._rate) - LOOK_AHEAD
        return self._direct(math.floor(known * self._fps) + 1 if known >= 0 else 0)

    def finish(self) -> Performance:
        """The frames that are left; together there are ceil(duration * fps)."""
        if self._finished:
            raise PerformanceError("This performance is finished already.", "Make a new director.")
        self._finished = True
        if self._prosody is None:
            return self._direct(0)
        self._prosody.push(np.zeros(0, np.float32), last=True)
        return self._direct(math.ceil(Fraction(self._samples, self._rate) * self._fps))

    def _accept(self, speech: Speech) -> Prosody:
        if self._finished:
            raise PerformanceError("This performance is finished.", "Make a new director.")
        if speech.samples.ndim != 1:
            raise PerformanceError(
                f"Speech has {speech.samples.ndim} dimensions of samples.", "Mix it down to mono."
            )
        if speech.rate <= 0 or (self._rate and speech.rate != self._rate):
            raise PerformanceError(
                f"Speech comes at {speech.rate} Hz after {self._rate} Hz.", "Keep one sample rate."
            )
        if self._prosody is None:
            self._rate = speech.rate
            self._prosody = Prosody(speech.rate)
        return self._prosody

    def _direct(self, until: int) -> Performance:
        """All frames up to number `until`, in blocks, so that memory and time stay linear."""
        blocks = []
        while self._frames < until:
            end = min(self._frames + _BLOCK, until)
            blocks.append(self._block(np.arange(self._frames, end)))
            self._frames = end
        empty = (np.zeros((0, len(CURVE_NAMES)), np.float32), *[np.zeros((0, 3), np.float32)] * 2)
        curves, rotation, translation = (
            np.concatenate(parts) for parts in zip(empty, *blocks, strict=True)
        )
        return Performance(self._fps, curves, rotation, translation)

    def _block(self, indices: npt.NDArray[np.int64]) -> tuple[Floats, ...]:
        if self._prosody is None:
            raise PerformanceError("There is no speech yet.", "Push some first.")
        times = indices * self._fps.denominator / self._fps.numerator
        self._run_to(float(times[-1]), self._prosody)
        level, pitch = self._prosody.contours(times)
        speaking = np.interp(
            times / TICK, self._speaking_first + np.arange(len(self._speaking)), self._speaking
        )
        curves = np.tile(self._rest, (len(times), 1))
        shape_lips(curves, self._articulator.at(times), level)
        self._brows.apply(curves, times, pitch, speaking)
        rotation, translation = self._head.at(times, speaking)
        turn_eyes(curves, self._gaze.at(times), rotation)
        self._finish_face(curves, self._blinks.at(times))
        self._forget(float(times[-1]) - _KEEP)
        return tuple(values.astype(np.float32) for values in (curves, rotation, translation))

    def _run_to(self, time: float, prosody: Prosody) -> None:
        """Let the behaviours act on every tick up to one beyond a time."""
        levels = []
        speaking = float(self._speaking[-1])
        last = math.floor(time / TICK)
        self._hand_out(time + float(LOOK_AHEAD))
        while self._ticks <= last:
            now = self._ticks * TICK
            for cue in self._score.at(now, prosody):
                for behaviour in (self._blinks, self._gaze, self._brows, self._head):
                    behaviour.cue(cue)
            talking = self._score.speaking(now)
            self._gaze.tick(now, talking)
            self._blinks.tick(now)
            speaking += (TICK / 0.35) * ((1.0 if talking else 0.0) - speaking)
            levels.append(speaking)
            self._ticks += 1
        self._speaking = np.concatenate([self._speaking, levels])

    def _hand_out(self, horizon: float) -> None:
        while self._waiting and self._waiting[0].start < horizon:
            phone = self._waiting.popleft()
            self._articulator.add(phone)
            self._score.add(phone)

    def _finish_face(self, curves: Floats, shut: Floats) -> None:
        """Lids over everything, and the small unevenness of every face."""
        for side, sign in (("Left", 1.0), ("Right", -1.0)):
            lid = curves[:, CURVE_INDEX[f"eyeBlink{side}"]]
            lid += shut * (1.0 - lid)
            curves[:, CURVE_INDEX[f"eyeWide{side}"]] *= 1.0 - shut
            curves[:, CURVE_INDEX[f"eyeSquint{side}"]] += 0.12 * shut
            uneven = 1.0 + 0.05 * sign * float(np.tanh(self._sides[0]))
            for name in ("mouthSmile", "mouthDimple", "mouthLowerDown", "mouthUpperUp"):
                curves[:, CURVE_INDEX[f"{name}{side}"]] *= uneven
            uneven = 1.0 + 0.12 * sign * float(np.tanh(self._sides[1]))
            curves[:, CURVE_INDEX[f"browOuterUp{side}"]] *= uneven
        np.clip(curves, 0.0, 1.0, out=curves)

    def _forget(self, before: float) -> None:
        self._articulator.forget(before)
        for behaviour in (self._blinks, self._gaze, self._brows, self._head):
            behaviour.forget(before)
        if self._prosody is not None:
            self._prosody.forget(before)
        if (drop := int(before / TICK) - self._speaking_first - 2) > 0:
            self._speaking = self._speaking[drop:]
            self._speaking_first += drop


def perform(
    speech: Speech,
    fps: Fraction,
    emotion: str = "neutral",
    intensity: float = 1.0,
    seed: int = 0,
) -> Performance:
    """The whole performance of a finished speech; see `Director`."""
    director = Director(fps, emotion, intensity, seed)
    parts = (director.push(speech), director.finish())
    return Performance(
        parts[0].fps,
        np.concatenate([part.curves for part in parts]),
        np.concatenate([part.rotation for part in parts]),
        np.concatenate([part.translation for part in parts]),
    )


def idle(
    seconds: float, fps: Fraction, emotion: str = "neutral", intensity: float = 1.0, seed: int = 0
) -> Performance:
    """A face that waits: blinks, glances and breath, the mouth closed and still."""
    return perform(Speech.silence(seconds, 8000), fps, emotion, intensity, seed)
