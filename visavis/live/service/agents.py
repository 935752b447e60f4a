"""Agent processes: started, warmed, spoken to, and ended."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from visavis.live.errors import AgentError

log = logging.getLogger(__name__)

Event = dict[str, Any]

MAX_LINE = 32 << 20
WARM_SECONDS = 90.0
ANSWER_SECONDS = 30.0
LEAVE_SECONDS = 3.0


def child_environment() -> dict[str, str]:
    """The environment of a process of ours that is killed with this one."""
    root = str(Path(__file__).parents[3])
    path = [part for part in (root, os.environ.get("PYTHONPATH", "")) if part]
    return os.environ | {"VISAVIS_PARENT": str(os.getpid()), "PYTHONPATH": os.pathsep.join(path)}


class AgentProcess:
    """One agent, for at most one session.

    Attributes:
        ended: set once the process is gone, whatever the reason.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self.ended = asyncio.Event()
        self.counts: Event = {}
        self._process = process
        self._on_event: Callable[[Event], None] = lambda _event: None
        self._awaited: dict[str, asyncio.Future[Event]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, program: str = "visavis.live.agent.process") -> "AgentProcess":
        """Start a process; it begins to load its models."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=child_environment(),
            limit=MAX_LINE,
            start_new_session=True,
        )
        agent = cls(process)
        # a prepared agent has opened before anybody waits for it
        agent._expect("warm")
        agent._expect("opened")
        return agent

    def listen(self, on_event: Callable[[Event], None]) -> None:
        """Tell every further event to `on_event`."""
        self._on_event = on_event

    def _expect(self, kind: str) -> "asyncio.Future[Event]":
        return self._awaited.setdefault(kind, asyncio.get_running_loop().create_future())

    async def _read(self) -> None:
        stdout = self._process.stdout
        while stdout is not None and (line := await stdout.readline()):
            event = json.loads(line)
            kind = event["type"]
            if kind == "counts":
                self.counts = event
            waiting = self._awaited.get(kind)
            if kind == "failed" and not event.get("id"):
                for future in self._awaited.values():
                    if not future.done():
                        future.set_exception(AgentError(event["message"], event["remedy"]))
                        future.exception()  # nobody may be waiting, which is no mistake
            elif waiting is not None and not waiting.done():
                waiting.set_result(event)
            self._on_event(event)
        await self._process.wait()
        for future in self._awaited.values():
            if not future.done():
                future.set_exception(AgentError("The avatar's process ended.", "Start anew."))
                future.exception()
        self.ended.set()

    async def until(self, kind: str, seconds: float = ANSWER_SECONDS) -> Event:
        """Wait for an event.

        Raises:
            AgentError: it failed, or took too long.
        """
        try:
            return await asyncio.wait_for(asyncio.shield(self._expect(kind)), seconds)
        except TimeoutError as error:
            raise AgentError(
                f"The avatar's process did not answer within {seconds:g} s.", "Try again."
            ) from error

    async def do(self, what: str, **more: Any) -> None:
        """Give a command.

        Raises:
            AgentError: the process is gone.
        """
        stdin = self._process.stdin
        if stdin is None or self.ended.is_set():
            raise AgentError("The avatar's process ended.", "Start a new session.")
        stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
        try:
            await stdin.drain()
        except ConnectionError as error:
            raise AgentError("The avatar's process ended.", "Start a new session.") from error

    async def end(self) -> None:
        """Let it leave its room; kill it where it takes too long."""
        with contextlib.suppress(AgentError):
            await self.do("stop")
        try:
            await asyncio.wait_for(self.ended.wait(), LEAVE_SECONDS)
        except TimeoutError:
            self.kill()
            await self.ended.wait()

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class AgentPool:
    """Keeps agents warm, so that a session need not wait for models to load.

    Args:
        spares: how many are kept.
        likely: the config of a session that is likely to be asked for next, as plain values; what
            it needs is opened in advance. None where nothing can be said.
        program: module of the agent.
    """

    def __init__(
        self,
        spares: int,
        likely: Callable[[], Awaitable[dict[str, Any] | None]],
        program: str = "visavis.live.agent.process",
    ) -> None:
        self._wanted = spares
        self._likely = likely
        self._program = program
        self._spares: list[AgentProcess] = []
        self._refilling: asyncio.Task[None] | None = None
        self._closed = False

    def refill(self) -> None:
        """Start what is missing, one after the other."""
        if not self._closed and (self._refilling is None or self._refilling.done()):
            self._refilling = asyncio.create_task(self._refill())

    async def _refill(self) -> None:
        self._spares = [agent for agent in self._spares if not agent.ended.is_set()]
        while len(self._spares) < self._wanted and not self._closed:
            agent = await AgentProcess.start(self._program)
            self._spares.append(agent)
            try:
                await agent.until("warm", WARM_SECONDS)
                if (config := await self._likely()) is not None:
                    await agent.do("prepare", config=config)
            except AgentError as error:
                log.warning("a spare agent did not start: %s", error.message)
                agent.kill()
                self._spares.remove(agent)
                return

    async def take(self) -> AgentProcess:
        """An agent, warm where there is one."""
        while self._spares:
            agent = self._spares.pop(0)
            if not agent.ended.is_set():
                return agent
        return await AgentProcess.start(self._program)

    async def close(self) -> None:
        """End the spares."""
        self._closed = True
        if self._refilling is not None:
            self._refilling.cancel()
        for agent in self._spares:
            agent.kill()
        await asyncio.gather(*(agent.ended.wait() for agent in self._spares))
