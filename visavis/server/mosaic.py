"""The Mosaic dialect: errors, avatar profiles, uploads and runs."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from visavis.domain import errors
from visavis.domain.assets import Kind
from visavis.domain.avatars import Sources
from visavis.domain.errors import FieldError
from visavis.errors import VisavisError
from visavis.server.context import Call, CallDep, iso
from visavis.server.dialect import RateRule
from visavis.server.gate import principal_of
from visavis.store.tables import Avatar

router = APIRouter(tags=["Avatars"])

CODES = {
    400: "validation_error",
    401: "invalid_api_key",
    403: "insufficient_permissions",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
    422: "idempotency_key_reused",
    429: "rate_limit",
    503: "service_unavailable",
}
MIMES: dict[str, str] = {"video": "video/mp4", "audio": "audio/mpeg", "image": "image/jpeg"}
UPLOAD_SECONDS = 3600.0


class Mosaic:
    """Manners of Mosaic."""

    name = "mosaic"
    rate = RateRule(120)

    def key(self, headers: Mapping[str, str]) -> str:
        """``Authorization: Bearer``, or ``x-api-key``."""
        kind, _, token = headers.get("authorization", "").strip().partition(" ")
        if kind.lower() == "bearer" and token.strip():
            return token.strip()
        return headers.get("x-api-key", "").strip()

    def error(self, error: VisavisError, status: int, request_id: str) -> dict[str, Any]:
        """``{"error", "detail", "request_id"}``."""
        code = CODES.get(status, "internal_server_error")
        if isinstance(error, errors.QuotaError):
            code = "insufficient_credits"
        detail = str(error)
        if isinstance(error, errors.FieldError):
            detail = f"{error.field}: {error}"
        return {"error": code, "detail": detail, "request_id": request_id}


class SourceLinks(BaseModel):
    """A video, or an image and a sound; each by link or by id of an upload."""

    model_config = ConfigDict(extra="forbid")
    video_url: str | None = Field(default=None, max_length=2048)
    image_url: str | None = Field(default=None, max_length=2048)
    audio_url: str | None = Field(default=None, max_length=2048)
    video_id: str | None = Field(default=None, max_length=64)
    image_id: str | None = Field(default=None, max_length=64)
    audio_id: str | None = Field(default=None, max_length=64)


class CreateProfile(BaseModel):
    """An avatar of a person."""

    name: str = Field(min_length=1, max_length=200)
    sources: SourceLinks
    consent: str = Field(
        default="", max_length=1000, description="Who agreed to this, and how; kept."
    )
    voice: str = Field(
        default="",
        max_length=200,
        description="A voice it speaks with; by default one is made of the person's sound.",
    )


class Rename(BaseModel):
    """Another name."""

    name: str = Field(min_length=1, max_length=200)


def profile(call: Call, row: Avatar, alike: dict[str, dict[str, float]]) -> dict[str, Any]:
    """One avatar as Mosaic shows it, and what we add: consent, warnings, likeness of the voice.

    Args:
        call: who asks.
        row: the avatar.
        alike: see `Voices.similarities`.
    """
    return {
        "id": row.id,
        "video_preview_url": call.preview(row),
        "image_preview_url": call.cover(row),
        "name": row.name,
        "status": row.status,
        "status_message": row.error_message,
        "created_at": iso(row.created_at),
        "consent": row.consent.get("statement"),
        "warnings": row.warnings,
        "voice_similarity": alike.get(row.voice),
    }


def _one(call: Call, row: Avatar) -> dict[str, Any]:
    return profile(call, row, call.service.voices.similarities(call.workspace))


@router.post("/avatar-profiles/create", summary="Create an avatar")
def create_profile(body: CreateProfile, call: CallDep, request: Request) -> dict[str, Any]:
    """Links are fetched now and kept; making the avatar goes on in the background."""
    principal = principal_of(request.scope)
    given = body.sources
    sources = Sources(
        video=_source(call, "video", given.video_url, given.video_id),
        image=_source(call, "image", given.image_url, given.image_id),
        audio=_source(call, "audio", given.audio_url, given.audio_id),
    )
    row = call.service.avatars.create(
        call.workspace,
        body.name,
        sources,
        consent={"statement": body.consent or "declared by the API key", "key": principal.key_id},
        voice=call.service.voices.find(call.workspace, body.voice).slug if body.voice else "",
        id=call.ticket,
    )
    return _one(call, row)


def _source(call: Call, kind: Kind, link: str | None, asset_id: str | None) -> str:
    if link and asset_id:
        raise FieldError(f"sources.{kind}_url", f"Give {kind}_url or {kind}_id, not both.")
    if asset_id:
        return call.service.assets.finalize(call.workspace, asset_id, kind).id
    if link:
        return call.service.assets.from_link(call.workspace, link, kind, f"sources.{kind}_url").id
    return ""


@router.get("/avatar-profiles", summary="List avatars")
def list_profiles(
    call: CallDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> dict[str, Any]:
    """The workspace's own avatars."""
    rows, total = call.service.avatars.page(call.workspace, "private", page=cursor, size=limit)
    following = cursor + 1 if cursor * limit < total else None
    alike = call.service.voices.similarities(call.workspace)
    shown = [profile(call, row, alike) for row in rows]
    return {"avatar_profiles": shown, "next_cursor": following}


