"""Run a child program, listen to it, and end it when it is no longer wanted."""

import contextlib
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from visavis.errors import VisavisError

log = logging.getLogger(__name__)

LOOK_EVERY = 0.25
"""Seconds between two questions whether the child is still wanted."""

_SECRET = ("KEY", "SECRET", "TOKEN", "PASSWORD", "DATABASE_URL")


class ChildError(VisavisError):
    """A child process said that it failed, or died without a word."""

    def __init__(self, code: str, message: str, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class StoppedError(Exception):
    """The child was ended because nobody wants its work any more."""


def run_child(
    program: str,
    job: dict[str, Any],
    *,
    folder: Path,
    on_progress: Callable[[str, float], None] | None = None,
    wanted: Callable[[], bool] | None = None,
    longest: float = 24 * 3600.0,
) -> dict[str, Any]:
    """Run one job in a process of its own.

    Args:
        program: Python module with a `visavis.jobs.child.run` in it.
        job: what it reads; JSON.
        folder: where it works; kept by the caller.
        on_progress: told stage and percent.
        wanted: asked four times a second; the child is killed when it says no.
        longest: seconds after which it is killed.

    Returns:
        What the child says it did.

    Raises:
        ChildError: it failed or died.
        StoppedError: it was not wanted any more.
    """
    with (
        (folder / "stderr.txt").open("wb") as complaints,
        subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            cwd=folder,
            env=child_environment(),
            start_new_session=True,
        ) as process,
    ):
        try:
            return _converse(process, job, on_progress, wanted, time.monotonic() + longest)
        finally:
            _kill(process)


def child_environment() -> dict[str, str]:
    """Our environment without secrets, for a child that reads files of strangers."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(word in name.upper() for word in _SECRET)
    }
    root = str(Path(__file__).parents[2])
    path = [part for part in (root, os.environ.get("PYTHONPATH", "")) if part]
    return kept | {"VISAVIS_PARENT": str(os.getpid()), "PYTHONPATH": os.pathsep.join(path)}


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _converse(
    process: subprocess.Popen[bytes],
    job: dict[str, Any],
    on_progress: Callable[[str, float], None] | None,
    wanted: Callable[[], bool] | None,
    deadline: float,
) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child has no pipes")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.close()
    os.set_blocking(process.stdout.fileno(), False)
    buffered = b""
    asked = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            ready = selector.select(LOOK_EVERY)
            now = time.monotonic()
            if now > deadline:
                raise ChildError("timed_out", "It took too long.", False)
            if wanted is not None and now - asked >= LOOK_EVERY:
                asked = now
                if not wanted():
                    raise StoppedError
            if not ready:
                continue
            piece = process.stdout.read(65536)
            if not piece:
                break
            *lines, buffered = (buffered + piece).split(b"\n")
            for line in lines:
                if (done := _heard(line, on_progress)) is not None:
                    return done
    code = process.wait()
    log.warning("child died", extra={"program_exit": code})
    raise ChildError("child_died", f"The render process ended with {_named(code)}.", True)


def _heard(line: bytes, on_progress: Callable[[str, float], None] | None) -> dict[str, Any] | None:
    said = json.loads(line)
    if "error" in said:
        error = said["error"]
        raise ChildError(error["code"], error["message"], error["retryable"])
    if "done" in said:
        done: dict[str, Any] = said["done"]
        return done
    if on_progress is not None:
        on_progress(said["stage"], float(said["percent"]))
    return None


def _named(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
