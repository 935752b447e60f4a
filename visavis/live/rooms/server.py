"""The room server as an HTTP application: signalling sockets and administration."""

import asyncio
import logging

from aiohttp import WSMsgType, web
from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from visavis.live.rooms import admin
from visavis.live.rooms.access import AccessError, Guest, Keys, Verifier
from visavis.live.rooms.participant import Participant
from visavis.live.rooms.room import Room
from visavis.live.rooms.signals import answer

log = logging.getLogger(__name__)

MAX_SIGNAL = 1 << 20
MAX_BROKEN = 8
MAX_PARTICIPANTS = 16
HEARTBEAT = 10.0
CORS = {"Access-Control-Allow-Origin": "*"}


class RoomServer:
    """All rooms of one process.

    Args:
        keys: what tokens are signed with.
        open_doors: whether joining makes a room that is not there, as LiveKit does by default;
            otherwise rooms are made by `admin` alone, and tokens of a deleted room open nothing.
        address: where the media ports are reached from outside, empty for the machine's own.
    """

    def __init__(self, keys: Keys, *, open_doors: bool = True, address: str = "") -> None:
        self.verifier = Verifier(keys)
        self.rooms: dict[str, Room] = {}
        self._open_doors = open_doors
        self._address = address
        self.app = web.Application(client_max_size=MAX_SIGNAL)
        self.app.router.add_get("/", _alive)
        self.app.router.add_get("/rtc", self._join)
        self.app.router.add_get("/rtc/validate", self._validate)
        admin.add_routes(self.app, self)

    def open(self, name: str, metadata: str = "") -> Room:
        """The room of this name, made where it is not there."""
        return self.rooms.setdefault(name, Room(name, metadata))

    def close(self, name: str) -> bool:
        """End a room; False where there is none."""
        room = self.rooms.pop(name, None)
        if room is None:
            return False
        room.end()
        return True

    def _guest(self, request: web.Request) -> Guest:
        token = request.query.get("access_token", "")
        given = request.headers.get("Authorization", "")
        guest = self.verifier.guest(token or given.removeprefix("Bearer "))
        if not self._open_doors and guest.room not in self.rooms:
            raise AccessError(f"The room {guest.room[:80]!r} is over.", "Start a session anew.")
        return guest

    async def _validate(self, request: web.Request) -> web.Response:
        try:
            self._guest(request)
        except AccessError as error:
            return web.Response(status=401, text=str(error), headers=CORS)
        return web.Response(text="success", headers=CORS)

    async def _join(self, request: web.Request) -> web.StreamResponse:
        try:
            guest = self._guest(request)
        except AccessError as error:
            return web.Response(status=401, text=str(error), headers=CORS)
        room = self.open(guest.room)
        if len(room.participants) >= MAX_PARTICIPANTS and guest.identity not in room.participants:
            return web.Response(status=503, text="The room is full.", headers=CORS)
        socket = web.WebSocketResponse(max_msg_size=MAX_SIGNAL, heartbeat=HEARTBEAT)
        await socket.prepare(request)
        if request.query.get("reconnect") == "1":
            # Nothing is kept of a lost connection: the client comes back with new ones.
            gone = rtc.LeaveRequest(
                can_reconnect=True,
                reason=models.DisconnectReason.STATE_MISMATCH,
                action=rtc.LeaveRequest.Action.RECONNECT,
            )
            await socket.send_bytes(rtc.SignalResponse(leave=gone).SerializeToString())
            await socket.close()
            return socket
        participant = Participant(
            room,
            guest,
            socket,
            auto_subscribe=request.query.get("auto_subscribe", "1") in ("1", "true"),
            address=self._address,
        )
        await self._attend(participant, socket)
        return socket

    async def _attend(self, participant: Participant, socket: web.WebSocketResponse) -> None:
        """Serve one participant until it leaves, vanishes or is sent away."""
        room = participant.room
        tasks = [
            asyncio.create_task(participant.write()),
            asyncio.create_task(_listen(participant, socket)),
            asyncio.create_task(participant.gone.wait()),
        ]
        try:
            await room.enter(participant)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await room.leave(participant)
            await participant.close()
            if self._open_doors and not room.participants and self.rooms.get(room.name) is room:
                del self.rooms[room.name]


async def _listen(participant: Participant, socket: web.WebSocketResponse) -> None:
    """Answer signals; a client that sends nothing but nonsense is let go."""
    broken = 0
    async for message in socket:
        if message.type != WSMsgType.BINARY:
            continue
        try:
            if not await answer(participant, rtc.SignalRequest.FromString(message.data)):
                return
        except (DecodeError, ValueError, KeyError) as error:
            broken += 1
            log.warning("broken signal", extra={"kind": type(error).__name__})
            if broken >= MAX_BROKEN:
                participant.dismiss(models.DisconnectReason.STATE_MISMATCH)
                return


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="OK", headers=CORS)
