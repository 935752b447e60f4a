"""The weights of an ONNX file as float32, read without a library for ONNX."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visavis.speech.kokoro import BIASES
from visavis.speech.protobuf import fields, tensor, text

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
        for number, graph in fields(memoryview(path.read_bytes())):
            if number == 7 and isinstance(graph, memoryview):
                self._read(graph)

    def _read(self, graph: memoryview) -> None:
        for number, content in fields(graph):
            if not isinstance(content, memoryview):
                continue
            if number == 5:
                name, stored = tensor(content)
                self._tensors[name] = stored
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


def stock_biases(model: Path) -> Array:
    """The biases that stock voices speak with, in the order of `BIASES`.

    Args:
        model: of Kokoro.
    """
    weights = OnnxWeights(model)
    return np.concatenate([weights.tensor(bias_name(layer)) for layer in BIASES])


def bias_name(layer: str) -> str:
    """The tensor of the biases of a layer of `BIASES`."""
    return f"decoder.decoder.{layer}.fc.bias"


def _node(message: memoryview) -> tuple[str, _Node]:
    name, operator, inputs = "", "", []
    for number, content in fields(message):
        if number == 1:
            inputs.append(text(content))
        elif number == 3:
            name = text(content)
        elif number == 4:
            operator = text(content)
    return name, _Node(operator, tuple(inputs))
