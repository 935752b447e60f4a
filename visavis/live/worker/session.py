"""An `AgentSession` with a face, in a room of LiveKit's."""

import asyncio
import json
import logging
import random
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession, UserInputTranscribedEvent, UserStateChangedEvent
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions

from visavis.live.agent.config import RATE, AgentConfig
from visavis.live.agent.kit import Kit
from visavis.live.avatar.publisher import Connect
from visavis.live.avatar.timeline import Mark
from visavis.live.worker.components import Answers, Hearing, Host, Voice
from visavis.live.worker.face import Face, Output, Runner
from visavis.speech.transcription import RATE as HEARD

log = logging.getLogger(__name__)

LONGEST = 4000
"""Characters of a text that is answered."""


class FacedSession:
    """LiveKit's own agent, with our hearing, answers, voice and face.

    Args:
        kit: loaded models.
        config: the session.
        room: where; entered by `start`.

    Raises:
        VisavisError: avatar, voice or answerer cannot be had.
    """

    def __init__(self, kit: Kit, config: AgentConfig, room: rtc.Room) -> None:
        self._config, self._room = config, room
        self._output = Output()
        self._painter = kit.painter(config, random.getrandbits(31))
        self.face = Face(self._painter, self._output, self._marked)
        self._runner = Runner(room, self._output, self.face, config.quality, config.codec)
        self._voice = Voice(kit.speak(config), RATE)
        self._hearing = Hearing(kit.ear(config), self._spoken_to, config.confidence)
        self.session: AgentSession[None] = AgentSession(
            stt=self._hearing,
            llm=Answers(kit.answerer(config)),
            tts=self._voice,
            vad=None,
            turn_handling={
                "turn_detection": "stt",
                "endpointing": {"min_delay": 0.0, "max_delay": 0.0},
                "interruption": {
                    "mode": "vad",
                    "resume_false_interruption": False,
                    "false_interruption_timeout": None,
                },
                "preemptive_generation": {"enabled": False},
            },
            aec_warmup_duration=None,
        )
        self._messages: set[asyncio.Task[None]] = set()

    async def start(self, connect: Connect) -> None:
        """Enter, publish, hear, and say the opening line."""
        self._room.on("data_received", self._on_data)
        await connect()
        await self._runner.start()
        self.session.output.audio = self._output
        self.session.on("user_state_changed", self._attend)
        self.session.on("user_input_transcribed", self._heard)
        self._hearing.ear.warm_up()
        await self.session.start(
            Host(self._config.prompt, self._voice, self.face.timeline),
            room=self._room,
            room_options=RoomOptions(
                audio_input=AudioInputOptions(
                    sample_rate=HEARD, frame_size_ms=20, pre_connect_audio=False
                ),
                audio_output=False,
                close_on_disconnect=False,
            ),
        )
        if self._config.opening:
            self.session.say(self._config.opening)

    async def wait(self) -> None:
        """Until the face can be drawn no more.

        Raises:
            Exception: whatever broke it.
        """
        await self._runner.wait_for_complete()

    async def leave(self) -> None:
        """Stop, and give everything back."""
        await self.session.aclose()
        await self._runner.aclose()
        await self._voice.aclose()
        for task in list(self._messages):
            task.cancel()

    # What the person does -----------------------------------------------------------------------

    def _spoken_to(self) -> None:
        if self.session.current_speech is not None:
            self.session.interrupt()

    def _attend(self, event: UserStateChangedEvent) -> None:
        self._painter.attention.set(event.new_state == "speaking")

    def _heard(self, event: UserInputTranscribedEvent) -> None:
        if event.is_final:
            self._send({"type": "user_talking_message", "message": event.transcript})

    def _on_data(self, packet: rtc.DataPacket) -> None:
        """What HeyGen's SDK says over the room: a JSON string."""
        try:
            said = json.loads(packet.data)
        except ValueError:
            return
        if said in ("push_to_talk:start", "push_to_talk:stop"):
            self._hearing.hold(said.endswith("start"))
        elif isinstance(said, str) and said.strip():
            self.session.interrupt()
            self.session.generate_reply(user_input=said[:LONGEST])

    # What is told -------------------------------------------------------------------------------

    def _marked(self, mark: Mark) -> None:
        told: dict[str, list[dict[str, Any]]] = {
            "begin": [{"type": "avatar_start_talking"}],
            "say": [{"type": "avatar_talking_message", "message": mark.text + " "}],
            "end": [
                {"type": "avatar_end_message"},
                {"type": "avatar_stop_talking", "duration_ms": round(mark.seconds * 1000, 1)},
            ],
        }
        for event in told[mark.kind]:
            self._send({**event, "task_id": mark.utterance})

    def _send(self, event: dict[str, Any]) -> None:
        if not self._room.isconnected():
            return
        sending = self._room.local_participant.publish_data(json.dumps(event), reliable=True)
        task = asyncio.ensure_future(sending)
        self._messages.add(task)
        task.add_done_callback(self._messages.discard)
