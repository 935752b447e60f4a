"""Chains of an ONNX graph that are one operation, written as one.

A value that ten small operations make travels to memory and back ten times. Two chains fill a
quantised vocoder: an integer product that becomes a float with its bias, and the normalisation of
each channel over time with a style's scale and shift (Huang and Belongie, "Arbitrary Style
Transfer in Real-time with Adaptive Instance Normalization", ICCV 2017).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isclose

import numpy as np
import numpy.typing as npt

from visavis.speech.protobuf import constant, fields, kept, node, operation, tensor, with_graph

_NODE, _TENSOR = 1, 5
_FLAT = "as_a_vector"
_SMALL = 128
"""Bytes up to which a stored tensor is looked at."""
_EPSILON = 1e-5
"""What `InstanceNormalization` adds to a variance."""


Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class _Node:
    """One operation: its name, and the names of what it reads and makes."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def output(self) -> str:
        return self.outputs[0]


class _Graph:
    """Who makes a value, who reads it, and the small tensors (by name) that are stored."""

    def __init__(self, nodes: Iterable[_Node], stored: dict[str, Array]) -> None:
        self.nodes = tuple(nodes)
        self._stored = stored
        self._makers = {name: made for made in self.nodes for name in made.outputs}
        self._readers: dict[str, list[_Node]] = defaultdict(list)
        for reader in self.nodes:
            for name in dict.fromkeys(reader.inputs):
                self._readers[name].append(reader)

    def number(self, name: str) -> float | None:
        """A stored tensor of one number."""
        value = self._stored.get(name)
        return float(value.item()) if value is not None and value.size == 1 else None

    def maker(self, name: str, *operators: str) -> _Node | None:
        """The node that makes a value, if it is such an operation."""
        made = self._makers.get(name)
        return made if made is not None and made.operator in operators else None

    def readers(self, name: str, *operators: str) -> list[_Node]:
        """All readers of a value, or none if one of them is another operation."""
        found = self._readers[name]
        return found if all(reader.operator in operators for reader in found) else []

    def reader(self, name: str, operator: str) -> _Node | None:
        """The only reader of a value, if it is such an operation."""
        found = self.readers(name, operator)
        return found[0] if len(found) == 1 else None


def fused(model: bytes) -> bytes:
    """The model with each such chain as one operation.

    Values differ in their last bits. What a graph gives to the outside must not lie within a
    chain.

    Args:
        model: an ONNX file, opset 13 or later, that may use the operations of ONNX Runtime.
    """
    return with_graph(model, _rewritten)


def _rewritten(content: memoryview) -> Iterator[bytes | memoryview]:
    read = {
        at: _Node(*operation(part))
        for at, (number, part) in enumerate(fields(content))
        if number == _NODE and isinstance(part, memoryview)
    }
    stored = (
        tensor(part)
        for number, part in fields(content)
        if number == _TENSOR and isinstance(part, memoryview) and len(part) <= _SMALL
    )
    graph = _Graph(read.values(), dict(stored))
    instead: dict[str, list[bytes]] = {}
    for each in graph.nodes:
        if each.operator == "MatMulInteger":
            instead |= _as_float(graph, each)
        elif each.operator == "ReduceMean":
            instead |= _normalised(graph, each)
    for at, (number, part) in enumerate(fields(content)):
        if at in read and read[at].output in instead:
            yield from instead[read[at].output]
        else:
            yield from kept(number, part)
    if instead:
        yield constant(_FLAT, np.array([-1], np.int64))


def _as_float(graph: _Graph, product: _Node) -> dict[str, list[bytes]]:
    """By output, what stands for a product that is turned, given its bias, and scaled."""
    turned = graph.reader(product.output, "Transpose")
    biased = turned and graph.reader(turned.output, "Add")
    cast = biased and graph.reader(biased.output, "Cast")
    scaled = cast and graph.reader(cast.output, "Mul")
    if not (turned and biased and cast and scaled):
        return {}
    scale = graph.maker(scaled.inputs[1], "Mul")
    shaped = graph.maker(biased.inputs[1], "Reshape")
    whole = shaped and graph.maker(shaped.inputs[0], "Cast")
    rounded = whole and graph.maker(whole.inputs[0], "Floor")
    shared = rounded and graph.maker(rounded.inputs[0], "Div")
    if not (scale and shared):
        return {}
    sound, weight, zero, weight_zero = product.inputs
    factors = [sound, weight, *scale.inputs, zero, weight_zero, shared.inputs[0]]
    rows = f"{product.output}.rows"
    return {
        product.output: [],
        turned.output: [],
        biased.output: [],
        cast.output: [],
        scaled.output: [
            node("MatMulIntegerToFloat", factors, rows, domain="com.microsoft"),
            node("Transpose", [rows], scaled.output, perm=(0, 2, 1)),
        ],
    }


def _normalised(graph: _Graph, mean: _Node) -> dict[str, list[bytes]]:
    """By output, what stands for a normalisation over time with a scale and a shift."""
    sound = mean.inputs[0]
    centred = graph.reader(mean.output, "Sub")
    around = graph.readers(centred.output, "Mul", "Div") if centred else []
    square = next((n for n in around if n.operator == "Mul"), None)
    divided = next((n for n in around if n.operator == "Div"), None)
    variance = square and graph.reader(square.output, "ReduceMean")
    kept_up = variance and graph.reader(variance.output, "Add")
    root = kept_up and graph.reader(kept_up.output, "Sqrt")
    if not (centred and square and divided and variance and kept_up and root):
        return {}
    if len(around) != 2 or centred.inputs[0] != sound:
        return {}
    if graph.reader(root.output, "Div") is not divided or divided.inputs[1] != root.output:
        return {}
    over = [graph.number(each.inputs[1]) for each in (mean, variance)]
    epsilon = graph.number(kept_up.inputs[1])
    if (
        over not in ([2, 2], [-1, -1])
        or epsilon is None
        or not isclose(epsilon, _EPSILON, rel_tol=1e-6)
    ):
        return {}
    scaled = graph.readers(divided.output, "Mul")
    shifted = [plus for each in scaled if (plus := graph.reader(each.output, "Add"))]
    if not scaled or len(shifted) != len(scaled):
        return {}
    gone = (mean, centred, square, variance, kept_up, root, divided, *scaled)
    out: dict[str, list[bytes]] = {each.output: [] for each in gone}
    for times, plus in zip(scaled, shifted, strict=True):
        (scale,) = (name for name in times.inputs if name != divided.output)
        (shift,) = (name for name in plus.inputs if name != times.output)
        stem = plus.output
        out[stem] = [
            node("Reshape", [scale, _FLAT], f"{stem}.scale"),
            node("Reshape", [shift, _FLAT], f"{stem}.shift"),
            node("InstanceNormalization", [sound, f"{stem}.scale", f"{stem}.shift"], stem),
        ]
    return out
