"""Whether somebody speaks, 31 times a second (Silero VAD v6, ONNX)."""

import numpy as np
import onnxruntime

from visavis import models
from visavis.speech.types import Samples

RATE = 16_000
WINDOW = 512
SECONDS = WINDOW / RATE
"""Length of one decision."""

_CONTEXT = 64


class VoiceActivity:
    """A running judgement over one voice.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 3
        path = models.ensure("silero-vad")["silero_vad_v6.onnx"]
        self._session = onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._tail = np.zeros(_CONTEXT, np.float32)

    def __call__(self, window: Samples) -> float:
        """How likely it is that somebody speaks in the next 512 samples at 16 kHz, 0..1."""
        heard = np.concatenate([self._tail, window])[None].astype(np.float32)
        self._tail = window[-_CONTEXT:]
        given = {"input": heard, "h": self._h, "c": self._c}
        likely, self._h, self._c = self._session.run(None, given)
        return float(np.asarray(likely).reshape(-1)[0])
