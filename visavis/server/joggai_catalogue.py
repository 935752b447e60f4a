"""JoggAI: avatars, voices, account."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from visavis.domain.offer import VoiceInfo
from visavis.server.context import Call, CallDep
from visavis.server.gate import principal_of
from visavis.server.joggai import envelope
from visavis.server.konpro_account import quota_of
from visavis.store.tables import Avatar

router = APIRouter(tags=["Catalogue"])

Page = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(ge=1, le=100)]
ASPECTS = {"portrait": 0, "landscape": 1, "square": 2}
STATUS = {"pending": "processing", "processing": "processing", "ready": "completed"}
NUMBERS = {"processing": 0, "completed": 1, "failed": 2}

Aspect = Literal["portrait", "landscape", "square"]
Style = Literal["professional", "social"]
Gender = Literal["female", "male"]
Age = Literal["adult", "senior", "young_adult"]
Scene = Literal[
    "lifestyle", "outdoors", "business", "studio", "health_fitness", "education", "news"
]
Ethnicity = Literal[
    "european", "african", "south_asian", "east_asian", "middle_eastern", "south_american",
    "north_american",
]  # fmt: skip


@router.get("/v2/user/whoami", summary="Who am I")
def whoami(call: CallDep, request: Request) -> dict[str, Any]:
    """The workspace of the key."""
    name = principal_of(request.scope).key_name
    return envelope({"email": f"{call.workspace}@visavis.invalid", "username": name})


@router.get("/v2/user/remaining_quota", summary="Get the remaining quota")
def remaining_quota(call: CallDep) -> dict[str, Any]:
    """Seconds of video that may still be made."""
    return envelope({"remaining_quota": round(quota_of(call).remaining, 1)})


@router.get("/v2/avatars/public", summary="List public avatars")
def public_avatars(
    call: CallDep,
    page: Page = 1,
    page_size: PageSize = 10,
    aspect_ratio: Aspect | None = None,
    style: Style | None = None,
    gender: Gender | None = None,
    age: Age | None = None,
    scene: Scene | None = None,
    ethnicity: Ethnicity | None = None,
) -> dict[str, Any]:
    """Stock presenters, filtered by what they are."""
    asked = {
        "aspect_ratio": aspect_ratio,
        "style": style,
        "gender": gender,
        "age": age,
        "scene": scene,
        "ethnicity": ethnicity,
    }
    attributes = {name: value for name, value in asked.items() if value is not None}
    rows, total = call.service.avatars.page(
        call.workspace, "public", attributes=attributes, page=page, size=page_size
    )
    avatars = [
        {
            "id": row.number,
            "avatar_id": row.number,
            "name": row.name,
            "video_url": call.preview(row),
            "cover_url": call.cover(row),
            "aspect_ratio": ASPECTS.get(row.attributes.get("aspect_ratio", ""), 1),
            "style": row.attributes.get("style"),
            "gender": row.attributes.get("gender"),
            "age": row.attributes.get("age"),
            "scene": row.attributes.get("scene"),
            "ethnicity": row.attributes.get("ethnicity"),
        }
        for row in rows
    ]
    return envelope({"avatars": avatars, "total": total, "has_more": page * page_size < total})


def _own(
    call: Call, kinds: tuple[str, ...], page: int, size: int, name: str, status: str
) -> dict[str, Any]:
    rows, _ = call.service.avatars.page(call.workspace, "private", kinds=kinds, size=10_000)
    found = [
        row
        for row in rows
        if name.casefold() in row.name.casefold()
        and (not status or STATUS.get(row.status, "failed") == status)
    ]
    shown = found[(page - 1) * size : page * size]
    avatars = [_avatar(call, row) for row in shown]
    return envelope({"avatars": avatars, "total": len(found), "has_more": page * size < len(found)})


def _avatar(call: Call, row: Avatar) -> dict[str, Any]:
    status = STATUS.get(row.status, "failed")
    return {
        "id": row.number,
        "avatar_id": row.number,
        "name": row.name,
        "cover_url": call.cover(row),
        "video_url": call.preview(row),
        "status": NUMBERS[status],
        "status_name": status,
        "fail_msg": row.error_message or "",
    }


Status = Literal["processing", "completed", "failed", ""]
Name = Annotated[str, Query(max_length=200)]


@router.get("/v2/avatars/custom", summary="List custom avatars")
def custom_avatars(
    call: CallDep, page: Page = 1, page_size: PageSize = 10, name: Name = "", status: Status = ""
) -> dict[str, Any]:
    """The workspace's own avatars, from clips and from photographs."""
    return _own(call, ("footage", "portrait"), page, page_size, name, status)


