"""Captions of a recording whose text nobody gave."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from visavis.errors import InvalidInputError
from visavis.line import Line, Request
from visavis.speech import Delivery, Synthesiser, Word, find_voice, transcription
from visavis.speech.transcription import heard_words

TEXT = "The boats went back to sea. Nobody was watching them."
SAID = ["the", "boats", "went", "back", "to", "sea", "nobody", "was", "watching", "them"]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Word]]:
    """A recording, and when its words are said."""
    samples, words, start = [], [], 0.0
    for clause in Synthesiser().synthesise(TEXT, find_voice("en-US-heart"), Delivery()):
        words += [Word(w.text, w.start + start, w.end + start) for w in clause.words]
        samples.append(clause.samples)
        start += clause.duration
    path = tmp_path_factory.mktemp("spoken") / "talk.wav"
    soundfile.write(path, np.concatenate(samples), 24_000)
    return path, words


def plain(words: list[Word]) -> list[str]:
    return [word.text.lower().strip(".,") for word in words]


def test_words_are_heard_when_they_are_said(spoken: tuple[Path, list[Word]]) -> None:
    pytest.importorskip("faster_whisper", reason="listening needs visavis[clone]")
    path, said = spoken
    heard = heard_words(path)
    assert plain(heard) == SAID == plain(said)
    off = [abs(a.start - b.start) for a, b in zip(heard, said, strict=True)]
    assert np.median(off) < 0.2
    assert max(off) < 0.5
    assert all(a.end <= b.start for a, b in pairwise(heard))


def test_a_recording_gets_captions_without_a_text(spoken: tuple[Path, list[Word]]) -> None:
    pytest.importorskip("faster_whisper", reason="listening needs visavis[clone]")
    path, _ = spoken
    bare, shown = (
        Line(Request(avatar=None, audio=path, layout="voice", visual="navy", aspect="320x180",
                     captions=captions))
        for captions in (False, "boxed")
    )  # fmt: skip
    for line in (bare, shown):
        frames = line.frames()
        pictures = [next(frames).picture for _ in range(20)]
        frames.close()
        changed = np.abs(pictures[-1].astype(int) - pictures[0]).max() > 60
        assert changed == (line is shown)
    assert plain(shown.words) == SAID
    assert not bare.words


def test_without_ears_the_remedy_is_named(
    spoken: tuple[Path, list[Word]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcription, "can_listen", lambda: False)
    path, _ = spoken
    request = Request(avatar=None, audio=path, layout="voice", captions=True)
    with pytest.raises(InvalidInputError, match=r"visavis\[clone\]"):
        Line(request)
    Line(Request(avatar=None, audio=path, layout="voice"))
