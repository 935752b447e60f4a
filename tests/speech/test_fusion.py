"""Chains that are written as one operation give what the chain gave."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.speech.fusion import fused
from visavis.speech.protobuf import constant, field, graph, node

FLOAT_IS_1, UINT8_IS_2 = 1, 2
HEADER = b"\x08\x08"
OPSETS = field(8, b"\x10\x14") + field(8, field(1, b"com.microsoft") + b"\x10\x01")


def described(name: str, kind: int = FLOAT_IS_1) -> bytes:
    return field(1, name.encode()) + field(2, field(1, bytes([8, kind])))


def run(onnx: bytes, output: str, **fed: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run([output], fed)[0])


def normalisation(
    styles: int = 1, epsilon: float = 1e-5, axis: int = 2, watched: str = ""
) -> bytes:
    """A normalisation over time, its result scaled and shifted for some styles and summed."""
    nodes = [
        node("ReduceMean", ["sound", "axis"], "mean", keepdims=1),
        node("Sub", ["sound", "mean"], "centred"),
        node("Mul", ["centred", "centred"], "square"),
        node("ReduceMean", ["square", "axis"], "variance", keepdims=1),
        node("Add", ["variance", "epsilon"], "held"),
        node("Sqrt", ["held"], "root"),
        node("Div", ["centred", "root"], "even"),
    ]
    for style in range(styles):
        nodes += [
            node("Mul", [f"scale{style}", "even"], f"scaled{style}"),
            node("Add", [f"scaled{style}", f"shift{style}"], f"styled{style}"),
        ]
    nodes.append(node("Sum", [f"styled{style}" for style in range(styles)], "out"))
    if watched:
        nodes.append(node("Neg", [watched], "seen"))
    names = ["sound", *(f"{kind}{style}" for style in range(styles) for kind in ("scale", "shift"))]
    return (
        HEADER
        + graph(
            *nodes,
            constant("axis", np.array([axis], np.int64)),
            constant("epsilon", np.array(epsilon, np.float32)),
            *(field(11, described(name)) for name in names),
            *(field(12, described(name)) for name in ("out", *(["seen"] if watched else []))),
        )
        + OPSETS
    )


def styled(styles: int, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    given = {"sound": random.normal(0.3, 2, (1, 6, 40)).astype(np.float32)}
    for style in range(styles):
        for kind in ("scale", "shift"):
            given[f"{kind}{style}"] = random.normal(0, 1, (1, 6, 1)).astype(np.float32)
    return given


@pytest.mark.parametrize("styles", [1, 3])
@pytest.mark.parametrize("axis", [2, -1])
def test_a_normalisation_is_one_operation(styles: int, axis: int) -> None:
    plain, fed = normalisation(styles, axis=axis), styled(styles)
    one = fused(plain)
    assert one.count(b"InstanceNormalization") == styles
    assert b"ReduceMean" not in one
    np.testing.assert_allclose(run(one, "out", **fed), run(plain, "out", **fed), atol=2e-5)


@pytest.mark.parametrize(
    "plain",
    [
        normalisation(epsilon=1e-3),
        normalisation(axis=1),
        normalisation(watched="centred"),
        normalisation(watched="even"),
        normalisation(watched="scaled0"),
        normalisation(watched="root"),
        normalisation(watched="mean"),
    ],
    ids=["epsilon", "axis", "centred", "even", "scaled", "root", "mean"],
)
def test_what_is_not_quite_that_is_kept(plain: bytes) -> None:
    kept = fused(plain)
    assert b"InstanceNormalization" not in kept
    fed = styled(1)
    assert np.array_equal(run(kept, "out", **fed), run(plain, "out", **fed))


def product(weight: np.ndarray, bias: np.ndarray) -> bytes:
    """An integer product with a bias that is rounded to its steps, as quantisers write it."""
    return (
        HEADER
        + graph(
            node("MatMulInteger", ["sound", "weight", "zero", "weight_zero"], "product"),
            node("Transpose", ["product"], "turned", perm=(0, 2, 1)),
            node("Mul", ["scale", "weight_scale"], "step"),
            node("Div", ["bias", "step"], "shared"),
            node("Floor", ["shared"], "rounded"),
            node("Cast", ["rounded"], "whole", to=6),
            node("Reshape", ["whole", "column"], "shaped"),
            node("Add", ["turned", "shaped"], "biased"),
            node("Cast", ["biased"], "cast", to=1),
            node("Mul", ["cast", "step"], "out"),
            constant("weight", weight),
            constant("weight_zero", np.array(7, np.uint8)),
            constant("weight_scale", np.array(0.02, np.float32)),
            constant("bias", bias),
            constant("column", np.array([1, -1, 1], np.int64)),
            field(11, described("sound", UINT8_IS_2)),
            field(11, described("zero", UINT8_IS_2)),
            field(11, described("scale")),
            field(12, described("out")),
        )
        + OPSETS
    )


@settings(max_examples=20, deadline=None)
@given(steps=st.integers(1, 30), inner=st.integers(1, 40), outer=st.integers(2, 20),
       seed=st.integers(0, 2**32 - 1))  # fmt: skip
def test_a_product_becomes_a_float_with_its_bias(
    steps: int, inner: int, outer: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    weight = random.integers(0, 256, (inner, outer)).astype(np.uint8)
    bias = random.normal(0, 3, outer).astype(np.float32)
    fed = {
        "sound": random.integers(0, 256, (1, steps, inner)).astype(np.uint8),
        "zero": np.array(random.integers(0, 256), np.uint8),
        "scale": np.array(0.05, np.float32),
    }
    plain = product(weight, bias)
    one = fused(plain)
    assert b"MatMulIntegerToFloat" in one
    # the bias is exact now, and was rounded down by up to a step before
    found, before = run(one, "out", **fed), run(plain, "out", **fed)
    assert found.shape == before.shape == (1, outer, steps)
    step = 0.05 * 0.02
    assert (found - before).min() > -1e-3 * step - 1e-4
    assert (found - before).max() < 1.001 * step + 1e-4


def test_a_model_without_such_chains_is_kept() -> None:
    plain = HEADER + graph(
        node("Add", ["a", "one"], "b"),
        constant("one", np.ones(1, np.float32)),
        field(11, described("a")),
        field(12, described("b")),
    )
    assert fused(plain) == plain
