"""ONNX files as bytes: their fields read one by one, and new ones written.

Protobuf messages merge when they are joined end to end, so a part of a graph is a model of its own
that may be appended to a file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

FLOAT = 1
"""Number of float32 in ONNX."""

_TYPES: Mapping[int, str] = {FLOAT: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8"}
_GRAPH = 7
_INTEGERS = 7
"""Number of a list of integers among the types of an attribute."""


def varint(value: int) -> bytes:
    """A number in as many groups of seven bits as it needs."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def head(number: int, length: int) -> bytes:
    """What comes before the `length` bytes of a length-delimited field."""
    return varint(number << 3 | 2) + varint(length)


def field(number: int, payload: bytes) -> bytes:
    """A length-delimited field."""
    return head(number, len(payload)) + payload


def kept(number: int, content: memoryview | int) -> tuple[bytes | memoryview, ...]:
    """A field as it was read, without a copy of what it holds."""
    if isinstance(content, int):
        return (varint(number << 3) + varint(content),)
    return head(number, len(content)), content


def fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """The fields of a message: numbers and contents."""
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


def text(content: memoryview | int) -> str:
    """A field that holds a name."""
    return bytes(content).decode() if isinstance(content, memoryview) else ""


def integers(content: memoryview | int) -> list[int]:
    """A field that holds one integer, or many of them packed."""
    if isinstance(content, int):
        return [content]
    numbers, at = [], 0
    while at < len(content):
        number, at = _varint(content, at)
        numbers.append(number)
    return numbers


def operation(message: memoryview) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A node's operation, and the names of what it reads and makes."""
    operator = ""
    names: dict[int, list[str]] = {1: [], 2: []}
    for number, content in fields(message):
        if number in names:
            names[number].append(text(content))
        elif number == 4:
            operator = text(content)
    return operator, tuple(names[1]), tuple(names[2])


def tensor(message: memoryview) -> tuple[str, npt.NDArray[np.generic]]:
    """A stored tensor with its name; empty where its type is none that a network weighs with."""
    shape: list[int] = []
    small: list[int] = []
    kind, name, raw = FLOAT, "", memoryview(b"")
    for number, content in fields(message):
        if number in (1, 5):
            (shape if number == 1 else small).extend(integers(content))
        elif number == 2 and isinstance(content, int):
            kind = content
        elif number == 8:
            name = text(content)
        elif number in (4, 9) and isinstance(content, memoryview):
            raw = content
    if kind not in _TYPES or not (raw or small):
        return name, np.zeros(0, np.float32)
    if not raw:
        return name, np.array(small, np.uint64).astype(_TYPES[kind]).reshape(shape)
    return name, np.frombuffer(raw, _TYPES[kind]).reshape(shape)


def with_graph(
    model: bytes | bytearray, rewritten: Callable[[memoryview], Iterable[bytes | memoryview]]
) -> bytes:
    """A model with the fields of its graph as `rewritten` gives them; the rest is kept."""
    parts: list[bytes | memoryview] = []
    for number, content in fields(memoryview(model)):
        if number == _GRAPH and isinstance(content, memoryview):
            inside = list(rewritten(content))
            parts += [head(number, sum(map(len, inside))), *inside]
        else:
            parts += kept(number, content)
    return b"".join(parts)


def graph(*parts: bytes) -> bytes:
    """A model that holds only these parts of a graph."""
    return field(_GRAPH, b"".join(parts))


def node(
    operator: str,
    inputs: Sequence[str],
    output: str,
    domain: str = "",
    **attributes: int | Sequence[int],
) -> bytes:
    """One operation of a graph; by default, of the standard's own."""
    named = b"".join(field(1, name.encode()) for name in inputs)
    given = b"".join(field(5, _attribute(name, value)) for name, value in attributes.items())
    kind = field(4, operator.encode()) + (field(7, domain.encode()) if domain else b"")
    return field(1, named + field(2, output.encode()) + kind + given)


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return field(1, name.encode()) + b"\x18" + varint(value) + b"\xa0\x01\x02"
    packed = b"".join(b"\x40" + varint(number) for number in value)
    return field(1, name.encode()) + packed + b"\xa0\x01" + varint(_INTEGERS)


def constant(name: str, value: npt.NDArray[np.generic]) -> bytes:
    """A stored tensor; float32, uint8, int8, int32 or int64."""
    kinds = {np.dtype(code): number for number, code in _TYPES.items()}
    kind = kinds[value.dtype.newbyteorder("<")]
    shape = b"".join(b"\x08" + varint(size) for size in value.shape)
    head = shape + b"\x10" + varint(kind) + field(8, name.encode())
    return field(5, head + field(9, value.astype(_TYPES[kind]).tobytes()))


def value(number: int, name: str, shape: Sequence[int] | None = None) -> bytes:
    """A float32 input (field 11) or output (12) of a graph, its shape open where it is None."""
    described = b"\x08" + varint(FLOAT)
    if shape is not None:
        dimensions = b"".join(field(1, b"\x08" + varint(size)) for size in shape)
        described += field(2, dimensions)
    return field(number, field(1, name.encode()) + field(2, field(1, described)))


def graph_input(name: str, shape: Sequence[int] | None = None) -> bytes:
    """An input; one that has the name of a stored tensor makes that tensor replaceable."""
    return value(11, name, shape)


def graph_output(name: str) -> bytes:
    """A further output: any value inside the graph."""
    return value(12, name)
