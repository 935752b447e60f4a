"""What a worker's process does: load, then stand in one room."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Literal

from livekit import rtc
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from visavis.errors import VisavisError
from visavis.live.agent.config import AgentConfig
from visavis.live.agent.kit import Kit
from visavis.live.agent.performer import Performer
from visavis.live.hearing.cloud import MODULES
from visavis.live.settings import LiveSettings, live_settings

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
        performer = Performer(context.proc.userdata["kit"], config, _tell, context.room)
    except (VisavisError, ValidationError, ValueError) as error:
        log.error("this job cannot be done: %s", _reason(error))
        context.shutdown(reason="the dispatch cannot be followed")
        return
    people = _People(context.room, performer.over, settings.gone_seconds)
    await performer.enter_by(context.connect)
    people.count()
    try:
        async with asyncio.timeout(settings.max_seconds):
            await performer.over.wait()
    except TimeoutError:
        log.info("the session was as long as a session may be")
    finally:
        people.forget()
        await performer.leave()
    context.shutdown(reason="the session is over")


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
