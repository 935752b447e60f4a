"""Make a person's own voice of its recording."""

import logging
import secrets
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from visavis.domain.errors import NotFoundError
from visavis.domain.voices import voice_folder
from visavis.jobs.processes import ChildError, StoppedError, run_child
from visavis.jobs.rendering import attempt_folder, patiently
from visavis.jobs.service import Service
from visavis.store.blobs import MissingBlobError
from visavis.store.database import StoreError
from visavis.store.tables import Voice

log = logging.getLogger(__name__)

MAX_FAILED = 3
LONGEST_SECONDS = 900.0


def create_voice(service: Service, voice_id: str) -> None:
    """Match the voice; whatever happens, it ends ready or failed."""
    for attempt in range(1, MAX_FAILED + 1):
        fence = secrets.token_hex(8)
        voice = patiently(_begin, service, voice_id, fence)
        if voice is None:
            return
        try:
            key, made = _create(service, voice, fence)
        except StoppedError:
            return
        except (ChildError, StoreError) as error:
            if error.retryable and attempt < MAX_FAILED:
                time.sleep(attempt)
                continue
            patiently(_settle, service, voice_id, fence, "", {}, error.message)
        except (MissingBlobError, NotFoundError):
            patiently(_settle, service, voice_id, fence, "", {}, "Its recording is gone.")
        else:
            patiently(_settle, service, voice_id, fence, key, made, "")
        return


def match_voice(
    service: Service, recording: Path, folder: Path, key: str, *, name: str, language: str
) -> dict[str, Any]:
    """Make a voice of a recording on disk in a child process and keep it under `key`.

    Raises:
        ChildError: there is too little speech in it, or the child died.
    """
    output = folder / "own.voice"
    job = {
        "recording": str(recording),
        "output": str(output),
        "name": name,
        "language": language,
        "memory_mb": service.core.settings.render_memory_mb,
    }
    made = run_child("visavis.jobs.match_child", job, folder=folder, longest=LONGEST_SECONDS)
    patiently(service.core.blobs.put, key, output, "application/zip")
    return made


def _begin(service: Service, voice_id: str, fence: str) -> Voice | None:
    with service.core.database.write() as session:
        voice = session.scalar(sa.select(Voice).where(Voice.id == voice_id).with_for_update())
        if voice is None or voice.status not in ("pending", "processing"):
            return None
        voice.status, voice.fence = "processing", fence
        return voice


def _create(service: Service, voice: Voice, fence: str) -> tuple[str, dict[str, Any]]:
    asset = service.assets.get(voice.workspace_id, voice.source or "")
    key = f"{voice_folder(voice)}/{fence}.voice"
    with attempt_folder(service, f"voice-{voice.id}") as folder:
        recording = folder / f"recording.{asset.meta.get('format', 'bin')}"
        patiently(service.core.blobs.fetch, asset.key, recording)
        made = match_voice(
            service, recording, folder, key, name=voice.name, language=voice.language
        )
    return key, made


def _settle(
    service: Service, voice_id: str, fence: str, key: str, made: dict[str, Any], message: str
) -> None:
    with service.core.database.write() as session:
        voice = session.scalar(sa.select(Voice).where(Voice.id == voice_id).with_for_update())
        if voice is None or voice.fence != fence:
            return
        if key:
            voice.status, voice.key, voice.base = "ready", key, made["nearest"]
            voice.language = made["language"]
        else:
            voice.status, voice.error_message = "failed", message
    log.info("voice settled", extra={"voice": voice_id, "good": bool(key)})


def give_up_voice(service: Service, voice_id: str, message: str) -> None:
    """End a voice that cannot be made."""
    fence = secrets.token_hex(8)
    if _begin(service, voice_id, fence) is not None:
        _settle(service, voice_id, fence, "", {}, message)
