"""Endpoints, deliveries and their signatures."""

import base64
import hashlib
import hmac
import random
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from visavis.domain.core import Core
from visavis.domain.errors import ConflictError, FieldError, LinkError, NotFoundError
from visavis.domain.events import JOGGAI_EVENTS, KONPRO_EVENTS, MOSAIC_FLAGS
from visavis.store.tables import Delivery, DeliveryAttempt, Endpoint, new_id

SCHEDULE = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each attempt, counted from the one before."""

MAX_ENDPOINTS = 20
OLD_SECRET_SECONDS = 24 * 3600.0
PROBE_SECONDS = 1.0
EVENTS = {"konpro": KONPRO_EVENTS, "joggai": JOGGAI_EVENTS, "mosaic": MOSAIC_FLAGS}


@dataclass(frozen=True, slots=True)
class Post:
    """One attempt, ready to be sent."""

    delivery: Delivery
    headers: dict[str, str]
    body: bytes


class Webhooks:
    """Where a workspace hears of events, and what it heard."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._database = core.database

    def add(
        self,
        workspace_id: str,
        dialect: str,
        url: str,
        events: list[str] | None,
        *,
        entity_id: str | None = None,
        probe: bool = False,
        id: str | None = None,
    ) -> Endpoint:
        """Register a receiver.

        Args:
            workspace_id: who owns it.
            dialect: whose words it understands.
            url: where it listens.
            events: what it hears of; None or empty is everything.
            entity_id: only kept and given back.
            probe: send OPTIONS first and refuse a receiver that does not answer within a second.
            id: what it must be called.

        Raises:
            FieldError: an unknown event, or a receiver that does not answer.
            LinkError: a link that may not be called.
            ConflictError: there are `MAX_ENDPOINTS` already.
        """
        chosen = _known(dialect, events)
        self._core.fetcher.check(url)
        if probe:
            try:
                self._core.fetcher.send("OPTIONS", url, {}, b"", PROBE_SECONDS)
            except LinkError as error:
                raise FieldError(
                    "url", "The receiver did not answer OPTIONS within 1 s.", error.remedy
                ) from error
        row = Endpoint(
            id=id or f"wh_{new_id().replace('-', '')}",
            workspace_id=workspace_id,
            dialect=dialect,
            url=url,
            events=chosen,
            secret=new_secret(),
            status="enabled",
            entity_id=entity_id,
        )
        with self._database.write() as session:
            if found := session.get(Endpoint, row.id):
                return found
            count = session.scalar(
                sa.select(sa.func.count())
                .select_from(Endpoint)
                .where(Endpoint.workspace_id == workspace_id)
            )
            if (count or 0) >= MAX_ENDPOINTS:
                raise ConflictError(
                    f"A workspace has at most {MAX_ENDPOINTS} endpoints.", "Delete one first."
                )
            session.add(row)
        return row

    def endpoints(self, workspace_id: str, dialect: str) -> list[Endpoint]:
        """The receivers of a dialect, oldest first."""
        query = sa.select(Endpoint).where(
            Endpoint.workspace_id == workspace_id, Endpoint.dialect == dialect
        )
        with self._database.read() as session:
            return list(session.scalars(query.order_by(Endpoint.created_at)))

    def get(self, workspace_id: str, endpoint_id: str) -> Endpoint:
        """One receiver.

        Raises:
            NotFoundError: none in this workspace.
        """
        with self._database.read() as session:
            row = session.scalar(
                sa.select(Endpoint).where(
                    Endpoint.id == endpoint_id, Endpoint.workspace_id == workspace_id
                )
            )
        if row is None:
            raise NotFoundError("endpoint", endpoint_id)
        return row

    def update(
        self,
        workspace_id: str,
        endpoint_id: str,
        *,
        url: str | None = None,
        events: list[str] | None = None,
        status: str | None = None,
    ) -> Endpoint:
        """Change a receiver; None leaves a field as it is."""
        row = self.get(workspace_id, endpoint_id)
        if url is not None:
            self._core.fetcher.check(url)
        if status is not None and status not in ("enabled", "disabled"):
            raise FieldError("status", "An endpoint is enabled or disabled.")
        chosen = None if events is None else _known(row.dialect, events)
        with self._database.write() as session:
            row = session.merge(row)
            row.url = url if url is not None else row.url
            row.events = chosen if chosen is not None else row.events
            row.status = status if status is not None else row.status
        return row

    def rotate(self, workspace_id: str, endpoint_id: str) -> Endpoint:
        """A new secret; for a day deliveries carry both signatures."""
        row = self.get(workspace_id, endpoint_id)
        with self._database.write() as session:
            row = session.merge(row)
            row.old_secret, row.old_secret_until = row.secret, time.time() + OLD_SECRET_SECONDS
            row.secret = new_secret()
        return row

    def delete(self, workspace_id: str, endpoint_id: str) -> None:
        """Forget a receiver; its waiting deliveries end."""
        row = self.get(workspace_id, endpoint_id)
        with self._database.write() as session:
            session.execute(
                sa.update(Delivery)
                .where(Delivery.endpoint_id == row.id, Delivery.status == "pending")
                .values(status="failed", next_at=None)
            )
            session.execute(
                sa.update(Delivery).where(Delivery.endpoint_id == row.id).values(endpoint_id=None)
            )
            session.execute(sa.delete(Endpoint).where(Endpoint.id == row.id))

    def deliveries(self, workspace_id: str, subject: str = "", limit: int = 100) -> list[Delivery]:
        """What was told or waits to be told, newest first."""
        query = sa.select(Delivery).where(Delivery.workspace_id == workspace_id)
        if subject:
            query = query.where(Delivery.subject == subject)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(Delivery.created_at.desc()).limit(limit)))

    def attempts(self, workspace_id: str, delivery_id: str) -> list[DeliveryAttempt]:
        """The log of one delivery.

        Raises:
            NotFoundError: none in this workspace.
        """
        self._delivery(workspace_id, delivery_id)
        query = sa.select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery_id)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(DeliveryAttempt.number)))

    def _delivery(self, workspace_id: str, delivery_id: str) -> Delivery:
        with self._database.read() as session:
            row = session.scalar(
                sa.select(Delivery).where(
                    Delivery.id == delivery_id, Delivery.workspace_id == workspace_id
                )
            )
        if row is None:
            raise NotFoundError("delivery", delivery_id)
        return row

    def replay(self, workspace_id: str, delivery_id: str) -> Delivery:
        """Tell it once more, under the same message id."""
        row = self._delivery(workspace_id, delivery_id)
        with self._database.write() as session:
            row = session.merge(row)
            row.status, row.next_at, row.delivered_at = "pending", time.time(), None
            self._core.jobs.deliver(session, row.id, row.attempts + 1, 0.0)
        return row

    def prepare(self, delivery_id: str, attempt: int) -> Post | None:
        """What has to be sent now; None where this attempt is not due any more."""
        with self._database.read() as session:
            row = session.get(Delivery, delivery_id)
            endpoint = session.get(Endpoint, row.endpoint_id) if row and row.endpoint_id else None
        if row is None or row.status != "pending" or row.attempts >= attempt:
            return None
        if endpoint is not None and endpoint.status != "enabled":
            self.settle(row.id, attempt, None, "The endpoint is disabled.", 0.0, final=True)
            return None
        keys = [endpoint.secret] if endpoint else [self.workspace_secret(row.workspace_id)]
        if endpoint and endpoint.old_secret and (endpoint.old_secret_until or 0) > time.time():
            keys.append(endpoint.old_secret)
        body = row.body.encode()
        return Post(row, sign(row.dialect, row.event, row.id, body, keys, time.time()), body)

    def workspace_secret(self, workspace_id: str) -> str:
        """Signs what is told to the link of a single request."""
        raw = bytes.fromhex(self._database.secret(f"hook:{workspace_id}"))
        return "whsec_" + base64.b64encode(raw).decode()

    def settle(
        self,
        delivery_id: str,
        attempt: int,
        status: int | None,
        error: str | None,
        seconds: float,
        *,
        retry_after: float = 0.0,
        final: bool = False,
    ) -> None:
        """Log an attempt and queue the next one where it failed."""
        good = status is not None and 200 <= status < 300
        with self._database.write() as session:
            row = session.scalar(
                sa.select(Delivery).where(Delivery.id == delivery_id).with_for_update()
            )
            if row is None or row.attempts >= attempt:
                return
            row.attempts = attempt
            session.merge(
                DeliveryAttempt(
                    delivery_id=row.id,
                    number=attempt,
                    at=time.time(),
                    status_code=status,
                    error=error,
                    seconds=seconds,
                )
            )
            if good:
                row.status, row.next_at, row.delivered_at = "delivered", None, time.time()
            elif final or status == 410 or attempt >= len(SCHEDULE):
                row.status, row.next_at = "failed", None
                endpoint = session.get(Endpoint, row.endpoint_id) if row.endpoint_id else None
                if status == 410 and endpoint is not None:
                    endpoint.status = "disabled"
            else:
                delay = max(next_delay(attempt), retry_after)
                row.next_at = time.time() + delay
                self._core.jobs.deliver(session, row.id, attempt + 1, delay)


