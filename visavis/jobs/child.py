"""What every child process does: die with its parent, read one job, say how far it is.

A job is one JSON object on standard input. What the child says is one JSON object a line on
standard output: ``{"stage": ..., "percent": ...}`` any number of times, then ``{"done": {...}}`` or
``{"error": {"code", "message", "retryable"}}``.
"""

import contextlib
import ctypes
import errno
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

from visavis.errors import VisavisError

PR_SET_PDEATHSIG = 1
_NICE = 10
_EVERY = 0.2


class Progress(Protocol):
    """Tells the parent how far the work is."""

    def __call__(self, stage: str, percent: float) -> None:
        """Stage in one word; percent 0 to 100."""
        ...


def die_with(parent: int) -> None:
    """Be killed when the parent is, also where it died before this was said (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def run(work: Callable[[dict[str, Any], Progress], dict[str, Any]]) -> None:
    """Do the one job of this process and end it."""
    die_with(int(os.environ["VISAVIS_PARENT"]))
    os.nice(_NICE)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not look like progress
    job = json.loads(sys.stdin.readline())
    limit = int(job.pop("memory_mb", 0)) << 20
    if limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    last = 0.0

    def progress(stage: str, percent: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY:
            last = now
            out.write(json.dumps({"stage": stage, "percent": round(percent, 1)}) + "\n")

    try:
        said = {"done": work(job, progress)}
    except VisavisError as error:
        said = {"error": _told(error)}
    except MemoryError:
        said = {"error": _error("out_of_memory", "Not enough memory for this.", True)}
    except Exception as error:  # noqa: BLE001 - the parent must hear of it, without any text
        said = {"error": _error(*unforeseen(error))}
    out.write(json.dumps(said) + "\n")
    with contextlib.suppress(BrokenPipeError):
        out.flush()
    os._exit(0)  # without waiting for the threads of inference libraries


def _error(code: str, message: str, retryable: bool) -> dict[str, Any]:
    return {"code": code, "message": message, "retryable": retryable}


def _told(error: VisavisError) -> dict[str, Any]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return _error(*unforeseen(cause))
        cause = cause.__cause__
    return _error(error.code, str(error), error.retryable)


def unforeseen(error: BaseException) -> tuple[str, str, bool]:
    """Code, message and whether to try again, of an error that nobody meant to raise."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full", "The disk of the worker is full.", True
    return "internal_error", _where(error), True


def _where(error: BaseException) -> str:
    """Kind and place of an error; its message may hold what the user wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        name = trace.tb_frame.f_code.co_filename.rpartition("/")[2]
        place = f" at {name}:{trace.tb_lineno}"
    return f"{type(error).__name__}{place}"
