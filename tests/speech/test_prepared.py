"""A model is rewritten once, and whatever spoils the kept file costs time, never speech."""

import os
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from visavis.speech.prepared import open_prepared
from visavis.speech.protobuf import constant, field, graph, node


def described(name: str) -> bytes:
    return field(1, name.encode()) + field(2, field(1, b"\x08\x01"))


PLAIN = (
    b"\x08\x08"
    + graph(
        node("Mul", ["sound", "two"], "doubled"),
        node("Add", ["doubled", "two"], "out"),
        constant("two", np.array([2], np.float32)),
        field(11, described("sound")),
        field(12, described("out")),
    )
    + field(8, b"\x10\x14")
)


class Bench:
    """A model, the code that rewrites it, and how often that ran."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "prepared"
        self.model = folder / "double-1" / "model.onnx"
        self.model.parent.mkdir()
        self.model.write_bytes(PLAIN)
        self.source = folder / "rewriting.py"
        self.source.write_text("first")
        self.rewritten = 0

    def _rewrite(self, model: Path) -> bytes:
        self.rewritten += 1
        return model.read_bytes()

    def answer(self) -> list[float]:
        session = open_prepared(
            self.model, self._rewrite, [self.source], self.cache, onnxruntime.SessionOptions
        )
        fed = {"sound": np.array([1, 2], np.float32)}
        return [float(value) for value in session.run(["out"], fed)[0]]

    @property
    def kept(self) -> list[Path]:
        return sorted(self.cache.glob("*.onnx"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_second_time_nothing_is_rewritten(bench: Bench) -> None:
    assert bench.answer() == bench.answer() == [4, 6]
    assert bench.rewritten == 1
    assert [path.name.startswith("double-1-") for path in bench.cache.iterdir()] == [True]


def test_other_code_and_other_weights_make_another_file(bench: Bench) -> None:
    bench.answer()
    bench.source.write_text("second")
    bench.answer()
    os.utime(bench.model, ns=(1, 1))
    bench.answer()
    assert bench.rewritten == 3
    assert len(bench.kept) == 2, "old ones go"


@pytest.mark.parametrize("spoiled", [b"", b"\x08\x08garbage", PLAIN[:-40]])
def test_a_spoiled_file_is_made_anew(bench: Bench, spoiled: bytes) -> None:
    bench.answer()
    (kept,) = bench.kept
    good = kept.read_bytes()
    kept.write_bytes(spoiled)
    assert bench.answer() == [4, 6]
    assert kept.read_bytes() == good
    assert bench.rewritten == 2


def test_what_cannot_be_kept_is_made_each_time(bench: Bench) -> None:
    bench.cache.write_text("a file where the folder should be")
    assert bench.answer() == bench.answer() == [4, 6]
    assert bench.rewritten == 2


def test_what_a_killed_process_left_goes(bench: Bench) -> None:
    old, young = bench.cache / ".preparing-old", bench.cache / ".preparing-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "half.onnx").write_bytes(b"half")
    os.utime(old, (0, 0))
    bench.answer()
    assert not old.exists()
    assert young.exists(), "another process may be at it"
