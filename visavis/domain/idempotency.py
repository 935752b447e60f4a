"""The same Idempotency-Key gets the same answer and never does the work twice."""

import hashlib
import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from visavis.domain.core import Core
from visavis.domain.errors import BusyError, FieldError, ReusedKeyError
from visavis.store.tables import Replay

KEEP_SECONDS = 24 * 3600.0
STALE_SECONDS = 120.0
"""After this long an unfinished call is taken for dead and its key may be tried again."""

_NAMESPACE = uuid.UUID("6f0f7f0c-6c36-5a0c-9d5c-0d8c6d0f5a11")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A key that is being worked on.

    Attributes:
        scope: method and path.
        key: as the client sent it.
        id: what the thing that is created must be called, the same for every try.
    """

    workspace_id: str
    scope: str
    key: str
    id: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """The answer that was given before."""

    status: int
    body: bytes


class Idempotency:
    """Keeps the answers for a day."""

    def __init__(self, core: Core) -> None:
        self._database = core.database

    def begin(self, workspace_id: str, scope: str, key: str, body: bytes) -> Ticket | Replayed:
        """Start the work of a key, or find its answer.

        Raises:
            FieldError: the key is empty, too long or has odd characters.
            BusyError: another call with this key is running.
            ReusedKeyError: the key came with another body before.
        """
        if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
            raise FieldError("Idempotency-Key", "An Idempotency-Key has 1 to 255 characters.")
        seed = f"{workspace_id}\n{scope}\n{key}"
        ticket = Ticket(workspace_id, scope, key, str(uuid.uuid5(_NAMESPACE, seed)))
        fingerprint = hashlib.sha256(body).hexdigest()
        try:
            return self._claim(ticket, fingerprint)
        except IntegrityError as error:
            raise _busy() from error

    def _claim(self, ticket: Ticket, fingerprint: str) -> Ticket | Replayed:
        workspace_id, scope, key = ticket.workspace_id, ticket.scope, ticket.key
        with self._database.write() as session:
            found = session.get(Replay, (workspace_id, scope, key), with_for_update=True)
            if found is None:  # an insert, of which only one can win
                session.add(
                    Replay(
                        workspace_id=workspace_id,
                        scope=scope,
                        key=key,
                        fingerprint=fingerprint,
                        created_at=time.time(),
                    )
                )
                return ticket
            if found.created_at < time.time() - KEEP_SECONDS:
                found.fingerprint, found.created_at = fingerprint, time.time()
                found.status_code = found.body = None
                return ticket
            if found.fingerprint != fingerprint:
                raise ReusedKeyError(
                    "This Idempotency-Key was used with another body.", "Use a fresh key."
                )
            if found.status_code is not None:
                return Replayed(found.status_code, (found.body or "").encode())
            if found.created_at > time.time() - STALE_SECONDS:
                raise _busy()
            found.created_at = time.time()
            return ticket

    def finish(self, ticket: Ticket, status: int, body: bytes | None) -> None:
        """Keep a good answer; forget the key after a bad one, so that it may be tried again.

        Args:
            ticket: of `begin`.
            status: of the answer.
            body: JSON; None for what is not kept, such as a picture.
        """
        where = (
            Replay.workspace_id == ticket.workspace_id,
            Replay.scope == ticket.scope,
            Replay.key == ticket.key,
        )
        with self._database.write() as session:
            if status < 300 and body is not None:
                session.execute(
                    sa.update(Replay).where(*where).values(status_code=status, body=body.decode())
                )
            else:
                session.execute(sa.delete(Replay).where(*where))


def _busy() -> BusyError:
    return BusyError("A call with this Idempotency-Key is running.", "Wait for it.")
