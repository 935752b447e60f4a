"""Pictures and sounds that the studio shows before a video is made, from one process kept warm."""

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from visavis.jobs.processes import ChildError, child_environment
from visavis.jobs.service import Service

LONGEST_SECONDS = 240.0
MEMORY_MB = 4096

_OPENING = threading.Lock()
_OPEN: "dict[Path, Stills]" = {}


class Stills:
    """Asks one child process, one thing at a time; the child ends by itself when idle.

    The process belongs to a thread of its own, since Linux ends it with the thread that made it.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._thread = ThreadPoolExecutor(1, "stills")
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, service: Service) -> "Stills":
        """The one of this installation in this process."""
        with _OPENING:
            return _OPEN.setdefault(service.work, cls(service))

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """What the child answers to a job of `visavis.server.stills_child`.

        Raises:
            ChildError: it failed, died, or took too long.
        """
        waiting = self._thread.submit(self._talk, job)
        try:
            return waiting.result(LONGEST_SECONDS)
        except LateError:
            waiting.cancel()
            self._end()
            raise ChildError("timed_out", "The preview took too long.", True) from None

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Where a job's files are put for as long as it takes."""
        folder = self._service.work / "stills" / secrets.token_hex(8)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()

    def rig_file(self, key: str) -> str:
        """A saved rig on disk, kept while this process lives."""
        folder = self._service.work / "rigs"
        path = folder / f"{Path(key).stem}.avatar"
        with self._lock:
            if not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                part = path.with_suffix(".part")
                self._service.core.blobs.fetch(key, part)
                part.replace(path)
        return str(path)

    def close(self) -> None:
        """End the child."""
        self._end()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _talk(self, job: dict[str, Any]) -> dict[str, Any]:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._start()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the child has no pipes")
        line = b""
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if not line:
            code = process.wait()
            raise ChildError("child_died", f"The preview process ended with {code}.", True)
        said: dict[str, Any] = json.loads(line)
        if error := said.get("error"):
            raise ChildError(error["code"], error["message"], error["retryable"])
        return said

    def _start(self) -> subprocess.Popen[bytes]:
        log = (self._service.work / "stills.log").open("wb")
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "visavis.server.stills_child", str(MEMORY_MB)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=child_environment() | {"VISAVIS_PARENT": str(os.getpid())},
            start_new_session=True,
        )

    def _end(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()
