"""Additions to an ONNX file as bytes: protobuf messages merge when they are joined end to end."""

from collections.abc import Sequence

import numpy as np

FLOAT = 1
"""Number of float32 in ONNX."""


def varint(value: int) -> bytes:
    """A number in as many groups of seven bits as it needs."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field(number: int, payload: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def graph(*parts: bytes) -> bytes:
    """A model that holds only these parts of a graph."""
    return field(7, b"".join(parts))


def node(operator: str, inputs: Sequence[str], output: str) -> bytes:
    """One operation of a graph, of the default domain."""
    named = b"".join(field(1, name.encode()) for name in inputs)
    return field(1, named + field(2, output.encode()) + field(4, operator.encode()))


def constant(name: str, value: float) -> bytes:
    """A float32 of shape (1,)."""
    tensor = b"\x08\x01" + b"\x10" + varint(FLOAT) + field(8, name.encode())
    return field(5, tensor + field(9, np.array([value], "<f4").tobytes()))


def value(number: int, name: str, shape: Sequence[int] | None = None) -> bytes:
    """A float32 input (field 11) or output (12) of a graph, its shape open where it is None."""
    tensor = b"\x08" + varint(FLOAT)
    if shape is not None:
        dimensions = b"".join(field(1, b"\x08" + varint(size)) for size in shape)
        tensor += field(2, dimensions)
    return field(number, field(1, name.encode()) + field(2, field(1, tensor)))


def graph_input(name: str, shape: Sequence[int] | None = None) -> bytes:
    """An input; one that has the name of a stored tensor makes that tensor replaceable."""
    return value(11, name, shape)


def graph_output(name: str) -> bytes:
    """A further output: any value inside the graph."""
    return value(12, name)
