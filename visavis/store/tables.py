"""The tables. Times are seconds since 1970 (UTC); identifiers are UUIDs unless said otherwise."""

import time
import uuid
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> str:
    """A fresh UUID."""
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {Json: JSON, list[str]: JSON, float: Float, int: BigInteger}  # noqa: RUF012


class _Owned:
    """A row that belongs to one workspace."""

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(String(64), ForeignKey("workspaces.id"), index=True)
    created_at: Mapped[float] = mapped_column(default=time.time)


class Workspace(Base):
    """Who owns things; nothing is seen across workspaces."""

    __tablename__ = "workspaces"
    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    quota_seconds: Mapped[float] = mapped_column(default=0.0)
    created_at: Mapped[float] = mapped_column(default=time.time)


class ApiKey(_Owned, Base):
    """A key of a workspace; only its SHA-256 is kept."""

    __tablename__ = "api_keys"
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    rate_limit: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[float | None]
    revoked_at: Mapped[float | None]
    last_used_at: Mapped[float | None]


class Avatar(Base):
    """A stock presenter (no workspace) or a person's own."""

    __tablename__ = "avatars"
    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[str] = mapped_column(String(64), unique=True, default=new_id)
    workspace_id: Mapped[str | None] = mapped_column(
        String(64), ForeignKey("workspaces.id"), index=True
    )
    slug: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    voice: Mapped[str] = mapped_column(String(64), default="")
    rig_key: Mapped[str | None] = mapped_column(String(300))
    cover_key: Mapped[str | None] = mapped_column(String(300))
    preview_key: Mapped[str | None] = mapped_column(String(300))
    attributes: Mapped[Json] = mapped_column(default=dict)
    sources: Mapped[Json] = mapped_column(default=dict)
    warnings: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    consent: Mapped[Json] = mapped_column(default=dict)
    fence: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[float] = mapped_column(default=time.time)
    updated_at: Mapped[float] = mapped_column(default=time.time)


class Voice(_Owned, Base):
    """A person's own voice; stock voices live in code. The id is a readable slug."""

    __tablename__ = "voices"
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(16))
    gender: Mapped[str] = mapped_column(String(16), default="")
    status: Mapped[str] = mapped_column(String(16))
    base: Mapped[str] = mapped_column(String(64), default="")
    key: Mapped[str | None] = mapped_column(String(300))
    avatar_id: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[Json] = mapped_column(default=dict)
    similarity: Mapped[Json] = mapped_column(default=dict)
    fence: Mapped[str] = mapped_column(String(64), default="")


class Asset(_Owned, Base):
    """An uploaded or fetched file."""

    __tablename__ = "assets"
    kind: Mapped[str] = mapped_column(String(16))
    mime: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(300), default="")
    size: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(300))
    meta: Mapped[Json] = mapped_column(default=dict)


class Video(_Owned, Base):
    """One video: what was asked, how far it is, what came of it."""

    __tablename__ = "videos"
    dialect: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300), default="")
    avatar_id: Mapped[str] = mapped_column(String(64), index=True)
    request: Mapped[Json]
    status: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(32), default="queued")
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    fair_tag: Mapped[int] = mapped_column(default=1, index=True)
    expected_seconds: Mapped[float] = mapped_column(default=0.0)
    expected_work: Mapped[float] = mapped_column(default=0.0)
    duration: Mapped[float | None]
    files: Mapped[Json] = mapped_column(default=dict)
    timings: Mapped[Json] = mapped_column(default=dict)
    webhook_url: Mapped[str] = mapped_column(Text, default="")
    callback_id: Mapped[str | None] = mapped_column(String(300))
    started_at: Mapped[float | None]
    finished_at: Mapped[float | None] = mapped_column(index=True)
    __table_args__ = (
        Index("ix_videos_listing", "workspace_id", "created_at"),
        Index("ix_videos_status", "status"),
    )


class Segment(Base):
    """A part of a video that is rendered on its own."""

    __tablename__ = "segments"
    video_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    work: Mapped[Json]
    weight: Mapped[float] = mapped_column(default=1.0)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    stage: Mapped[str] = mapped_column(String(32), default="queued")
    percent: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    fence: Mapped[str] = mapped_column(String(64), default="")
    key: Mapped[str | None] = mapped_column(String(300))
    result: Mapped[Json] = mapped_column(default=dict)


class Endpoint(_Owned, Base):
    """Where a workspace wants to hear of events."""

    __tablename__ = "endpoints"
    dialect: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]]
    secret: Mapped[str] = mapped_column(String(100))
    old_secret: Mapped[str | None] = mapped_column(String(100))
    old_secret_until: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(16), default="enabled")
    entity_id: Mapped[str | None] = mapped_column(String(100))


class Delivery(_Owned, Base):
    """One event for one receiver. The id is the Standard Webhooks message id."""

    __tablename__ = "deliveries"
    endpoint_id: Mapped[str | None] = mapped_column(
        String(64), ForeignKey("endpoints.id", ondelete="SET NULL"), index=True
    )
    dialect: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    once: Mapped[str] = mapped_column(String(300), unique=True)
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[float | None]
    delivered_at: Mapped[float | None]


class DeliveryAttempt(Base):
    """One try of a delivery, for the log."""

    __tablename__ = "delivery_attempts"
    delivery_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[float]
    status_code: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float]


class Replay(Base):
    """The answer that an Idempotency-Key got."""

    __tablename__ = "replays"
    workspace_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    scope: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status_code: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[float] = mapped_column(default=time.time)


class Usage(_Owned, Base):
    """Seconds of video that a workspace has made; outlives the video."""

    __tablename__ = "usage"
    video_id: Mapped[str] = mapped_column(String(64), unique=True)
    seconds: Mapped[float]


class Worker(Base):
    """A worker process. Others watch `beat` change, by their own clocks."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    beat: Mapped[int] = mapped_column(default=0)
    slots: Mapped[int] = mapped_column(Integer, default=1)
    host: Mapped[str] = mapped_column(String(255), default="")
    cores: Mapped[int] = mapped_column(Integer, default=1)
    seen_at: Mapped[float] = mapped_column(default=time.time)


class Speed(Base):
    """How fast this installation was measured to be at one kind of work."""

    __tablename__ = "speeds"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[float]
    samples: Mapped[int] = mapped_column(Integer, default=1)


class Offered(Base):
    """What this installation can make, as its rendering line said when it was prepared."""

    __tablename__ = "offers"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Json]


class Secret(Base):
    """A secret that the processes of one installation share."""

    __tablename__ = "secrets"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
