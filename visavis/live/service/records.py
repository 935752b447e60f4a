"""What is kept of sessions, tokens and usage."""

import hashlib
import secrets
import time

import sqlalchemy as sa

from visavis.domain.errors import InvalidKeyError, NotFoundError
from visavis.store.database import Database
from visavis.store.live_tables import LiveSession, LiveToken
from visavis.store.tables import Usage

PREFIX = "st_vis_"
OPEN = ("new", "connecting", "active")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Records:
    """Rows of live sessions and their tokens.

    Args:
        database: where they are.
        host: name of this process; its sessions end with it.
    """

    def __init__(self, database: Database, host: str) -> None:
        self._database = database
        self.host = host

    def close_left_over(self) -> int:
        """Close what an earlier process of this host left open; how many there were."""
        with self._database.write() as session:
            left = session.scalars(
                sa.select(LiveSession).where(
                    LiveSession.host == self.host, LiveSession.status.in_(OPEN)
                )
            ).all()
            for row in left:
                row.status, row.end_reason = "closed", "server_restarted"
                row.ended_at = time.time()
            return len(left)

    def add(self, row: LiveSession) -> None:
        """Keep a new session."""
        with self._database.write() as session:
            session.add(row)

    def begin(self, session_id: str) -> None:
        """The avatar is in the room."""
        with self._database.write() as session:
            row = session.get_one(LiveSession, session_id)
            row.status, row.started_at = "active", row.started_at or time.time()

    def end(self, session_id: str, reason: str, seconds: float) -> None:
        """A session is over; its seconds are counted once."""
        with self._database.write() as session:
            row = session.get_one(LiveSession, session_id)
            if row.status == "closed":
                return
            row.status, row.end_reason = "closed", reason
            row.ended_at, row.seconds = time.time(), seconds
            if seconds > 0:
                session.add(
                    Usage(
                        workspace_id=row.workspace_id,
                        video_id=f"live-{session_id}"[:64],
                        seconds=seconds,
                    )
                )

    def find(self, workspace_id: str, session_id: str) -> LiveSession:
        """A session of a workspace.

        Raises:
            NotFoundError: none.
        """
        with self._database.read() as session:
            row = session.get(LiveSession, session_id)
        if row is None or row.workspace_id != workspace_id:
            raise NotFoundError("session", session_id)
        return row

    def page(
        self, workspace_id: str, *, active: bool, size: int, before: float | None = None
    ) -> tuple[list[LiveSession], int]:
        """Sessions, newest first, and how many there are: those that are on, or those that were."""
        status = LiveSession.status.in_(OPEN)
        where = [LiveSession.workspace_id == workspace_id, status if active else sa.not_(status)]
        with self._database.read() as session:
            total = session.scalar(sa.select(sa.func.count(LiveSession.id)).where(*where))
            if before is not None:
                where.append(LiveSession.created_at < before)
            query = sa.select(LiveSession).where(*where).order_by(LiveSession.created_at.desc())
            return list(session.scalars(query.limit(size))), total or 0

    # Tokens -------------------------------------------------------------------------------------

    def make_token(self, workspace_id: str, seconds: float, session_id: str | None = None) -> str:
        """A token for one session: a new one, or the one that is named."""
        text = PREFIX + secrets.token_urlsafe(32)
        row = LiveToken(
            workspace_id=workspace_id,
            digest=_digest(text),
            expires_at=time.time() + seconds,
            session_id=session_id,
        )
        now = time.time()
        with self._database.write() as session:
            session.execute(sa.delete(LiveToken).where(LiveToken.expires_at < now - 86_400))
            session.add(row)
        return text

    def token(self, text: str) -> LiveToken:
        """The token of this text.

        Raises:
            InvalidKeyError: unknown or expired.
        """
        with self._database.read() as session:
            row = session.scalar(sa.select(LiveToken).where(LiveToken.digest == _digest(text)))
        if row is None:
            raise InvalidKeyError("This session token is not known.", "Make one: create_token.")
        if row.expires_at <= time.time():
            raise InvalidKeyError("This session token has expired.", "Make another.")
        return row

    def bind(self, token_id: str, session_id: str, seconds: float) -> None:
        """Give a token to the session that it opened, for as long as that may last.

        Raises:
            InvalidKeyError: it has opened one already.
        """
        with self._database.write() as session:
            changed = session.execute(
                sa.update(LiveToken)
                .where(LiveToken.id == token_id, LiveToken.session_id.is_(None))
                .values(session_id=session_id, expires_at=time.time() + seconds)
            )
            if not changed.rowcount:  # type: ignore[attr-defined]
                raise InvalidKeyError("This session token was used already.", "Make another.")
