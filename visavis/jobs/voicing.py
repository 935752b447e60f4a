"""Make a person's own voice of its recording."""

import logging
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from visavis.domain.estimates import VOICE, Estimates
from visavis.domain.voices import voice_folder
from visavis.jobs.attempts import make, still
from visavis.jobs.fitting import enqueue_fit
from visavis.jobs.meter import Meter
from visavis.jobs.processes import run_child
from visavis.jobs.rendering import attempt_folder, patiently
from visavis.jobs.service import Service
from visavis.store.tables import Voice

log = logging.getLogger(__name__)

LONGEST_SECONDS = 900.0


def create_voice(service: Service, voice_id: str) -> None:
    """Match the voice; whatever happens, it ends ready or failed."""
    make(
        service,
        partial(_begin, service, voice_id),
        partial(_create, service),
        partial(_settle, service, voice_id),
        "Its recording is gone.",
    )


def match_voice(
    service: Service,
    recording: Path,
    folder: Path,
    key: str,
    *,
    name: str,
    language: str,
    wanted: Callable[[], bool],
) -> dict[str, Any]:
    """Make a voice of a recording on disk in a child process and keep it under `key`.

    Raises:
        ChildError: there is too little speech in it, or the child died.
        StoppedError: nobody wants it any more.
    """
    output = folder / "own.voice"
    job = {
        "recording": str(recording),
        "output": str(output),
        "name": name,
        "language": language,
        "memory_mb": service.core.settings.render_memory_mb,
    }
    made = run_child(
        "visavis.jobs.match_child", job, folder=folder, wanted=wanted, longest=LONGEST_SECONDS
    )
    patiently(service.core.blobs.put, key, output, "application/zip")
    return made


def _begin(service: Service, voice_id: str, fence: str) -> Voice | None:
    with service.core.database.write() as session:
        voice = session.scalar(sa.select(Voice).where(Voice.id == voice_id).with_for_update())
        if voice is None or voice.status not in ("pending", "processing"):
            return None
        voice.status, voice.fence = "processing", fence
        return voice


def _create(service: Service, voice: Voice, fence: str, meter: Meter) -> dict[str, Any]:
    asset = service.assets.get(voice.workspace_id, voice.source or "")
    key = f"{voice_folder(voice)}/{fence}.voice"

    def wanted() -> bool:
        meter.look()
        return still(service, Voice.fence, voice.id, fence)

    with attempt_folder(service, f"voice-{voice.id}") as folder:
        recording = folder / f"recording.{asset.meta.get('format', 'bin')}"
        patiently(service.core.blobs.fetch, asset.key, recording)
        made = match_voice(
            service,
            recording,
            folder,
            key,
            name=voice.name,
            language=voice.language,
            wanted=wanted,
        )
    return made | {"key": key}


def _settle(
    service: Service,
    voice_id: str,
    fence: str,
    made: dict[str, Any] | None,
    _code: str,
    message: str,
    seconds: float = 0.0,
) -> None:
    with service.core.database.write() as session:
        voice = session.scalar(sa.select(Voice).where(Voice.id == voice_id).with_for_update())
        if voice is None or voice.fence != fence:
            return
        if made:
            Estimates(session).learn_avatar(VOICE, seconds)
            voice.status, voice.key, voice.base = "ready", made["key"], made["nearest"]
            voice.language, voice.similarity = made["language"], made["similarity"]
            enqueue_fit(service, session, voice_id)
        else:
            voice.status, voice.error_message = "failed", message
    log.info("voice settled", extra={"voice": voice_id, "good": bool(made)})


def give_up_voice(service: Service, voice_id: str, message: str) -> None:
    """End a voice that cannot be made."""
    fence = secrets.token_hex(8)
    if _begin(service, voice_id, fence) is not None:
        _settle(service, voice_id, fence, None, "", message)
