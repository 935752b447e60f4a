"""Seconds of video that a workspace may make and has made."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain.errors import QuotaError
from visavis.store.tables import Usage, Video, Workspace

UNLIMITED = 10_000_000.0
"""What clients are told that remains where no limit is set, in seconds."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Seconds of video; a total of 0 is no limit."""

    total: float
    used: float
    reserved: float

    @property
    def remaining(self) -> float:
        """Seconds that may still be asked for."""
        if not self.total:
            return UNLIMITED
        return max(0.0, self.total - self.used - self.reserved)


class Quotas:
    """Look at a workspace's seconds within a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, workspace_id: str) -> Quota:
        """What a workspace may make, has made, and has waiting."""
        workspace = self._session.get_one(Workspace, workspace_id)
        used = self._session.scalar(
            sa.select(sa.func.sum(Usage.seconds)).where(Usage.workspace_id == workspace_id)
        )
        waiting = self._session.scalar(
            sa.select(sa.func.sum(Video.expected_seconds)).where(
                Video.workspace_id == workspace_id, Video.status.in_(("pending", "processing"))
            )
        )
        return Quota(workspace.quota_seconds, used or 0.0, waiting or 0.0)

    def need(self, workspace_id: str, seconds: float) -> None:
        """Refuse more than what remains.

        Raises:
            QuotaError: says how much is left.
        """
        quota = self.of(workspace_id)
        if seconds > quota.remaining:
            raise QuotaError(
                f"This video needs about {seconds:.0f} s, {quota.remaining:.0f} s are left.",
                "Delete waiting videos or ask for a larger quota.",
            )
