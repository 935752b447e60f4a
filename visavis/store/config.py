"""Settings of the service, read from the environment like all the others (``VISAVIS_``)."""

import os
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from visavis.settings import Settings

MIB = 1 << 20


class ServiceSettings(Settings):
    """What an installation of the service may change; every field has a default that works."""

    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8400, ge=0, le=65535, description="Port the API listens on.")
    public_url: str = Field(
        default="", description="Address that clients see, used in links; empty: that of the call."
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy address of the database; empty: SQLite in the data folder.",
    )
    blob_url: str = Field(
        default="",
        description="Where files are kept: s3://bucket/prefix or a folder; empty: the data folder.",
    )
    s3_endpoint: str = Field(default="", description="Address of an S3-compatible server.")
    s3_access_key: SecretStr = Field(default=SecretStr(""), description="S3 access key id.")
    s3_secret_key: SecretStr = Field(default=SecretStr(""), description="S3 secret access key.")
    s3_region: str = Field(default="us-east-1", description="S3 region.")
    blob_links: Literal["proxy", "direct"] = Field(
        default="proxy",
        description="Serve files through the API, or send clients to presigned S3 links.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Signs links; empty: made once, kept in the database."
    )
    link_hours: float = Field(default=168, gt=0, description="Hours a minted link works.")
    retention_days: float = Field(
        default=7, ge=0, description="Days a finished video is kept; 0 keeps it for ever."
    )
    workers: int = Field(
        default=1, ge=0, le=16, description="Worker processes that `visavis serve` runs itself."
    )
    render_slots: int = Field(
        default=0, ge=0, le=64, description="Renders at once per worker; 0: half the cores."
    )
    render_memory_mb: int = Field(
        default=6144, ge=512, description="Address space of one child process, in MiB."
    )
    segment_seconds: float = Field(
        default=60, ge=5, description="Scripts longer than this are rendered in parallel segments."
    )
    max_text: int = Field(default=20_000, ge=1, description="Longest text, in characters.")
    max_audio_seconds: float = Field(default=1800, gt=0, description="Longest sound of a video.")
    max_body: int = Field(default=1 * MIB, ge=1024, description="Largest JSON body, in bytes.")
    max_upload: int = Field(default=512 * MIB, ge=1024, description="Largest file, in bytes.")
    rate_limit: int = Field(
        default=0, ge=0, description="Calls a minute and key; 0: what each dialect documents."
    )
    quota_seconds: float = Field(
        default=0, ge=0, description="Seconds of video a new workspace may make; 0: no limit."
    )
    fetch_allow: Annotated[list[IPv4Network | IPv6Network], NoDecode] = Field(
        default_factory=list,
        description="Networks inside which links and rooms may point, e.g. 10.0.0.0/8.",
    )
    fetch_seconds: float = Field(default=30, gt=0, description="Longest fetch of one link.")
    webhook_seconds: float = Field(default=15, gt=0, description="Longest wait for a receiver.")
    cors_origins: str = Field(default="*", description="Origins a browser may call from.")
    child_program: str = Field(
        default="visavis.jobs.render_child",
        description="Python module that renders one segment in a process of its own.",
    )
    catalogue: str = Field(
        default="visavis.domain.catalogue:stock",
        description="Function (module:name) that lists the stock presenters.",
    )
    shutdown_seconds: float = Field(
        default=20, ge=0, description="Seconds running renders may finish in at shutdown."
    )

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            return [ip_network(part.strip()) for part in value.split(",") if part.strip()]
        return value

    @property
    def database(self) -> str:
        """Address of the database."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{self.data_dir / 'visavis.db'}"

    @property
    def blobs(self) -> str:
        """Folder or bucket of the blobs."""
        return self.blob_url or str(self.data_dir / "blobs")

    @property
    def work_dir(self) -> Path:
        """Folder of what is being made; safe to delete while nothing runs."""
        return self.data_dir / "work"

    @property
    def slots(self) -> int:
        """Renders at once per worker."""
        return self.render_slots or max(1, ((os.cpu_count() or 1) + 1) // 2)


@lru_cache(maxsize=1)
def service_settings() -> ServiceSettings:
    """The settings of this process, read once."""
    return ServiceSettings()
