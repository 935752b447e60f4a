"""Draw a still, film a greeting, check a source: one JSON job a line, one answer.

Run by `visavis.server.stills.Stills`; ends by itself after two idle minutes.
"""

import json
import os
import resource
import select
import sys
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from visavis.errors import SceneError, SourceError, VisavisError
from visavis.jobs.child import die_with

IDLE_SECONDS = 120.0
_NICE = 5
_FPS = Fraction(25)

CHECKS = ("one_face", "orientation", "size", "framing", "pose", "exposure", "sharpness", "mouth")
"""What is looked at in a picture, in the order in which people understand it."""


@lru_cache(maxsize=4)
def _rig(source: str) -> Any:
    from visavis.line.avatars import open_avatar

    return open_avatar(Path(source) if source.endswith(".avatar") else source)


def still(job: dict[str, Any]) -> dict[str, Any]:
    """One picture of the scene as it was set, with the mouth about to speak."""
    import cv2
    import numpy as np

    from visavis.performance.types import Pose
    from visavis.scene import compose
    from visavis.scene.canvas import canvas
    from visavis.scene.layouts import FULL, layout
    from visavis.scene.styles import STYLES
    from visavis.speech.types import Word

    rig = _rig(job["avatar"])
    behind: str | Path | None = job["background"] or None
    if behind and job["background_is_file"]:
        behind = Path(behind)
    kind = FULL
    if job["layout"] != "full":
        kind, behind = layout(job["layout"], behind), None
    size = canvas(job["aspect"], job["resolution"], 25, rig.size).size
    style = STYLES[job["caption_style"]] if job["captions"] else None
    scene = compose(rig, size, behind, layout=kind, captions=style, fps=_FPS)
    scene.add_words(_words(job["captions"], Word))
    renderer = rig.open(scene.rig_size, _FPS)
    pose = Pose.neutral(mouthSmileLeft=0.22, mouthSmileRight=0.22)
    picture = scene.compose(renderer.render(pose), 0.1)
    if picture.shape[2] == 4:
        alpha = picture[..., 3:].astype(np.float32) / 255
        picture = (picture[..., :3] * alpha + _chessboard(picture.shape[:2]) * (1 - alpha)).astype(
            np.uint8
        )
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    cv2.imwrite(job["output"], bgr, [cv2.IMWRITE_WEBP_QUALITY, 86])
    return {"width": size[0], "height": size[1]}


def _words(text: str, word: Any) -> list[Any]:
    """The first words, as if they were all said at once."""
    first = text.split()[:6]
    return [word(said, 0.0, 60.0) for said in first]


def _chessboard(shape: tuple[int, ...]) -> Any:
    import numpy as np

    rows, columns = np.indices(shape) // 16
    return np.where((rows + columns) % 2, 226, 246)[..., None]


def room(job: dict[str, Any]) -> dict[str, Any]:
    """A named background, small."""
    import cv2

    from visavis.scene.backgrounds import parse_background
    from visavis.scene.panel import backdrop, picture_at

    room_picture = backdrop(parse_background(job["name"]), (240, 150), _FPS)
    if room_picture is None:
        raise SceneError(f"{job['name']!r} has no picture of its own.")
    shown = picture_at(room_picture, 0.0)
    bgr = cv2.cvtColor(shown[..., :3], cv2.COLOR_RGB2BGR)
    cv2.imwrite(job["output"], bgr, [cv2.IMWRITE_WEBP_QUALITY, 82])
    return {}


def greeting(job: dict[str, Any]) -> dict[str, Any]:
    """A few seconds of an avatar speaking, small."""
    from visavis.line import Request, render

    request = Request(
        text=job["text"],
        avatar=Path(job["avatar"]) if job["avatar"].endswith(".avatar") else job["avatar"],
        voice=job["voice"],
        emotion="friendly",
        resolution="360p",
        aspect="4:5",
        background=job["background"] or None,
    )
    return {"seconds": float(render(request, job["output"]).duration)}


def checks(job: dict[str, Any]) -> dict[str, Any]:
    """What is right and wrong with a picture, or with the middle of a clip."""
    from visavis.face import load_image
    from visavis.face.check import check_portrait
    from visavis.media.preview import picture_at

    path = Path(job["path"])
    image = picture_at(path, job["at"]) if job["kind"] == "video" else load_image(path)
    told = {name: {"check": name, "state": "good", "message": "", "remedy": ""} for name in CHECKS}
    try:
        warnings = check_portrait(image).warnings
    except SourceError as error:
        name = error.check if error.check in told else "one_face"
        for later in CHECKS[CHECKS.index(name) + 1 :]:
            told[later]["state"] = "unknown"
        told[name] |= {"state": "bad", "message": error.message, "remedy": error.remedy}
    else:
        for warning in warnings:
            if warning.check in told:
                told[warning.check] |= {
                    "state": "poor",
                    "message": warning.message,
                    "remedy": warning.remedy,
                }
    return {"checks": list(told.values())}


WORK = {"still": still, "room": room, "greeting": greeting, "checks": checks}


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return WORK[job["do"]](job)
    except VisavisError as error:
        told = {"code": error.code, "message": str(error), "retryable": error.retryable}
        return {"error": told}
    except Exception as error:  # noqa: BLE001 - the parent must hear of it
        why = f"The preview failed ({type(error).__name__})."
        told = {"code": "internal_error", "message": why, "retryable": True}
        sys.stderr.write(f"{error!r}\n")
        return {"error": told}


def main() -> None:
    """Answer jobs until nobody asks."""
    die_with(int(os.environ["VISAVIS_PARENT"]))
    os.nice(_NICE)
    limit = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    from visavis.line.stream import single_threaded

    single_threaded()
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        out.write(json.dumps(_answer(json.loads(line))) + "\n")
    os._exit(0)  # without waiting for the threads of inference libraries


if __name__ == "__main__":
    main()
