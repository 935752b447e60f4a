"""Performances as files: JSON, and CSV with the columns that Live Link Face writes.

Both keep every float32 exactly. JSON is one object::

    {"format": "visavis-performance", "version": 1, "fps": "30000/1001",
     "names": [... 52 ...], "frames": [{"curves": [...], "rotation": [...], "translation": [...]}]}

CSV has the columns Timecode, BlendshapeCount, the 52 names with a capital first, then HeadYaw,
HeadPitch, HeadRoll in radians, HeadX, HeadY, HeadZ in distances between the outer eye corners, and
FrameRate. Times are ``HH:MM:SS:FF.mmm`` with the frame within the second.
"""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visavis.performance.errors import PerformanceError
from visavis.performance.types import CURVE_INDEX, CURVE_NAMES, Performance

FORMAT = "visavis-performance"
VERSION = 1

_HEAD = ("HeadYaw", "HeadPitch", "HeadRoll", "HeadX", "HeadY", "HeadZ")
_COLUMNS = tuple(name[0].upper() + name[1:] for name in CURVE_NAMES)
_RATE = "FrameRate"


def to_json(performance: Performance) -> str:
    """The JSON text of a performance."""
    frames = [
        {
            "curves": _exact(pose.curves),
            "rotation": _exact(pose.rotation),
            "translation": _exact(pose.translation),
        }
        for pose in performance
    ]
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "fps": str(performance.fps),
            "names": CURVE_NAMES,
            "frames": frames,
        }
    )


