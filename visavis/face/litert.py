"""Running LiteRT models, whole or in part."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

if TYPE_CHECKING:
    from ai_edge_litert import schema_py_generated as schema

Array = npt.NDArray[np.float32]


class _Greeting:
    """The line that the runtime writes past Python to the terminal with the first model of a
    process, into the middle of a progress bar; it has no setting for it."""

    TEXT = b"Created TensorFlow Lite XNNPACK delegate"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done = False

    @contextmanager
    def swallowed(self) -> Iterator[None]:
        """Hold standard error back for a moment, once, and give on all but that line."""
        with self._lock:
            first, self._done = not self._done, True
            if not first:
                yield
                return
            try:
                terminal = os.dup(2)
            except OSError:  # standard error is closed
                yield
                return
            with TemporaryFile() as held:
                os.dup2(held.fileno(), 2)
                try:
                    yield
                finally:
                    os.dup2(terminal, 2)
                    os.close(terminal)
                    held.seek(0)
                    rest = b"".join(line for line in held if self.TEXT not in line)
                    with suppress(OSError):
                        os.write(2, rest)


_GREETING = _Greeting()


class Net:
    """A model in memory, called with its inputs as arrays. Not thread-safe."""

    def __init__(self, model: bytes, threads: int = 1) -> None:
        with _GREETING.swallowed():
            self._net = Interpreter(model_content=model, num_threads=threads)
            self._net.allocate_tensors()
        self._inputs = [detail["index"] for detail in self._net.get_input_details()]
        self._outputs = [detail["index"] for detail in self._net.get_output_details()]

    def __call__(self, *arrays: Array) -> list[Array]:
        """Run once; gives every output as a copy, in the model's order."""
        for index, array in zip(self._inputs, arrays, strict=True):
            self._net.set_tensor(index, array)
        self._net.invoke()
        return [self._net.get_tensor(index) for index in self._outputs]


def parse(model: bytes) -> schema.ModelT:
    """The model as a tree of Python objects."""
    # A fifth of a second to import, and only a face that has to be found needs it.
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))


def cut(model: bytes, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
    """The part of a model with one graph that computes some tensors from others.

    Args:
        model: a LiteRT file.
        inputs: tensor numbers that become the inputs.
        outputs: tensor numbers that become the outputs.

    Returns:
        a LiteRT file without the operators, tensors and weights that are not needed.
    """
    tree = parse(model)
    graph = tree.subgraphs[0]
    graph.operators = _ancestors(graph.operators, inputs, outputs)
    touched = {t for op in graph.operators for t in (*op.inputs, *op.outputs) if t >= 0}
    kept = sorted(touched | set(inputs))
    renumber = {old: new for new, old in enumerate(kept)} | {-1: -1}
    graph.tensors = [graph.tensors[t] for t in kept]
    for op in graph.operators:
        op.inputs = [renumber[t] for t in op.inputs]
        op.outputs = [renumber[t] for t in op.outputs]
    graph.inputs = [renumber[t] for t in inputs]
    graph.outputs = [renumber[t] for t in outputs]

    buffers = sorted({t.buffer for t in graph.tensors} | {0})  # buffer 0 is the empty one
    tree.buffers = [tree.buffers[b] for b in buffers]
    for tensor in graph.tensors:
        tensor.buffer = buffers.index(tensor.buffer)
    codes = sorted({op.opcodeIndex for op in graph.operators})
    tree.operatorCodes = [tree.operatorCodes[c] for c in codes]
    for op in graph.operators:
        op.opcodeIndex = codes.index(op.opcodeIndex)
    tree.metadata = tree.metadataBuffer = tree.signatureDefs = None

    builder = flatbuffers.Builder(len(model))
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _ancestors(
    operators: Iterable[schema.OperatorT], inputs: Sequence[int], outputs: Sequence[int]
) -> list[schema.OperatorT]:
    """The operators between `inputs` and `outputs`, in their own order."""
    operators = list(operators)
    maker = {t: number for number, op in enumerate(operators) for t in op.outputs}
    needed: set[int] = set()
    waiting = list(outputs)
    while waiting:
        tensor = waiting.pop()
        number = maker.get(tensor)
        if tensor in inputs or number is None or number in needed:
            continue
        needed.add(number)
        waiting += [t for t in operators[number].inputs if t >= 0]
    return [op for number, op in enumerate(operators) if number in needed]
