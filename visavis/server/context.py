"""What a route needs of its call."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from visavis.domain import events
from visavis.domain.offer import VoiceInfo
from visavis.jobs.service import Service
from visavis.server.gate import principal_of, ticket_id
from visavis.store.tables import Avatar, Video


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, how they reached us, and the domain.

    Attributes:
        workspace: everything is asked of this workspace alone.
        base: address of the API as the client sees it.
        ticket: what a new thing must be called, None where any name will do.
    """

    service: Service
    workspace: str
    base: str
    ticket: str | None

    def video_link(self, video: Video, name: str) -> str | None:
        """A fresh link to a file of a video."""
        return events.file_url(self.service.core, video, name, self.base)

    def link(self, path: str, hours: float | None = None) -> str:
        """A fresh signed link to a path of ours."""
        core = self.service.core
        seconds = (hours or core.settings.link_hours) * 3600
        return f"{self.base}{path}?{core.links.query('get', path, seconds)}"

    def cover(self, avatar: Avatar) -> str | None:
        """A link to an avatar's picture."""
        if not avatar.cover_key:
            return None
        return self.link(f"/files/avatars/{avatar.id}/cover.{avatar.cover_key.rpartition('.')[2]}")

    def voice_preview(self, voice: VoiceInfo) -> str:
        """A link to how a voice sounds: a sentence of a stock voice, the recording of an own."""
        if voice.source:
            return self.link(f"/files/assets/{voice.source}/preview")
        return self.link(f"/files/voices/{voice.slug}/preview.wav")

    def preview(self, avatar: Avatar) -> str | None:
        """A link to a video of an avatar: the clip it was made from."""
        source = avatar.sources.get("video")
        return self.link(f"/files/assets/{source}/preview") if source else None


def base_of(request: Request, service: Service) -> str:
    """Address of the API: the configured one, else the one that was called."""
    configured = service.core.settings.public_url.rstrip("/")
    return configured or str(request.base_url).rstrip("/")


def _call(request: Request) -> Call:
    service: Service = request.app.state.service
    return Call(
        service,
        principal_of(request.scope).workspace_id,
        base_of(request, service),
        ticket_id(request.scope),
    )


CallDep = Annotated[Call, Depends(_call)]


def iso(seconds: float | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
