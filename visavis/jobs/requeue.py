"""After a restore: put what was not finished back into the queue, which was not in the backup."""

import time

import sqlalchemy as sa

from visavis.domain.videos import start
from visavis.jobs.service import Service
from visavis.store.tables import Avatar, Delivery, Segment, Video, Voice


def requeue(service: Service) -> int:
    """Enqueue every video, avatar and delivery that has not ended; returns how many."""
    core = service.core
    count = 0
    with core.database.write() as session:
        waiting = sa.select(Avatar).where(Avatar.status.in_(("pending", "processing")))
        for avatar in session.scalars(waiting):
            core.jobs.create_avatar(session, avatar.id)
            count += 1
        unmade = sa.select(Voice).where(Voice.status.in_(("pending", "processing")))
        for voice in session.scalars(unmade):
            core.jobs.create_voice(session, voice.id)
            count += 1
        for video in session.scalars(
            sa.select(Video).where(Video.status.in_(("pending", "processing")))
        ):
            count += 1
            if video.stage == "avatar":
                continue
            session.execute(
                sa.update(Segment)
                .where(Segment.video_id == video.id)
                .values(status="pending", percent=0.0, fence="", attempts=0)
            )
            video.status, video.started_at = "pending", None
            start(core, session, video)
        for delivery in session.scalars(sa.select(Delivery).where(Delivery.status == "pending")):
            wait = max(0.0, (delivery.next_at or 0.0) - time.time())
            core.jobs.deliver(session, delivery.id, delivery.attempts + 1, wait)
            count += 1
    return count