def from_json(text: str) -> Performance:
    """Read what `to_json` writes; names may stand in any order, missing ones are 0.

    Raises:
        PerformanceError: the text is not such a performance; the message says where.
    """
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _malformed(f"it is not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _malformed(f'there is no "format": "{FORMAT}"')
    if document.get("version") != VERSION:
        raise _malformed(f"version {document.get('version')!r} is not {VERSION}")
    order = _order(document.get("names"))
    frames = document.get("frames")
    if not isinstance(frames, list):
        raise _malformed('"frames" is not a list')
    rows = np.zeros((len(frames), len(CURVE_NAMES) + len(_HEAD)))
    for index, frame in enumerate(frames):
        where = f"frame {index}"
        if not isinstance(frame, dict):
            raise _malformed(f"{where} is not an object")
        rows[index, order] = _numbers(frame, "curves", len(order), where)
        rows[index, -6:-3] = _numbers(frame, "rotation", 3, where)
        rows[index, -3:] = _numbers(frame, "translation", 3, where)
    return _performance(_fps(document.get("fps")), rows)


def to_csv(performance: Performance) -> str:
    """The CSV text of a performance."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Timecode", "BlendshapeCount", *_COLUMNS, *_HEAD, _RATE])
    for index, pose in enumerate(performance):
        writer.writerow(
            [
                _timecode(index, performance.fps),
                len(CURVE_NAMES),
                *_exact(pose.curves),
                *_exact(pose.rotation),
                *_exact(pose.translation),
                performance.fps,
            ]
        )
    return out.getvalue()


def from_csv(text: str, fps: Fraction | None = None) -> Performance:
    """Read what `to_csv` or Live Link Face writes.

    Args:
        text: with a header line; columns may stand in any order, unknown ones are passed over,
            missing ones are 0.
        fps: the frame rate of a file without the column FrameRate.

    Raises:
        PerformanceError: the text is not such a performance; the message says where.
    """
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        header = list(reader.fieldnames or [])
        records = list(reader)
    except csv.Error as error:
        raise _malformed(f"it is not CSV ({error})") from error
    wanted = {name: column for column, name in enumerate((*_COLUMNS, *_HEAD))}
    columns = [name for name in header if name in wanted]
    if not set(columns) & set(_COLUMNS):
        raise _malformed("no column carries the name of an ARKit coefficient")
    if repeated := {name for name in columns if columns.count(name) > 1}:
        raise _malformed(f"column {min(repeated)} appears twice")
    rows = np.zeros((len(records), len(wanted)))
    for index, record in enumerate(records):
        for name in columns:
            rows[index, wanted[name]] = _number(record[name], f"line {index + 2}, column {name}")
    if _RATE in header and records:
        fps = _fps(records[0][_RATE])
    if fps is None:
        raise _malformed("the frame rate is not known: there is no column FrameRate")
    return _performance(fps, rows)


def save(performance: Performance, path: Path) -> None:
    """Write a performance as ``.json`` or ``.csv``.

    Raises:
        PerformanceError: the name ends in something else.
    """
    writers = {".json": to_json, ".csv": to_csv}
    if path.suffix.lower() not in writers:
        raise _unknown_kind(path)
    path.write_text(writers[path.suffix.lower()](performance), encoding="utf-8")


def load(path: Path) -> Performance:
    """Read a performance from ``.json`` or ``.csv``.

    Raises:
        PerformanceError: the name ends in something else, or the file is malformed.
    """
    readers = {".json": from_json, ".csv": from_csv}
    if path.suffix.lower() not in readers:
        raise _unknown_kind(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed(f"{path.name} is not UTF-8 text ({error.reason})") from error
    return readers[path.suffix.lower()](text)


def _malformed(why: str) -> PerformanceError:
    return PerformanceError(
        f"This is no performance: {why}.", "Export one with `to_json` or `to_csv` to compare."
    )


def _unknown_kind(path: Path) -> PerformanceError:
    return PerformanceError(
        f"A performance cannot be kept in {path.name!r}.", "Use a name ending in .json or .csv."
    )


def _exact(values: npt.NDArray[np.float32]) -> list[float]:
    """The shortest decimals that give the same float32 back."""
    return [float(str(value)) for value in values]


def _timecode(index: int, fps: Fraction) -> str:
    seconds, part = divmod(Fraction(index) / fps, 1)
    minutes, second = divmod(int(seconds), 60)
    frame, rest = divmod(part * fps, 1)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
    return f"{clock}:{int(frame):02d}.{int(rest * 1000):03d}"


def _order(names: Any) -> list[int]:
    if not isinstance(names, list) or not names:
        raise _malformed('"names" is not a list')
    for name in names:
        if not isinstance(name, str) or name not in CURVE_INDEX:
            raise _malformed(f"{name!r} is not an ARKit coefficient")
    if len(set(names)) != len(names):
        raise _malformed('"names" repeats a coefficient')
    return [CURVE_INDEX[name] for name in names]


def _numbers(frame: Mapping[str, Any], key: str, count: int, where: str) -> Sequence[float]:
    values = frame.get(key)
    if not isinstance(values, list) or len(values) != count:
        raise _malformed(f"{where} has no {count} numbers under {key!r}")
    return [_number(value, f"{where}, {key}") for value in values]


def _number(value: Any, where: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e6:
        raise _malformed(f"{value!r} in {where} is not a usable number")
    return number


def _fps(value: Any) -> Fraction:
    try:
        fps = Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise _malformed(f"the frame rate {value!r} is not a number") from error
    if not 1 <= fps <= 240:
        raise _malformed(f"the frame rate {value!r} is not between 1 and 240")
    return fps


def _performance(fps: Fraction, rows: npt.NDArray[np.float64]) -> Performance:
    if not 1 <= fps <= 240:
        raise _malformed(f"the frame rate {fps} is not between 1 and 240")
    curves = rows[:, : len(CURVE_NAMES)]
    wrong = np.argwhere((curves < 0.0) | (curves > 1.0))
    if len(wrong):
        frame, curve = wrong[0]
        raise _malformed(
            f"{CURVE_NAMES[curve]} of frame {frame} is {curves[frame, curve]:g}, outside 0 to 1"
        )
    values = rows.astype(np.float32)
    return Performance(fps, values[:, :-6], values[:, -6:-3], values[:, -3:])
