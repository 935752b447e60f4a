"""Performances as files."""

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from spoken import speak

from visavis.performance import CURVE_NAMES, Performance, PerformanceError, perform
from visavis.performance.interchange import from_csv, from_json, load, save, to_csv, to_json


def assert_same(one: Performance, other: Performance) -> None:
    assert one.fps == other.fps
    for name in ("curves", "rotation", "translation"):
        left, right = getattr(one, name), getattr(other, name)
        assert left.dtype == right.dtype == np.float32
        np.testing.assert_array_equal(left, right)


def array(width: int, low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float32, (4, width), elements=st.floats(low, high, width=32))


@settings(max_examples=30, deadline=None)
@given(array(52, 0, 1), array(3, -3, 3), array(3, -2, 2), st.sampled_from(["25", "30000/1001"]))
def test_round_trips_are_exact(
    curves: np.ndarray, rotation: np.ndarray, translation: np.ndarray, fps: str
) -> None:
    performance = Performance(Fraction(fps), curves, rotation, translation)
    assert_same(from_json(to_json(performance)), performance)
    assert_same(from_csv(to_csv(performance)), performance)


@pytest.mark.parametrize("name", ["take.json", "take.csv", "TAKE.CSV"])
def test_files_round_trip(tmp_path: Path, name: str) -> None:
    performance = perform(speak("wolves"), Fraction(30000, 1001), "friendly")
    save(performance, tmp_path / name)
    assert_same(load(tmp_path / name), performance)


def test_no_frames_round_trip_in_json() -> None:
    empty = Performance(Fraction(25), *(np.zeros((0, n), np.float32) for n in (52, 3, 3)))
    assert_same(from_json(to_json(empty)), empty)


def test_csv_has_the_columns_of_live_link() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(perform(speak("pam"), Fraction(25))))))
    assert rows[0][:2] == ["Timecode", "BlendshapeCount"]
    assert rows[0][2:54] == [name[0].upper() + name[1:] for name in CURVE_NAMES]
    assert rows[1][:2] == ["00:00:00:00.000", "52"]
    assert rows[27][0] == "00:00:01:01.000"


def test_csv_of_live_link_is_read() -> None:
    text = ("Timecode,BlendshapeCount,JawOpen,EyeBlinkLeft,HeadYaw,LeftEyeYaw\n"
            "18:53:47:12.345,61,0.25,0.5,-0.1,0.3\n"
            "18:53:47:13.345,61,0.5,0.0,0.1,0.3\n")  # fmt: skip
    performance = from_csv(text, Fraction(60))
    assert performance.pose(0)["jawOpen"] == 0.25
    assert performance.pose(0)["eyeBlinkLeft"] == 0.5
    assert performance.pose(1)["mouthSmileLeft"] == 0.0
    np.testing.assert_allclose(performance.rotation[:, 0], [-0.1, 0.1], rtol=1e-6)


def test_json_names_may_be_few_and_in_any_order() -> None:
    text = json.dumps({
        "format": "visavis-performance", "version": 1, "fps": "25",
        "names": ["mouthPucker", "jawOpen"],
        "frames": [{"curves": [0.1, 0.9], "rotation": [0, 0, 0], "translation": [0, 0, 0]}],
    })  # fmt: skip
    pose = from_json(text).pose(0)
    assert (pose["jawOpen"], pose["mouthPucker"]) == (np.float32(0.9), np.float32(0.1))


def document(**changes: object) -> str:
    frame = {"curves": [0.1], "rotation": [0, 0, 0], "translation": [0, 0, 0]}
    whole = {"format": "visavis-performance", "version": 1, "fps": "25", "names": ["jawOpen"],
             "frames": [frame]}  # fmt: skip
    return json.dumps({**whole, **changes})


FRAME = {"curves": [0.1], "rotation": [0, 0, 0], "translation": [0, 0, 0]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "format"),
        (document(version=2), "version 2"),
        (document(fps="0"), "frame rate"),
        (document(fps="1/0"), "frame rate"),
        (document(fps=None), "frame rate"),
        (document(names=["jawopen"]), "'jawopen'"),
        (document(names=["jawOpen", "jawOpen"]), "repeats"),
        (document(names=[]), "names"),
        (document(names=[["jawOpen"]]), "ARKit"),
        (document(frames={}), "frames"),
        (document(frames=[3]), "frame 0"),
        (document(frames=[FRAME, {**FRAME, "curves": [0.1, 0.2]}]), "frame 1"),
        (document(frames=[{**FRAME, "curves": [1.5]}]), "jawOpen of frame 0 is 1.5"),
        (document(frames=[{**FRAME, "curves": ["x"]}]), "'x'"),
        (document(frames=[{**FRAME, "curves": [True]}]), "True"),
        (document(frames=[{**FRAME, "rotation": [0, float("nan"), 0]}]), "nan"),
        (document(frames=[{**FRAME, "rotation": [0, 1e300, 0]}]), "1e\\+300"),
        (document(frames=[{**FRAME, "translation": None}]), "translation"),
    ],
)
def test_malformed_json_is_told(text: str, told: str) -> None:
    with pytest.raises(PerformanceError, match=told) as caught:
        from_json(text)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column"),
        ("a,b\n1,2\n", "no column"),
        ("JawOpen\n0.5\n", "FrameRate"),
        ("JawOpen,FrameRate\n0.5,fast\n", "'fast'"),
        ("JawOpen,FrameRate\n0.5,25\nwide,25\n", "'wide' in line 3, column JawOpen"),
        ("JawOpen,MouthClose,FrameRate\n0.5\n", "None in line 2, column MouthClose"),
        ("JawOpen,FrameRate\n-0.1,25\n", "jawOpen of frame 0 is -0.1"),
        ("JawOpen,JawOpen,FrameRate\n0,0,25\n", "twice"),
        ('JawOpen,FrameRate\n"0.5,25\n', "not CSV"),
    ],
)
def test_malformed_csv_is_told(text: str, told: str) -> None:
    with pytest.raises(PerformanceError, match=told):
        from_csv(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_told(text: str) -> None:
    for reader in (from_json, from_csv):
        with pytest.raises(PerformanceError):
            reader(text)


def test_other_files_are_told(tmp_path: Path) -> None:
    performance = perform(speak("pam"), Fraction(25))
    with pytest.raises(PerformanceError, match=r"take\.txt"):
        save(performance, tmp_path / "take.txt")
    with pytest.raises(PerformanceError, match=r"take\.bin"):
        load(tmp_path / "take.bin")
    (tmp_path / "take.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PerformanceError, match="UTF-8"):
        load(tmp_path / "take.json")
