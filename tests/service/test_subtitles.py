"""Sidecars of segments become one sidecar whose times go on."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.domain.script import split, spoken_length
from visavis.jobs.subtitles import joined, shifted

SRT = (
    "1\n00:00:00,500 --> 00:00:01,250\nOne.\n\n2\n00:00:02,000 --> 00:00:03,000\nTwo at 10:20:30.\n"
)
VTT = "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\n<00:00:00.500>One.\n"
ASS = (
    "[Script Info]\nPlayResX: 1280\n\n[Events]\nFormat: Layer, Start, End, Text\n"
    "Dialogue: 0,0:00:00.50,0:00:01.25,One.\n"
)


def test_srt_is_numbered_through_and_what_is_said_is_left_alone() -> None:
    text = joined("srt", [SRT, SRT], [0.0, 61.5])
    assert re.findall(r"^\d+$", text, re.M) == ["1", "2", "3", "4"]
    assert "00:01:02,000 --> 00:01:02,750" in text
    assert text.count("Two at 10:20:30.") == 2


def test_vtt_has_one_header_and_moves_words_too() -> None:
    text = joined("vtt", [VTT, VTT], [0.0, 3600.0])
    assert text.count("WEBVTT") == 1
    assert "<01:00:00.500>One." in text


def test_ass_keeps_its_styles_once() -> None:
    text = joined("ass", [ASS, ASS, ASS], [0.0, 10.0, 20.0])
    assert text.count("[Script Info]") == 1
    assert re.findall(r"Dialogue: 0,([\d:.]+)", text) == [
        "0:00:00.50", "0:00:10.50", "0:00:20.50",
    ]  # fmt: skip


@given(st.integers(0, 359_999_999), st.integers(0, 10_000_000))
def test_shifting_adds(start: int, more: int) -> None:
    def line(ticks: int) -> str:
        seconds, thousandths = divmod(ticks, 1000)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        stamp = f"{hour:02d}:{minute:02d}:{second:02d},{thousandths:03d}"
        return f"{stamp} --> {stamp}"

    assert shifted(line(start), more / 1000) == line(start + more)


SENTENCES = st.lists(
    st.text("abc defg,", min_size=1, max_size=120).map(lambda text: f"{text}. "), max_size=60
)


@given(SENTENCES, st.floats(50, 2000))
def test_a_script_is_cut_at_sentences_and_nothing_is_lost(
    sentences: list[str], longest: float
) -> None:
    text = "".join(sentences)
    parts = split(text, longest)
    assert "".join("".join(parts).split()) == "".join(text.split())
    if spoken_length(text) <= longest:
        assert len(parts) <= 1
    for part in parts[:-1]:
        assert part.endswith(".")


@pytest.mark.parametrize("text", ["", "no end at all", "你好。再见。" * 50])
def test_odd_scripts_are_cut_too(text: str) -> None:
    assert "".join(split(text, 60)).replace(" ", "") == text.replace(" ", "")
