"""The SDK's own socket: the person's voice and words in, what the person does out."""

import asyncio
import base64
import contextlib
import json
import logging

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from visavis.errors import VisavisError
from visavis.live.api.frames import AudioFrame, FrameError, TextFrame, parse
from visavis.live.api.sockets import attending, session_of, until_one_ends
from visavis.live.service.agents import Event
from visavis.live.service.session import Session
from visavis.live.service.sessions import Sessions

log = logging.getLogger(__name__)

HEARD = frozenset({"user_start", "user_stop", "user_silence"})
MAX_BROKEN = 8
MAX_FRAME = 256 << 10
MAX_TEXT = 4000


class Chat:
    """Serves ``/v1/ws/streaming.chat``.

    Args:
        sessions: all of them.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def socket(self, socket: WebSocket) -> None:
        """One client."""
        session = await session_of(self._sessions, socket)
        if session is None:
            return
        await socket.accept()
        outbox: asyncio.Queue[Event | None] = asyncio.Queue(256)
        # With version 2 the microphone is a track of the room, and so come its events.
        heard: frozenset[str] = (
            frozenset() if socket.query_params.get("arch_version") == "v2" else HEARD
        )

        def told(event: Event) -> None:
            over = event["type"] == "session_over"
            if over or event["type"] in heard:
                with contextlib.suppress(asyncio.QueueFull):
                    outbox.put_nowait(None if over else event)

        async with attending(session, socket, told):
            await until_one_ends(_write(socket, outbox), self._read(socket, session))

    async def _read(self, socket: WebSocket, session: Session) -> None:
        broken = 0
        with contextlib.suppress(WebSocketDisconnect):
            while broken < MAX_BROKEN:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                data = message.get("bytes")
                if not data:
                    continue
                try:
                    await _take(session, data)
                except FrameError as error:
                    broken += 1
                    log.warning("broken frame: %s", error.message)
                except VisavisError as error:
                    log.info("frame refused: %s", error.code)
                    if session.ending:
                        return


async def _take(session: Session, data: bytes) -> None:
    if len(data) > MAX_FRAME:
        raise FrameError(f"A frame has {len(data)} bytes.", f"Send at most {MAX_FRAME}.")
    frame = parse(data)
    if isinstance(frame, TextFrame):
        if text := frame.text.strip()[:MAX_TEXT]:
            await session.do("interrupt")
            await session.say(text, answer=True, wait=False)
    elif isinstance(frame, AudioFrame):
        await session.do("hear", audio=base64.b64encode(_at_16k(frame)).decode())


def _at_16k(frame: AudioFrame) -> bytes:
    """The sound as mono at 16 kHz."""
    if frame.rate == 16_000 and frame.channels == 1:
        return frame.samples
    if not (8_000 <= frame.rate <= 96_000 and 1 <= frame.channels <= 2):
        raise FrameError(f"Sound at {frame.rate} Hz cannot be heard.", "Send 16 kHz mono.")
    usable = len(frame.samples) // (2 * frame.channels) * 2 * frame.channels
    pcm = np.frombuffer(frame.samples[:usable], np.int16).reshape(-1, frame.channels).mean(axis=1)
    wanted = np.arange(0, len(pcm), frame.rate / 16_000)
    resampled = np.interp(wanted, np.arange(len(pcm)), pcm).astype(np.int16)
    return bytes(resampled.tobytes())


async def _write(socket: WebSocket, outbox: "asyncio.Queue[Event | None]") -> None:
    while (event := await outbox.get()) is not None:
        told = {key: value for key, value in event.items() if key not in ("type", "at")}
        await socket.send_text(json.dumps({"event_type": event["type"], **told}))
