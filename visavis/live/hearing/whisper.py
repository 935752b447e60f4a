"""Transcripts on this machine (whisper-base through CTranslate2)."""

import math
import os
import threading

from visavis import models
from visavis.live.hearing.ear import Transcript
from visavis.speech.types import Samples


class Whisper:
    """Loads when it is first used; may be shared by threads, which then take turns.

    Args:
        language: two letters, or empty to find out each time.
        threads: threads of one pass.
    """

    def __init__(self, language: str = "", threads: int = 2) -> None:
        self._language = language or None
        self._threads = threads
        self._lock = threading.Lock()
        self._model: object | None = None

    def load(self) -> None:
        """Load now.

        Raises:
            ModelError: the weights are missing and cannot be fetched.
        """
        with self._lock:
            self._loaded()

    def _loaded(self) -> "object":
        if self._model is None:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
            from faster_whisper import WhisperModel

            folder = models.ensure("whisper-base")["model.bin"].parent
            self._model = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=self._threads
            )
        return self._model

    def transcribe(self, samples: Samples) -> Transcript:
        """Understand up to half a minute of sound at 16 kHz."""
        with self._lock:
            model = self._loaded()
            segments, info = model.transcribe(  # type: ignore[attr-defined]
                samples,
                language=self._language,
                beam_size=1,
                without_timestamps=True,
                condition_on_previous_text=False,
            )
            heard = [item for item in segments if item.no_speech_prob < 0.7]
        if not heard:
            return Transcript("", 0.0)
        text = " ".join(item.text.strip() for item in heard).strip()
        likely = sum(item.avg_logprob for item in heard) / len(heard)
        return Transcript(text, math.exp(min(0.0, likely)), info.language)
