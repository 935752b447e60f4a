"""Mosaic: runs of an AI Avatar tile."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from visavis.domain.errors import FieldError
from visavis.domain.order import Order
from visavis.domain.videos import View
from visavis.server.context import Call, CallDep, iso
from visavis.server.konpro_videos import decode_token, page_token

router = APIRouter(tags=["Runs"])

NODE_TYPE = "b3b4c9e2-2a47-4fa9-8ce8-0c1fa1d7b6ef"
"""Type of the AI Avatar node."""

STATUS = {"pending": "running", "processing": "running"}


class Tile(BaseModel):
    """Parameters of an AI Avatar tile."""

    model_config = ConfigDict(extra="ignore")
    avatar_profile_id: str = Field(min_length=1, max_length=64)
    script: str = Field(min_length=1)
    voice_id: str = Field(default="", max_length=100)
    aspect_ratio: Literal["16:9", "9:16", "1:1", "landscape", "portrait", "square"] = "landscape"
    resolution: str = "720p"


class Run(BaseModel):
    """One run: the parameters of one AI Avatar tile, by the id of its node."""

    update_params: dict[str, Tile]
    callback_url: str = Field(default="", max_length=2048)


ASPECTS = {"16:9": "landscape", "9:16": "portrait", "1:1": "square"}


@router.post("/agent/{agent_id}/run", summary="Run")
def run(agent_id: str, body: Run, call: CallDep) -> dict[str, Any]:
    """Make a video of an avatar; one that is not ready yet is waited for."""
    if len(body.update_params) != 1:
        raise FieldError("update_params", "A run has the parameters of exactly one AI Avatar tile.")
    tile = next(iter(body.update_params.values()))
    avatar = call.service.avatars.find(call.workspace, tile.avatar_profile_id)
    order = Order(
        text=tile.script,
        voice=tile.voice_id,
        aspect=ASPECTS.get(tile.aspect_ratio, tile.aspect_ratio),
        resolution=tile.resolution,
    )
    view = call.service.videos.create(
        call.workspace,
        avatar,
        order,
        dialect="mosaic",
        webhook_url=body.callback_url,
        callback_id=agent_id[:300],
        id=call.ticket,
    )
    return {"run_id": view.video.id}


def _run(call: Call, view: View) -> dict[str, Any]:
    video = view.video
    done, failed = video.status == "completed", video.status == "failed"
    outputs = []
    if done:
        outputs.append(
            {
                "id": video.id,
                "video_url": call.video_link(video, "video"),
                "thumbnail_url": call.video_link(video, "cover"),
                "premiere_prproj_url": None,
                "completed_at": iso(video.finished_at),
                "original_node_id": None,
            }
        )
    status = STATUS.get(video.status, video.status)
    return {
        "run_id": video.id,
        "agent_id": video.callback_id,
        "started_at": iso(video.created_at),
        "status": status,
        "status_message": video.error_message,
        "progress": round(view.percent),
        "needs_credits": False,
        "errors": [video.error_message] if failed else [],
        "node_status_counts": {
            "completed": int(done),
            "in_progress": int(status == "running"),
            "failed": int(failed),
        },
        "inputs": [],
        "outputs": outputs,
    }


@router.get("/agent_run/{run_id}", summary="Get a run")
def get_run(run_id: str, call: CallDep) -> dict[str, Any]:
    """Status and outputs."""
    return _run(call, call.service.videos.get(call.workspace, run_id))


@router.post("/agent_run/{run_id}/cancel", summary="Cancel a run")
def cancel_run(run_id: str, call: CallDep) -> dict[str, Any]:
    """Its renders end within a second."""
    return _run(call, call.service.videos.cancel(call.workspace, run_id))


@router.get("/agent/{agent_id}/runs", summary="List runs")
def list_runs(
    agent_id: str,
    call: CallDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """Newest first."""
    rows, _ = call.service.videos.page(
        call.workspace,
        limit=limit,
        before=decode_token(cursor),
        dialect="mosaic",
        callback_id=agent_id,
    )
    runs = [
        _run(call, View(row, 100.0 if row.status == "completed" else 0.0, 0, 0)) for row in rows
    ]
    last = rows[-1] if len(rows) == limit else None
    return {"runs": runs, "next_cursor": page_token(last.created_at, last.id) if last else None}
