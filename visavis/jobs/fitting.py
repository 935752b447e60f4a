"""Fit a person's own voice better in the background, where the extra ``clone`` is installed.

The matched voice speaks from the first minute. The fitted one takes its place when it passes the
gates of `visavis.speech.person.judging`; otherwise nothing changes.
"""

import importlib.util
import logging
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from visavis.domain.errors import NotFoundError
from visavis.domain.voices import voice_folder
from visavis.jobs.attempts import still
from visavis.jobs.processes import ChildError, StoppedError, run_child
from visavis.jobs.rendering import attempt_folder, patiently
from visavis.jobs.service import Service
from visavis.store.blobs import MissingBlobError
from visavis.store.database import StoreError
from visavis.store.tables import Voice

log = logging.getLogger(__name__)

LONGEST_SECONDS = 3600.0


def enqueue_fit(service: Service, session: Session, voice_id: str) -> None:
    """Have a ready voice fitted, unless this machine cannot."""
    if importlib.util.find_spec("torch") is not None:
        service.core.jobs.fit_voice(session, voice_id)


def fit_voice(service: Service, voice_id: str) -> None:
    """Put a better voice in the place of the matched one; the voice works whatever happens."""
    voice = patiently(_ready, service, voice_id)
    if voice is None or voice.key is None:
        return
    try:
        key, similarity = _fit(service, voice, voice.key)
    except StoppedError:
        return  # the voice was deleted or made anew
    except (ChildError, StoreError) as error:
        log.warning("a voice was not fitted", extra={"voice": voice_id, "code": error.code})
        return
    except (MissingBlobError, NotFoundError):
        log.warning("a voice was not fitted", extra={"voice": voice_id, "code": "no_recording"})
        return
    if key and not patiently(_swap, service, voice_id, voice.key, key, similarity):
        patiently(service.core.blobs.delete, key)
    log.info("voice fitted", extra={"voice": voice_id, "good": bool(key)})


def _ready(service: Service, voice_id: str) -> Voice | None:
    with service.core.database.read() as session:
        voice = session.get(Voice, voice_id)
        return voice if voice is not None and voice.status == "ready" else None


def _fit(service: Service, voice: Voice, now: str) -> tuple[str, dict[str, float]]:
    """Key of the fitted voice and how alike it is; empty where the gates did not let it pass."""
    asset = service.assets.get(voice.workspace_id, voice.source or "")
    blobs = service.core.blobs
    with attempt_folder(service, f"fit-{voice.id}") as folder:
        recording = folder / f"recording.{asset.meta.get('format', 'bin')}"
        patiently(blobs.fetch, asset.key, recording)
        patiently(blobs.fetch, now, folder / "matched.voice")
        output = folder / "fitted.voice"
        job: dict[str, object] = {
            "recording": str(recording),
            "voice": str(folder / "matched.voice"),
            "output": str(output),
        }
        made = run_child(
            "visavis.jobs.fit_child",
            job,
            folder=folder,
            wanted=lambda: still(service, Voice.key, voice.id, now),
            longest=LONGEST_SECONDS,
        )
        if made["method"] != "fitted":
            return "", {}
        key = f"{voice_folder(voice)}/{secrets.token_hex(8)}.voice"
        patiently(blobs.put, key, output, "application/zip")
    return key, made["similarity"]


def _swap(
    service: Service, voice_id: str, before: str, key: str, similarity: dict[str, float]
) -> bool:
    """The old file stays: renders that have begun may still fetch it."""
    with service.core.database.write() as session:
        voice = session.scalar(sa.select(Voice).where(Voice.id == voice_id).with_for_update())
        if voice is None or voice.key != before:
            return False
        voice.key, voice.similarity = key, similarity
        return True
