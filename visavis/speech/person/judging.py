"""Whether a fitted voice may replace the one before it: three gates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from visavis import models
from visavis.errors import ModelError
from visavis.media import resample
from visavis.speech.kokoro import RATE
from visavis.speech.person.embedder import Embedding
from visavis.speech.person.studio import Studio
from visavis.speech.person.trials import ENGLISH, TEXTS, misheard
from visavis.speech.types import Samples

LEAST_GAIN = 0.1
"""Cosine that a fit must add over the nearest stock voice."""

MORE_ERRORS = 0.05
"""Share of words by which it may be understood worse."""

LESS_QUALITY = 0.3
"""Points of five by which it may sound worse."""

SHARES = (1.0, 0.7, 0.4, 0.25)
"""Of a filter on a finished sound, tried in this order."""

_SECONDS = 9.01
_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured of a voice, on sentences that nothing was fitted to.

    Attributes:
        similarity: cosine with the person, by an embedder that no fit has seen.
        errors: share of words (English) or sounds (other languages) that whisper-base mishears;
            None where it is not installed.
        quality: DNSMOS P.835 overall, 1..5; None where the model is not here.
    """

    similarity: float
    errors: float | None
    quality: float | None

    def passes(self, stock: "Verdict") -> list[str]:
        """The gates that this voice fails against the nearest stock voice; empty when it passes."""
        failed = []
        if self.similarity < stock.similarity + LEAST_GAIN:
            failed.append(f"similarity {self.similarity:.2f} after {stock.similarity:.2f}")
        if _worse(self.errors, stock.errors, MORE_ERRORS):
            failed.append(f"{self.errors:.0%} misheard after {stock.errors:.0%}")
        if _worse(stock.quality, self.quality, LESS_QUALITY):
            failed.append(f"quality {self.quality:.2f} after {stock.quality:.2f}")
        return failed


def _worse(more: float | None, less: float | None, margin: float) -> bool:
    """Whether one figure is over another by more than a margin; not where one is unknown."""
    return more is not None and less is not None and more > less + margin


def judged(
    studio: Studio, sounds: Sequence[Samples], person: Embedding, language: str = ENGLISH
) -> Verdict:
    """Measure a voice.

    Args:
        studio: a loaded model.
        sounds: what `tried` gave, with the voice's filter if it has one.
        person: the embedding of the person's recording.
        language: in which they were tried.
    """
    wrong, total = misheard(TEXTS[language], sounds, language)
    return Verdict(
        float(studio.embedding(sounds) @ person),
        wrong / total if total else None,
        quality(np.concatenate(sounds), RATE),
    )


def quality(samples: Samples, rate: int) -> float | None:
    """DNSMOS P.835 (Reddy et al. 2022), overall quality 1..5, the mean of windows of 9 s.

    None where the model is not on this machine and cannot be fetched.
    """
    if not models.present("dnsmos"):
        try:
            models.ensure("dnsmos")
        except ModelError:
            return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session: Any = onnxruntime.InferenceSession(
        str(models.ensure("dnsmos")["sig_bak_ovr.onnx"]),
        options,
        providers=["CPUExecutionProvider"],
    )
    sound = resample(samples, rate, _RATE)
    sound = 0.7 * sound / max(1e-6, float(np.abs(sound).max(initial=0.0)))
    length = int(_SECONDS * _RATE)
    sound = np.tile(sound, -(-length // max(1, len(sound)))) if len(sound) < length else sound
    scores = []
    for start in range(0, len(sound) - length + 1, 2 * _RATE):
        window = sound[start : start + length].astype(np.float32)[None]
        raw = float(session.run(None, {"input_1": window})[0][0][2])
        scores.append(-0.06766283 * raw**2 + 1.11546468 * raw + 0.04602535)
    return float(np.mean(scores))
