"""A model as ONNX Runtime runs it, kept on disk: rewriting and optimising happen once a machine.

The optimised graph holds what this processor is good at, so the name of the file names the
processor, the runtime and the code that rewrote the graph; whatever changes, another file is made.
"""

import hashlib
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

_KEPT = 2
"""Prepared files of one model that may lie side by side, as those of two installations do."""
_UNFINISHED = ".preparing-"
_ABANDONED = 3600.0
"""Seconds after which an unfinished file belongs to nobody."""

_FAILURES = (
    OSError,
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoSuchFile,
    runtime.RuntimeException,
)

Options = Callable[[], onnxruntime.SessionOptions]


def open_prepared(
    model: Path,
    rewrite: Callable[[Path], bytes],
    sources: Sequence[Path],
    cache: Path,
    options: Options,
) -> Any:
    """A session over the rewritten model, from the file kept by an earlier call where there is one.

    What cannot be kept (a full disk, a folder that may not be written to) is made again each time;
    what cannot be read is made anew.

    Args:
        model: the ONNX file.
        rewrite: gives the bytes to run from it.
        sources: files of the code that rewrites; when they change, the file is made anew.
        cache: folder of what is kept; safe to delete.
        options: makes the options of a session.
    """
    name = model.parent.name
    kept = cache / f"{name}-{_key(model, sources)}.onnx"
    if kept.exists():
        plain = options()
        plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            return _session(kept, plain)
        except _FAILURES:
            kept.unlink(missing_ok=True)
    content = rewrite(model)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=_UNFINISHED) as folder:
            made = Path(folder) / kept.name
            saving = options()
            saving.optimized_model_filepath = str(made)
            session = _session(content, saving)
            made.replace(kept)
        _tidy(cache, name)
    except _FAILURES:
        return _session(content, options())
    return session


def _session(model: Path | bytes, options: onnxruntime.SessionOptions) -> Any:
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def _key(model: Path, sources: Sequence[Path]) -> str:
    """A name for this file, this code, this runtime and this processor."""
    stat = model.stat()
    known = [str(model.resolve()), stat.st_size, stat.st_mtime_ns, onnxruntime.__version__]
    digest = hashlib.sha256(repr((known, _processor())).encode())
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _processor() -> str:
    """What this processor can do."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text("utf-8", "replace").splitlines() if described.exists() else []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return f"{platform.machine()} {platform.processor()} {flags}"


def _tidy(cache: Path, name: str) -> None:
    """Leave the newest files of a model, and nothing that a killed process left half done."""
    found = sorted(cache.glob(f"{name}-*.onnx"), key=lambda path: path.stat().st_mtime)
    for path in found[:-_KEPT]:
        path.unlink(missing_ok=True)
    for folder in cache.glob(f"{_UNFINISHED}*"):
        if folder.stat().st_mtime < time.time() - _ABANDONED:
            shutil.rmtree(folder, ignore_errors=True)
