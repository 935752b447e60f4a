"""The dispatching side of a LiveKit server: workers register at ``/agent`` and are sent jobs.

A LiveKit server cannot be run in these tests; the messages are LiveKit's own protobufs, and the
room that a job is for is one of the embedded server.
"""

import asyncio
import threading
from typing import Any

from aiohttp import web
from livekit.api import TokenVerifier
from livekit.protocol import agent, models

from visavis.live.rooms.access import Keys


class Dispatcher:
    """Takes workers, in a thread of its own."""

    def __init__(self, keys: Keys, room_url: str) -> None:
        self._keys, self._room_url = keys, room_url
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._jobs: dict[str, agent.Job] = {}
        self.registered = threading.Event()
        self.states: list[Any] = []
        self.names: list[str] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def _run(self) -> None:
        app = web.Application()
        app.router.add_get("/agent", self._agent)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = int(runner.addresses[0][1])
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)

    async def _agent(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        claims = TokenVerifier(self._keys.key, self._keys.secret).verify(token)
        if not (claims.video and claims.video.agent):
            return web.Response(status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)

        async def send(**what: Any) -> None:
            await socket.send_bytes(agent.ServerMessage(**what).SerializeToString())

        async for message in socket:
            said = agent.WorkerMessage.FromString(message.data)
            kind = said.WhichOneof("message")
            if kind == "register":
                self.names.append(said.register.agent_name)
                self._sockets[said.register.agent_name] = socket
                info = models.ServerInfo(version="1.9.0", protocol=15)
                await send(register=agent.RegisterWorkerResponse(worker_id="W", server_info=info))
                self.registered.set()
            elif kind == "availability" and said.availability.available:
                job = self._jobs[said.availability.job_id]
                identity = said.availability.participant_identity
                token = self._keys.token(job.room.name, identity, seconds=120, agent=True)
                await send(assignment=agent.JobAssignment(job=job, token=token, url=self._room_url))
            elif kind == "update_job":
                self.states.append(said.update_job.status)
        return socket

    def dispatch(self, name: str, room: str, metadata: str) -> None:
        """Offer a job to the worker of this name."""
        job = agent.Job(
            id=f"AJ_{room}",
            dispatch_id=f"AD_{room}",
            type=agent.JobType.JT_ROOM,
            room=models.Room(sid=f"RM_{room}", name=room),
            metadata=metadata,
            agent_name=name,
        )
        self._jobs[job.id] = job
        offer = agent.ServerMessage(availability=agent.AvailabilityRequest(job=job))
        sent = asyncio.run_coroutine_threadsafe(
            self._sockets[name].send_bytes(offer.SerializeToString()), self._loop
        )
        sent.result(20)
