"""The pitch of a voice: where it lies and how far it moves."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visavis.errors import SourceError
from visavis.media import resample
from visavis.speech.types import Samples

LOWEST, HIGHEST = 60.0, 450.0
"""Hertz."""

_RATE = 12_000
_HOP = _RATE // 100
_WINDOW = _RATE * 3 // 60
_VOICED = 0.5
_OCTAVE_COST = 0.03
_SPREAD = 0.6
"""How far from the median, in natural logarithm, a frame may lie; beyond it is an octave error."""

_FEWEST = 30


@dataclass(frozen=True, slots=True)
class Pitch:
    """The fundamental frequency of somebody's speech.

    Attributes:
        centre: median of the natural logarithm of hertz.
        spread: standard deviation of the same.
    """

    centre: float
    spread: float

    @property
    def hertz(self) -> float:
        """The median in hertz."""
        return math.exp(self.centre)


def pitch_of(samples: Samples, rate: int) -> Pitch:
    """Measure the pitch of a stretch of speech.

    Raises:
        SourceError: hardly anything in it is voiced.
    """
    track = pitch_track(samples, rate)
    voiced = np.log(track[track > 0])
    if len(voiced):
        voiced = voiced[np.abs(voiced - np.median(voiced)) < _SPREAD]
    if len(voiced) < _FEWEST:
        raise SourceError(
            f"Only {len(voiced) / 100:.1f} s of the recording has a voice in it.",
            "Give a recording in which one person speaks aloud.",
            check="voiced",
        )
    return Pitch(float(np.median(voiced)), float(voiced.std()))


def pitch_track(samples: Samples, rate: int) -> npt.NDArray[np.float64]:
    """Hertz every 10 ms, 0 where unvoiced: (frames,).

    Autocorrelation divided by that of the window (Boersma 1993), the strongest peak of each frame.
    """
    sound = resample(samples, rate, _RATE).astype(np.float64)
    if len(sound) < _WINDOW:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW)
    frames = (frames - frames.mean(axis=1, keepdims=True)) * window
    size = 1 << (2 * _WINDOW).bit_length()
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, size)) ** 2)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)
    shortest, longest = int(_RATE / HIGHEST), int(_RATE / LOWEST) + 1
    energy = correlation[:, :1]
    lags = np.arange(shortest - 1, longest + 2)
    strength = correlation[:, lags] / np.maximum(energy, 1e-12) / (own[lags] / own[0])
    strength = strength - _OCTAVE_COST * np.log2(lags / shortest)
    middle = strength[:, 1:-1]
    peaks = (middle >= strength[:, :-2]) & (middle > strength[:, 2:])
    best = np.where(peaks, middle, -1.0).argmax(axis=1)
    rows = np.arange(len(best))
    left, centre, right = (strength[rows, best + shift] for shift in range(3))
    bend = left - 2 * centre + right
    offset = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0)
    loud = energy[:, 0] > np.quantile(energy, 0.95) * 1e-3
    voiced = loud & peaks[rows, best] & (centre > _VOICED)
    return np.where(voiced, _RATE / (lags[1:-1][best] + np.clip(offset, -0.5, 0.5)), 0.0)
