"""What is said in a recording, by whisper-base on this machine."""

import importlib.util
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from visavis import models
from visavis.errors import InvalidInputError
from visavis.media import decode_audio
from visavis.speech.types import Word

RATE = 16_000
"""Samples per second that the network hears."""

_UNSURE = 0.6
"""Likelihood of silence above which what was heard does not count."""


def can_listen() -> bool:
    """Whether recordings can be understood here (extra ``live`` or ``clone``)."""
    return importlib.util.find_spec("faster_whisper") is not None


def need_ears() -> None:
    """Refuse where `can_listen` is False.

    Raises:
        InvalidInputError: nothing that listens is installed.
    """
    if not can_listen():
        raise InvalidInputError(
            "The words of a recording are not known, and nothing that listens is installed.",
            "Give its text, or install visavis[clone].",
        )


@lru_cache(maxsize=2)
def whisper(threads: int = 1) -> Any:
    """The network, loaded once for each number of threads; a ``faster_whisper.WhisperModel``.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
        ImportError: `can_listen` is False.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from faster_whisper import WhisperModel

    folder = models.ensure("whisper-base")["model.bin"].parent
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)


def heard_words(path: Path, language: str = "") -> list[Word]:
    """The words of a recording with their times, in seconds from its start.

    Times are those of the network's attention, good to about a tenth of a second.

    Args:
        path: anything with a sound track.
        language: two letters, or empty to find out.

    Raises:
        InvalidInputError: nothing that listens is installed.
        MediaError: no sound, or damaged.
        ModelError: the weights are missing and cannot be fetched.
    """
    need_ears()
    samples = np.concatenate([np.zeros(0, np.float32), *decode_audio(path, RATE)])
    parts, _ = whisper().transcribe(
        samples,
        language=language or None,
        beam_size=1,
        condition_on_previous_text=False,
        word_timestamps=True,
    )
    words: list[Word] = []
    for part in parts:
        if part.no_speech_prob >= _UNSURE:
            continue
        for word in part.words or ():
            start = max(float(word.start), words[-1].end if words else 0.0)
            if text := word.word.strip():
                words.append(Word(text, start, max(start, float(word.end))))
    return words
