"""The room server in a process of its own: ``python -m visavis.live.rooms.process``.

It reads one JSON object from standard input (host, port, key, secret, open_doors, address), says
``{"port": ...}`` on standard output once it listens, and is killed with its parent.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from typing import Any

from aiohttp import web

from visavis.jobs.child import die_with
from visavis.live.rooms.access import Keys
from visavis.live.rooms.server import RoomServer


async def serve(job: dict[str, Any], ready: "asyncio.Future[int] | None" = None) -> None:
    """Serve until cancelled; `ready` gets the port."""
    server = RoomServer(
        Keys(job["key"], job["secret"]),
        open_doors=bool(job.get("open_doors", False)),
        address=job.get("address", ""),
    )
    runner = web.AppRunner(server.app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, job.get("host", "127.0.0.1"), int(job.get("port", 0)))
    await site.start()
    port = int(runner.addresses[0][1])
    try:
        if ready is not None:
            ready.set_result(port)
        else:
            sys.stdout.write(json.dumps({"port": port}) + "\n")
            sys.stdout.flush()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Run this process."""
    die_with(int(os.environ["VISAVIS_PARENT"]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the parent
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("aioice").setLevel(logging.ERROR)
    asyncio.run(serve(json.loads(sys.stdin.readline())))


if __name__ == "__main__":
    main()
