"""What streaming calls send."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from visavis.live.service.order import (
    DEFAULT_IDLE,
    EMOTIONS,
    HEARING,
    MAX_IDLE,
    MIN_IDLE,
    LiveOrder,
)

Name = Annotated[str, Field(max_length=100)]


def _one_of(value: str, what: str, *names: str) -> str:
    """`value` where it is one of the names; says which there are where it is not."""
    if value not in names:
        known = f"{', '.join(names[:-1])} or {names[-1]}"
        raise ValueError(f"there is no {what} {value[:40]!r}; use {known}")
    return value


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class ElevenLabsBody(_Body):
    """How a voice of ElevenLabs speaks; what is left out is as the service has it."""

    stability: float | None = Field(default=None, ge=0.0, le=1.0)
    similarity_boost: float | None = Field(default=None, ge=0.0, le=1.0)
    style: float | None = Field(default=None, ge=0.0, le=1.0)
    use_speaker_boost: bool | None = None
    model_id: Name | None = None


class VoiceBody(_Body):
    """How it speaks."""

    voice_id: Name = ""
    rate: float = Field(default=1.0, ge=0.5, le=2.0)
    emotion: Name = ""
    elevenlabs_settings: ElevenLabsBody | None = None

    @field_validator("emotion")
    @classmethod
    def _known(cls, value: str) -> str:
        if value.casefold() not in EMOTIONS:
            names = ", ".join(name.capitalize() for name in EMOTIONS if name)
            raise ValueError(f"there is no emotion {value[:40]!r}; use one of {names}")
        return value.casefold()

    @field_validator("voice_id", "emotion", mode="before")
    @classmethod
    def _absent(cls, value: object) -> object:
        return "" if value is None else value


class HearingBody(_Body):
    """Who writes down what is said."""

    provider: Name = "local"
    confidence: float = Field(default=0.55, ge=0.0, le=1.0)

    @field_validator("provider")
    @classmethod
    def _known(cls, value: str) -> str:
        plain = value.lower().replace("assemblyai", "assembly_ai")
        if plain not in HEARING:
            raise ValueError(f"there is no provider {value[:40]!r}; use one of {HEARING}")
        return plain


class RoomBody(_Body):
    """A room of the client's own."""

    room: Name = ""
    url: str = Field(default="", max_length=500)
    token: str = Field(default="", max_length=4000)


class NewBody(_Body):
    """A session to be made."""

    quality: Name = "medium"
    avatar_id: Name = ""
    avatar_name: Name = ""
    voice: VoiceBody = Field(default_factory=VoiceBody)
    stt_settings: HearingBody = Field(default_factory=HearingBody)
    video_encoding: Name = "VP8"
    knowledge_base: str = Field(default="", max_length=40_000)
    knowledge_base_id: Name = ""
    language: Annotated[str, Field(max_length=20)] = ""
    version: Name = "v1"
    disable_idle_timeout: bool = False
    activity_idle_timeout: int = Field(default=DEFAULT_IDLE, ge=MIN_IDLE, le=MAX_IDLE)
    silence_response: bool = False
    livekit_settings: RoomBody | None = None
    opening_text: str = Field(default="", max_length=4000)
    audio_input: Name = "none"

    @field_validator("audio_input")
    @classmethod
    def _input(cls, value: str) -> str:
        if value not in ("none", "room", "socket"):
            raise ValueError(f"there is no audio input {value[:40]!r}; use none, room or socket")
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: object, info: Any) -> object:
        """null is the same as nothing."""
        if value is None and info.field_name != "livekit_settings":
            return cls.model_fields[info.field_name].get_default(call_default_factory=True)
        return value

    @field_validator("quality")
    @classmethod
    def _quality(cls, value: str) -> str:
        return _one_of(value, "quality", "low", "medium", "high")

    @field_validator("video_encoding")
    @classmethod
    def _codec(cls, value: str) -> str:
        if value.upper() in ("H264", "VP8"):
            return value.upper()
        return _one_of(value, "encoding", "H264", "VP8")

    @field_validator("version")
    @classmethod
    def _version(cls, value: str) -> str:
        return _one_of(value, "version", "v1", "v2")

    def order(self) -> LiveOrder:
        """The same in the words of the domain."""
        room = self.livekit_settings
        return LiveOrder(
            avatar=self.avatar_id or self.avatar_name or "default",
            voice=self.voice.voice_id,
            speed=self.voice.rate,
            emotion=self.voice.emotion,
            quality=self.quality,
            codec=self.video_encoding,
            language=self.language,
            confidence=self.stt_settings.confidence,
            hearing=self.stt_settings.provider,
            elevenlabs=(
                self.voice.elevenlabs_settings.model_dump(exclude_none=True)
                if self.voice.elevenlabs_settings
                else None
            ),
            prompt=self.knowledge_base,
            knowledge_base=self.knowledge_base_id,
            idle_seconds=0 if self.disable_idle_timeout else self.activity_idle_timeout,
            room_url=room.url if room else "",
            room_token=room.token if room else "",
            opening=self.opening_text,
            silence_response=self.silence_response,
            lip_sync_only=self.audio_input != "none",
            room_audio=self.audio_input == "room",
        )


class SessionBody(_Body):
    """A call about one session."""

    session_id: Name


class TaskBody(SessionBody):
    """Something to say."""

    text: str = Field(min_length=1, max_length=20_000)
    task_type: Name = "repeat"
    task_mode: Name = "async"

    @field_validator("task_type")
    @classmethod
    def _type(cls, value: str) -> str:
        return _one_of(value, "task type", "talk", "chat", "repeat")

    @field_validator("task_mode")
    @classmethod
    def _mode(cls, value: str) -> str:
        return _one_of(value, "task mode", "sync", "async")


class DocumentBody(_Body):
    """A text that may be looked up."""

    title: Annotated[str, Field(max_length=300)] = ""
    text: str = Field(min_length=1)


class KnowledgeBody(_Body):
    """A knowledge base, or the parts of it that change."""

    name: Annotated[str, Field(max_length=200)] | None = None
    opening: str | None = None
    prompt: str | None = None
    documents: list[DocumentBody] | None = None
