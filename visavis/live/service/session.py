"""One live session while it runs."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from visavis.live.agent.config import AgentConfig
from visavis.live.errors import AgentError, SessionOverError
from visavis.live.service.agents import AgentProcess, Event
from visavis.live.service.order import LiveOrder
from visavis.live.service.rooms import Place

log = logging.getLogger(__name__)

CLIENT = "client"
AVATAR = "avatar"
TASK_SECONDS = 600.0

ACTIVITY = frozenset(
    {"avatar_start_talking", "avatar_stop_talking", "user_start", "user_stop", "task_done"}
)

Watcher = Callable[[Event], None]


@dataclass(slots=True)
class Session:
    """A session that is on.

    Attributes:
        id: as clients know it; the room is called the same.
        url, token: with which the client enters the room.
        hearing: what writes down what the person says.
        started: monotonic time at which the avatar entered, 0 before.
    """

    id: str
    workspace: str
    order: LiveOrder
    place: Place
    url: str
    token: str
    limit: float
    agent: AgentProcess
    hearing: str = "local"
    opened: float = field(default_factory=time.monotonic)
    started: float = 0.0
    active: float = field(default_factory=time.monotonic)
    people_left: float = 0.0
    ending: str = ""
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _watchers: list[Watcher] = field(default_factory=list)
    _tasks: dict[str, "asyncio.Future[Event]"] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """``new``, ``active`` or ``closed``."""
        if self.ending:
            return "closed"
        return "active" if self.started else "new"

    @property
    def seconds(self) -> float:
        """Seconds on air."""
        return time.monotonic() - self.started if self.started else 0.0

    def idle(self, now: float) -> float:
        """Seconds in which nobody did anything; none while the avatar enters, which takes long on
        a busy machine."""
        return 0.0 if self._starting.locked() else now - self.active

    def touch(self) -> None:
        """Somebody did something."""
        self.active = time.monotonic()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tell every event to `watcher`; call what is returned to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def hear(self, event: Event) -> None:
        """The agent says something."""
        kind = event["type"]
        if kind in ACTIVITY:
            self.touch()
        elif kind == "people":
            self.people_left = 0.0 if event["count"] else time.monotonic()
        task = self._tasks.get(event.get("task_id") or event.get("id") or "")
        if task is not None and not task.done() and kind in ("task_done", "error", "failed"):
            task.set_result(event)
        for watcher in tuple(self._watchers):
            watcher(event)

    async def open(self, config: AgentConfig) -> None:
        """Let the agent open the avatar."""
        self.agent.listen(self.hear)
        await self.agent.do("open", config=config.to_json())

    async def start(self, url: str, token: str) -> bool:
        """Let the avatar enter the room and wait until it is there; False where it was already.

        Raises:
            AgentError: it cannot.
        """
        async with self._starting:
            self.check()
            if self.started:
                return False
            await self.agent.until("opened", 120.0)
            await self.agent.do("enter", url=url, token=token)
            await self.agent.until("entered")
            self.started = time.monotonic()
            self.touch()
            return True

    def check(self) -> None:
        """Refuse what comes after the end.

        Raises:
            SessionOverError: it has ended.
        """
        if self.ending:
            raise SessionOverError(
                f"This session has ended ({self.ending}).", "Start a new session."
            )

    async def say(self, text: str, *, answer: bool, wait: bool) -> tuple[str, float]:
        """Say or answer a text.

        Args:
            text: what.
            answer: let the avatar answer it instead of repeating it.
            wait: until it was said.

        Returns:
            The task's id, and its milliseconds where it was waited for, else 0.

        Raises:
            VisavisError: it cannot be said.
        """
        self.check()
        self.touch()
        if not self.started:
            raise SessionOverError("This session has not started yet.", "Call start first.")
        task = str(uuid.uuid4())
        if not wait:
            await self.agent.do("say", id=task, text=text, answer=answer)
            return task, 0.0
        done: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._tasks[task] = done
        try:
            await self.agent.do("say", id=task, text=text, answer=answer)
            event = await asyncio.wait_for(done, TASK_SECONDS)
        except TimeoutError:
            return task, 0.0
        finally:
            del self._tasks[task]
        if event["type"] != "task_done":
            raise AgentError(event.get("message", "The text could not be spoken."))
        return task, float(event["duration_ms"])

    async def do(self, what: str, **more: Any) -> None:
        """Give the agent a command.

        Raises:
            SessionOverError: the session has ended.
            AgentError: the agent is gone.
        """
        self.check()
        self.touch()
        await self.agent.do(what, **more)
