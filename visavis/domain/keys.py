"""Workspaces and their API keys."""

import contextlib
import hashlib
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa

from visavis.domain.core import Core
from visavis.domain.errors import FieldError, ForbiddenError, InvalidKeyError, NotFoundError
from visavis.store.database import StoreError
from visavis.store.tables import ApiKey, Workspace

SCOPES = ("read", "write", "admin")
"""read: look; write: make, change and delete; admin: keys as well."""

_PREFIX = "sk_vis_"
_USE_EVERY = 60.0
_BELIEVED = 1.0
_MAX_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a key of a workspace and what it may do."""

    workspace_id: str
    key_id: str
    key_name: str
    scopes: frozenset[str]
    rate_limit: int

    def need(self, scope: str) -> None:
        """Refuse unless this key has a scope.

        Raises:
            ForbiddenError: it has not.
        """
        if scope not in self.scopes:
            raise ForbiddenError(
                f"This key may not {scope}; its scopes are {', '.join(sorted(self.scopes))}.",
                "Use a key with that scope.",
            )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class Keys:
    """Make, find and revoke keys."""

    def __init__(self, core: Core) -> None:
        self._database = core.database
        self._quota = core.settings.quota_seconds
        self._notes = ThreadPoolExecutor(1, "keys")
        self._known: dict[str, tuple[float, Principal]] = {}

    def workspace(self, name: str) -> str:
        """The id of the workspace of this name, made on first use."""
        with self._database.write() as session:
            found = session.scalar(sa.select(Workspace).where(Workspace.name == name))
            if found is None:
                found = Workspace(name=name, quota_seconds=self._quota)
                session.add(found)
                session.flush()
            return found.id

    def create(
        self,
        workspace_id: str,
        name: str,
        scopes: list[str] | None = None,
        expires_in: float | None = None,
        rate_limit: int = 0,
    ) -> tuple[str, ApiKey]:
        """A new key; its text is returned here and nowhere else.

        Args:
            workspace_id: who owns it.
            name: for people.
            scopes: some of `SCOPES`; None gives read and write.
            expires_in: seconds it works, None for ever.
            rate_limit: calls a minute, 0 for the installation's own.
        """
        chosen = scopes if scopes is not None else ["read", "write"]
        if not chosen or set(chosen) - set(SCOPES):
            raise FieldError("scopes", "A scope is not known.", f"Use some of {', '.join(SCOPES)}.")
        if expires_in is not None and expires_in <= 0:
            raise FieldError("expires_in", "A key must work for more than 0 s.")
        text = _PREFIX + secrets.token_urlsafe(32)
        row = ApiKey(
            workspace_id=workspace_id,
            name=name[:200],
            prefix=text[:12],
            digest=_digest(text),
            scopes=chosen,
            rate_limit=rate_limit,
            expires_at=None if expires_in is None else time.time() + expires_in,
        )
        with self._database.write() as session:
            session.add(row)
        return text, row

    def authenticate(self, text: str) -> Principal:
        """Who a key belongs to.

        What was found is believed for a second, so a key that is revoked elsewhere may still work
        for that long.

        Raises:
            InvalidKeyError: unknown, expired or revoked.
        """
        digest, moment = _digest(text), time.monotonic()
        known = self._known.get(digest)
        if known is not None and moment - known[0] < _BELIEVED:
            return known[1]
        principal = self._look_up(digest)
        if len(self._known) > _MAX_KNOWN:
            self._known.clear()
        self._known[digest] = (moment, principal)
        return principal

    def _look_up(self, digest: str) -> Principal:
        now = time.time()
        with self._database.read() as session:
            row = session.scalar(sa.select(ApiKey).where(ApiKey.digest == digest))
        if row is None or row.revoked_at is not None:
            raise InvalidKeyError("This API key is not known.", "Create one: `visavis admin keys`.")
        if row.expires_at is not None and row.expires_at <= now:
            raise InvalidKeyError("This API key has expired.", "Create another.")
        if row.last_used_at is None or now - row.last_used_at > _USE_EVERY:
            self._notes.submit(self._note_use, row.id, now)
        return Principal(row.workspace_id, row.id, row.name, frozenset(row.scopes), row.rate_limit)

    def _note_use(self, key_id: str, now: float) -> None:
        """Beside the call: one that only reads must not wait for a lock."""
        with contextlib.suppress(StoreError), self._database.write() as session:
            session.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))

    def close(self) -> None:
        """Write down what is still to be noted."""
        self._notes.shutdown()

    def all(self, workspace_id: str) -> list[ApiKey]:
        """All keys of a workspace, newest first."""
        with self._database.read() as session:
            query = sa.select(ApiKey).where(ApiKey.workspace_id == workspace_id)
            return list(session.scalars(query.order_by(ApiKey.created_at.desc())))

    def revoke(self, workspace_id: str, key_id: str) -> None:
        """Make a key stop working.

        Raises:
            NotFoundError: no such key here.
        """
        with self._database.write() as session:
            query = sa.update(ApiKey).where(
                ApiKey.id == key_id, ApiKey.workspace_id == workspace_id
            )
            changed = session.execute(query.values(revoked_at=time.time()))
            if not changed.rowcount:  # type: ignore[attr-defined]
                raise NotFoundError("key", key_id)
        self._known.clear()
