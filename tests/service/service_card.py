"""A renderer that is quick and obedient: a coloured card with a tone, for tests of the service.

Words in the text steer it: ``crash`` dies, ``refuse`` fails for good, ``stumble`` may be tried
again, ``linger`` takes some seconds, ``hang`` never ends, ``await`` ends when
somebody has written the file that ``VISAVIS_CARD_WORD`` names.
"""

import os
import signal
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from visavis.errors import InvalidInputError, VisavisError
from visavis.jobs.child import Progress, run

if TYPE_CHECKING:
    from visavis.domain.offer import StockAvatar

RATE = 24_000
LETTERS_PER_SECOND = 30.0


def stock() -> "list[StockAvatar]":
    """Three presenters."""
    from visavis.domain.offer import StockAvatar  # with the database, which a render never needs

    return [
        StockAvatar(
            "ava",
            "Ava",
            "en-US-heart",
            {"gender": "female", "age": "adult", "style": "professional", "scene": "business",
             "ethnicity": "european", "aspect_ratio": "landscape"},
        ),
        StockAvatar(
            "ben",
            "Ben",
            "en-US-michael",
            {"gender": "male", "age": "senior", "style": "social", "scene": "outdoors",
             "ethnicity": "african", "aspect_ratio": "portrait"},
        ),
        StockAvatar("cho", "Cho", "en-US-heart", {"gender": "female", "aspect_ratio": "square"}),
    ]  # fmt: skip


class StumbleError(VisavisError):
    """Fails, and may be tried again."""

    code = "stumbled"
    retryable = True


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Draw a card as long as the text takes."""
    began = time.monotonic()
    progress("loading", 0.0)
    from visavis.media import AudioFormat, VideoFormat, Writer, write_cover

    text = job["text"]
    if "crash" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "refuse" in text:
        raise InvalidInputError("The card refuses.", "Ask for another.")
    if "stumble" in text:
        raise StumbleError("The card stumbled.")
    word = Path(os.environ["VISAVIS_CARD_WORD"])
    seconds = max(0.4, len(text) / LETTERS_PER_SECOND)
    pace = 4.0 if "linger" in text else 0.0
    fps = 25
    frames = max(1, round(seconds * fps))
    picture = np.full((72, 128, 3), (len(text) * 37) % 256, np.uint8)
    tone = (0.2 * np.sin(np.arange(RATE // fps) * 0.1)).astype(np.float32)
    output = Path(job["output"])
    video = VideoFormat((128, 72), Fraction(fps))
    with Writer(output, video, AudioFormat(RATE)) as writer:
        for index in range(frames):
            writer.write_video(picture)
            writer.write_audio(tone)
            time.sleep(pace / frames)
            progress("rendering", 100 * index / frames)
            while "hang" in text or ("await" in text and 2 * index > frames and not word.exists()):
                time.sleep(0.05)
                progress("rendering", 100 * index / frames)
    if job["cover"]:
        write_cover(Path(job["cover"]), picture)
    return {
        "duration": frames / fps,
        "wall": time.monotonic() - began,
        "starting": 0.1,
        "stages": {"encode": 0.01},
    }


if __name__ == "__main__":
    run(work)
