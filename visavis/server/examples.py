"""Examples for the OpenAPI documents: recorded calls beside this module, and what webhooks tell."""

import json
from importlib import resources
from typing import Any

ID = "5c1f3e0a-8d53-4b7e-9a55-2f0d9e1b7c11"
LINK = f"https://avatars.example.com/files/videos/{ID}/video.mp4?expires=1795858476&signature=dLPD"


def calls(dialect: str) -> dict[str, dict[str, Any]]:
    """``body`` and ``answer`` of a call, where it has them, by method and path."""
    folder = resources.files("visavis.server") / "documents"
    found: dict[str, dict[str, Any]] = json.loads(
        (folder / f"{dialect}.json").read_text(encoding="utf-8")
    )
    return found


HOOKS: dict[str, dict[str, Any]] = {
    "konpro": {
        "avatar_video.success": {
            "event_type": "avatar_video.success",
            "event_data": {"video_id": ID, "job_id": ID, "url": LINK, "callback_id": None},
        },
        "avatar_video.fail": {
            "event_type": "avatar_video.fail",
            "event_data": {"video_id": ID, "msg": "Its avatar failed.", "callback_id": None},
        },
    },
    "joggai": {
        "generated_avatar_video_success": {
            "event_id": "evt_1",
            "event": "generated_avatar_video_success",
            "timestamp": 1795858476,
            "data": {"video_id": ID, "project_id": ID, "status": "completed", "video_url": LINK},
        },
        "generated_avatar_video_failed": {
            "event_id": "evt_2",
            "event": "generated_avatar_video_failed",
            "timestamp": 1795858476,
            "data": {"video_id": ID, "project_id": ID, "status": "failed", "error_msg": "..."},
        },
    },
    "mosaic": {
        "RUN_FINISHED": {
            "flag": "RUN_FINISHED",
            "agent_id": "agent",
            "run_id": ID,
            "status": "completed",
            "outputs": [{"id": ID, "video_url": LINK}],
            "errors": [],
        }
    },
}
"""What is told to receivers, by dialect and event."""
