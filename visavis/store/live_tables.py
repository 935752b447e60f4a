"""Tables of live sessions. Times are seconds since 1970 (UTC)."""

import time

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from visavis.store.tables import Base, Json, _Owned


class LiveSession(_Owned, Base):
    """One session of an avatar in a room: ``new``, ``connecting``, ``active`` or ``closed``."""

    __tablename__ = "live_sessions"
    avatar_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    request: Mapped[Json]
    started_at: Mapped[float | None]
    ended_at: Mapped[float | None]
    end_reason: Mapped[str] = mapped_column(String(64), default="")
    seconds: Mapped[float] = mapped_column(default=0.0)
    host: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (Index("ix_live_sessions_listing", "workspace_id", "created_at"),)


class LiveToken(_Owned, Base):
    """A short-lived token for one session, made for a browser; only its SHA-256 is kept."""

    __tablename__ = "live_tokens"
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[float]
    session_id: Mapped[str | None] = mapped_column(String(64))


class KnowledgeBase(_Owned, Base):
    """What an avatar is told it is, and what it may look up."""

    __tablename__ = "knowledge_bases"
    name: Mapped[str] = mapped_column(String(200))
    opening: Mapped[str] = mapped_column(Text, default="")
    prompt: Mapped[str] = mapped_column(Text, default="")
    documents: Mapped[Json] = mapped_column(default=dict)
    updated_at: Mapped[float] = mapped_column(default=time.time)
