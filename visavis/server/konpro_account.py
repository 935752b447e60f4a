"""KonPro: uploads, quota and API keys."""

import time
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from visavis.domain.assets import KINDS
from visavis.domain.errors import FieldError
from visavis.domain.quotas import Quota, Quotas
from visavis.server.context import Call, CallDep, iso
from visavis.server.gate import principal_of
from visavis.server.konpro_videos import decode_token, page_token
from visavis.server.uploads import spooled
from visavis.store.tables import ApiKey, Asset

router = APIRouter(tags=["Account"])


def asset_link(call: Call, row: Asset) -> str:
    """A link to an asset that never expires, as long as the asset is there."""
    path = f"/files/assets/{row.id}/file"
    return f"{call.base}{path}?{call.service.core.links.query('get', path, None)}"


@router.post(
    "/v1/asset",
    summary="Upload a file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                mime: {"schema": {"type": "string", "format": "binary"}}
                for mime in ("image/jpeg", "image/png", "video/mp4", "video/webm", "audio/mpeg")
            },
        }
    },
)
async def upload(request: Request, call: CallDep) -> dict[str, Any]:
    """The body is the file itself; its Content-Type says what it is."""
    mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    name = request.headers.get("x-file-name", "")
    async with spooled(request, call.service) as path:
        row = await to_thread.run_sync(
            call.service.assets.add, call.workspace, mime, name, path, call.ticket
        )
    return _asset(call, row)


def _asset(call: Call, row: Asset) -> dict[str, Any]:
    width, height = row.meta.get("size", (0, 0))
    return {
        "id": row.id,
        "name": row.name or row.id,
        "file_type": row.kind,
        "folder_id": None,
        "meta": {
            "size": row.size,
            "width": width,
            "height": height,
            "format": row.meta.get("format"),
            "duration": row.meta.get("duration"),
        },
        "image_key": f"image/{row.id}/original" if row.kind == "image" else None,
        "created_ts": int(row.created_at),
        "url": asset_link(call, row),
    }


@router.get("/v1/asset/list", summary="List files")
def list_assets(
    call: CallDep,
    file_type: str = "",
    folder_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    token: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """Newest first."""
    if file_type and file_type not in KINDS:
        raise FieldError("file_type", "The file type is not known.", f"Use {', '.join(KINDS)}.")
    before = decode_token(token)
    rows = (
        []
        if folder_id
        else call.service.assets.all(
            call.workspace, file_type, limit + 1, before[0] if before else None
        )
    )
    more = len(rows) > limit
    shown = rows[:limit]
    return {
        "assets": [_asset(call, row) for row in shown],
        "token": page_token(shown[-1].created_at, shown[-1].id) if more else None,
        "has_more": more,
    }


@router.get("/v1/user/remaining_quota", summary="Get the remaining quota")
def remaining_quota(call: CallDep) -> dict[str, Any]:
    """Seconds of video; a workspace without a limit is told a large figure."""
    quota = quota_of(call)
    left = round(quota.remaining)
    total = round(quota.total or quota.remaining + quota.used)
    pool = {"remaining": left, "total": total}
    return {
        "remaining_quota": left,
        "details": {
            "total_quota": total,
            "used_quota": round(quota.used),
            "interactive_quota": pool,
            "standard_quota": pool,
        },
    }


def quota_of(call: Call) -> Quota:
    """Seconds that the caller's workspace may make and has made."""
    with call.service.core.database.read() as session:
        return Quotas(session).of(call.workspace)


class KeyRequest(BaseModel):
    """A new key."""

    name: str = Field(min_length=1, max_length=200)
    scopes: list[str] | None = Field(default=None, description="read, write, admin")
    expires_in: float | None = Field(default=None, gt=0, le=1e9, description="Seconds.")
    rate_limit: int = Field(default=0, ge=0, le=100_000, description="Calls a minute.")


def _key(row: ApiKey) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": row.scopes,
        "rate_limit": row.rate_limit or None,
        "rate_limit_window": 60,
        "last_used_at": iso(row.last_used_at),
        "expires_at": iso(row.expires_at),
        "is_active": row.revoked_at is None and (row.expires_at or 1e18) > time.time(),
        "created_at": iso(row.created_at),
    }


@router.get("/v1/api-keys", summary="List API keys")
def list_keys(call: CallDep, request: Request) -> dict[str, Any]:
    """The workspace's keys, without their text."""
    principal_of(request.scope).need("admin")
    return {"data": [_key(row) for row in call.service.keys.all(call.workspace)], "meta": {}}


@router.post("/v1/api-keys", summary="Create an API key")
def create_key(body: KeyRequest, call: CallDep, request: Request) -> dict[str, Any]:
    """The text of the key is in this answer and nowhere else."""
    principal_of(request.scope).need("admin")
    text, row = call.service.keys.create(
        call.workspace, body.name, body.scopes, body.expires_in, body.rate_limit
    )
    return {"data": {**_key(row), "key": text}, "meta": {}}


@router.delete("/v1/api-keys/{key_id}", summary="Revoke an API key")
def revoke_key(key_id: str, call: CallDep, request: Request) -> dict[str, Any]:
    """It stops working at once."""
    principal_of(request.scope).need("admin")
    call.service.keys.revoke(call.workspace, key_id)
    data = {"success": True, "message": "Key revoked", "deleted_id": key_id}
    return {"data": data, "meta": {}}


@router.post("/v1/api-keys/validate", summary="Check an API key")
def validate_key(call: CallDep, request: Request) -> dict[str, Any]:
    """The key of the call itself."""
    who = principal_of(request.scope)
    row = next(key for key in call.service.keys.all(call.workspace) if key.id == who.key_id)
    return {"data": {"valid": True, "key": _key(row), "message": "The key works."}, "meta": {}}
