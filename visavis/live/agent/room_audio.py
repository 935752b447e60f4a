"""A voice that comes over the room, as livekit-agents sends it to avatars.

Sound arrives as byte streams of the topic ``lk.audio_stream``, one for each utterance; the sender
is told over RPC when it begins and ends to be heard, and may have it dropped
(``lk.clear_buffer``).
"""

import asyncio
import json
import logging
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
from livekit import rtc

from visavis.live.agent.config import RATE

if TYPE_CHECKING:
    from visavis.live.agent.performer import Performer

log = logging.getLogger(__name__)

TOPIC = "lk.audio_stream"
CLEAR, STARTED, FINISHED = "lk.clear_buffer", "lk.playback_started", "lk.playback_finished"


class RoomAudio:
    """Takes the sound of the agent in the room.

    Args:
        room: where; the handlers are registered before it is entered.
        performer: speaks with it.
    """

    def __init__(self, room: rtc.Room, performer: "Performer") -> None:
        self._room = room
        self._performer = performer
        self._sender = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: asyncio.Task[None] | None = None
        room.register_byte_stream_handler(TOPIC, self._stream)
        room.on("connection_state_changed", self._connected)

    def _connected(self, state: "rtc.ConnectionState.ValueType") -> None:
        if state == rtc.ConnectionState.CONN_CONNECTED:
            self._room.local_participant.register_rpc_method(CLEAR, self._clear)

    def _stream(self, reader: rtc.ByteStreamReader, sender: str) -> None:
        self._sender = sender
        self._last = asyncio.create_task(self._read(reader, self._last))
        self._keep(self._last)

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(
        self, reader: rtc.ByteStreamReader, before: "asyncio.Task[None] | None"
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        attributes = reader.info.attributes or {}
        rate = int(attributes.get("sample_rate", RATE))
        channels = int(attributes.get("num_channels", 1))
        resampler = None
        if rate != RATE:
            resampler = rtc.AudioResampler(rate, RATE, num_channels=1)
        task, rest = str(uuid.uuid4()), b""
        async for part in reader:
            rest += part
            usable = len(rest) // (2 * channels) * 2 * channels
            pcm, rest = rest[:usable], rest[usable:]
            samples = np.frombuffer(pcm, np.int16).reshape(-1, channels).mean(axis=1)
            for piece in _resampled(resampler, samples.astype(np.int16), rate):
                self._performer.sound(task, piece)
        self._performer.sound_ends(task)

    def _clear(self, _call: rtc.RpcInvocationData) -> str:
        self._performer.conversation.interrupt()
        return "ok"

    def tell(self, event: dict[str, Any]) -> None:
        """Pass on to the sender what is heard of its sound."""
        if event["type"] == "avatar_start_talking":
            self._keep(asyncio.create_task(self._call(STARTED, "")))
        elif event["type"] == "task_done":
            said = {
                "playback_position": event["duration_ms"] / 1000,
                "interrupted": event["interrupted"],
            }
            self._keep(asyncio.create_task(self._call(FINISHED, json.dumps(said))))

    async def _call(self, method: str, payload: str) -> None:
        try:
            await self._room.local_participant.perform_rpc(
                destination_identity=self._sender, method=method, payload=payload
            )
        except rtc.RpcError as error:
            log.info("the sender did not take %s: %s", method, error.message)


def _resampled(resampler: rtc.AudioResampler | None, samples: Any, rate: int) -> list[bytes]:
    if resampler is None:
        return [samples.tobytes()]
    frame = rtc.AudioFrame(samples.tobytes(), rate, 1, len(samples))
    return [bytes(piece.data) for piece in resampler.push(frame)]
