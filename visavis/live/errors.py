"""What live sessions may have to say no to."""

from visavis.domain.errors import ConflictError, RateError
from visavis.errors import VisavisError


class SlotsError(RateError):
    """Every place for a session is taken."""

    code = "no_free_slot"


class SessionOverError(ConflictError):
    """The session has ended."""

    code = "session_over"


class AgentError(VisavisError):
    """The process behind the avatar failed; a new session may work."""

    code = "agent_failed"
    retryable = True
