"""The KonPro dialect: errors, and the application of its routes."""

from collections.abc import Mapping
from typing import Any

from visavis.domain import errors
from visavis.errors import VisavisError
from visavis.server.dialect import RateRule

CODES = {
    400: "VALIDATION_ERROR",
    401: "INVALID_API_KEY",
    403: "INSUFFICIENT_PERMISSIONS",
    404: "RESOURCE_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    422: "IDEMPOTENCY_KEY_REUSED",
    429: "RATE_LIMIT_EXCEEDED",
    500: "PROCESSING_ERROR",
    503: "SERVICE_UNAVAILABLE",
}

FIELDS = {"avatar": "avatar_id", "voice": "voice_id", "title": "title"}
"""Names of the domain's fields in this dialect; those under settings are named below."""

SETTINGS = frozenset((
    "resolution", "format", "background", "captions", "caption_style", "aspect", "layout", "visual",
    "corner", "shape", "share", "fps", "width", "height", "music", "intro", "outro", "watermark",
    "preview", "scenes", "variables", "batch", "emotion",
))  # fmt: skip


class KonPro:
    """Manners of KonPro."""

    name = "konpro"
    rate = RateRule(100)

    def key(self, headers: Mapping[str, str]) -> str:
        """``x-api-key``."""
        return headers.get("x-api-key", "").strip()

    def error(self, error: VisavisError, status: int, request_id: str) -> dict[str, Any]:
        """``{"error": {"code", "message", "details", "request_id"}, "request_id"}``."""
        code = CODES.get(status, "PROCESSING_ERROR")
        if isinstance(error, errors.MissingKeyError):
            code = "MISSING_API_KEY"
        details: dict[str, Any] = {"reason": error.code}
        if isinstance(error, errors.FieldError):
            field = FIELDS.get(error.field, error.field)
            details["field"] = f"settings.{field}" if field.split(".")[0] in SETTINGS else field
        body = {
            "code": code,
            "message": str(error),
            "details": details,
            "request_id": request_id,
        }
        return {"error": body, "request_id": request_id}
