"""Short-time spectra and mel filters in numpy."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from visavis.speech.types import Samples

Floats = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]


def hann(length: int) -> Floats:
    """The periodic Hann window, which overlaps to a constant."""
    return np.hanning(length + 1)[:-1].astype(np.float32)


def stft(samples: Samples, window: Floats, hop: int, size: int) -> Spectrum:
    """Spectra of overlapping frames, centred: frame k is around sample ``k * hop``.

    Args:
        samples: (n,).
        window: at most `size` long.
        hop: samples from frame to frame.
        size: length of the transform.

    Returns:
        (1 + n // hop, size // 2 + 1) complex64.
    """
    reach = len(window) // 2
    padded = np.pad(samples, (reach, len(window)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[::hop]
    spectrum = np.fft.rfft(frames[: 1 + len(samples) // hop] * window, size)
    return spectrum.astype(np.complex64)


def istft(spectrum: Spectrum, window: Floats, hop: int, length: int) -> Samples:
    """Samples (length,) of what `stft` made with the same window, weighted overlap-add.

    Least squares in the sense of Griffin and Lim (1984): where the frames were changed, the
    nearest sound that has such frames.
    """
    frames = np.fft.irfft(spectrum)[:, : len(window)] * window
    total = (len(frames) - 1) * hop + len(window)
    sound, weight = np.zeros(total), np.zeros(total)
    squared = window.astype(np.float64) ** 2
    for at, frame in zip(range(0, total, hop), frames, strict=False):
        sound[at : at + len(window)] += frame
        weight[at : at + len(window)] += squared
    sound /= np.maximum(weight, 1e-4)
    reach = len(window) // 2
    kept = sound[reach : reach + length]
    return np.pad(kept, (0, length - len(kept))).astype(np.float32)


@lru_cache(maxsize=8)
def mel_filters(rate: int, size: int, bands: int) -> Floats:
    """Triangular filters of equal area on the mel scale of Slaney's Auditory Toolbox (1998).

    Returns:
        (bands, size // 2 + 1), from 0 Hz to half the rate.
    """
    edges = _hertz(np.linspace(0.0, _mel(rate / 2), bands + 2))
    frequencies = np.linspace(0.0, rate / 2, size // 2 + 1)
    below, centre, above = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (frequencies - below) / (centre - below)
    falling = (above - frequencies) / (above - centre)
    filters = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (above - below))
    return np.asarray(filters, np.float32)


_LINEAR_STEP = 200.0 / 3.0
_BREAK = 1000.0
_LOG_STEP = np.log(6.4) / 27.0


def _mel(hertz: float) -> float:
    if hertz < _BREAK:
        return hertz / _LINEAR_STEP
    return float(_BREAK / _LINEAR_STEP + np.log(hertz / _BREAK) / _LOG_STEP)


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    knee = _BREAK / _LINEAR_STEP
    logarithmic = _BREAK * np.exp(_LOG_STEP * (mel - knee))
    return np.where(mel < knee, mel * _LINEAR_STEP, logarithmic)


def sounding(samples: Samples, rate: int, depth: float = 38.0) -> npt.NDArray[np.bool_]:
    """Which 10 ms blocks hold speech rather than silence, by level.

    Args:
        samples: (n,).
        rate: samples per second.
        depth: decibels under the loud blocks (95th percentile) that still count.

    Returns:
        (n * 100 // rate,) bool; gaps of up to 60 ms inside speech count as speech.
    """
    hop = rate // 100
    blocks = samples[: len(samples) // hop * hop].reshape(-1, hop).astype(np.float64)
    level = (blocks**2).mean(axis=1)
    if not len(level) or level.max() <= 0:
        return np.zeros(len(level), np.bool_)
    loud = level > np.quantile(level, 0.95) * 10 ** (-depth / 10)
    widened = np.convolve(loud, np.ones(7), "same") > 0
    closed = np.convolve(widened, np.ones(7), "same") > 6.5
    return np.asarray(closed | loud, np.bool_)


def trimmed(samples: Samples, rate: int) -> Samples:
    """`samples` without its pauses; as it is where nothing stands out."""
    hop = rate // 100
    kept = np.repeat(sounding(samples, rate), hop)
    return samples[: len(kept)][kept] if kept.any() else samples


def levelled(samples: Samples, decibels: float = -30.0) -> Samples:
    """`samples` at a root mean square of `decibels` under full scale."""
    power = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    return (samples * (10 ** (decibels / 20) / max(power, 1e-9))).astype(np.float32)
