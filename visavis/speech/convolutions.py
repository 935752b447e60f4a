"""Quantised convolutions of an ONNX file as matrix products, which give the same numbers sooner.

ONNX Runtime gathers the columns of a one-dimensional integer convolution value by value and
multiplies with kernels that know nothing of constant weights. Here the time steps are laid side by
side by copies of whole rows, and the product runs with weights packed beforehand, signed where the
processor multiplies those exactly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt
import onnxruntime

from visavis.speech.protobuf import (
    constant,
    field,
    fields,
    graph,
    integers,
    kept,
    node,
    operation,
    tensor,
    text,
    varint,
    with_graph,
)

_NODE, _TENSOR = 1, 5
_CONVOLUTION = b"ConvInteger"
_OPSET = 20
_END = 2**62
"""As the end of a slice: all that is left."""

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class _Convolution:
    """A ``ConvInteger`` over time with stride 1.

    Attributes:
        sound, weight, zero, weight_zero: names of its inputs.
        output: name of its output.
        padding: steps before and after.
        dilation: steps from tap to tap.
    """

    sound: str
    weight: str
    zero: str
    weight_zero: str
    output: str
    padding: tuple[int, int]
    dilation: int


def as_products(model: bytes | bytearray, signed: bool | None = None) -> bytes:
    """The model with each such convolution of more than one tap as a product of matrices.

    Args:
        model: an ONNX file, opset 13 or later, with its tensors inside.
        signed: whether weights are made signed; by default where this machine's kernels for
            signed weights are exact.

    Returns:
        A model whose outputs are equal bit by bit.
    """
    signed = _signed_is_exact() if signed is None else signed
    return with_graph(model, partial(_rewritten, signed=signed))


def _rewritten(content: memoryview, signed: bool) -> Iterator[bytes | memoryview]:
    """The fields of a graph, the convolutions replaced and their weights laid out anew."""
    found = {
        at: convolution
        for at, (number, part) in enumerate(fields(content))
        if number == _NODE
        and isinstance(part, memoryview)
        and _CONVOLUTION in part.tobytes()
        and (convolution := _convolution(part)) is not None
    }
    wanted = {name for each in found.values() for name in (each.weight, each.weight_zero)}
    tensors = dict(_stored(content, wanted))
    chosen = {
        at: convolution
        for at, convolution in found.items()
        if tensors[convolution.weight].shape[2] > 1
    }
    replaced = {convolution.weight for convolution in chosen.values()}
    shared: dict[str, bytes] = {}
    for at, (number, part) in enumerate(fields(content)):
        if at in chosen:
            yield from _product(chosen[at], tensors, shared, signed)
        elif number != _TENSOR or isinstance(part, int) or _name(part) not in replaced:
            yield from kept(number, part)
    yield from shared.values()


def _product(
    convolution: _Convolution, tensors: Mapping[str, Array], shared: dict[str, bytes], signed: bool
) -> Iterator[bytes]:
    """The nodes and tensors that stand for a convolution."""

    def number(*values: int) -> str:
        name = "steps" + "".join(f"_{value}" for value in values)
        shared.setdefault(name, constant(name, np.array(values, np.int64)))
        return name

    stem = convolution.output
    weight, zero = tensors[convolution.weight], tensors[convolution.weight_zero]
    taps = weight.shape[2]
    reach = (taps - 1) * convolution.dilation
    before, after = convolution.padding
    yield node("Transpose", [convolution.sound], f"{stem}.rows", perm=(0, 2, 1))
    pads = number(0, before, 0, 0, after, 0)
    yield node("Pad", [f"{stem}.rows", pads, convolution.zero], f"{stem}.padded")
    slices = []
    for tap in range(taps):
        start = tap * convolution.dilation
        end = number(start - reach if start < reach else _END)
        slices.append(f"{stem}.tap_{tap}")
        yield node("Slice", [f"{stem}.padded", number(start), end, number(1)], slices[-1])
    yield node("Concat", slices, f"{stem}.columns", axis=2)
    laid = np.ascontiguousarray(weight.transpose(2, 1, 0)).reshape(-1, weight.shape[0])
    yield constant(f"{stem}.weight", _signed(laid) if signed else laid)
    yield constant(f"{stem}.zero", _signed(zero) if signed else zero)
    factors = [f"{stem}.columns", f"{stem}.weight", convolution.zero, f"{stem}.zero"]
    yield node("MatMulInteger", factors, f"{stem}.product")
    yield node("Transpose", [f"{stem}.product"], stem, perm=(0, 2, 1))


def _signed(values: Array) -> npt.NDArray[np.int8]:
    """uint8 less 128 as int8."""
    return (np.asarray(values, np.uint8) ^ np.uint8(0x80)).view(np.int8)


def _convolution(message: memoryview) -> _Convolution | None:
    operator, inputs, outputs = operation(message)
    attributes = dict(
        _numbers(content)
        for number, content in fields(message)
        if number == 5 and isinstance(content, memoryview)
    )
    if operator != _CONVOLUTION.decode() or len(inputs) != 4:
        return None
    strides = attributes.get("strides", [1])
    before, after = attributes.get("pads", [0, 0])
    if list(strides) != [1] or list(attributes.get("group", [1])) != [1]:
        return None
    (dilation,) = attributes.get("dilations", [1])
    sound, weight, zero, weight_zero = inputs
    return _Convolution(sound, weight, zero, weight_zero, outputs[0], (before, after), dilation)


def _numbers(message: memoryview) -> tuple[str, Sequence[int]]:
    """An attribute's name and its integers; none where it holds something else."""
    name, numbers = "", []
    for number, content in fields(message):
        if number == 1:
            name = text(content)
        elif number in (3, 8):
            numbers += integers(content)
    return name, numbers


def _stored(content: memoryview, names: set[str]) -> Iterator[tuple[str, Array]]:
    for number, part in fields(content):
        if number == _TENSOR and isinstance(part, memoryview) and _name(part) in names:
            yield tensor(part)


def _name(message: memoryview) -> str:
    return next((text(content) for number, content in fields(message) if number == 8), "")


@lru_cache(maxsize=1)
def _signed_is_exact() -> bool:
    """Whether products of uint8 and int8 come out right here.

    Processors with AVX2 but without VNNI add pairs of products in 16 bits, which may not hold
    them; asking the processor in use is surer than a list of processors.
    """
    depth, width = 64, 32
    weight = np.full((depth, width), 127, np.int8)
    model = b"\x08\x08" + graph(
        node("MatMulInteger", ["sound", "weight"], "product"),
        constant("weight", weight),
        field(11, _described("sound", 2)),
        field(12, _described("product", 6)),
    )
    model += field(8, b"\x10" + varint(_OPSET))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    sound = np.full((4, depth), 255, np.uint8)
    (product,) = session.run(["product"], {"sound": sound})
    return bool((product == 255 * 127 * depth).all())


def _described(name: str, kind: int) -> bytes:
    """An input or output of a type, its shape open."""
    return field(1, name.encode()) + field(2, field(1, b"\x08" + varint(kind)))
