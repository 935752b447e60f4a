"""Settings, read from the environment (prefix ``VISAVIS_``)."""

from functools import lru_cache
from pathlib import Path

from platformdirs import user_cache_path, user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an installation may change; every field has a default that works."""

    model_config = SettingsConfigDict(env_prefix="VISAVIS_", extra="ignore")

    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("visavis"),
        description="Folder of fetched and prepared weights; safe to delete.",
    )
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("visavis"),
        description="Folder of avatars, videos and the database.",
    )
    models_dir: Path | None = Field(
        default=None,
        description="Folder with weight files you fetched yourself; looked at before any download.",
    )
    threads: int = Field(
        default=0, ge=0, le=64, description="Threads a model may use; 0 lets each stage choose."
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
