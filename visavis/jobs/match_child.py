"""Make a person's own voice of a recording: ``python -m visavis.jobs.match_child``."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from visavis.errors import SourceError
from visavis.jobs.child import Progress, run

RATE = 24_000

LEAST_SPEECH = 1.5
"""Seconds in which somebody must be heard speaking; a tone or music is not a voice."""


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Match a voice to ``recording``; write its files into the zip file ``output``.

    Raises:
        SourceError: there is too little speech in it, or none.
    """
    progress("listening", 0.0)
    from visavis.media import decode_audio
    from visavis.speech.person import match_voice

    _need_speech(Path(job["recording"]))
    samples = np.concatenate(list(decode_audio(Path(job["recording"]), RATE)))
    voice = match_voice(samples, RATE, name=job["name"], language=job["language"] or None)
    with zipfile.ZipFile(job["output"], "w", zipfile.ZIP_STORED) as packed:
        for name, content in voice.members().items():
            packed.writestr(name, content)
    return {"nearest": voice.nearest, "language": voice.language}


def _need_speech(recording: Path) -> None:
    from visavis.media import decode_audio
    from visavis.rigs.footage import sound

    samples = np.concatenate(list(decode_audio(recording, sound.RATE)))
    speaking = sound.voice_activity(samples) > sound.SPEAKING
    seconds = float(speaking.sum()) * sound.WINDOW / sound.RATE
    if seconds < LEAST_SPEECH:
        raise SourceError(
            f"Somebody is heard speaking for {seconds:.1f} s only.",
            "Give at least 3 s of one person speaking, better 8 s.",
            check="speech",
        )


if __name__ == "__main__":
    run(work)
