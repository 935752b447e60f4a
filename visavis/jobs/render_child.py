"""Render one segment of a video: ``python -m visavis.jobs.render_child``.

The job names everything by path or slug; ``done`` gives duration, wall seconds, seconds before the
first frame, and seconds of work by stage.
"""

import time
from dataclasses import fields
from pathlib import Path
from typing import Any

from visavis.jobs.child import Progress, run


def _understood(job: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """The job in the words of the line, leaving out what this version does not know."""
    file = job["background_file"]
    words = {
        "avatar": Path(job["rig"]) if job["rig"] else job["presenter"],
        "background": Path(file) if file else job["background"] or None,
        "audio": Path(job["audio"]) if job["audio"] else None,
    }
    plain = (
        "text", "voice", "emotion", "speed", "resolution", "aspect", "layout", "captions", "seed"
    )  # fmt: skip
    words |= {name: job[name] for name in plain}
    return {name: value for name, value in words.items() if name in known}


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Render what the job says to ``output`` and ``cover``."""
    began = time.monotonic()
    progress("loading", 0.0)
    from visavis.line import Request, render  # seconds of imports: say first that we are alive

    request = Request(**_understood(job, {item.name for item in fields(Request)}))
    first = 0.0

    def told(share: float, stage: str) -> None:
        nonlocal first
        first = first or time.monotonic() - began
        progress(stage, share * 100)

    result = render(
        request,
        job["output"],
        cover=job["cover"] or None,
        subtitles=job["subtitles"],
        progress=told,
    )
    return {
        "duration": float(result.duration),
        "wall": time.monotonic() - began,
        "starting": first,
        "stages": {name: round(seconds, 3) for name, seconds in result.stages.items()},
    }


if __name__ == "__main__":
    run(work)