@router.get("/v2/avatars/photo_avatars", summary="List photo avatars")
def photo_avatars(
    call: CallDep, page: Page = 1, page_size: PageSize = 10, name: Name = "", status: Status = ""
) -> dict[str, Any]:
    """The workspace's own avatars from photographs."""
    return _own(call, ("portrait",), page, page_size, name, status)


def _voice(call: Call, info: VoiceInfo) -> dict[str, Any]:
    return {
        "voice_id": info.slug,
        "name": info.name,
        "audio_url": call.voice_preview(info),
        "language": info.language_name.partition(" (")[0].lower(),
        "gender": info.gender,
        "age": "young",
        "accent": info.language,
        "use_case": "narration",
    }


@router.get("/v2/voices", summary="List voices")
def voices(
    call: CallDep,
    page: Page = 1,
    page_size: PageSize = 10,
    gender: Gender | None = None,
    language: Annotated[str, Query(max_length=50)] = "",
    age: Literal["young", "middle_aged", "old", ""] = "",
    use_case: Annotated[str, Query(max_length=50)] = "",
) -> dict[str, Any]:
    """Stock voices; languages are English words, e.g. ``english``."""
    rows = [_voice(call, info) for info in call.service.voices.all(call.workspace, "public")]
    wanted = {"gender": gender, "age": age, "use_case": use_case}
    found = [
        row
        for row in rows
        if all(not value or row[name] == value for name, value in wanted.items())
        and (not language or language.lower() in (row["language"], row["accent"].lower()))
    ]
    shown = found[(page - 1) * page_size : page * page_size]
    return envelope(
        {"voices": shown, "total": len(found), "has_more": page * page_size < len(found)}
    )


@router.get("/v2/voices/custom", summary="List custom voices")
def custom_voices(
    call: CallDep, language: Annotated[str, Query(max_length=50)] = ""
) -> dict[str, Any]:
    """The workspace's own voices; one can be spoken with when its status is 1."""
    infos = call.service.voices.custom(call.workspace, ready=False)
    rows = [_custom(call, info) for info in infos]
    found = [row for row in rows if not language or row["language"] == language.lower()]
    return envelope({"total": len(found), "voices": found})


def _custom(call: Call, info: VoiceInfo) -> dict[str, Any]:
    status = STATUS.get(info.status, "failed")
    return _voice(call, info) | {
        "status": NUMBERS[status],
        "status_name": status,
        "fail_msg": info.problem or "",
        "voice_similarity": dict(info.similarity) or None,
    }


class NewVoice(BaseModel):
    """A voice of somebody who agreed to it."""

    name: str = Field(min_length=1, max_length=200, examples=["Ana"])
    audio_url: str = Field(
        min_length=1, max_length=2048, description="A recording of 4 to 15 s, of one person."
    )
    language: str = Field(default="", max_length=20, description="BCP 47 tag; empty: as heard.")
    consent: str = Field(
        default="", max_length=1000, description="Who agreed to this, and how; kept."
    )


@router.post("/v2/voices/custom", summary="Create a custom voice")
def create_voice(body: NewVoice, call: CallDep, request: Request) -> dict[str, Any]:
    """Our own addition: the recording is fetched now, the voice is made in the background."""
    recording = call.service.assets.from_link(call.workspace, body.audio_url, "audio", "audio_url")
    principal = principal_of(request.scope)
    info = call.service.voices.create(
        call.workspace,
        body.name,
        recording,
        language=body.language,
        consent={"statement": body.consent or "declared by the API key", "key": principal.key_id},
        id=call.ticket,
    )
    return envelope(_custom(call, info))


@router.get("/v2/voices/custom/{voice_id}", summary="Get a custom voice")
def custom_voice(voice_id: str, call: CallDep) -> dict[str, Any]:
    """Our own addition: how far it is, and why it failed."""
    return envelope(_custom(call, call.service.voices.get(call.workspace, voice_id)))


@router.delete("/v2/voices/custom/{voice_id}", summary="Delete a custom voice")
def delete_voice(voice_id: str, call: CallDep) -> dict[str, Any]:
    """Our own addition: the voice and the numbers that describe it are removed."""
    call.service.voices.delete(call.workspace, voice_id)
    return envelope({"voice_id": voice_id})
