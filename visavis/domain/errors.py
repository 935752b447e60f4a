"""What the service may have to say no to."""

from visavis.errors import InvalidInputError, VisavisError


class FieldError(InvalidInputError):
    """One field of a request that cannot be used.

    Args:
        field: its name as the domain knows it, e.g. ``text`` or ``avatar``.
    """

    code = "invalid_field"

    def __init__(self, field: str, message: str, remedy: str = "", code: str = "") -> None:
        super().__init__(message, remedy)
        self.field = field
        if code:
            self.code = code


class LinkError(InvalidInputError):
    """A link that must not or cannot be fetched."""

    code = "invalid_link"


class NotFoundError(VisavisError):
    """Nothing of this name in this workspace."""

    code = "not_found"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"There is no {what} {name[:80]!r} in this workspace.")


class MissingKeyError(VisavisError):
    """A call without a key."""

    code = "missing_api_key"


class InvalidKeyError(VisavisError):
    """A key that is unknown, expired or revoked."""

    code = "invalid_api_key"


class ForbiddenError(VisavisError):
    """A key that may not do this."""

    code = "forbidden"


class QuotaError(VisavisError):
    """The workspace has used its seconds."""

    code = "quota_exceeded"


class ConflictError(VisavisError):
    """The thing is not in a state that allows this."""

    code = "conflict"


class BusyError(VisavisError):
    """The same Idempotency-Key is being worked on right now."""

    code = "request_in_progress"
    retryable = True


class ReusedKeyError(VisavisError):
    """An Idempotency-Key that was used with another body."""

    code = "idempotency_key_reused"


class TooLargeError(VisavisError):
    """More bytes than this installation takes."""

    code = "too_large"


class RateError(VisavisError):
    """Too many calls.

    Args:
        retry_after: seconds until a call is allowed again.
    """

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, f"Wait {retry_after} s.")
        self.retry_after = retry_after
