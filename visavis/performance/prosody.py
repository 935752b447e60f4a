"""What the voice does: loudness and pitch against the speaker's own habit, on a 20 ms grid."""

import math

import numpy as np
import numpy.typing as npt

from visavis.performance.motion import Floats
from visavis.speech.types import Samples

_PER_SECOND = 50
HOP = 1 / _PER_SECOND
"""Seconds between measurements; measurement j is centred at j * HOP."""

HALF_WINDOW = 0.02
SMOOTHING = 7
"""Measurements to either side that the smoothed contours look at."""

AHEAD = SMOOTHING * HOP + HOP + HALF_WINDOW
"""Seconds of sound that must be known beyond a time to know the contours there."""

SILENT_DB = -50.0
_F0_RANGE = (65.0, 420.0)
_VOICED = 0.5
_KERNEL = np.hanning(2 * SMOOTHING + 3)[1:-1]
_BLOCK = 1500


class Prosody:
    """Measures sound as it comes.

    Level is relative to a running mean of the speaker's own, divided by 8 dB; pitch likewise in
    units of 4 semitones. Both are 0 in silence.

    Args:
        rate: samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._decimate = max(1, rate // 8000)
        self._width = max(4, round(2 * HALF_WINDOW * rate / self._decimate)) * self._decimate
        self._sound = np.zeros(self._width, np.float32)
        self._sound_start = -self._width
        self._first = 0
        self._level_habit: float | None = None
        self._pitch_habit: float | None = None
        self.level = np.zeros(0)
        self.pitch = np.zeros(0)
        self.voiced = np.zeros(0)

    def __len__(self) -> int:
        return self._first + len(self.level)

    def push(self, samples: Samples, last: bool = False) -> None:
        """Measure all that can be measured.

        Args:
            samples: (n,) the next sound, full scale -1..1.
            last: no more will come; the end is measured against silence.
        """
        parts = [self._sound, samples]
        if last:
            parts.append(np.zeros(math.ceil(self._rate * (AHEAD + HOP)) + self._width, np.float32))
        self._sound = np.concatenate(parts)
        known = self._sound_start + len(self._sound) - (self._width - self._width // 2)
        count = ((known + 1) * _PER_SECOND - 1) // self._rate + 1 - len(self)
        while count > 0:
            block = min(count, _BLOCK)
            self._measure(np.arange(len(self), len(self) + block))
            count -= block
        keep = self._centre(len(self)) - self._width
        if (drop := keep - self._sound_start) > 0:
            self._sound = self._sound[drop:]
            self._sound_start += drop

    def _centre(self, index: int) -> int:
        return index * self._rate // _PER_SECOND

    def _measure(self, indices: npt.NDArray[np.int64]) -> None:
        starts = np.array([self._centre(int(j)) for j in indices]) - self._width // 2
        windows = self._sound[(starts - self._sound_start)[:, None] + np.arange(self._width)]
        windows = windows.reshape(len(indices), -1, self._decimate).mean(axis=2)
        decibels = 10.0 * np.log10(np.mean(np.square(windows, dtype=np.float64), axis=1) + 1e-10)
        semitones, clarity = _pitch(windows, self._rate / self._decimate)
        level, pitch, voiced = self._relate(decibels, semitones, clarity)
        self.level = np.concatenate([self.level, level])
        self.pitch = np.concatenate([self.pitch, pitch])
        self.voiced = np.concatenate([self.voiced, voiced])

    def _relate(self, decibels: Floats, semitones: Floats, clarity: Floats) -> list[Floats]:
        """Compare with the habit, which follows slowly; order matters, hence the loop."""
        out = np.zeros((3, len(decibels)))
        for j, (loud, tone, clear) in enumerate(zip(decibels, semitones, clarity, strict=True)):
            if loud < SILENT_DB:
                continue
            if self._level_habit is None:
                self._level_habit = max(float(loud), -30.0)
            if loud > self._level_habit - 20.0:
                self._level_habit += 0.015 * (loud - self._level_habit)
            out[0, j] = min(max((loud - self._level_habit) / 8.0, -2.0), 1.5)
            if clear < _VOICED:
                continue
            if self._pitch_habit is None:
                self._pitch_habit = float(tone)
            self._pitch_habit += 0.03 * (tone - self._pitch_habit)
            out[1, j] = min(max((tone - self._pitch_habit) / 4.0, -1.5), 1.5)
            out[2, j] = 1.0
        return list(out)

    def contours(self, times: Floats) -> tuple[Floats, Floats]:
        """Smoothed level and pitch at (n,) times, both (n,) and about -1..1."""
        if not len(times):
            return np.zeros(0), np.zeros(0)
        position = times / HOP
        low = int(position[0])
        high = int(position[-1]) + 1
        wanted = np.arange(low - SMOOTHING, high + SMOOTHING + 1) - self._first
        inside = np.clip(wanted, 0, max(len(self.level) - 1, 0))
        valid = (wanted >= 0) & (wanted < len(self.level))
        if not valid.any():
            return np.zeros(len(times)), np.zeros(len(times))
        level = np.where(valid, self.level[inside], 0.0)
        voiced = np.where(valid, self.voiced[inside], 0.0)
        pitch = np.where(valid, self.pitch[inside], 0.0)
        smooth_level = np.convolve(level, _KERNEL / _KERNEL.sum(), "valid")
        smooth_pitch = np.convolve(pitch * voiced, _KERNEL, "valid") / (
            np.convolve(voiced, _KERNEL, "valid") + 1.0
        )
        grid = np.arange(low, high + 1, dtype=np.float64)
        return np.interp(position, grid, smooth_level), np.interp(position, grid, smooth_pitch)

    def mean(self, start: float, end: float) -> tuple[float, float, float]:
        """Level, pitch and share of voiced sound over a stretch of time, unsmoothed."""
        low = max(math.ceil(start / HOP) - self._first, 0)
        high = max(int(end / HOP) + 1 - self._first, low)
        if low >= min(high, len(self.level)):
            return 0.0, 0.0, 0.0
        voiced = self.voiced[low:high]
        pitch = float((self.pitch[low:high] * voiced).sum() / max(voiced.sum(), 1.0))
        return float(self.level[low:high].mean()), pitch, float(voiced.mean())

    def forget(self, before: float) -> None:
        """Drop what no contour from `before` on looks at."""
        drop = int(before / HOP) - 2 * SMOOTHING - self._first
        if drop > 50:
            self.level, self.pitch, self.voiced = (
                values[drop:] for values in (self.level, self.pitch, self.voiced)
            )
            self._first += drop


def _pitch(windows: npt.NDArray[np.float32], rate: float) -> tuple[Floats, Floats]:
    """Semitones (re 1 Hz) and clarity 0..1 of (k, w) windows.

    Source: Boersma, "Accurate short-term analysis of the fundamental frequency", Proceedings of
    the Institute of Phonetic Sciences 17, 1993: autocorrelation divided by that of the window.
    """
    width = windows.shape[1]
    low, high = int(rate / _F0_RANGE[1]), min(int(rate / _F0_RANGE[0]), width - 2)
    if low < 4 or high <= low + 1:  # too coarse a rate to tell a pitch
        return np.zeros(len(windows)), np.zeros(len(windows))
    shape = np.hanning(width + 2)[1:-1]
    size = 1 << (2 * width - 1).bit_length()
    centred = (windows - windows.mean(axis=1, keepdims=True)) * shape
    auto = np.fft.irfft(np.abs(np.fft.rfft(centred, size)) ** 2, size)[:, : high + 1]
    own = np.fft.irfft(np.abs(np.fft.rfft(shape, size)) ** 2, size)[: high + 1]
    ratio = auto / (auto[:, :1] + 1e-9) / (own / own[0])
    # A small price on long lags keeps the estimate from dropping an octave.
    lags = np.arange(low, high + 1)
    score = ratio[:, low:] - 0.06 * np.log2(lags / low)
    best = np.argmax(score, axis=1)
    clarity = np.clip(ratio[np.arange(len(best)), best + low], 0.0, 1.0)
    return 12.0 * np.log2(rate / (best + low)), clarity
