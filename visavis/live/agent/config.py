"""What an agent process is told before it goes on air."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

FPS = 25
RATE = 24_000


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """One session, as its agent sees it.

    Attributes:
        avatar: path of a saved rig or of an image, or the name of a presenter.
        voice: slug of a stock voice.
        own_voice: path of a person's own voice that speaks in its place; empty for none.
        speed: rate of speech, 0.5-2.
        emotion: a name of `visavis.performance.EMOTIONS`.
        quality: ``low``, ``medium`` or ``high``.
        codec: ``H264`` or ``VP8``.
        language: two letters of what the person speaks; empty to find out.
        identity: whom events are sent to in the room; empty for everybody who is no agent.
        confidence: 0..1, transcripts below are taken as nothing.
        prompt: who the avatar is.
        opening: what it says first; empty for nothing.
        documents: title and text of what it may look up.
        model: url, model and key of an OpenAI-compatible endpoint, or the folder of a local model;
            neither for none.
        hearing: provider, key and url of a service that writes down what is said; empty for Whisper
            on this machine.
        elevenlabs: voice, key, url and settings of ElevenLabs; empty for a voice of our own.
        lip_sync_only: the sound comes from outside; do not listen and do not answer.
        room_audio: the sound comes over the room as livekit-agents sends it to avatars.
        silence_response: ask whether the person is still there when they say nothing.
        background: see `visavis.scene.parse_background`; empty keeps the avatar's own.
    """

    avatar: str = "ava"
    voice: str = "en-US-heart"
    speed: float = 1.0
    emotion: str = "neutral"
    quality: str = "medium"
    codec: str = "VP8"
    language: str = ""
    identity: str = ""
    confidence: float = 0.55
    prompt: str = ""
    opening: str = ""
    documents: list[dict[str, str]] = field(default_factory=list)
    model: dict[str, str] = field(default_factory=dict)
    hearing: dict[str, str] = field(default_factory=dict)
    elevenlabs: dict[str, Any] = field(default_factory=dict)
    lip_sync_only: bool = False
    room_audio: bool = False
    background: str = ""
    silence_response: bool = False
    own_voice: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The config of plain values."""
        return cls(**value)
