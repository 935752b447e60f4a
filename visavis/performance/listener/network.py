"""The listener itself: sound in chunks of any length to phones and articulators, step by step."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from visavis.performance.errors import PerformanceError
from visavis.performance.listener.classes import CHANNEL_NAMES, PHONES
from visavis.performance.listener.features import (
    BANDS,
    HOP,
    LOOKAHEAD,
    PROMPT,
    RATE,
    STACK,
    STEP,
    WINDOW,
    log_mel,
)

Floats = npt.NDArray[np.float32]

_ANSWERS = ("phones", "articulators", "prompt", "state_after")
_Answers = tuple[Floats, Floats, Floats]
_NOTHING: _Answers = (
    np.zeros((0, len(PHONES)), np.float32),
    np.zeros((0, len(CHANNEL_NAMES)), np.float32),
    np.zeros((0, len(PHONES)), np.float32),
)
_BLOCK = 500  # steps of one pass; bounds the memory, whatever is pushed


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard, one row per step of 20 ms.

    Attributes:
        first: number of the first step; step k is the sound from k * 0.02 to (k + 1) * 0.02 s.
        phones: (n, len(PHONES)) float32, logarithms of the phones' probabilities.
        mouth: (n, len(CHANNEL_NAMES)) float32 in 0..1, the articulators of `Mouth`.
    """

    first: int
    phones: Floats
    mouth: Floats

    def __len__(self) -> int:
        return len(self.phones)


@dataclass(frozen=True, slots=True)
class State:
    """All that the listener remembers; a value, so that it can be kept, copied and handed on.

    Attributes:
        memory: (1, steps, width) float32, of the network.
        waiting: samples at 16 kHz that no step has heard yet, with the window before them.
        heard: steps that went through the network.
        samples: samples that were pushed.
    """

    memory: Floats
    waiting: Floats
    heard: int = 0
    samples: int = 0

    @classmethod
    def fresh(cls) -> "State":
        """Nothing heard yet."""
        _, steps, width = _session().get_inputs()[1].shape
        return cls(np.zeros((1, steps, width), np.float32), np.zeros(WINDOW - HOP, np.float32))


@cache
def _session() -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    weights = files("visavis.performance.listener").joinpath("listener.onnx").read_bytes()
    return ort.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def hear(state: State, samples: Floats) -> tuple[State, Heard]:
    """Hear the next stretch of sound.

    Whatever the lengths of the stretches are, the steps are the same to rounding: nothing but the
    state goes from one to the next, and the answer for a step is given when `LOOKAHEAD` steps
    beyond it were heard.

    Args:
        state: what was returned for the stretch before, `State.fresh()` at the start.
        samples: (n,) float32 mono at 16 kHz, full scale -1..1; what is no number counts as silence,
            what exceeds full scale is clipped.

    Raises:
        PerformanceError: samples that are not one row.
    """
    after, (phones, mouth, _) = _heard(state, samples)
    late = max(0, LOOKAHEAD - state.heard)  # answers about the time before the first sample
    first = max(0, state.heard - LOOKAHEAD)
    return after, Heard(first, _log_softmax(phones[late:]), mouth[late:])


def hear_promptly(state: State, samples: Floats) -> tuple[State, Floats]:
    """The same, sooner and less surely: a step is answered `PROMPT` steps after it.

    Returns:
        The state after, and (n, len(PHONES)) float32 logarithms of the phones' probabilities of
        the steps that follow those of the call before.

    Raises:
        PerformanceError: samples that are not one row.
    """
    after, (_, _, prompt) = _heard(state, samples)
    return after, _log_softmax(prompt[max(0, PROMPT - state.heard) :])


def _heard(state: State, samples: Floats) -> tuple[State, _Answers]:
    """What the network says at each step of the sound that is complete now."""
    if samples.ndim != 1:
        raise PerformanceError(
            f"The listener was given {samples.ndim} dimensions of samples.", "Mix it down to mono."
        )
    clean = np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    waiting = np.concatenate([state.waiting, np.clip(clean, -1.0, 1.0)])
    memory, heard = state.memory, state.heard
    said: list[_Answers] = [_NOTHING]
    while (count := min((len(waiting) - (WINDOW - HOP)) // STEP, _BLOCK)) > 0:
        used = waiting[: count * STEP + WINDOW - HOP]
        mel = log_mel(used)[: count * STACK].reshape(1, count, BANDS * STACK)
        *answers, memory = _session().run(_ANSWERS, {"features": mel, "state": memory})
        phones, mouth, prompt = (answer[0] for answer in answers)
        said.append((phones, mouth, prompt))
        heard += count
        waiting = waiting[count * STEP :]
    after = State(memory, waiting, heard, state.samples + len(samples))
    phones, mouth, prompt = (np.concatenate(part) for part in zip(*said, strict=True))
    return after, (phones, mouth, prompt)


def finish(state: State) -> Heard:
    """The steps that were waiting for sound to come; together they cover all samples."""
    wanted = -(-state.samples // STEP)
    lacking = (wanted + LOOKAHEAD) * STEP - state.samples
    _, heard = hear(state, np.zeros(max(0, lacking), np.float32))
    count = max(0, wanted - heard.first)
    return Heard(heard.first, heard.phones[:count], heard.mouth[:count])


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.asarray(shifted - total, np.float32)


LAG = (LOOKAHEAD + 1) * STEP / RATE
"""Seconds after the start of a step at which its answer is known: 120 ms."""
