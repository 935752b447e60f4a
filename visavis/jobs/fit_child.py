"""Fit a person's own voice to its recording: ``python -m visavis.jobs.fit_child``."""

from pathlib import Path
from typing import Any

import numpy as np

from visavis.jobs.child import Progress, run

RATE = 24_000


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Fit ``voice`` to ``recording``; write what speaks from now on into ``output``.

    Raises:
        VoiceError: the extra ``clone`` is not installed.
        FitError: the fit did not work.
        ModelError: weights are missing and cannot be fetched.
    """
    progress("listening", 0.0)
    from visavis.media import decode_audio
    from visavis.speech.person import PersonVoice, fit_voice

    matched = PersonVoice.load(Path(job["voice"]))
    samples = np.concatenate(list(decode_audio(Path(job["recording"]), RATE)))
    voice = fit_voice(
        samples, RATE, matched, progress=lambda share: progress("fitting", 100 * share)
    )
    voice.save(Path(job["output"]))
    return {"method": voice.method, "similarity": voice.cosines}


if __name__ == "__main__":
    run(work)
