"""Whether a recording can give a person their voice."""

import numpy as np

from visavis.errors import SourceError
from visavis.face import SourceWarning
from visavis.media import decode_audio, probe
from visavis.media.source import Source
from visavis.rigs.footage.checks import LONGEST, SHORTEST, SLACK, Verdict
from visavis.rigs.footage.sound import RATE, SoundFigures, measure_sound

# Refused beyond the first figure, warned of beyond the second.
LEVEL = (-48.0, -36.0)  # decibels below full scale
SPEECH = (2.0, 3.0)  # seconds
LIKENESS = (0.66, 0.75)
NOISE = (6.0, 15.0)  # decibels
CLIPPED = (0.02, 0.003)


def check_voice(source: Source) -> tuple[SoundFigures, tuple[SourceWarning, ...]]:
    """Check the sound of a clip or of a recording.

    Args:
        source: path or bytes of a video or of a sound file of 4 to 15 s.

    Returns:
        what was measured, and what could be better.

    Raises:
        MediaError: it cannot be decoded.
        SourceError: its check is one of ``sound``, ``duration``, ``silent``, ``speech``,
            ``noise``, ``one_speaker`` and ``clipping``.
        ModelError: a weight is missing and cannot be fetched.
    """
    info = probe(source)
    if info.audio is None:
        raise SourceError(
            "The file has no sound.",
            "Give a clip in which the person is heard, a recording beside it, or a stock voice.",
            check="sound",
        )
    if not SHORTEST - SLACK <= info.duration <= LONGEST + SLACK:
        raise SourceError(
            f"The recording lasts {info.duration:.1f} s.",
            f"It must last {SHORTEST:.0f} to {LONGEST:.0f} s.",
            check="duration",
        )
    figures = measure_sound(np.concatenate(list(decode_audio(source, RATE))))
    return figures, judge_sound(figures)


def judge_sound(figures: SoundFigures) -> tuple[SourceWarning, ...]:
    """The warnings that figures deserve.

    Raises:
        SourceError: see `check_voice`.
    """
    verdict = Verdict()
    verdict.judge(
        "silent",
        bad=figures.level < LEVEL[0],
        poor=figures.level < LEVEL[1],
        message=f"The sound is silent or nearly so: {max(figures.level, -120):.0f} decibels.",
        remedy=f"Record it louder; {LEVEL[0]:.0f} is the least, {LEVEL[1]:.0f} is good.",
    )
    nobody = figures.speech < 0.1 * figures.duration
    verdict.judge(
        "speech",
        bad=figures.speech < SPEECH[0] or nobody,
        poor=figures.speech < SPEECH[1],
        message=f"Somebody speaks for {figures.speech:.1f} of {figures.duration:.1f} s"
        + ("; the rest is music or noise." if nobody else "."),
        remedy=f"Speak for at least {SPEECH[0]:.0f} s, better the whole clip, without music.",
    )
    verdict.judge(
        "noise",
        bad=figures.noise < NOISE[0],
        poor=figures.noise < NOISE[1],
        message=f"Speech is {figures.noise:.0f} decibels above the noise.",
        remedy=f"Record in a quiet room, close to the microphone; {NOISE[0]:.0f} is the least,"
        f" {NOISE[1]:.0f} is good.",
    )
    verdict.judge(
        "one_speaker",
        bad=figures.likeness < LIKENESS[0],
        poor=figures.likeness < LIKENESS[1],
        message=f"More than one voice is heard: two parts are alike by {figures.likeness:.2f}.",
        remedy=f"Use a recording of one person alone; {LIKENESS[0]:.2f} is the least.",
    )
    verdict.judge(
        "clipping",
        bad=figures.clipped > CLIPPED[0],
        poor=figures.clipped > CLIPPED[1],
        message=f"{figures.clipped:.1%} of the sound is cut off at full scale.",
        remedy="Record it less loud.",
    )
    return tuple(verdict.warnings)
