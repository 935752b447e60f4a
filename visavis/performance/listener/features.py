"""What the listener hears: log-mel energies, computed as sound streams in."""

from functools import cache

import numpy as np
import numpy.typing as npt

RATE = 16_000
"""Samples per second that the listener takes."""

WINDOW = 400
HOP = 160
FFT = 512
BANDS = 48
STACK = 2
"""Mel frames that make one step of the network."""

STEP = HOP * STACK
"""Samples per step: 20 ms."""

LOOKAHEAD = 5
"""Steps by which the network's answer lags behind the sound it speaks of: 100 ms."""

PROMPT = 1
"""The same for its prompt answer, where nobody can wait: 20 ms."""

_LOWEST, _HIGHEST = 60.0, 7600.0
_FLOOR = 1e-7
_MEAN, _SPREAD = -7.0, 4.5

Floats = npt.NDArray[np.float32]


@cache
def mel_matrix() -> Floats:
    """(FFT // 2 + 1, BANDS) triangular filters, evenly spaced on the mel scale.

    Source: Slaney, "Auditory Toolbox", Interval Research technical report 1998-010; mel scale of
    O'Shaughnessy, "Speech Communication", 1987.
    """
    low, high = (2595 * float(np.log10(1 + f / 700)) for f in (_LOWEST, _HIGHEST))
    mels = np.linspace(low, high, BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    frequency = np.fft.rfftfreq(FFT, 1 / RATE)[:, None]
    rising = (frequency - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequency) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(filters / np.maximum(filters.sum(0), 1e-9), np.float32)


@cache
def window() -> Floats:
    """(WINDOW,) Hann."""
    return np.asarray(np.hanning(WINDOW + 1)[:-1], np.float32)


def log_mel(samples: Floats) -> Floats:
    """Log-mel energies of a stretch, normalised to about -2..2.

    Args:
        samples: (n,) float32 at `RATE`.

    Returns:
        (1 + (n - WINDOW) // HOP, BANDS) float32; nothing for fewer than WINDOW samples.
    """
    count = 1 + (len(samples) - WINDOW) // HOP
    if count < 1:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[: count * HOP : HOP]
    level = frames.mean(axis=1, keepdims=True)  # an offset of the microphone is no sound
    power = np.abs(np.fft.rfft((frames - level) * window(), FFT)) ** 2
    energy = np.log(power.astype(np.float32) @ mel_matrix() / WINDOW + _FLOOR)
    return np.asarray((energy - _MEAN) / _SPREAD, np.float32)
