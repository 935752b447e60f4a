"""The JoggAI v2 dialect: errors and the envelope."""

from collections.abc import Mapping
from typing import Any

from visavis.domain import errors
from visavis.errors import VisavisError
from visavis.server.dialect import RateRule

FIELDS = {
    "avatar": "avatar.avatar_id",
    "voice": "voice.voice_id",
    "text": "voice.script",
    "audio": "voice.audio_url",
    "aspect": "aspect_ratio",
    "layout": "screen_style",
    "captions": "caption",
    "title": "video_name",
    "footage": "video_url",
}
"""Names of the domain's fields in this dialect."""

CODES = {401: 10105, 403: 18025, 404: 10104, 429: 429, 500: 50000, 503: 50000}


class JoggAI:
    """Manners of JoggAI."""

    name = "joggai"
    rate = RateRule(20, frozenset({"POST"}))

    def key(self, headers: Mapping[str, str]) -> str:
        """``x-api-key``."""
        return headers.get("x-api-key", "").strip()

    def error(self, error: VisavisError, status: int, request_id: str) -> dict[str, Any]:
        """``{"code": > 0, "msg", "data": null, "rid"}``."""
        code = 18020 if isinstance(error, errors.QuotaError) else CODES.get(status, 40000)
        message = str(error)
        if status == 429:
            message = f"Rate limit exceeded. {error}"
        elif isinstance(error, errors.FieldError):
            message = f"Parameter error: {FIELDS.get(error.field, error.field)}: {error}"
        elif code == 40000:
            message = f"Parameter error: {error}"
        body: dict[str, Any] = {"code": code, "msg": message, "data": None, "rid": request_id}
        if isinstance(error, errors.RateError):
            body["retryAfter"] = error.retry_after
        return body


def envelope(data: Any) -> dict[str, Any]:
    """A good answer."""
    return {"code": 0, "msg": "Success", "data": data}
