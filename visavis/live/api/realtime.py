"""The socket by which a voice from outside drives the face (LiveAvatar's wire format)."""

import asyncio
import base64
import binascii
import contextlib
import json
import logging
import uuid
from typing import Any

from starlette.websockets import WebSocket

from visavis.errors import InvalidInputError, VisavisError
from visavis.live.api.sockets import attending, session_of, until_one_ends
from visavis.live.service.agents import Event
from visavis.live.service.session import Session
from visavis.live.service.sessions import Sessions

log = logging.getLogger(__name__)

MAX_BROKEN = 16
MAX_AUDIO = 4 << 20


class Realtime:
    """Serves ``/v1/ws/streaming.realtime``.

    In: ``agent.speak`` (audio: base64 of s16le at 24 kHz), ``agent.speak_end``,
    ``agent.interrupt``, ``agent.start_listening``, ``agent.stop_listening``,
    ``session.keep_alive``. Out: ``session.state_updated``, ``agent.speak_started``,
    ``agent.speak_ended``, ``agent.speak_interrupted``, ``error``.

    Args:
        sessions: all of them.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def socket(self, socket: WebSocket) -> None:
        """One voice."""
        session = await session_of(self._sessions, socket)
        if session is None:
            return
        await socket.accept()
        voice = _Voice(session)
        async with attending(session, socket, voice.hear):
            try:
                await self._sessions.start(session)
            except VisavisError as error:
                await socket.send_json({"type": "error", "error": error.message})
                return
            voice.say("session.state_updated", state="connected")
            await until_one_ends(voice.write(socket), voice.read(socket))


class _Voice:
    """One connected voice."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._utterance = ""
        self._mine: set[str] = set()
        self._outbox: asyncio.Queue[Event | None] = asyncio.Queue(256)

    def say(self, kind: str, **more: Any) -> None:
        """Queue one event."""
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait({"type": kind, "event_id": str(uuid.uuid4()), **more})

    def hear(self, event: Event) -> None:
        """What the avatar does with our sound."""
        task = event.get("task_id", "")
        if event["type"] == "session_over":
            self.say("session.state_updated", state="closed")
            with contextlib.suppress(asyncio.QueueFull):
                self._outbox.put_nowait(None)
        elif task not in self._mine:
            return
        elif event["type"] == "avatar_start_talking":
            self.say("agent.speak_started", task={"id": task})
        elif event["type"] == "task_done":
            self._mine.discard(task)
            if task == self._utterance:
                self._utterance = ""
            kind = "agent.speak_interrupted" if event["interrupted"] else "agent.speak_ended"
            self.say(kind, task={"id": task}, duration_ms=event["duration_ms"])

    async def write(self, socket: WebSocket) -> None:
        """Send what is queued."""
        while (event := await self._outbox.get()) is not None:
            await socket.send_text(json.dumps(event))

    async def read(self, socket: WebSocket) -> None:
        """Do what is asked until the voice hangs up."""
        broken = 0
        while broken < MAX_BROKEN:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                said = json.loads(message.get("text") or message.get("bytes") or "")
                await self._do(said if isinstance(said, dict) else {})
            except (ValueError, InvalidInputError) as error:
                broken += 1
                self.say("error", error=str(error))
            except VisavisError as error:
                self.say("error", error=error.message)
                if self._session.ending:
                    return

    async def _do(self, said: dict[str, Any]) -> None:
        session, kind = self._session, said.get("type")
        match kind:
            case "agent.speak":
                if not self._utterance:
                    self._utterance = str(uuid.uuid4())
                    self._mine.add(self._utterance)
                audio = _checked(said.get("audio"))
                await session.do("sound", id=self._utterance, audio=audio)
            case "agent.speak_end":
                ended, self._utterance = self._utterance, ""
                if ended:
                    await session.do("sound_ends", id=ended)
            case "agent.interrupt":
                self._utterance = ""
                await session.do("interrupt")
            case "agent.start_listening" | "agent.stop_listening":
                await session.do("attend", wanted=kind == "agent.start_listening")
            case "session.keep_alive":
                session.touch()
            case _:
                raise InvalidInputError(f"There is no event {str(kind)[:60]!r}.", "See the docs.")


def _checked(audio: object) -> str:
    """Base64 that can be decoded."""
    if not isinstance(audio, str) or len(audio) > MAX_AUDIO:
        raise InvalidInputError("agent.speak needs audio: base64 of at most 4 MiB.")
    try:
        base64.b64decode(audio, validate=True)
    except binascii.Error as error:
        raise InvalidInputError("The audio of agent.speak is no base64.") from error
    return audio
