"""Turn sources into a rig: ``python -m visavis.jobs.avatar_child``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from visavis.errors import SourceError
from visavis.jobs.child import Progress, run
from visavis.media.types import Picture
from visavis.rigs.types import Rig

Warnings = list[dict[str, str]]


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Make the rig of ``kind`` from ``image`` or ``video``; write ``rig`` and its ``cover``.

    ``heard`` is the file whose sound is to give the avatar its voice; empty where none is.

    Raises:
        SourceError: the sources cannot become an avatar; says which check failed.
    """
    progress("checking", 0.0)
    makers = {"portrait": _portrait, "footage": _footage}
    if job["kind"] not in makers:
        raise SourceError(
            f"Avatars of the kind {job['kind']!r} cannot be made by this version.",
            "Create the avatar from a video, or from an image and a sound.",
            check="kind",
        )
    from visavis.media import write_cover

    if job["heard"]:
        from visavis.rigs.footage.voice_check import check_voice

        check_voice(Path(job["heard"]))
    rig, picture, warnings = makers[job["kind"]](job, progress)
    write_cover(Path(job["cover"]), picture)
    rig.save(Path(job["rig"]))
    return {"size": [int(picture.shape[1]), int(picture.shape[0])], "warnings": warnings}


def _portrait(job: dict[str, Any], progress: Progress) -> tuple[Rig, Picture, Warnings]:
    from visavis.face import load_image
    from visavis.rigs.portrait import PortraitRig

    picture = load_image(Path(job["image"]))
    progress("creating", 20.0)
    rig = PortraitRig.create(picture)
    return rig, picture, [asdict(warning) for warning in rig.warnings]


def _footage(job: dict[str, Any], progress: Progress) -> tuple[Rig, Picture, Warnings]:
    from visavis.media import decode_video
    from visavis.rigs.footage import create_footage

    def told(share: float, stage: str) -> None:
        progress(stage, share * 100)

    video = Path(job["video"])
    rig = create_footage(video, progress=told)
    return rig, next(iter(decode_video(video))).rgb, list(rig.notes["warnings"])


if __name__ == "__main__":
    run(work)
