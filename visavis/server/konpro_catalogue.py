"""KonPro: avatars and voices."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from visavis.domain.offer import VoiceInfo
from visavis.server.context import Call, CallDep, iso
from visavis.store.tables import Avatar

router = APIRouter(tags=["Avatars and voices"])

Scope = Literal["all", "public", "private"]
Page = Annotated[int, Query(ge=1, le=1_000_000)]
Limit = Annotated[int | None, Query(ge=1, le=100)]


def paged(
    name: str, rows: list[dict[str, Any]], page: int, size: int, total: int
) -> dict[str, Any]:
    """A list in both of KonPro's shapes."""
    pages = -(-total // size)
    return {
        name: rows,
        "pagination": {"page": page, "limit": size, "total": total, "total_pages": pages},
        "data": rows,
        "meta": {
            "page": page,
            "page_size": size,
            "total": total,
            "total_pages": pages,
            "has_next": page < pages,
            "has_prev": page > 1,
        },
    }


def avatar(call: Call, row: Avatar) -> dict[str, Any]:
    """One avatar in both shapes."""
    cover, preview = call.cover(row), call.preview(row)
    public = row.workspace_id is None
    return {
        "id": f"avatar-{row.number}",
        "uuid": row.id,
        "name": row.name,
        "thumbnail_url": cover,
        "video_url": preview,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "scope": "public" if public else "private",
        "gender": row.attributes.get("gender"),
        "occupation": row.attributes.get("scene"),
        "cdn_url": preview,
        "preview_image": cover,
        "is_public": public,
        "status": row.status,
        "status_message": row.error_message,
    }


@router.get("/v1/avatars", summary="List avatars")
def list_avatars(
    call: CallDep,
    scope: Scope = "all",
    page: Page = 1,
    limit: Limit = None,
    page_size: Limit = None,
) -> dict[str, Any]:
    """Stock presenters and the workspace's own avatars."""
    size = limit or page_size or 20
    rows, total = call.service.avatars.page(call.workspace, scope, page=page, size=size)
    return paged("avatars", [avatar(call, row) for row in rows], page, size, total)


@router.get("/v1/avatars/{avatar_id}", summary="Get an avatar")
def get_avatar(avatar_id: str, call: CallDep) -> dict[str, Any]:
    """One avatar."""
    row = call.service.avatars.find(call.workspace, avatar_id, by="label")
    return {"data": avatar(call, row), "meta": {}}


@router.get("/v1/avatars/{avatar_id}/details", summary="Get an avatar's details")
def avatar_details(avatar_id: str, call: CallDep) -> dict[str, Any]:
    """One avatar in the older shape."""
    row = call.service.avatars.find(call.workspace, avatar_id, by="label")
    data = {
        "type": "avatar",
        "id": f"avatar-{row.number}",
        "name": row.name,
        "gender": row.attributes.get("gender"),
        "preview_image_url": call.cover(row),
        "preview_video_url": call.preview(row),
        "premium": False,
        "is_public": row.workspace_id is None,
        "default_voice_id": row.voice or None,
        "tags": sorted(str(value) for value in row.attributes.values()),
    }
    return {"error": None, "data": data}


@router.delete("/v1/avatars/{avatar_id}", summary="Delete an avatar")
def delete_avatar(avatar_id: str, call: CallDep) -> dict[str, Any]:
    """Remove one of the workspace's own avatars."""
    row = call.service.avatars.find(call.workspace, avatar_id, by="label")
    call.service.avatars.delete(call.workspace, row.id)
    data = {"success": True, "message": "Avatar deleted", "deleted_id": avatar_id}
    return {"data": data, "meta": {}}


def voice(call: Call, info: VoiceInfo) -> dict[str, Any]:
    """One voice in both shapes."""
    return {
        "id": info.slug,
        "name": info.name,
        "language": info.language,
        "gender": info.gender,
        "preview_url": call.voice_preview(info),
        "properties": {"accent": info.language_name, "age": "adult", "style": "conversational"},
        "description": f"{info.name}, {info.language_name}",
        "is_public": info.public,
    }


@router.get("/v1/voices", summary="List voices")
def list_voices(
    call: CallDep,
    scope: Scope = "all",
    language: Annotated[str, Query(max_length=50)] = "",
    gender: Literal["male", "female", "neutral", ""] = "",
    page: Page = 1,
    limit: Limit = None,
    page_size: Limit = None,
) -> dict[str, Any]:
    """Stock voices and the workspace's own."""
    size = limit or page_size or 20
    found = [
        info
        for info in call.service.voices.all(call.workspace, scope)
        if (not gender or info.gender == gender)
        and info.language.lower().startswith(language.strip().lower())
    ]
    rows = found[(page - 1) * size : page * size]
    return paged("voices", [voice(call, info) for info in rows], page, size, len(found))


@router.get("/v1/voices/locales", summary="List languages")
def list_locales(call: CallDep) -> dict[str, Any]:
    """The languages that voices speak."""
    names = {info.language: info.language_name for info in call.service.voices.all(call.workspace)}
    locales = [
        {
            "value": name,
            "label": code.upper(),
            "language": name.partition(" (")[0],
            "tag": None,
            "locale": code,
            "language_code": code,
        }
        for code, name in sorted(names.items())
    ]
    return {"data": {"locales": locales}}
