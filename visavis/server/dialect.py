"""What differs between dialects at the door: where the key is, and how a refusal looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import JSONResponse

from visavis.domain import errors
from visavis.errors import InvalidInputError, VisavisError
from visavis.store.database import StoreError

STATUS: tuple[tuple[type[VisavisError], int], ...] = (
    (errors.MissingKeyError, 401),
    (errors.InvalidKeyError, 401),
    (errors.ForbiddenError, 403),
    (errors.QuotaError, 403),
    (errors.NotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.BusyError, 409),
    (errors.TooLargeError, 413),
    (errors.ReusedKeyError, 422),
    (errors.RateError, 429),
    (StoreError, 503),
    (InvalidInputError, 400),
)


class MethodError(VisavisError):
    """A path that exists, asked in another way."""

    code = "method_not_allowed"


class RouteError(VisavisError):
    """A path that does not exist."""

    code = "route_not_found"


def status_of(error: VisavisError) -> int:
    """The HTTP status that fits an error."""
    if isinstance(error, MethodError):
        return 405
    if isinstance(error, RouteError):
        return 404
    if isinstance(error, errors.FieldError) and error.code == errors.NotFoundError.code:
        return 404
    other = 503 if error.retryable else 500
    return next((status for kind, status in STATUS if isinstance(error, kind)), other)


@dataclass(frozen=True, slots=True)
class RateRule:
    """Calls a minute, and of which methods."""

    calls: int
    methods: frozenset[str] = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


class Dialect(Protocol):
    """One vendor's manners."""

    name: str
    rate: RateRule

    def key(self, headers: Mapping[str, str]) -> str:
        """The API key of a call, empty where there is none."""
        ...

    def error(self, error: VisavisError, status: int, request_id: str) -> dict[str, Any]:
        """The body of a refusal."""
        ...


def refusal(
    dialect: Dialect, error: VisavisError, request_id: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A refusal in a dialect's shape."""
    status = status_of(error)
    more = dict(headers or {})
    if isinstance(error, errors.RateError):
        more["Retry-After"] = str(error.retry_after)
    elif status == 503:
        more["Retry-After"] = "5"
    return JSONResponse(dialect.error(error, status, request_id), status, more)


def request_id_of(request: Request) -> str:
    """The id that the outermost layer gave this call."""
    return str(request.scope.get("visavis.request_id", ""))