def _known(dialect: str, events: list[str] | None) -> list[str]:
    for event in events or []:
        if event not in EVENTS[dialect]:
            raise FieldError(
                "events", f"There is no event {event[:60]!r}.", f"Use {', '.join(EVENTS[dialect])}."
            )
    return list(dict.fromkeys(events or []))


def new_secret() -> str:
    """A fresh signing secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def next_delay(attempt: int) -> float:
    """Seconds to wait after a failed attempt: the schedule with up to a tenth of jitter."""
    return SCHEDULE[attempt] * (1 + random.uniform(0, 0.1))  # noqa: S311


def sign(
    dialect: str, event: str, message_id: str, body: bytes, keys: list[str], now: float
) -> dict[str, str]:
    """Headers of one attempt: Standard Webhooks 1.0.0, and the dialect's own.

    Args:
        dialect: whose own header is added.
        event: its name.
        message_id: the same for all attempts.
        body: what is sent, byte for byte.
        keys: secrets, the newest first.
        now: seconds since 1970.
    """
    stamp = datetime.fromtimestamp(int(now), UTC)
    text = body.decode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Visavis-Webhook/1.0",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": " ".join(Webhook(key).sign(message_id, stamp, text) for key in keys),
    }
    own = hmac.new(keys[0].encode(), body, hashlib.sha256).hexdigest()
    if dialect == "joggai":
        headers |= {"X-Webhook-Event": event, "X-Webhook-Signature": own}
    elif dialect == "mosaic":
        headers["X-Mosaic-Signature"] = keys[0]
    else:
        headers["signature"] = own
    return headers
