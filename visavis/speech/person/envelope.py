"""The colour of a voice as mel-cepstra, and a filter that moves one colour towards another."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt

from visavis.speech.kokoro import RATE
from visavis.speech.person.spectra import hann, istft, mel_filters, stft
from visavis.speech.types import Samples

Cepstra = npt.NDArray[np.float64]

COUNT = 30
"""Mel-cepstra of a frame; the first is the level."""

_SIZE, _WINDOW, _HOP, _BANDS = 1024, 720, 120, 40
HOP_SECONDS = _HOP / RATE

_MOST = 3.0
"""Largest change of a magnitude, in natural logarithm: 26 dB."""

_TOP = (7200.0, 8000.0)
"""Hertz between which the filter fades out: recordings of calls and clips often end here."""

_ACTIVE = 7.0
"""Natural logarithm of power under the loud frames at which a frame still counts as speech."""


@lru_cache(maxsize=1)
def _cosines() -> Cepstra:
    """The orthonormal DCT-II of the mel bands, (_BANDS, COUNT)."""
    bands, orders = np.arange(_BANDS)[:, None], np.arange(COUNT)[None]
    basis: Cepstra = np.cos(np.pi * (bands + 0.5) * orders / _BANDS) * np.sqrt(2 / _BANDS)
    basis[:, 0] *= np.sqrt(0.5)
    return basis


@lru_cache(maxsize=1)
def _spread() -> Cepstra:
    """From mel bands back to the bins of the spectrum, (_BANDS, bins), by interpolation."""
    filters = mel_filters(RATE, _SIZE, _BANDS)
    centres = filters.argmax(axis=1).astype(np.float64)
    bins = np.arange(_SIZE // 2 + 1)
    spread = np.stack([np.interp(bins, centres, row) for row in np.eye(_BANDS)])
    fade = np.interp(bins * RATE / _SIZE, [_TOP[0], _TOP[1]], [1.0, 0.0])
    return np.asarray(spread * fade)


@dataclass(frozen=True, slots=True, eq=False)
class Envelopes:
    """The cepstra of a sound at 24 kHz, every 5 ms.

    Attributes:
        cepstra: (frames, COUNT), of the natural logarithm of power.
        active: (frames,) bool, where there is speech.
    """

    cepstra: Cepstra
    active: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, samples: Samples) -> Self:
        """Measure a sound at 24 kHz."""
        return cls._from(stft(samples, hann(_WINDOW), _HOP, _SIZE))

    @classmethod
    def _from(cls, spectrum: npt.NDArray[np.complex64]) -> Self:
        power = np.square(np.abs(spectrum)) @ mel_filters(RATE, _SIZE, _BANDS).T
        level = np.log(power.sum(axis=1) + 1e-12)
        floor = 1e-5 * float(np.quantile(power.sum(axis=1), 0.95)) / _BANDS + 1e-12
        cepstra = np.log(power + floor).astype(np.float64) @ _cosines()
        return cls(cepstra, np.asarray(level > np.quantile(level, 0.95) - _ACTIVE))


@dataclass(frozen=True, slots=True, eq=False)
class ColourFilter:
    """A linear map of mel-cepstra, applied to a sound as a filter that changes with it.

    After the differential filters of Kobayashi and Toda (2014): only the difference of the
    envelopes acts on the sound, as a magnitude, so that excitation and detail stay.

    Attributes:
        source, target: (COUNT - 1,) means of the cepstra, the level left out.
        matrix: (COUNT - 1, COUNT - 1), what is added to a deviation from `source`, by itself.
        gains: (COUNT - 1,), the variance that regression takes away, given back.
    """

    source: npt.NDArray[np.float32]
    target: npt.NDArray[np.float32]
    matrix: npt.NDArray[np.float32]
    gains: npt.NDArray[np.float32]

    @classmethod
    def fitted(cls, source: Cepstra, target: Cepstra, ridge: float = 0.2) -> Self:
        """Learn from frames that belong together, (pairs, COUNT) each."""
        source, target = source[:, 1:], target[:, 1:]
        centre, aim = source.mean(axis=0), target.mean(axis=0)
        deviation, wanted = source - centre, target - aim
        scale = deviation.std(axis=0) + 1e-6
        normal = deviation / scale
        gram = normal.T @ normal + ridge * len(source) * np.eye(COUNT - 1)
        matrix = np.linalg.solve(gram, normal.T @ (wanted - deviation)) / scale[:, None]
        made = deviation + deviation @ matrix
        gains = np.clip(wanted.std(axis=0) / (made.std(axis=0) + 1e-6), 0.7, 1.6)
        parts = (centre, aim, matrix, gains)
        return cls(*(np.asarray(part, np.float32) for part in parts))

    def moved(self, cepstra: Cepstra) -> Cepstra:
        """Cepstra with the new colour, the level as it was."""
        deviation = cepstra[:, 1:] - self.source
        moved = (deviation + deviation @ self.matrix) * self.gains + self.target
        return np.concatenate([cepstra[:, :1], moved], axis=1)

    def softened(self, share: float) -> Self:
        """The filter that goes only a share of the way, 0..1, from the old colour to the new."""
        unchanged = np.eye(COUNT - 1, dtype=np.float32)
        change = (unchanged + self.matrix) * self.gains - unchanged
        target = self.source + share * (self.target - self.source)
        parts = (self.source, target, share * change, np.ones(COUNT - 1))
        return type(self)(*(np.asarray(part, np.float32) for part in parts))

    def __call__(self, samples: Samples) -> Samples:
        """A sound at 24 kHz with the new colour, of the same length and loudness."""
        if len(samples) < _WINDOW:
            return samples
        window = hann(_WINDOW)
        spectrum = stft(samples, window, _HOP, _SIZE)
        own = Envelopes._from(spectrum)
        change = (self.moved(own.cepstra) - own.cepstra) * own.active[:, None]
        change = _smoothed(change)
        gains = np.exp(np.clip(0.5 * change @ _cosines().T @ _spread(), -_MOST, _MOST))
        coloured = istft((spectrum * gains).astype(np.complex64), window, _HOP, len(samples))
        power = float(np.square(coloured, dtype=np.float64).mean())
        before = float(np.square(samples, dtype=np.float64).mean())
        return np.asarray(coloured * np.sqrt(before / max(power, 1e-12)), np.float32)

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """What `from_arrays` reads."""
        return {
            "colour_source": self.source,
            "colour_target": self.target,
            "colour_matrix": self.matrix,
            "colour_gains": self.gains,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.float32]]) -> Self | None:
        """The filter kept among `arrays`; None where there is none.

        Raises:
            ValueError: numbers of another shape, or not finite.
        """
        names = ("source", "target", "matrix", "gains")
        if not any(f"colour_{name}" in arrays for name in names):
            return None
        parts = [arrays[f"colour_{name}"] for name in names]
        size = COUNT - 1
        shapes = [(size,), (size,), (size, size), (size,)]
        if [part.shape for part in parts] != shapes:
            raise ValueError("a filter of another size")
        if not all(np.isfinite(part).all() for part in parts):
            raise ValueError("a filter that is not finite")
        return cls(*parts)


def _smoothed(change: Cepstra) -> Cepstra:
    """Smoothed over about 20 ms, so that gains do not rattle from frame to frame."""
    kernel = np.exp(-0.5 * (np.arange(-6, 7) / 1.8) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(change, ((6, 6), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 13, axis=0)
    return np.asarray(windows @ kernel)
