"""The durable workflows. Their arguments are ids; what happens is in the database and the files.

A workflow that dies with its worker is begun again on the next one, from its last finished step.
"""

import time

from dbos import DBOS

from visavis.domain.errors import LinkError
from visavis.jobs.creation import create_avatar
from visavis.jobs.fitting import fit_voice
from visavis.jobs.rendering import finish_video, patiently, render_segment
from visavis.jobs.service import Service
from visavis.jobs.voicing import create_voice

MAX_RECOVERIES = 60
"""Deaths of workers that a workflow outlives; the domain gives a segment up much earlier."""

MAX_AVATAR_RECOVERIES = 10
"""The same for avatars and voices, whose tries nobody else counts."""

RETRY_SECONDS = 2.0
_opened: list[Service] = []


def use(service: Service) -> None:
    """The installation that the workflows of this process work on."""
    _opened[:] = [service]


@DBOS.step(name="render_segment")
def _render_segment(video_id: str, number: int) -> bool:
    return render_segment(_opened[0], video_id, number)


@DBOS.workflow(name="render", max_recovery_attempts=MAX_RECOVERIES)
def render(video_id: str, number: int) -> None:
    """Try a segment until it is done or given up."""
    wait = RETRY_SECONDS
    while _render_segment(video_id, number):
        DBOS.sleep(wait)
        wait *= 2


@DBOS.step(name="finish_video")
def _finish_video(video_id: str) -> None:
    finish_video(_opened[0], video_id)


@DBOS.workflow(name="finish", max_recovery_attempts=MAX_RECOVERIES)
def finish(video_id: str) -> None:
    """Join and publish."""
    _finish_video(video_id)


@DBOS.step(name="make_avatar")
def _make_avatar(avatar_id: str) -> None:
    create_avatar(_opened[0], avatar_id)


@DBOS.workflow(name="create_avatar", max_recovery_attempts=MAX_AVATAR_RECOVERIES)
def create(avatar_id: str) -> None:
    """Turn sources into an avatar."""
    _make_avatar(avatar_id)


@DBOS.step(name="make_voice")
def _make_voice(voice_id: str) -> None:
    create_voice(_opened[0], voice_id)


@DBOS.workflow(name="create_voice", max_recovery_attempts=MAX_AVATAR_RECOVERIES)
def voice(voice_id: str) -> None:
    """Turn a recording into a voice."""
    _make_voice(voice_id)


@DBOS.step(name="fit_voice")
def _fit_voice(voice_id: str) -> None:
    fit_voice(_opened[0], voice_id)


@DBOS.workflow(name="fit_voice", max_recovery_attempts=MAX_AVATAR_RECOVERIES)
def fit(voice_id: str) -> None:
    """Make a voice better that speaks already."""
    _fit_voice(voice_id)


@DBOS.step(name="send")
def _send(delivery_id: str, attempt: int) -> None:
    service = _opened[0]
    post = patiently(service.webhooks.prepare, delivery_id, attempt)
    if post is None:
        return
    status, problem, retry_after = None, None, 0.0
    began = time.monotonic()
    try:
        answer = service.core.fetcher.send(
            "POST",
            post.delivery.url,
            post.headers,
            post.body,
            service.core.settings.webhook_seconds,
        )
    except LinkError as error:
        problem = error.message
    else:
        status = answer.status
        wanted = answer.headers.get("retry-after", "")
        retry_after = min(float(wanted), 86_400.0) if wanted.isdigit() else 0.0
    seconds = time.monotonic() - began
    patiently(
        service.webhooks.settle,
        delivery_id,
        attempt,
        status,
        problem,
        seconds,
        retry_after=retry_after,
    )


@DBOS.workflow(name="deliver", max_recovery_attempts=MAX_RECOVERIES)
def deliver(delivery_id: str, attempt: int) -> None:
    """Tell a receiver once; the next attempt is a workflow of its own."""
    _send(delivery_id, attempt)