@router.get("/avatar-profiles/{profile_id}", summary="Get an avatar")
def get_profile(profile_id: str, call: CallDep) -> dict[str, Any]:
    """One avatar, stock presenters among them."""
    return _one(call, call.service.avatars.find(call.workspace, profile_id))


@router.patch("/avatar-profiles/{profile_id}", summary="Rename an avatar")
def rename_profile(profile_id: str, body: Rename, call: CallDep) -> dict[str, Any]:
    """Our own addition."""
    return _one(call, call.service.avatars.rename(call.workspace, profile_id, body.name))


@router.delete("/avatar-profiles/{profile_id}", summary="Delete an avatar")
def delete_profile(profile_id: str, call: CallDep) -> dict[str, Any]:
    """Our own addition."""
    call.service.avatars.delete(call.workspace, profile_id)
    return {"id": profile_id, "deleted": True}


@router.get("/whoami", summary="Who am I", tags=["Account"])
def whoami(call: CallDep, request: Request) -> dict[str, Any]:
    """The key and its workspace."""
    principal = principal_of(request.scope)
    return {
        "workspace_id": call.workspace,
        "key_name": principal.key_name,
        "scopes": sorted(principal.scopes),
    }


@router.post("/uploads/{kind}/get_upload_url", summary="Ask for an upload", tags=["Uploads"])
def get_upload_url(kind: Literal["video", "audio", "image"], call: CallDep) -> dict[str, Any]:
    """POST a form to ``upload_url``: the fields first, then ``file``."""
    row = call.service.assets.reserve(call.workspace, kind, MIMES[kind], "", call.ticket)
    links = call.service.core.links
    path = f"/files/uploads/{row.id}"
    fields = dict(
        part.split("=", 1) for part in links.query("put", path, UPLOAD_SECONDS).split("&")
    )
    return {
        f"{kind}_id": row.id,
        "upload_url": f"{call.base}{path}",
        "upload_fields": {"key": row.id, **fields},
        "max_file_size_bytes": call.service.core.settings.max_upload,
    }


class Finalize(BaseModel):
    """The upload that was sent."""

    video_id: str | None = Field(default=None, max_length=64)
    audio_id: str | None = Field(default=None, max_length=64)
    image_id: str | None = Field(default=None, max_length=64)


@router.post("/uploads/{kind}/finalize_upload", summary="Finish an upload", tags=["Uploads"])
def finalize_upload(
    kind: Literal["video", "audio", "image"], body: Finalize, call: CallDep
) -> dict[str, Any]:
    """Checks the file; may be said again."""
    asset_id = {"video": body.video_id, "audio": body.audio_id, "image": body.image_id}[kind]
    if not asset_id:
        raise FieldError(f"{kind}_id", f"The body has no {kind}_id.")
    return {f"{kind}_id": call.service.assets.finalize(call.workspace, asset_id, kind).id}
