"""One session on air: everything of it, wired together."""

import asyncio
import base64
import json
import logging
import random
import time
from collections.abc import Callable, Coroutine
from fractions import Fraction
from typing import Any

import numpy as np
from livekit import rtc

from visavis.errors import InvalidInputError
from visavis.live.agent.config import FPS, RATE, AgentConfig
from visavis.live.agent.conversation import MAX_WAITING, Conversation
from visavis.live.agent.kit import Kit
from visavis.live.agent.microphones import Microphones
from visavis.live.agent.room_audio import RoomAudio
from visavis.live.agent.silence import prompt_of
from visavis.live.avatar.player import Player
from visavis.live.avatar.publisher import Connect, Publisher, on_lost, quality_named
from visavis.live.avatar.speaker import Speaker
from visavis.live.avatar.timeline import Timeline
from visavis.live.hearing.listener import Listener
from visavis.performance.listener import PromptListener
from visavis.speech.types import Speech

log = logging.getLogger(__name__)

INSIDE = frozenset({"task_done", "error", "people"})
"""Events that are for the server alone; HeyGen's clients would not know them."""

HEARD = frozenset({"user_start", "user_stop", "user_silence"})
"""Events that go back the way the sound came."""


class Performer:
    """An avatar that was opened for one session.

    Args:
        kit: loaded models.
        config: the session.
        tell: told of every event, as plain values.
        room: the room, where somebody else enters it; by default it is entered by `enter`.
    """

    def __init__(
        self,
        kit: Kit,
        config: AgentConfig,
        tell: Callable[[dict[str, Any]], None],
        room: rtc.Room | None = None,
    ) -> None:
        self.config = config
        self._tell = tell
        self._timeline = Timeline(RATE, Fraction(FPS))
        self._painter = kit.painter(config, random.getrandbits(31))
        self._loop = asyncio.get_running_loop()
        self._voice = kit.speak(config)
        self._speaker = Speaker(self._timeline, self._voice, self._failed)
        self.conversation = Conversation(
            self._timeline,
            self._speaker,
            kit.answerer(config),
            self._emit,
            prompt_of(config.voice) if config.silence_response else "",
        )
        self._lips = PromptListener(RATE)
        self._ear = kit.ear(config)
        self._listener = Listener(
            self._ear,
            on_start=self.conversation.person_starts,
            on_voice=self.conversation.person_means_it,
            on_stop=self.conversation.person_stops,
            on_text=self.conversation.person_said,
            on_error=self.conversation.not_understood,
            confidence=config.confidence,
        )
        self._publisher = Publisher(RATE, quality_named(config.quality), FPS, config.codec, room)
        self._microphones: Microphones | None = None
        self._room_audio: RoomAudio | None = None
        self._playing: asyncio.Task[None] | None = None
        self._by_socket = False
        self._messages: set[asyncio.Task[None]] = set()
        self.player: Player | None = None
        self.over = asyncio.Event()
        self.failure: BaseException | None = None

    async def enter(self, url: str, token: str) -> None:
        """Join the room and begin to live.

        Raises:
            RoomError: the room cannot be entered.
        """
        await self._enter(self._publisher.enter(url, token))

    async def enter_by(self, connect: Connect) -> None:
        """The same with a room that somebody else enters."""
        await self._enter(self._publisher.enter_by(connect))

    async def _enter(self, entering: Coroutine[Any, Any, None]) -> None:
        room = self._publisher.room
        if not self.config.lip_sync_only:
            self._microphones = Microphones(room, self._listener.push, self._ear.warm_up)
        room.on("data_received", self._on_data)
        room.on("participant_connected", self._count_people)
        room.on("participant_disconnected", self._count_people)
        if self.config.room_audio:
            self._room_audio = RoomAudio(room, self)
        await entering
        on_lost(self._publisher, self.over.set)
        self.player = Player(
            self._timeline, self._painter, self._publisher, self.conversation.on_mark
        )
        self._playing = asyncio.create_task(self.player.play())
        self._playing.add_done_callback(self._stopped)
        if self.config.opening:
            self.conversation.repeat("opening", self.config.opening)

    def _stopped(self, playing: "asyncio.Task[None]") -> None:
        if not playing.cancelled():
            self.failure = playing.exception()
        self.over.set()

    # Commands -----------------------------------------------------------------------------------

    def say(self, task: str, text: str, *, answer: bool) -> None:
        """Say a text, or answer it.

        Raises:
            InvalidInputError: too many wait already.
        """
        if self.conversation.waiting >= MAX_WAITING:
            raise InvalidInputError(
                f"{MAX_WAITING} tasks wait to be spoken already.", "Wait, or interrupt first."
            )
        (self.conversation.talk if answer else self.conversation.repeat)(task, text)

    def listen(self, wanted: bool) -> None:
        """Hear, or be deaf."""
        self._listener.enabled = wanted
        if wanted:
            self._ear.warm_up()

    def attend(self, wanted: bool) -> None:
        """Look like one who listens."""
        self._painter.attention.set(wanted)

    def push_to_talk(self, held: bool) -> None:
        """The person holds the button, or lets go."""
        (self._listener.hold if held else self._listener.release)()

    async def hear(self, pcm: bytes) -> None:
        """Sound of the person that came some other way: s16le, mono, 16 kHz."""
        self._by_socket = True
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16).astype(np.float32) / 32768.0
        await self._listener.push(samples)

    def sound(self, task: str, pcm: bytes) -> None:
        """Speak with a voice from outside: s16le, mono, at `RATE`."""
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16).astype(np.float32) / 32768.0
        if len(samples):
            self.conversation.sound(task, Speech(samples, RATE, self._lips(samples)))

    def sound_ends(self, task: str) -> None:
        """All of that voice's utterance is there."""
        self._lips.reset()
        self.conversation.sound_ends(task)

    # Events -------------------------------------------------------------------------------------

    def _failed(self, task: str, error: Any) -> None:
        self._loop.call_soon_threadsafe(self.conversation.failed, task, error)

    def _emit(self, event: dict[str, Any]) -> None:
        self._tell({**event, "at": time.time()})
        if event["type"] in ("user_start", "user_stop"):
            self.attend(event["type"] == "user_start")
        if self._room_audio is not None:
            self._room_audio.tell(event)
        kind = event["type"]
        if kind in INSIDE or self.config.lip_sync_only or (kind in HEARD and self._by_socket):
            return
        task = asyncio.ensure_future(self._send(json.dumps(event).encode()))
        self._messages.add(task)
        task.add_done_callback(self._messages.discard)

    async def _send(self, message: bytes) -> None:
        if people := self._people():
            await self._publisher.say(message, people)

    def _count_people(self, _who: rtc.RemoteParticipant) -> None:
        self._emit({"type": "people", "count": len(self._people())})

    def _people(self) -> list[str]:
        return [
            item.identity
            for item in self._publisher.room.remote_participants.values()
            if item.kind != rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        ]

    def _on_data(self, packet: rtc.DataPacket) -> None:
        """What the SDK says over the room: a JSON string."""
        try:
            said = json.loads(packet.data)
        except ValueError:
            return
        if not isinstance(said, str) or self.config.lip_sync_only:
            return
        if said in ("push_to_talk:start", "push_to_talk:stop"):
            self.push_to_talk(said.endswith("start"))
        elif said.strip() and self.conversation.waiting < MAX_WAITING:
            self.conversation.interrupt()
            self._loop.create_task(self.conversation.person_said(said[:4000], written=True))

    def decode(self, audio: str) -> bytes:
        """The bytes of base64."""
        return base64.b64decode(audio)

    async def leave(self) -> None:
        """Stop, and give everything back."""
        self.conversation.close()
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
        if self._microphones is not None:
            self._microphones.close()
        await self._listener.close()
        self._speaker.close()
        await self._voice.close()
        await self._publisher.leave()
