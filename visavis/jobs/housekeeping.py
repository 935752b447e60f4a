"""What a worker does between jobs: end what cannot end itself, and delete what is old."""

import logging
import shutil
import time

import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer

from visavis.domain.videos import remove, remove_files
from visavis.jobs.creation import give_up_avatar
from visavis.jobs.queue import APP
from visavis.jobs.service import Service
from visavis.jobs.voicing import give_up_voice
from visavis.store.tables import Avatar, Delivery, DeliveryAttempt, Replay, Video, Voice

log = logging.getLogger(__name__)

DEAD_STATES = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
WORKFLOW_DAYS = 2.0
DELIVERY_DAYS = 30.0
UPLOAD_HOURS = 24.0
BATCH = 100
DEAD_LOOKED_AT = 500
DIED = "Its workers died again and again."
_DAY = 86_400.0


class Housekeeping:
    """One round does at most `BATCH` of each thing; several workers may run it at once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._client = DBOSClient(
            system_database_engine=service.core.database.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APP,
            lazy=True,
        )

    def round(self) -> None:
        """Everything once."""
        self.end_dead()
        self.expire_videos()
        self.drop_workflows()
        self._service.assets.forget_unfinished(UPLOAD_HOURS * 3600)
        self._drop_rows()
        self._drop_spool()

    def end_dead(self) -> int:
        """Fail videos, avatars and voices whose workflow died for good; returns how many."""
        found = self._client.list_workflows(
            status=DEAD_STATES,
            limit=DEAD_LOOKED_AT,
            sort_desc=True,
            load_input=False,
            load_output=False,
        )
        names = [item.workflow_id.split(":") for item in found]
        videos = {name[1] for name in names if name[0] in ("render", "finish")}
        avatars = {name[1] for name in names if name[0] == "avatar"}
        voices = {name[1] for name in names if name[0] == "voice"}
        with self._service.core.database.read() as session:
            alive = sa.select(Video.id).where(
                Video.id.in_(videos), Video.status.in_(("pending", "processing"))
            )
            stuck = list(session.scalars(alive))
            unmade = sa.select(Avatar.id).where(
                Avatar.id.in_(avatars), Avatar.status.in_(("pending", "processing"))
            )
            lost = list(session.scalars(unmade))
            silent = sa.select(Voice.id).where(
                Voice.id.in_(voices), Voice.status.in_(("pending", "processing"))
            )
            mute = list(session.scalars(silent))
        for video_id in stuck:
            self._service.runs.give_up(video_id, "processing_error", DIED)
        for avatar_id in lost:
            give_up_avatar(self._service, avatar_id, "processing_error", DIED)
        for voice_id in mute:
            give_up_voice(self._service, voice_id, DIED)
        return len(stuck) + len(lost) + len(mute)

    def expire_videos(self) -> int:
        """Delete videos, rows and files, that are older than the retention; returns how many."""
        core = self._service.core
        days = core.settings.retention_days
        if not days:
            return 0
        query = sa.select(Video).where(Video.finished_at < time.time() - days * _DAY)
        with core.database.read() as session:
            rows = list(session.scalars(query.limit(BATCH)))
        for row in rows:
            remove_files(core, row)
            with core.database.write() as session:
                if found := session.get(Video, row.id):
                    remove(core, session, found)
        if rows:
            log.info("videos expired", extra={"count": len(rows)})
        return len(rows)

    def drop_workflows(self) -> None:
        """Delete the queue's memory of work that ended days ago."""
        limit = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - WORKFLOW_DAYS * _DAY))
        found = self._client.list_workflows(
            status=["SUCCESS", *DEAD_STATES],
            end_time=limit,
            limit=BATCH,
            load_input=False,
            load_output=False,
        )
        if found:
            self._client.delete_workflows([item.workflow_id for item in found])

    def _drop_rows(self) -> None:
        now = time.time()
        with self._service.core.database.write() as session:
            session.execute(sa.delete(Replay).where(Replay.created_at < now - _DAY))
            old = sa.select(Delivery.id).where(
                Delivery.created_at < now - DELIVERY_DAYS * _DAY, Delivery.status != "pending"
            )
            ids = list(session.scalars(old.limit(BATCH)))
            session.execute(sa.delete(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(ids)))
            session.execute(sa.delete(Delivery).where(Delivery.id.in_(ids)))

    def _drop_spool(self) -> None:
        spool = self._service.core.settings.work_dir / "spool"
        for folder in spool.glob("*"):
            if folder.stat().st_mtime < time.time() - _DAY:
                shutil.rmtree(folder, ignore_errors=True)
