"""What a worker's process does: load, then stand in one room."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Literal, Protocol

from livekit import rtc
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from visavis.errors import VisavisError
from visavis.live.agent.config import AgentConfig
from visavis.live.agent.kit import Kit
from visavis.live.agent.performer import Performer
from visavis.live.avatar.publisher import Connect
from visavis.live.hearing.cloud import MODULES
from visavis.live.settings import LiveSettings, live_settings
from visavis.live.worker.session import FacedSession

if TYPE_CHECKING:
    from livekit.agents import JobContext, JobProcess

log = logging.getLogger(__name__)

MAX_METADATA = 64 << 10


class Wish(BaseModel):
    """The metadata of a dispatch: who is to stand in the room, and how."""

    model_config = ConfigDict(extra="forbid")

    avatar: str = Field(default="ava", pattern=r"^[\w-]{1,100}$")
    voice: str = Field(default="en-US-heart", max_length=100)
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    emotion: Literal["neutral", "excited", "friendly", "serious", "soothing", "broadcaster"] = (
        "neutral"
    )
    quality: Literal["low", "medium", "high"] = "medium"
    video_encoding: Literal["H264", "VP8"] = "VP8"
    language: str = Field(default="", max_length=20)
    prompt: str = Field(default="", max_length=40_000)
    opening: str = Field(default="", max_length=4000)
    stt_provider: Literal["local", "deepgram", "gladia", "assembly_ai"] = "local"
    lip_sync_only: bool = False

    def config(self, settings: LiveSettings) -> AgentConfig:
        """The same for an agent, with the services that the worker has keys of."""
        hearing: dict[str, str] = {}
        if self.stt_provider in MODULES and (service := settings.service(self.stt_provider)):
            hearing = {"provider": self.stt_provider, **service}
        return AgentConfig(
            avatar=self.avatar,
            voice=self.voice,
            speed=self.speed,
            emotion=self.emotion,
            quality=self.quality,
            codec=self.video_encoding,
            language=self.language.split("-")[0].lower(),
            prompt=self.prompt,
            opening=self.opening,
            documents=[{"title": "Notes", "text": self.prompt}] if self.prompt else [],
            model=settings.model,
            hearing=hearing,
            lip_sync_only=self.lip_sync_only,
            room_audio=self.lip_sync_only,
        )


def wish_of(metadata: str) -> Wish:
    """What a dispatch asks for.

    Raises:
        ValueError: it is no JSON of a `Wish`, or too long.
    """
    if len(metadata) > MAX_METADATA:
        raise ValueError(f"metadata of {len(metadata)} characters")
    return Wish.model_validate_json(metadata) if metadata.strip() else Wish()


def load(process: "JobProcess") -> None:
    """Load what takes seconds, before there is a job."""
    kit = Kit()
    try:
        kit.prepare(Wish().config(live_settings()))
    except VisavisError as error:
        log.warning("not prepared: %s", error.message)
    process.userdata["kit"] = kit


async def perform(context: "JobContext") -> None:
    """Stand in the room of the job until its people have gone, or the room has."""
    settings = live_settings()
    try:
        config = wish_of(context.job.metadata).config(settings)
        stage = _stage(context, config)
    except (VisavisError, ValidationError, ValueError) as error:
        log.error("this job cannot be done: %s", _reason(error))
        context.shutdown(reason="the dispatch cannot be followed")
        return
    over = asyncio.Event()
    people = _People(context.room, over, settings.gone_seconds)
    context.room.on("disconnected", lambda _reason: over.set())
    await stage.start(context.connect)
    people.count()
    ends = [asyncio.ensure_future(over.wait()), asyncio.ensure_future(stage.wait())]
    try:
        done, _ = await asyncio.wait(
            ends, timeout=settings.max_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            log.info("the session was as long as a session may be")
        for end in done:
            end.result()
    finally:
        for end in ends:
            end.cancel()
        people.forget()
        await stage.leave()
    context.shutdown(reason="the session is over")


def _stage(context: "JobContext", config: AgentConfig) -> "Stage":
    """Who stands in the room: an agent of LiveKit's with a face, or the face of another agent.

    Raises:
        VisavisError: avatar, voice or answerer cannot be had.
    """
    kit = context.proc.userdata["kit"]
    if config.lip_sync_only:
        return _FaceOfAnother(Performer(kit, config, _tell, context.room))
    return FacedSession(kit, config, context.room)


class Stage(Protocol):
    """What stands in a room."""

    async def start(self, connect: Connect) -> None:
        """Enter, publish and begin to live."""
        ...

    async def wait(self) -> None:
        """Until it cannot go on."""
        ...

    async def leave(self) -> None:
        """Stop, and give everything back."""
        ...


class _FaceOfAnother:
    """Speaks with sound that another agent in the room sends."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer

    async def start(self, connect: Connect) -> None:
        await self._performer.enter_by(connect)

    async def wait(self) -> None:
        await self._performer.over.wait()

    async def leave(self) -> None:
        await self._performer.leave()


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        parts = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        return "; ".join(parts)
    return str(error)


def _tell(event: dict[str, Any]) -> None:
    log.debug("%s", event["type"])


class _People:
    """Ends the session some time after the last person has left."""

    def __init__(self, room: rtc.Room, over: asyncio.Event, seconds: float) -> None:
        self._room, self._over, self._seconds = room, over, seconds
        self._leaving: asyncio.TimerHandle | None = None
        room.on("participant_connected", lambda _who: self.count())
        room.on("participant_disconnected", lambda _who: self.count())

    def count(self) -> None:
        """Look who is there."""
        self.forget()
        agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if all(item.kind == agent for item in self._room.remote_participants.values()):
            loop = asyncio.get_running_loop()
            self._leaving = loop.call_later(self._seconds, self._over.set)

    def forget(self) -> None:
        """Wait for nobody."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
