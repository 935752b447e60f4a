"""Settings of live sessions (``VISAVIS_LIVE_``)."""

import os
from functools import lru_cache

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_NONE = SecretStr("")


class LiveSettings(BaseSettings):
    """What an installation may change about live sessions."""

    model_config = SettingsConfigDict(env_prefix="VISAVIS_LIVE_", extra="ignore")

    enabled: bool = Field(default=True, description="Whether live sessions are offered at all.")
    sessions: int = Field(
        default=0, ge=0, le=256, description="Sessions at once on this machine; 0: one per core."
    )
    spares: int = Field(
        default=1, ge=0, le=8, description="Agents kept ready, each about 500 MB of memory."
    )
    max_seconds: int = Field(default=3600, ge=60, description="Longest session, in seconds.")
    gone_seconds: float = Field(
        default=60, ge=5, description="Seconds after which a session ends that its people left."
    )
    token_seconds: int = Field(
        default=600, ge=10, description="Seconds in which a session token must be used."
    )
    url: str = Field(
        default="", description="LiveKit server (wss://...); empty: the embedded room server."
    )
    key: str = Field(default="", description="API key of the LiveKit server.")
    secret: SecretStr = Field(default=_NONE, description="API secret of the LiveKit server.")
    media_address: str = Field(
        default="", description="IPv4 address at which clients reach the embedded server's media."
    )
    llm_url: str = Field(
        default="", description="OpenAI-compatible endpoint, e.g. http://127.0.0.1:11434/v1."
    )
    llm_model: str = Field(default="", description="Model of that endpoint.")
    llm_key: SecretStr = Field(default=_NONE, description="Key of that endpoint.")
    llm_folder: str = Field(
        default="", description="Folder of a language model in CTranslate2's format, without url."
    )
    deepgram_key: SecretStr = Field(default=_NONE, description="Key of Deepgram, for hearing.")
    gladia_key: SecretStr = Field(default=_NONE, description="Key of Gladia, for hearing.")
    assembly_ai_key: SecretStr = Field(default=_NONE, description="Key of AssemblyAI, for hearing.")
    elevenlabs_key: SecretStr = Field(default=_NONE, description="Key of ElevenLabs, for voices.")
    deepgram_url: str = Field(default="", description="Another address of Deepgram's API.")
    gladia_url: str = Field(default="", description="Another address of Gladia's API.")
    assembly_ai_url: str = Field(
        default="", description="Another address of AssemblyAI's API, e.g. of its region EU."
    )
    elevenlabs_url: str = Field(default="", description="Another address of ElevenLabs' API.")

    @property
    def slots(self) -> int:
        """Sessions at once."""
        return self.sessions or max(1, os.cpu_count() or 1)

    @property
    def model(self) -> dict[str, str]:
        """The language model: url, model and key, or a folder; empty where there is none."""
        if not self.llm_url:
            return {"folder": self.llm_folder} if self.llm_folder else {}
        key = self.llm_key.get_secret_value()
        return {"url": self.llm_url, "model": self.llm_model, "key": key}

    def service(self, name: str) -> dict[str, str]:
        """Key and url of ``deepgram``, ``gladia``, ``assembly_ai`` or ``elevenlabs``; empty where
        there is no key."""
        secret: SecretStr = getattr(self, f"{name}_key")
        key = secret.get_secret_value()
        return {"key": key, "url": getattr(self, f"{name}_url")} if key else {}


@lru_cache(maxsize=1)
def live_settings() -> LiveSettings:
    """The settings of this process, read once."""
    return LiveSettings()
