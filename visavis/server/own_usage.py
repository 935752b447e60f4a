"""Seconds of video by day."""

import time
from typing import Any

import sqlalchemy as sa

from visavis.server.context import Call
from visavis.store.tables import Usage

DAY = 86_400


def by_day(call: Call, days: int, now: float) -> list[dict[str, Any]]:
    """Seconds and videos of each of the last days in UTC, oldest first, empty ones among them."""
    today = int(now // DAY)
    first = today - days + 1
    query = sa.select(Usage.created_at, Usage.seconds).where(
        Usage.workspace_id == call.workspace, Usage.created_at >= first * DAY
    )
    seconds = dict.fromkeys(range(first, today + 1), 0.0)
    videos = dict.fromkeys(range(first, today + 1), 0)
    with call.service.core.database.read() as session:
        for made, length in session.execute(query):
            day = int(made // DAY)
            seconds[day] = seconds.get(day, 0.0) + length
            videos[day] = videos.get(day, 0) + 1
    return [
        {
            "date": time.strftime("%Y-%m-%d", time.gmtime(day * DAY)),
            "seconds": round(seconds[day], 1),
            "videos": videos[day],
        }
        for day in range(first, today + 1)
    ]
