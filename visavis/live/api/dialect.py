"""How streaming calls are refused, and who may make them."""

from collections.abc import Mapping
from typing import Any

from anyio import to_thread
from starlette.datastructures import Headers

from visavis.domain.keys import Principal
from visavis.errors import VisavisError
from visavis.live.errors import SessionOverError, SlotsError
from visavis.live.service.records import PREFIX, Records
from visavis.server.dialect import RateRule
from visavis.server.gate import Gate
from visavis.server.konpro import KonPro

CODES = {400: 400, 401: 400112, 403: 403, 404: 404, 409: 10005, 413: 413, 429: 429, 503: 503}
BY_TOKEN = "live-token:"  # noqa: S105 - a prefix, no secret
"""What the key id of a caller begins with who shows a session token."""


class Streaming:
    """Manners of the streaming calls: HeyGen's numbers, with KonPro's error beside them."""

    name = "streaming"
    rate = RateRule(600)

    def key(self, headers: Mapping[str, str]) -> str:
        """``x-api-key``, or a Bearer: an API key or a session token."""
        given = headers.get("x-api-key", "").strip()
        return given or headers.get("authorization", "").removeprefix("Bearer ").strip()

    def error(self, error: VisavisError, status: int, request_id: str) -> dict[str, Any]:
        """``{"code": <number>, "message", "data": null, "error": {...}, "request_id"}``."""
        code = CODES.get(status, status)
        if isinstance(error, SlotsError):
            code = 10004
        elif isinstance(error, SessionOverError):
            code = 10005
        same = KonPro().error(error, status, request_id)
        return {"code": code, "message": str(error), "data": None, **same}


class StreamingGate(Gate):
    """A gate that also lets session tokens in.

    Attributes:
        records: knows the tokens; set before the first call.
    """

    records: Records

    async def _who(self, headers: Headers) -> Principal:
        key = self._dialect.key(headers)
        if not key.startswith(PREFIX):
            return await super()._who(headers)
        token = await to_thread.run_sync(self.records.token, key)
        return Principal(
            token.workspace_id,
            f"{BY_TOKEN}{token.id}:{token.session_id or ''}",
            "session token",
            frozenset({"read", "write"}),
            0,
        )
