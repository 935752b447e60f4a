"""Convolutions that run as products give the same numbers."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.speech.convolutions import as_products
from visavis.speech.protobuf import constant, field, graph, node

FLOAT_IS_1, UINT8, INT32 = 1, 2, 6


def described(name: str, kind: int) -> bytes:
    return field(1, name.encode()) + field(2, field(1, bytes([8, kind])))


def model(
    weight: np.ndarray, zero: int, dilation: int, padding: tuple[int, int], stride: int
) -> bytes:
    convolution = node(
        "ConvInteger",
        ["sound", "weight", "sound_zero", "weight_zero"],
        "out",
        kernel_shape=[weight.shape[2]],
        dilations=[dilation],
        pads=list(padding),
        strides=[stride],
        group=1,
    )
    whole = graph(
        convolution,
        constant("weight", weight),
        constant("weight_zero", np.array(zero, np.uint8)),
        field(11, described("sound", UINT8)),
        field(11, described("sound_zero", UINT8)),
        field(12, described("out", INT32)),
    )
    return b"\x08\x08" + whole + field(8, b"\x10\x14")


def run(onnx: bytes, sound: np.ndarray, zero: int) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    fed = {"sound": sound, "sound_zero": np.array(zero, np.uint8)}
    return np.asarray(session.run(["out"], fed)[0])


@settings(max_examples=25, deadline=None)
@given(
    taps=st.integers(1, 11),
    dilation=st.integers(1, 5),
    inner=st.integers(1, 20),
    outer=st.integers(1, 20),
    stride=st.sampled_from([1, 1, 1, 2]),
    padding=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    seed=st.integers(0, 2**32 - 1),
)
def test_equal_to_the_convolution(
    taps: int,
    dilation: int,
    inner: int,
    outer: int,
    stride: int,
    padding: tuple[int, int],
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    weight = random.integers(0, 256, (outer, inner, taps)).astype(np.uint8)
    sound = random.integers(0, 256, (1, inner, (taps - 1) * dilation + 9)).astype(np.uint8)
    zeros = random.integers(0, 256, 2)
    plain = model(weight, int(zeros[0]), dilation, padding, stride)
    wanted = run(plain, sound, int(zeros[1]))
    for signed in (None, False):
        product = as_products(plain, signed)
        assert np.array_equal(run(product, sound, int(zeros[1])), wanted)
        assert (b"MatMulInteger" in product) == (taps > 1 and stride == 1)


@pytest.mark.parametrize("signed", [True, False])
def test_a_model_without_convolutions_is_kept(signed: bool) -> None:
    plain = b"\x08\x08" + graph(
        node("Add", ["a", "one"], "b"),
        constant("one", np.ones(1, np.float32)),
        field(11, described("a", FLOAT_IS_1)),
        field(12, described("b", FLOAT_IS_1)),
    )
    assert as_products(plain, signed) == plain
