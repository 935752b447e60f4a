"""Captions that can be read, in the picture and beside it."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scene.people import ARABIC, CUTOUT, ENGLISH, frame, said
from visavis.errors import SceneError
from visavis.scene import STYLES, caption_style, compose, layout, write_sidecar
from visavis.scene.captions import Captions
from visavis.scene.cues import Cue, Measures, group
from visavis.scene.fonts import FontStack
from visavis.scene.framing import Box
from visavis.scene.typeset import set_line
from visavis.speech.types import Word

STACK = FontStack()
CANVASES = [(1280, 720), (720, 1280), (720, 720), (128, 128), (4096, 128), (128, 4096)]


def well_formed(cues: list[Cue]) -> None:
    for cue in cues:
        assert cue.start < cue.end
        assert all(cue.text[a:b] == w.text for w, (a, b) in zip(cue.words, cue.spans, strict=True))
    for one, following in pairwise(cues):
        assert one.end <= following.start + 0.0011


def test_sentences_and_pauses_part_captions() -> None:
    words = [*said("Good morning everybody. We start"), Word("now", 9.0, 9.3)]
    cues = group(words, STACK, Measures())
    assert [cue.text for cue in cues] == ["Good morning everybody.", "We start", "now"]
    well_formed(cues)


def test_captions_hold_what_a_reader_can_take() -> None:
    cues = group(said(ENGLISH * 8), STACK, Measures(ems=21, lines=2))
    well_formed(cues)
    assert all(len(cue.text) <= 100 for cue in cues)
    assert " ".join(cue.text for cue in cues).split() == (ENGLISH * 8).split()


def test_scripts_without_spaces_are_joined_without() -> None:
    words = [Word(w, n, n + 0.9) for n, w in enumerate(["今天", "天气", "很好", "，", "走吧"])]
    (cue,) = group(words, STACK, Measures())
    assert cue.text == "今天天气很好，走吧"


def test_300_captions_a_minute_stay_in_order() -> None:
    words = [Word(f"Go{n}.", n * 0.2, n * 0.2 + 0.15) for n in range(300)]
    captions = Captions(STYLES["classic"], (640, 360))
    captions.add(words)
    well_formed(list(captions.cues))
    assert " ".join(cue.text for cue in captions.cues).split() == [word.text for word in words]
    out = np.zeros((360, 640, 3), np.uint8)
    captions.lay(out, 30.05)
    assert out.max() == 255


def test_one_word_of_5000_letters_becomes_captions_in_turn() -> None:
    captions = Captions(STYLES["classic"], (1280, 720))
    captions.add([Word("x" * 5000, 0.0, 100.0)])
    well_formed(list(captions.cues))
    assert "".join(cue.text for cue in captions.cues) == "x" * 5000
    for cue in captions.cues:
        patch = captions.at(cue.start)
        assert patch is not None
        assert patch.y + patch.colour.shape[0] <= 720


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8"), min_size=0, max_size=30),
            st.floats(0, 3),
            st.floats(0, 2),
        ),
        max_size=30,
    ),
    st.sampled_from(sorted(STYLES)),
    st.sampled_from(CANVASES),
)
def test_any_words_in_any_style_on_any_canvas(
    items: list[tuple[str, float, float]], style: str, size: tuple[int, int]
) -> None:
    clock, words = 0.0, []
    for text, gap, length in items:
        words.append(Word(text, clock + gap, clock + gap + length))
        clock += gap + length
    captions = Captions(STYLES[style], size)
    captions.add(words)
    well_formed(list(captions.cues))
    out = np.zeros((size[1], size[0], 3), np.uint8)
    for cue in captions.cues[:3]:
        captions.lay(out, cue.start)


@pytest.mark.parametrize("size", CANVASES[:3])
@pytest.mark.parametrize("style", sorted(STYLES))
def test_captions_keep_clear_of_the_edges(size: tuple[int, int], style: str) -> None:
    captions = Captions(STYLES[style], size)
    captions.add(said(ENGLISH))
    for time in np.arange(0, 6, 0.25):
        patch = captions.at(float(time))
        if patch is None:
            continue
        assert patch.x >= 0.04 * size[0]
        assert patch.x + patch.colour.shape[1] <= 0.96 * size[0]
        assert patch.y + patch.colour.shape[0] <= size[1] * 0.96


def test_the_word_that_is_said_is_lit() -> None:
    captions = Captions(STYLES["highlight"], (1280, 720))
    captions.add(said("one two three four"))
    yellow = []
    for time in (0.1, 0.5, 0.9, 1.3):
        out = np.zeros((720, 1280, 3), np.uint8)
        captions.lay(out, time)
        lit = (out[..., 0] > 200) & (out[..., 2] < 100)
        yellow.append(float(np.nonzero(lit)[1].mean()))
    assert yellow == sorted(yellow)
    assert yellow[0] < 600 < yellow[-1]


def test_the_lit_word_moves_left_in_arabic() -> None:
    captions = Captions(STYLES["highlight"], (1280, 720))
    captions.add(said("مرحبا بكم جميعا"))
    places = []
    for time in (0.1, 0.5, 0.9):
        out = np.zeros((720, 1280, 3), np.uint8)
        captions.lay(out, time)
        places.append(float(np.nonzero((out[..., 0] > 200) & (out[..., 2] < 100))[1].mean()))
    assert places == sorted(places, reverse=True)


def test_words_may_come_while_the_film_is_drawn() -> None:
    whole, parts = (Captions(STYLES["classic"], (640, 360)) for _ in range(2))
    first, second = said("Good morning everybody."), said("And good night.")
    later = [Word(word.text, word.start + 2, word.end + 2) for word in second]
    whole.add([*first, *later])
    parts.add(first)
    assert parts.at(0.5) is not None
    parts.add(later)
    assert [cue.text for cue in whole.cues] == [cue.text for cue in parts.cues]


def test_captions_do_not_cover_a_small_person() -> None:
    for size in ((1280, 720), (720, 1280), (720, 720)):
        for corner in ("bottom-right", "bottom-left", "top-left"):
            arranged = layout("pip", "navy", corner=corner)  # type: ignore[arg-type]
            compositor = compose(CUTOUT, size, captions=STYLES["classic"], layout=arranged)
            compositor.add_words(said(ENGLISH))
            assert compositor.captions is not None
            patch = compositor.captions.at(2.0)
            person = arranged.person_box(size)
            assert patch is not None
            assert person is not None
            high, wide = patch.colour.shape[:2]
            assert not _overlap(Box(patch.x, patch.y, wide, high), person)


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def test_captions_on_a_transparent_picture_are_opaque() -> None:
    compositor = compose(CUTOUT, (640, 360), "transparent", captions=STYLES["boxed"])
    compositor.add_words(said(ENGLISH))
    plain = frame(compose(CUTOUT, (640, 360), "transparent"), CUTOUT)
    out = frame(compositor, CUTOUT, 0.5)
    assert (out[..., 3].astype(int) - plain[..., 3]).max() > 180
    assert out.dtype == np.uint8


def test_styles_can_be_changed_and_mistakes_are_named() -> None:
    style = caption_style("boxed", ink="yellow", size=0.1, position="top", capitals=True)
    assert style.ink[:3] == (251, 215, 73)
    captions = Captions(style, (1280, 720))
    captions.add(said("hello there"))
    patch = captions.at(0.1)
    assert patch is not None
    assert patch.y < 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "fancy"},
        {"name": "boxed", "ink": "glitter"},
        {"name": "boxed", "size": 0.5},
        {"name": "boxed", "position": "left"},
    ],
)
def test_styles_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SceneError):
        caption_style(**wrong)


@pytest.mark.parametrize("text", [ENGLISH, ARABIC, "a < b & c > d --> e", "{\\b1}curly"])
def test_sidecars_carry_the_words_and_their_times(tmp_path: Path, text: str) -> None:
    words = said(text)
    for suffix in (".srt", ".vtt", ".ass"):
        write_sidecar(tmp_path / f"x{suffix}", words)
    srt = (tmp_path / "x.srt").read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in srt.strip().split("\n\n")]
    for number, block in enumerate(blocks, 1):
        assert block[0] == str(number)
        assert re.fullmatch(r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}", block[1])
        assert all(set_line(line, STACK).width <= 21.01 for line in block[2:])
    shown = " ".join(line for block in blocks for line in block[2:]).replace("→", "-->")
    assert shown.split() == text.split()
    vtt = (tmp_path / "x.vtt").read_text(encoding="utf-8")
    assert vtt.startswith("WEBVTT\n\n")
    stamps = [float(stamp) for stamp in re.findall(r"<00:00:(\d\d\.\d{3})>", vtt)]
    assert stamps == sorted(stamps)
    assert len(stamps) == len(words) - len(blocks)
    ass = (tmp_path / "x.ass").read_text(encoding="utf-8")
    lengths = [
        sum(map(int, re.findall(r"\\k(\d+)", line)))
        for line in ass.splitlines()
        if line.startswith("Dialogue")
    ]
    assert len(lengths) == len(blocks)
    assert sum(lengths) / 100 == pytest.approx(words[-1].end, abs=0.2)


def test_no_caption_goes_from_one_scene_into_the_next(tmp_path: Path) -> None:
    words = said("One scene ends here Another one begins")
    write_sidecar(tmp_path / "x.srt", words, starts=[0.0, words[4].start - 0.01])
    blocks = (tmp_path / "x.srt").read_text().strip().split("\n\n")
    assert [block.splitlines()[2] for block in blocks] == [
        "One scene ends here", "Another one begins",
    ]  # fmt: skip
    first, second = (block.splitlines()[1].split(" --> ") for block in blocks)
    assert first[1] <= second[0]


def test_unknown_sidecar_or_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"\.srt"):
        write_sidecar(tmp_path / "x.txt", said("hello"))
    with pytest.raises(SceneError, match="cannot be written"):
        write_sidecar(tmp_path / "no" / "x.srt", said("hello"))
