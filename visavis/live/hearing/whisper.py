"""Transcripts on this machine (whisper-base through CTranslate2)."""

import math
import threading
from typing import Any

import numpy as np

from visavis.live.hearing.ear import Transcript
from visavis.speech.transcription import RATE, whisper
from visavis.speech.types import Samples

WINDOWS = (10, 20, 30)
"""Seconds that the encoder looks at: the shortest that holds the turn. It was trained on 30, but
understands turns of a few seconds as well in 10, in a third of the time."""

MARGIN = 1.0
"""Seconds of silence that a window holds at least."""

NOBODY = 0.7
"""Likelihood of silence above which nothing was said."""

_FRAMES = 100
"""Frames of the spectrogram a second."""

_TOKENS = 8
"""Tokens a second that nobody out-talks; more of them are the model repeating itself."""

_FEW = 6
"""Tokens under which a transcript is not judged by its mean: a lone word is one unsure token."""


class Whisper:
    """Loads when it is first used; may be shared by threads, which then take turns.

    Args:
        threads: threads of one pass.
    """

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None

    def load(self) -> None:
        """Load now, and make the first pass, which is slow.

        Raises:
            ModelError: the weights are missing and cannot be fetched.
        """
        if self._model is None:
            self.transcribe(np.zeros(RATE, np.float32), "en")

    def _loaded(self) -> Any:
        if self._model is None:
            self._model = whisper(self._threads)
        return self._model

    def transcribe(self, samples: Samples, language: str = "") -> Transcript:
        """Understand up to half a minute of sound at 16 kHz.

        Args:
            samples: (n,).
            language: two letters, or empty to find out.

        Raises:
            ModelError: the weights are missing and cannot be fetched.
        """
        with self._lock:
            return self._understand(self._loaded(), samples, language)

    @staticmethod
    def _understand(model: Any, samples: Samples, language: str) -> Transcript:
        from faster_whisper.tokenizer import Tokenizer

        seconds = len(samples) / RATE
        window = next((item for item in WINDOWS if seconds + MARGIN <= item), WINDOWS[-1])
        wanted = window * _FRAMES
        features = model.feature_extractor(samples)[:, :wanted]
        features = np.pad(features, ((0, 0), (0, wanted - features.shape[1])))
        encoded = model.encode(features)
        if not language:
            language = model.model.detect_language(encoded)[0][0][0].strip("<|>")
        tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
        )
        prompt = model.get_prompt(tokenizer, [], without_timestamps=True)
        result = model.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=len(prompt) + 8 + round(_TOKENS * seconds),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        text = tokenizer.decode(tokens).strip()
        if not text or result.no_speech_prob >= NOBODY:
            return Transcript("", 0.0)
        likely = result.scores[0] * len(tokens) / max(len(tokens) + 1, _FEW)
        return Transcript(text, math.exp(min(0.0, likely)), language)
