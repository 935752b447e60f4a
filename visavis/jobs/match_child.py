"""Make a person's own voice of a recording: ``python -m visavis.jobs.match_child``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from visavis.jobs.child import Progress, run

RATE = 24_000


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Match a voice to ``recording``; write its files into the zip file ``output``.

    Raises:
        SourceError: the recording gives nobody a voice; says which check failed.
    """
    progress("listening", 0.0)
    from visavis.media import decode_audio
    from visavis.rigs.footage.voice_check import check_voice
    from visavis.speech.person import match_voice

    _, warnings = check_voice(Path(job["recording"]))
    samples = np.concatenate(list(decode_audio(Path(job["recording"]), RATE)))
    voice = match_voice(samples, RATE, name=job["name"], language=job["language"] or None)
    voice.save(Path(job["output"]))
    return {
        "nearest": voice.nearest,
        "language": voice.language,
        "similarity": voice.cosines,
        "warnings": [asdict(warning) for warning in warnings],
    }


if __name__ == "__main__":
    run(work)
