"""A person's voice: matching, fitting, and what speaking with it costs.

    python -m benchmarks.bench_voice

Reads the clips of the folder VISAVIS_TEST_CLIPS, or ../shared/clips; fits only where torch is.
"""

import os
import resource
import time
from pathlib import Path

import numpy as np

from visavis.media import decode_audio
from visavis.speech.kokoro import RATE, Timbre
from visavis.speech.person import PersonVoice, can_fit, fit_voice, match_voice
from visavis.speech.person.judging import judged
from visavis.speech.person.studio import Studio
from visavis.speech.types import Samples
from visavis.speech.voices import find_voice

Row = tuple[str, str, str]

CLIPS = Path(os.environ.get("VISAVIS_TEST_CLIPS", Path(__file__).parents[2] / "shared" / "clips"))
SENTENCE = "The museum opens at nine, but the garden behind it is always quiet before noon."


def recordings() -> dict[str, Samples]:
    """Up to three people of the test clips, at 24 kHz."""
    names = ("speaker-a", "speaker-b", "speaker-c")
    paths = {name: CLIPS / "video" / f"{name}.mp4" for name in names}
    return {
        name: np.concatenate(list(decode_audio(path, RATE)))
        for name, path in paths.items()
        if path.exists()
    }


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _speaking(studio: Studio, voice: PersonVoice) -> Row:
    timbre = voice.timbre(studio.kokoro.style)
    plain = Timbre(studio.kokoro.style(find_voice(voice.nearest).kokoro_id))
    spent = []
    for one, colour in ((plain, None), (timbre, voice.colour)):
        studio.say(SENTENCE, one)
        start = time.process_time()
        sound = studio.say(SENTENCE, one)
        if colour is not None:
            colour(sound)
        spent.append((time.process_time() - start) / (len(sound) / RATE))
    figure = f"{spent[1]:.3f} s a second of sound, stock {spent[0]:.3f}"
    return f"Speaking as {voice.name}, {voice.method} (CPU)", figure, "within 10 %"


def _similarity(voice: PersonVoice, target: str) -> Row:
    known = voice.similarity
    figure = (
        f"{known.after:.2f} from {known.before:.2f}, itself {known.itself:.2f}" if known else ""
    )
    return f"Similarity of {voice.name}, {voice.method}", figure, target


def rows() -> list[Row]:
    """What was measured, and what it should be."""
    studio = Studio()
    found: list[Row] = []
    for name, sound in recordings().items():
        start, wall = time.process_time(), time.perf_counter()
        voice = match_voice(sound, RATE, name=name, studio=studio)
        figure = f"{time.process_time() - start:.1f} s CPU, {time.perf_counter() - wall:.1f} s"
        found += [
            (f"Matching {name}, {len(sound) / RATE:.1f} s", figure, "10 s CPU"),
            _similarity(voice, ">= .70"),
        ]
        if name == "speaker-a":
            found.append(_speaking(studio, voice))
        if can_fit():
            found += _fit(sound, voice, studio)
    return found


def _fit(sound: Samples, voice: PersonVoice, studio: Studio) -> list[Row]:
    before, wall = _cpu(resource.RUSAGE_CHILDREN), time.perf_counter()
    fitted = fit_voice(sound, RATE, voice, studio=studio)
    spent = _cpu(resource.RUSAGE_CHILDREN) - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    person = studio.embed(sound, RATE)
    verdict, _ = judged(studio, fitted.timbre(studio.kokoro.style), person)
    told = "not listened" if verdict.errors is None else f"{verdict.errors:.1%} of words misheard"
    return [
        (
            f"Fitting {voice.name}",
            f"{spent:.0f} s CPU, {time.perf_counter() - wall:.0f} s",
            "< 240 s on two quiet cores",
        ),
        (f"Peak memory of fitting {voice.name}", f"{peak:.0f} MB", "< 2000 MB"),
        _similarity(fitted, ">= .82"),
        (f"Understood, {voice.name} {fitted.method}", told, "<= 3 %"),
        _speaking(studio, fitted),
    ]


if __name__ == "__main__":
    for row in rows():
        print(" | ".join(row))
