"""Loudness: measurement after ITU-R BS.1770-4, a causal gain for streams, a true-peak limiter."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from visavis.speech.types import Samples

TARGET_LUFS = -16.0
CEILING_DBTP = -1.0

_BLOCK_SECONDS = 0.4
_STEP_SECONDS = 0.1
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0

Energies = npt.NDArray[np.float64]


def _k_weighting(frequencies: Energies) -> Energies:
    """Squared magnitude of the K-weighting filter at `frequencies` (Hz).

    The two biquads of BS.1770 are analogue prototypes bent by the bilinear transform at 48 kHz;
    evaluating that 48 kHz response keeps the standard's curve at every sample rate.
    """
    z = np.exp(-2j * np.pi * frequencies / 48000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    response: Energies = np.square(np.abs(shelf * high_pass))
    return response


def k_weighted(samples: Samples, rate: int) -> npt.NDArray[np.float64]:
    """`samples` after the K-weighting filter, by zero-phase multiplication of the spectrum.

    Loudness reads energy in 400 ms blocks only, which the phase of the filter does not change
    noticeably. The ends are padded with silence so that nothing wraps around.
    """
    padding = rate // 5
    size = _fast_length(len(samples) + 2 * padding)
    spectrum = np.fft.rfft(np.pad(samples.astype(np.float64), (padding, padding)), size)
    spectrum *= np.sqrt(_k_weighting(np.asarray(np.fft.rfftfreq(size, 1 / rate), np.float64)))
    return np.fft.irfft(spectrum, size)[padding : padding + len(samples)]


def _fast_length(length: int) -> int:
    power = 1 << max(0, (length - 1).bit_length())
    return next(size for size in (power * 5 // 8, power * 3 // 4, power) if size >= length)


def block_energies(samples: Samples, rate: int) -> Energies:
    """Mean square of each 400 ms block, every 100 ms, K-weighted: (blocks,) float64.

    A stretch shorter than one block counts as one block of its own length.
    """
    if len(samples) == 0:
        return np.zeros(0)
    weighted = k_weighted(samples, rate) ** 2
    block, step = round(_BLOCK_SECONDS * rate), round(_STEP_SECONDS * rate)
    if len(weighted) <= block:
        return np.array([weighted.mean()])
    sums = np.concatenate([[0.0], np.cumsum(weighted)])
    starts = np.arange(0, len(weighted) - block + 1, step)
    energies: Energies = np.maximum(sums[starts + block] - sums[starts], 0.0) / block
    return energies


def _to_lufs(energy: float) -> float:
    return -0.691 + 10 * float(np.log10(energy))


def gated_loudness(energies: Energies) -> float:
    """Integrated loudness (LUFS) of block energies after both gates; -inf where all is silent."""
    threshold = 10 ** ((_ABSOLUTE_GATE + 0.691) / 10)
    loud = energies[energies > threshold]
    if len(loud) == 0:
        return float("-inf")
    relative = loud.mean() * 10 ** (_RELATIVE_GATE / 10)
    return _to_lufs(float(loud[loud > relative].mean()))


def loudness(samples: Samples, rate: int) -> float:
    """Integrated loudness of mono `samples` in LUFS (ITU-R BS.1770-4); -inf for silence."""
    return gated_loudness(block_energies(samples, rate))


def true_peak(samples: Samples) -> float:
    """Largest absolute value of the signal between samples too, by 4x oversampling; linear."""
    if len(samples) == 0:
        return 0.0
    return float(np.abs(_oversampled(samples)).max())


def _oversampled(samples: Samples) -> npt.NDArray[np.float64]:
    size = _fast_length(len(samples) + 64)
    spectrum = np.fft.rfft(samples.astype(np.float64), size)
    return 4 * np.fft.irfft(spectrum, 4 * size)[: 4 * len(samples)]


@dataclass
class RunningGain:
    """The gain that brings a stream of clauses of one voice to the target, without pumping.

    Each clause gets one gain, from the loudness of everything so far, itself included, and of the
    voice in general; it differs from the gain of the clause before by at most `max_step` dB, and
    the change happens in the pause between them.

    Attributes:
        expected: LUFS of the voice before normalisation, what is believed before anything is heard.
        confidence: seconds of speech that belief is worth.
    """

    expected: float
    target: float = TARGET_LUFS
    confidence: float = 0.8
    max_step: float = 1.5
    _energies: list[Energies] = field(default_factory=list)
    _decibels: float | None = None

    def __call__(self, samples: Samples, rate: int) -> float:
        """The linear gain for the next clause."""
        self._energies.append(block_energies(samples, rate))
        prior = np.full(
            max(1, round(self.confidence / _STEP_SECONDS)), 10 ** ((self.expected + 0.691) / 10)
        )
        wanted = self.target - gated_loudness(np.concatenate([prior, *self._energies]))
        if self._decibels is not None:
            wanted = float(
                np.clip(wanted, self._decibels - self.max_step, self._decibels + self.max_step)
            )
        self._decibels = wanted
        return float(10 ** (wanted / 20))


def limit(samples: Samples, rate: int, ceiling: float = CEILING_DBTP) -> Samples:
    """`samples` with the true peak held under `ceiling` dBTP by a gain that moves within 5 ms.

    Look-ahead limiting: the gain is the smallest needed in a window around each millisecond,
    smoothed by a Hann window of the same length, so it is down before the peak arrives.
    """
    top = 10 ** (ceiling / 20)
    oversampled = np.abs(_oversampled(samples)) if len(samples) else np.zeros(0)
    if len(samples) == 0 or oversampled.max() <= top:
        return samples
    hop = max(1, rate // 1000)
    blocks = -(-len(samples) // hop)
    peaks = np.zeros(blocks * hop * 4)
    peaks[: len(oversampled)] = oversampled
    needed = np.minimum(1.0, top / np.maximum(peaks.reshape(blocks, -1).max(axis=1), 1e-9))
    reach = 5
    padded = np.pad(needed, 2 * reach, mode="edge")
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 3)[1:-1]
    smooth = np.convolve(lowest, window / window.sum(), mode="valid")
    centres = (np.arange(blocks) + 0.5) * hop
    gain = np.interp(np.arange(len(samples)), centres, smooth)
    return (samples * gain).astype(np.float32)
