"""Who is speaking: one vector a voice, near for one speaker and far for two (ONNX, no torch)."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from visavis import models
from visavis.errors import SourceError
from visavis.media import resample
from visavis.speech.person.spectra import levelled, mel_filters, trimmed
from visavis.speech.types import Samples

Embedding = npt.NDArray[np.float32]

RATE = 16_000
SHORTEST = 1.0
"""Seconds of speech, without pauses, that a vector needs to mean anything."""

_SIZE, _WINDOW, _HOP, _BANDS = 512, 400, 160, 40
_FRAMES, _STRIDE = 80, 40


class SpeakerEmbedder:
    """The d-vector network of VoiceFilter (Wang et al. 2019); may be shared by threads.

    It takes no part in fitting a voice, so what it says of a fitted one is a judgement from
    outside.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(models.ensure("speaker-embedder")["embedder.int8.onnx"]),
            options,
            providers=["CPUExecutionProvider"],
        )

    def __call__(self, samples: Samples, rate: int) -> Embedding:
        """The vector of a stretch of speech: (256,) float32 of length 1.

        Compare two by their scalar product. Level and pauses do not matter.

        Raises:
            SourceError: less than `SHORTEST` seconds of sound.
        """
        speech = trimmed(resample(samples, rate, RATE), RATE)
        if len(speech) < SHORTEST * RATE:
            raise SourceError(
                f"There are {len(speech) / RATE:.1f} s of speech, too few to know a voice by.",
                f"Give at least {SHORTEST:g} s, better 8 s.",
                check="voice_length",
            )
        features = _features(levelled(speech))
        starts = range(0, len(features) - _FRAMES + 1, _STRIDE)
        windows = np.stack([features[at : at + _FRAMES] for at in starts])
        vectors = self._session.run(None, {"mel_window": windows})[0]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-12
        return unit(vectors.mean(axis=0))

    def similarity(self, first: Samples, second: Samples, rate: int) -> float:
        """Cosine of two stretches; above .75 usually one speaker, below .65 usually two."""
        return float(self(first, rate) @ self(second, rate))


def unit(vector: npt.NDArray[np.floating]) -> Embedding:
    """`vector` at length 1."""
    return (vector / (np.linalg.norm(vector) + 1e-12)).astype(np.float32)


def _features(speech: Samples) -> npt.NDArray[np.float32]:
    """Log mel energies, (frames, 40), as the network was trained on."""
    left = (_SIZE - _WINDOW) // 2
    window = np.pad(np.hamming(_WINDOW + 1)[:-1], (left, _SIZE - _WINDOW - left))
    needed = _SIZE + _HOP * (_FRAMES - 1)
    padded = np.pad(speech, (0, max(0, needed - len(speech))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP]
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    energies = power @ mel_filters(RATE, _SIZE, _BANDS).T
    return np.asarray(np.log10(energies + 1e-10), np.float32)
