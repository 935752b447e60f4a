"""Examples for the OpenAPI documents."""

from typing import Any

ID = "5c1f3e0a-8d53-4b7e-9a55-2f0d9e1b7c11"
LINK = f"https://avatars.example.com/files/videos/{ID}/video.mp4?expires=1795858476&signature=dLPD"
COVER = f"https://avatars.example.com/files/videos/{ID}/cover.jpg?expires=1795858476&signature=jZRx"

_JOB = {
    "job_id": ID,
    "video_id": ID,
    "status": "completed",
    "stage": "completed",
    "progress": 100,
    "position": 0,
    "estimated_time": 0,
    "video_url": LINK,
    "thumbnail_url": COVER,
    "cover_url": COVER,
    "caption_url": None,
    "subtitle_url": None,
    "credentials_url": None,
    "duration": 4.2,
    "title": None,
    "callback_id": None,
    "error": None,
    "timings": {"speech": 0.9, "picture": 1.1, "encode": 0.8, "queued": 0.1, "total": 4.0},
    "created_at": "2026-11-21T09:34:14Z",
    "started_at": "2026-11-21T09:34:14Z",
    "completed_at": "2026-11-21T09:34:18Z",
}
_PROFILE = {
    "id": ID,
    "video_preview_url": None,
    "image_preview_url": None,
    "name": "Ana",
    "status": "pending",
    "status_message": None,
    "created_at": "2026-11-21T09:34:14Z",
}
_JOGG_VIDEO = {"video_id": ID, "status": "completed", "created_at": 1795858454}

ANSWERS: dict[str, dict[str, Any]] = {
    "POST /v1/video-avatars": {
        "job_id": ID,
        "status": "processing",
        "estimated_time": 12,
        "message": "Video generation started",
    },
    "GET /v1/video-avatars/{job_id}": _JOB,
    "GET /v1/voices/locales": {
        "data": {
            "locales": [
                {
                    "value": "Portuguese (Brazil)",
                    "label": "PT-BR",
                    "language": "Portuguese",
                    "tag": None,
                    "locale": "pt-BR",
                    "language_code": "pt-BR",
                }
            ]
        }
    },
    "POST /v2/create_video_from_avatar": {"code": 0, "msg": "Success", "data": {"video_id": ID}},
    "GET /v2/avatar_video/{video_id}": {
        "code": 0,
        "msg": "Success",
        "data": {**_JOGG_VIDEO, "video_url": LINK, "cover_url": COVER, "duration": 4.2},
    },
    "POST /avatar-profiles/create": _PROFILE,
    "GET /avatar-profiles/{profile_id}": {**_PROFILE, "status": "ready"},
    "POST /agent/{agent_id}/run": {"run_id": ID},
}
"""What a route answers, by method and path."""

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
