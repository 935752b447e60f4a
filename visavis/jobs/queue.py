"""The durable queue: DBOS in the same database as everything else."""

from sqlalchemy.orm import Session

from visavis.store.database import Database

APP = "visavis"
VERSION = "1"
"""Pinned: a job enqueued by one build is taken by another. Raise it when a workflow changes shape,
and drain the queue first."""

RENDERS, FINISHES, AVATARS, DELIVERIES = "renders", "finishes", "avatars", "deliveries"
FITS = "fits"
MAX_PRIORITY = 2**31 - 1


class Queue:
    """Enqueues from any process, inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        from dbos import DBOSClient, DBOSPortableJSONSerializer  # a third of a second to import

        self._client = DBOSClient(
            system_database_engine=database.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APP,
            lazy=True,
            retry_connection_errors=False,
        )

    def _enqueue(
        self,
        session: Session,
        queue: str,
        workflow: str,
        workflow_id: str,
        *args: str | int,
        priority: int = 0,
        delay: float = 0.0,
    ) -> None:
        options = {
            "workflow_name": workflow,
            "queue_name": queue,
            "workflow_id": workflow_id,
            "app_version": VERSION,
            "serialization_type": "portable",
        }
        if priority:
            options["priority"] = max(1, min(priority, MAX_PRIORITY))  # type: ignore[assignment]
        if delay > 0:
            options["delay_seconds"] = delay  # type: ignore[assignment]
        self._client.enqueue_in_transaction(session, options, *args)  # type: ignore[arg-type]

    def render(self, session: Session, video_id: str, number: int, priority: int) -> None:
        """See `visavis.domain.core.Jobs`."""
        name = f"render:{video_id}:{number}"
        self._enqueue(session, RENDERS, "render", name, video_id, number, priority=priority)

    def finish(self, session: Session, video_id: str) -> None:
        """See `visavis.domain.core.Jobs`."""
        self._enqueue(session, FINISHES, "finish", f"finish:{video_id}", video_id)

    def create_avatar(self, session: Session, avatar_id: str) -> None:
        """See `visavis.domain.core.Jobs`."""
        self._enqueue(session, AVATARS, "create_avatar", f"avatar:{avatar_id}", avatar_id)

    def create_voice(self, session: Session, voice_id: str) -> None:
        """See `visavis.domain.core.Jobs`."""
        self._enqueue(session, AVATARS, "create_voice", f"voice:{voice_id}", voice_id)

    def fit_voice(self, session: Session, voice_id: str) -> None:
        """See `visavis.domain.core.Jobs`."""
        self._enqueue(session, FITS, "fit_voice", f"fit:{voice_id}", voice_id)

    def deliver(self, session: Session, delivery_id: str, attempt: int, delay: float) -> None:
        """See `visavis.domain.core.Jobs`."""
        name = f"deliver:{delivery_id}:{attempt}"
        self._enqueue(session, DELIVERIES, "deliver", name, delivery_id, attempt, delay=delay)

    def close(self) -> None:
        """Give its threads back; the engine stays."""
        self._client.destroy()


def migrate_queue(database: Database) -> None:
    """Create or update the queue's own tables."""
    from dbos import DBOS  # see Queue

    url = database.engine.url.render_as_string(hide_password=False)
    DBOS.migrate(url)
