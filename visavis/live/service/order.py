"""What somebody asks of a live session, checked."""

from dataclasses import dataclass, field
from typing import Any

MIN_IDLE, MAX_IDLE, DEFAULT_IDLE = 30, 3600, 120

EMOTIONS = {
    "": "neutral",
    "neutral": "neutral",
    "excited": "excited",
    "friendly": "friendly",
    "serious": "serious",
    "soothing": "soothing",
    "broadcaster": "broadcaster",
}
"""Words of clients to ours."""

HEARING = ("local", "deepgram", "gladia", "assembly_ai")
"""Who writes down what is said, as clients name them; those without a key here fall back to the
first, which is Whisper on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOrder:
    """A session that was asked for.

    Attributes:
        avatar: its name as the client writes it; ``default`` for the first presenter.
        voice: slug of a voice, empty for the avatar's own.
        speed: 0.5-2.
        emotion: a key of `EMOTIONS`, in lower case.
        quality: ``low``, ``medium`` or ``high``.
        codec: ``H264`` or ``VP8``.
        language: BCP 47 tag or two letters, empty to find out.
        confidence: 0..1.
        hearing: one of `HEARING`.
        elevenlabs: settings of a voice of ElevenLabs; None where none are given.
        prompt: who the avatar is.
        knowledge_base: id of one, or empty.
        idle_seconds: seconds without activity that end the session; 0 for never.
        room: name of a room of the client's own LiveKit server, with `room_url` and `room_token`.
        lip_sync_only: the sound comes from outside.
        room_audio: that sound comes over the room, as livekit-agents sends it.
        opening: what the avatar says first.
        silence_response: ask whether the person is still there when they say nothing.
    """

    avatar: str = "default"
    voice: str = ""
    speed: float = 1.0
    emotion: str = ""
    quality: str = "medium"
    codec: str = "VP8"
    language: str = ""
    confidence: float = 0.55
    hearing: str = HEARING[0]
    elevenlabs: dict[str, Any] | None = field(default=None, hash=False)
    prompt: str = ""
    knowledge_base: str = ""
    idle_seconds: int = DEFAULT_IDLE
    room_url: str = ""
    room_token: str = ""
    lip_sync_only: bool = False
    room_audio: bool = False
    opening: str = ""
    silence_response: bool = False
