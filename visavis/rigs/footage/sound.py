"""Whether a recording holds one person's clear speech."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from visavis import models
from visavis.speech.types import Samples

Floats = npt.NDArray[np.float32]

RATE = 16_000
WINDOW = 512
_CONTEXT = 64
SPEAKING = 0.5
EMBEDDED = 2.0  # seconds of speech to one comparison of voices
EMBEDDED_STEP = 1.0
CLIPPED = 0.92  # of full scale; lossy coding and resampling spread what was cut off at 1


@dataclass(frozen=True, slots=True)
class SoundFigures:
    """What was measured on a recording.

    Attributes:
        duration: seconds.
        level: loudness of its louder half in decibels below full scale, 0 at most.
        speech: seconds in which somebody speaks.
        likeness: cosine of the two least similar voices heard in it, 1 where there is too little
            to compare.
        noise: decibels by which speech stands out from what is heard in its pauses.
        clipped: share of the samples that are cut off.
    """

    duration: float
    level: float
    speech: float
    likeness: float
    noise: float
    clipped: float


def measure_sound(samples: Samples) -> SoundFigures:
    """Measure a recording.

    Args:
        samples: (n,) float32 mono at `RATE`.

    Raises:
        ModelError: a weight is missing and cannot be fetched.
    """
    duration = len(samples) / RATE
    level = _level(samples)
    if level < -70:
        return SoundFigures(duration, level, 0.0, 1.0, 0.0, 0.0)
    speaking = voice_activity(samples) > SPEAKING
    seconds = float(speaking.sum()) * WINDOW / RATE
    return SoundFigures(
        duration,
        level,
        seconds,
        _likeness(samples, speaking),
        _noise(samples, speaking),
        float((np.abs(samples) >= CLIPPED).mean()),
    )


def voice_activity(samples: Samples) -> Floats:
    """(n,) how likely somebody speaks in each 32 ms, by Silero VAD v6."""
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session: Any = onnxruntime.InferenceSession(
        str(models.ensure("silero-vad")["silero_vad_v6.onnx"]),
        sess_options=options,
        providers=["CPUExecutionProvider"],
    )
    windows = _windows(samples)
    tails = np.vstack([np.zeros((1, _CONTEXT), np.float32), windows[:-1, -_CONTEXT:]])
    state = np.zeros((1, 1, 128), np.float32)
    given = {"input": np.hstack([tails, windows]), "h": state, "c": state}
    likely = session.run(None, given)[0]
    return np.asarray(likely, np.float32).reshape(-1)


def _windows(samples: Samples) -> Floats:
    whole = np.pad(samples, (0, -len(samples) % WINDOW))
    return np.asarray(whole.reshape(-1, WINDOW), np.float32)


def _level(samples: Samples) -> float:
    power = np.square(_windows(samples)).mean(1)
    loud = power[power >= np.median(power)].mean() if len(power) else 0.0
    return float(10 * np.log10(loud + 1e-12))


def _noise(samples: Samples, speaking: npt.NDArray[np.bool_]) -> float:
    """Speech against pauses; where nobody pauses, against the quietest moments."""
    power = np.square(_windows(samples)).mean(1) + 1e-12
    if not speaking.any():
        return 0.0
    # The edges of speech belong to neither.
    apart = ~np.convolve(speaking, np.ones(5, bool), mode="same").astype(bool)
    pauses = power[apart] if apart.sum() >= 6 else np.sort(power)[: max(1, len(power) // 20)]
    return float(10 * np.log10(power[speaking].mean() / np.median(pauses)))


def _likeness(samples: Samples, speaking: npt.NDArray[np.bool_]) -> float:
    """Cosine of the two halves of the voice that differ most, whichever way it is halved."""
    from visavis.speech.person.embedder import SpeakerEmbedder

    voiced = _windows(samples)[speaking].reshape(-1)
    size, step = round(EMBEDDED * RATE), round(EMBEDDED_STEP * RATE)
    if len(voiced) < 2 * size:
        return 1.0
    embed = SpeakerEmbedder()
    vectors = np.array(
        [embed(voiced[at : at + size], RATE) for at in range(0, len(voiced) - size + 1, step)]
    )
    near = vectors @ vectors.T
    first, second = np.unravel_index(int(near.argmin()), near.shape)
    # Each window goes to the likelier of two speakers; the groups are then compared as wholes.
    mine = near[first] >= near[second]
    groups = [vectors[mine].sum(0), vectors[~mine].sum(0)]
    a, b = (group / max(float(np.linalg.norm(group)), 1e-9) for group in groups)
    return float(a @ b)
