"""Render one segment of a video: ``python -m visavis.jobs.render_child``.

The job names everything by path or slug; ``done`` gives duration, wall seconds, seconds before the
first frame, and seconds of work by stage.
"""

import logging
import time
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visavis.errors import ModelError
from visavis.jobs.child import Progress, run

if TYPE_CHECKING:
    from visavis.line import Request
    from visavis.speech.person import PersonVoice

log = logging.getLogger(__name__)


def _understood(job: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """The job in the words of the line, leaving out what this version does not know."""
    file = job["background_file"]
    words = {
        "avatar": Path(job["rig"]) if job["rig"] else job["presenter"],
        "background": Path(file) if file else job["background"] or None,
        "audio": Path(job["audio"]) if job["audio"] else None,
    }
    plain = (
        "text", "emotion", "speed", "resolution", "aspect", "layout", "captions", "seed"
    )  # fmt: skip
    words |= {name: job[name] for name in plain}
    own = job.get("voice_file")
    words["voice"] = _own_voice(Path(own)) if own else job["voice"] or None
    return {name: value for name, value in words.items() if name in known}


def _own_voice(path: Path) -> "PersonVoice":
    """The voice that `visavis.jobs.match_child` made."""
    from visavis.speech.person import PersonVoice

    with zipfile.ZipFile(path) as packed:
        return PersonVoice.from_members({name: packed.read(name) for name in packed.namelist()})


def _stage_words(stage: dict[str, Any]) -> dict[str, Any]:
    """Fields of `visavis.line.Request`, from what `visavis.jobs.staging` wrote."""
    from visavis.scene.storyboard import CaptionPlan, LayoutPlan, WatermarkPlan

    words = dict(stage)
    plan, captions, mark = (words.pop(name) for name in ("layout", "captions", "watermark"))
    if plan["name"] != "full":
        words["layout"] = LayoutPlan.model_validate(plan).build()
    if plan["name"] == "voice":
        words["avatar"] = None
    words["captions"] = CaptionPlan.model_validate(captions).build() if captions else False
    words["watermark"] = WatermarkPlan.model_validate(mark).build() if mark else None
    return words


def request_of(job: dict[str, Any]) -> "Request":
    """The request of a video without scenes."""
    from visavis.line import Request

    known = {item.name for item in fields(Request)}
    return Request(**_understood(job, known) | _stage_words(job["stage"]))


def _can_hear() -> bool:
    """Whether the words of a recording can be found; without, it has no captions beside it."""
    from visavis import models

    try:
        models.ensure("whisper-base")
    except ModelError as error:
        log.warning("no captions of a recording: %s", error)
        return False
    return True


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Render what the job says to ``output`` and ``cover``."""
    began = time.monotonic()
    progress("loading", 0.0)
    from visavis.line import render, render_film  # seconds of imports: say that we are alive

    first = 0.0

    def told(share: float, stage: str) -> None:
        nonlocal first
        first = first or time.monotonic() - began
        progress(stage, share * 100)

    subtitles = job["subtitles"] if job["words_needed"] or _can_hear() else []
    beside: dict[str, Any] = {"cover": job["cover"] or None, "subtitles": subtitles}
    beside["progress"] = told
    if film := job.get("film"):
        from visavis.scene.storyboard import settled

        own = {slug: _own_voice(Path(path)) for slug, path in film["voices"].items()}
        result = render_film(settled(film["plan"]), job["output"], voices=own, **beside)
    else:
        result = render(request_of(job), job["output"], **beside)
    return {
        "duration": float(result.duration),
        "wall": time.monotonic() - began,
        "starting": first,
        "stages": {name: round(seconds, 3) for name, seconds in result.stages.items()},
    }


if __name__ == "__main__":
    run(work)
