"""Rooms for sessions: the embedded server's, or those of a LiveKit server."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from livekit.api import LiveKitAPI, TwirpError
from livekit.protocol.room import CreateRoomRequest, DeleteRoomRequest

from visavis.errors import VisavisError
from visavis.live.rooms.access import Keys
from visavis.live.service.agents import child_environment
from visavis.live.settings import LiveSettings

log = logging.getLogger(__name__)

START_SECONDS = 30.0


class RoomServerError(VisavisError):
    """The room server does not answer."""

    code = "room_unavailable"
    retryable = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a room server is.

    Attributes:
        keys: sign its tokens.
        url: as our own processes reach it.
        public: as clients reach it; empty where they come through our API.
    """

    keys: Keys
    url: str
    public: str


class Rooms(Protocol):
    """Makes and ends rooms."""

    async def place(self) -> Place:
        """Where the server is, started where needed."""
        ...

    async def close(self) -> None:
        """Give it back."""
        ...


class EmbeddedRooms:
    """The embedded server in a process of its own, started when first needed and after a crash."""

    def __init__(self, address: str = "") -> None:
        self._address = address
        self._keys = Keys("embedded", secrets.token_hex(32))
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0
        self._lock = asyncio.Lock()

    async def place(self) -> Place:
        """Where it is.

        Raises:
            RoomServerError: it does not start.
        """
        async with self._lock:
            if self._process is None or self._process.returncode is not None:
                await self._start()
            return Place(self._keys, f"ws://127.0.0.1:{self._port}", "")

    async def _start(self) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "visavis.live.rooms.process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=child_environment(),
            start_new_session=True,
        )
        if process.stdin is None or process.stdout is None:
            raise RoomServerError("The room server has no pipes.")
        job = {"key": self._keys.key, "secret": self._keys.secret, "address": self._address}
        process.stdin.write(json.dumps(job).encode() + b"\n")
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
            self._port = int(json.loads(line)["port"])
        except (TimeoutError, ValueError) as error:
            raise RoomServerError("The embedded room server did not start.") from error

    async def close(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


class LiveKitRooms:
    """A LiveKit server or cluster."""

    def __init__(self, url: str, keys: Keys) -> None:
        self._place = Place(keys, url, url)

    async def place(self) -> Place:
        """Where it is."""
        return self._place

    async def close(self) -> None:
        """Nothing to give back."""


def rooms_of(settings: LiveSettings) -> Rooms:
    """The rooms that the settings say."""
    if settings.url:
        keys = Keys(settings.key, settings.secret.get_secret_value())
        return LiveKitRooms(settings.url, keys)
    return EmbeddedRooms(settings.media_address)


async def open_room(place: Place, name: str) -> None:
    """Make a room.

    Raises:
        RoomServerError: the server does not answer or refuses.
    """
    async with _api(place) as api:
        await api.room.create_room(CreateRoomRequest(name=name, empty_timeout=300))


async def end_room(place: Place, name: str) -> None:
    """Send everybody away; what is gone already is no error."""
    with contextlib.suppress(RoomServerError):
        async with _api(place) as api:
            await api.room.delete_room(DeleteRoomRequest(room=name))


@contextlib.asynccontextmanager
async def _api(place: Place) -> AsyncIterator[LiveKitAPI]:
    try:
        async with LiveKitAPI(
            place.url.replace("ws", "http", 1), place.keys.key, place.keys.secret
        ) as api:
            yield api
    except (aiohttp.ClientError, TwirpError, TimeoutError) as error:
        raise RoomServerError(
            f"The room server does not answer ({type(error).__name__}).", "Try again in a moment."
        ) from error
