"""An agent process: ``python -m visavis.live.agent.process``.

Commands are JSON objects, one a line, on standard input; events likewise on standard output. The
process loads its models, says ``{"type": "warm"}``, may be told to ``prepare`` for a session that
is likely, and waits for one ``open``; it serves that one session and ends with it, or with its
parent.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from typing import Any, TextIO

from visavis.errors import VisavisError
from visavis.jobs.child import die_with
from visavis.live.agent.config import AgentConfig
from visavis.live.agent.kit import Kit
from visavis.live.agent.performer import Performer

log = logging.getLogger(__name__)

MAX_LINE = 32 << 20


class Agent:
    """Commands in, events out.

    Args:
        out: where events are written.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._kit: Kit | None = None
        self._performer: Performer | None = None
        self._over = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None

    def tell(self, event: dict[str, Any]) -> None:
        """Write one event."""
        self._out.write(json.dumps(event) + "\n")
        self._out.flush()

    async def run(self, commands: asyncio.StreamReader) -> None:
        """Serve until told to stop, until the room is gone, or until nobody commands any more."""
        self._kit = await asyncio.to_thread(Kit)
        self.tell({"type": "warm", "pid": os.getpid()})
        reading = asyncio.create_task(self._read(commands))
        await self._over.wait()
        reading.cancel()
        if self._performer is not None:
            counts = self._performer.player.counts if self._performer.player else None
            await self._performer.leave()
            if counts is not None:
                self.tell(
                    {
                        "type": "counts",
                        "frames": counts.frames,
                        "dropped": counts.dropped,
                        "gaps": counts.gaps,
                    }
                )

    async def _read(self, commands: asyncio.StreamReader) -> None:
        while line := await commands.readline():
            command = json.loads(line)
            try:
                await self._do(command)
            except VisavisError as error:
                self.tell(
                    {
                        "type": "failed",
                        "do": command["do"],
                        "id": command.get("id"),
                        "code": error.code,
                        "message": error.message,
                        "remedy": error.remedy,
                        "retryable": error.retryable,
                    }
                )
        self._over.set()

    async def _do(self, command: dict[str, Any]) -> None:
        what = command["do"]
        if what == "open" and self._kit is not None:
            config = AgentConfig.from_json(command["config"])
            if self._preparing is not None:
                await asyncio.wait([self._preparing])
            self._performer = Performer(self._kit, config, self.tell)
            self.tell({"type": "opened"})
            return
        if what == "prepare" and self._kit is not None:
            config = AgentConfig.from_json(command["config"])
            self._preparing = asyncio.create_task(asyncio.to_thread(prepare, self._kit, config))
            return
        if what == "stop":
            self._over.set()
            return
        performer = self._performer
        if performer is None:
            return
        match what:
            case "enter":
                await performer.enter(command["url"], command["token"])
                self.tell({"type": "entered"})
                self._watching = asyncio.create_task(self._watch(performer))
            case "say":
                performer.say(command["id"], command["text"], answer=command["answer"])
            case "interrupt":
                performer.conversation.interrupt()
            case "listen":
                performer.listen(bool(command["wanted"]))
            case "attend":
                performer.attend(bool(command["wanted"]))
            case "push_to_talk":
                performer.push_to_talk(bool(command["held"]))
            case "sound":
                performer.sound(command["id"], performer.decode(command["audio"]))
            case "sound_ends":
                performer.sound_ends(command["id"])
            case "hear":
                await performer.hear(performer.decode(command["audio"]))
            case _:
                log.warning("unknown command %r", what)

    async def _watch(self, performer: Performer) -> None:
        await performer.over.wait()
        if performer.failure is not None:
            log.error("the picture broke", exc_info=performer.failure)
            self.tell({"type": "broken", "why": type(performer.failure).__name__})
        self._over.set()


def prepare(kit: Kit, config: AgentConfig) -> None:
    """Open what is likely to be asked for; whoever asks for what is missing is told then."""
    try:
        kit.prepare(config)
    except VisavisError as error:
        log.warning("not prepared: %s", error.message)


async def serve(out: TextIO) -> None:
    """Run an agent on standard input."""
    reader = asyncio.StreamReader(limit=MAX_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await Agent(out).run(reader)


def main() -> None:
    """Run this process."""
    die_with(int(os.environ["VISAVIS_PARENT"]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not look like an event
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(serve(out))
    os._exit(0)  # without waiting for the threads of inference libraries


if __name__ == "__main__":
    main()
