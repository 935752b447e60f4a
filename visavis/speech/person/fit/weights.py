"""The weights of an ONNX file as float32, read without a library for ONNX."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

_TYPES: Mapping[int, str] = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8"}

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Node:
    operator: str
    inputs: tuple[str, ...]


class OnnxWeights:
    """Named tensors of a graph, and the weights of its quantised layers made float again.

    Args:
        path: an ONNX file with its tensors inside.
    """

    def __init__(self, path: Path) -> None:
        self._tensors: dict[str, npt.NDArray[np.generic]] = {}
        self._nodes: dict[str, _Node] = {}
        for number, graph in _fields(memoryview(path.read_bytes())):
            if number == 7 and isinstance(graph, memoryview):
                self._read(graph)

    def _read(self, graph: memoryview) -> None:
        for number, content in _fields(graph):
            if not isinstance(content, memoryview):
                continue
            if number == 5:
                name, tensor = _tensor(content)
                self._tensors[name] = tensor
            elif number == 1:
                name, node = _node(content)
                self._nodes[name] = node

    def tensor(self, name: str) -> Array:
        """A stored tensor as float32.

        Raises:
            KeyError: there is none of that name.
        """
        return self._tensors[name].astype(np.float32)

    def holds(self, name: str) -> bool:
        """Whether a tensor of that name is stored."""
        return name in self._tensors

    def weight(self, layer: str) -> Array:
        """The weight of a layer by the path of its node.

        Returns:
            that of a convolution (out, in, taps), of a transposed one (in, out, taps), or of a
            matrix product (in, out).

        Raises:
            KeyError: there is no such layer.
        """
        for ending in ("/Conv", "/ConvTranspose"):
            if node := self._nodes.get(layer + ending):
                return self.tensor(node.inputs[1])
        for ending in ("/Conv_quant", "/Gemm_MatMul_quant"):
            if node := self._nodes.get(layer + ending):
                quantised, zero = node.inputs[1], node.inputs[3]
                scale = self.tensor(quantised.removesuffix("_quantized") + "_scale")
                weight: Array = (self.tensor(quantised) - self.tensor(zero)) * scale
                return weight
        raise KeyError(layer)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """The fields of a protobuf message: numbers and contents."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            number, at = _varint(message, at)
            yield key >> 3, number
            continue
        if kind == 2:
            length, at = _varint(message, at)
        else:
            length = {1: 8, 5: 4}[kind]
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _node(message: memoryview) -> tuple[str, _Node]:
    name, operator, inputs = "", "", []
    for number, content in _fields(message):
        if isinstance(content, memoryview):
            text = content.tobytes().decode() if number in (1, 3, 4) else ""
            if number == 1:
                inputs.append(text)
            elif number == 3:
                name = text
            elif number == 4:
                operator = text
    return name, _Node(operator, tuple(inputs))


def _tensor(message: memoryview) -> tuple[str, npt.NDArray[np.generic]]:
    shape: list[int] = []
    small: list[int] = []
    kind, name, raw = 1, "", memoryview(b"")
    for number, content in _fields(message):
        if number in (1, 5):
            (shape if number == 1 else small).extend(_numbers(content))
        elif number == 2 and isinstance(content, int):
            kind = content
        elif number == 8 and isinstance(content, memoryview):
            name = content.tobytes().decode()
        elif number in (4, 9) and isinstance(content, memoryview):
            raw = content
    if kind not in _TYPES or not (raw or small):
        return name, np.zeros(0, np.float32)
    if not raw:
        return name, np.array(small, np.uint64).astype(_TYPES[kind]).reshape(shape)
    return name, np.frombuffer(raw, _TYPES[kind]).reshape(shape)


def _numbers(content: memoryview | int) -> list[int]:
    """One number, or several that were packed."""
    if isinstance(content, int):
        return [content]
    numbers, at = [], 0
    while at < len(content):
        number, at = _varint(content, at)
        numbers.append(number)
    return numbers
