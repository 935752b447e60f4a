"""Part of a clause by itself: the model's decoder, which takes nearly all of the time, run over
some of the frames that the encoder made of all the words.

So the melody is that of the whole clause, and its first half second is there long before its end.
The decoder normalises over time (`visavis.speech.fusion`), so a part comes out a little different
from the same stretch of the whole: openings are fainter, because clauses begin louder than they
end. The phase of the voice is handed on from part to part, which lets them be joined anywhere.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visavis.errors import ModelError
from visavis.speech.protobuf import (
    constant,
    field,
    graph,
    graph_input,
    graph_output,
    node,
    varint,
)

_TEXT = "/encoder/MatMul_1_output_0"
_F0 = "/encoder/Reshape_output_0"
_LEVEL = "/encoder/Reshape_1_output_0"
_CYCLES = "/decoder/decoder/generator/m_source/l_sin_gen/CumSum_output_0"

F0 = f"{_F0[:-1]}R"
"""What the graph calls the fundamental frequency of all frames, two values a frame, in Hz."""

_HARMONICS = 9
_ALL = 1 << 20
_INT64 = 7


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Frames of a clause.

    Attributes:
        start: the first of them, at least.
        lead: frames of silence before the first phoneme that are wanted.
        length: how many at most.
        phase: (9,) float32, cycles of each harmonic before the first of them.
    """

    start: int = 0
    lead: int = _ALL
    length: int = _ALL
    phase: npt.NDArray[np.float32] | None = None

    def inputs(self) -> dict[str, npt.NDArray[np.float32]]:
        """What the graph of `windowed` reads."""
        phase = np.zeros(_HARMONICS, np.float32) if self.phase is None else self.phase
        frames = {"window_start": self.start, "window_lead": self.lead, "window_size": self.length}
        read = {name: np.array([count], np.float32) for name, count in frames.items()}
        return read | {"window_phase": phase[None, None]}


def phase(f0: npt.NDArray[np.float32], begin: int, end: int, rate: int) -> npt.NDArray[np.float32]:
    """Cycles of each harmonic from frame `begin` to frame `end`, as `Window` takes them.

    Args:
        f0: the output `F0`.
        begin: first frame.
        end: the frame after the last.
        rate: samples per second.
    """
    steps = f0.ravel()[2 * begin : 2 * end, None] * np.arange(1, _HARMONICS + 1) / rate
    return np.asarray(np.modf(steps)[0].sum(axis=0), np.float32)


def windowed(model: bytearray, durations: str) -> bytearray:
    """The model with the inputs of `Window` and the output `F0`; changed in place.

    Args:
        model: an ONNX file, see `visavis.speech.kokoro`.
        durations: the name of the frames of each phoneme, the first of them silence.

    Raises:
        ModelError: the file is not the graph this was written for.
    """
    made = {name: renamed(model, name, f"{name[:-1]}R") for name in (_TEXT, _F0, _LEVEL, _CYCLES)}
    model += graph(
        *(
            constant(f"window_{name}", np.array([value], np.int64))
            for name, value in (("flat", -1), ("first", 0), ("one", 1), ("two", 2))
        ),
        constant("window_nothing", np.zeros(1, np.float32)),
        node("Reshape", [durations, "window_flat"], "window_durations"),
        node("Gather", ["window_durations", "window_first"], "window_silence"),
        node("Sub", ["window_silence", "window_lead"], "window_spare"),
        node("Max", ["window_spare", "window_start", "window_nothing"], "window_begin"),
        node("Add", ["window_begin", "window_size"], "window_end"),
        node("Cast", ["window_begin"], "window_from", to=_INT64),
        node("Cast", ["window_end"], "window_until", to=_INT64),
        node("Mul", ["window_from", "window_two"], "window_from_2"),
        node("Mul", ["window_until", "window_two"], "window_until_2"),
        node("Slice", [made[_TEXT], "window_from", "window_until", "window_two"], _TEXT),
        node("Slice", [made[_F0], "window_from_2", "window_until_2", "window_one"], _F0),
        node("Slice", [made[_LEVEL], "window_from_2", "window_until_2", "window_one"], _LEVEL),
        node("Add", [made[_CYCLES], "window_phase"], _CYCLES),
        *(graph_input(f"window_{name}", (1,)) for name in ("start", "lead", "size")),
        graph_input("window_phase", (1, 1, _HARMONICS)),
        graph_output(made[_F0]),
    )
    return model


def renamed(model: bytearray, name: str, other: str) -> str:
    """Give what one node makes another name of equal length; changed in place, so that no length
    prefix changes. Whoever reads the old name is to be given it anew.

    Raises:
        ModelError: no node makes it, or several.
    """
    producer = b"\x12" + varint(len(name)) + name.encode()
    at = model.find(producer)
    if at < 0 or model.find(producer, at + 1) >= 0 or len(other) != len(name):
        raise ModelError(
            "The voice's model is not the graph that this version knows.",
            "Run `visavis models verify`.",
        )
    model[at : at + len(producer)] = b"\x12" + field(2, other.encode())[1:]
    return other
