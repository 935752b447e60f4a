"""What a voice sounds like, spoken once and kept."""

import threading

from visavis.domain.errors import NotFoundError
from visavis.jobs.processes import ChildError, run_child
from visavis.jobs.rendering import attempt_folder
from visavis.jobs.service import Service
from visavis.store.blobs import MissingBlobError

LONGEST_SECONDS = 120.0
_one = threading.Lock()


def voice_preview(service: Service, slug: str) -> str:
    """Key of a WAV file in which a stock voice speaks; made on first use.

    Raises:
        NotFoundError: no such voice, or one that this installation cannot let speak.
    """
    if slug not in {voice.slug for voice in service.core.offers.get().voices}:
        raise NotFoundError("voice", slug)
    key = f"previews/{slug}.wav"
    with _one:
        try:
            service.core.blobs.head(key)
        except MissingBlobError:
            _speak(service, slug, key)
    return key


def _speak(service: Service, slug: str, key: str) -> None:
    with attempt_folder(service, "voice") as folder:
        output = folder / "preview.wav"
        job = {"voice": slug, "output": str(output)}
        try:
            run_child("visavis.jobs.voice_child", job, folder=folder, longest=LONGEST_SECONDS)
        except ChildError as error:
            raise NotFoundError("preview of the voice", slug) from error
        service.core.blobs.put(key, output, "audio/wav")
