"""Direction, line breaks and fonts."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import SceneError
from visavis.scene.bidi import base_level, levels, visual_order
from visavis.scene.fonts import FontStack
from visavis.scene.typeset import draw, set_line, wrap

STACK = FontStack()


def seen(text: str) -> str:
    """The text as it is seen from left to right, by the levels of single characters."""
    found = levels(text, base_level(text))
    return "".join(visual_order(list(text), found))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc def", "abc def"),
        ("אבג", "גבא"),
        # From the examples of Unicode Standard Annex 9: English within Hebrew, and the reverse.
        ("אבג abc דהו", "והד abc גבא"),
        ("abc אבג def", "abc גבא def"),
        ("אבג 123 דהו", "והד 123 גבא"),
        ("abc אבג 123 def", "abc 123 גבא def"),
        ("אבג 12:30.", ".12:30 גבא"),
        ("אבג!", "!גבא"),
        # Brackets: both take one side, that of what they hold or of what comes before.
        ("smith (fabrikam אבג) דהו", "smith (fabrikam גבא) והד"),
        ("אבג (abc דהו) def", "def )והד abc( גבא"),
        ("abc אבג (דהו) def", "abc )והד( גבא def"),
        ("abc [אבג (דהו] def", "abc [והד( גבא] def"),
        ("abc (אבג", "abc (גבא"),
    ],
)
def test_right_to_left(text: str, shown: str) -> None:
    assert seen(text) == shown


@given(st.text(max_size=60))
def test_any_text_keeps_its_characters(text: str) -> None:
    assert sorted(seen(text)) == sorted(text)


def test_shaping_goes_from_right_to_left() -> None:
    line = set_line("שלום world", STACK)
    clusters = [glyph.cluster for glyph in line.glyphs]
    assert clusters == [5, 6, 7, 8, 9, 4, 3, 2, 1, 0]


def test_arabic_letters_join() -> None:
    joined = set_line("سلام", STACK)
    apart = sum(set_line(letter, STACK).width for letter in "سلام")
    assert joined.width < 0.9 * apart


@pytest.mark.parametrize(
    "text", ["Żółć", "Ελλάδα", "Привет", "مرحبا", "שלום", "नमस्ते", "สวัสดี", "今天", "東京は", "안녕"]
)
def test_the_shipped_fonts_draw_it(text: str) -> None:
    stack = FontStack()
    line = set_line(text, stack)
    assert not stack.missing
    mask = draw(line, 40, (400, 60), (5, 45))
    assert mask.max() == 255
    assert mask.any(axis=0).sum() > 20


def test_a_font_without_the_glyphs_gets_a_named_fallback() -> None:
    from importlib import resources

    entry = resources.files("visavis.assets") / "fonts" / "DroidSansFallback.ttf"
    with resources.as_file(entry) as path:
        stack = FontStack(path)
        assert stack.replaced("東京") == {}
        assert stack.replaced("東ж") == {"ж": "FiraGO-Bold.ttf"}
        assert {glyph.font.name for glyph in set_line("東ж", stack).glyphs} == {
            "DroidSansFallback.ttf",
            "FiraGO-Bold.ttf",
        }


def test_characters_of_no_font_are_left_out_and_named() -> None:
    stack = FontStack()
    line = set_line("a\U00012345b", stack)
    if stack.missing:  # a machine may have a cuneiform font
        assert stack.missing == {"\U00012345"}
        assert len(line.glyphs) == 2


def test_what_is_no_font_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(b"no font at all")
    with pytest.raises(SceneError, match=r"x\.ttf is not a font"):
        FontStack(path)
    with pytest.raises(SceneError, match="cannot be opened"):
        FontStack(tmp_path / "missing.ttf")


def test_lines_are_even() -> None:
    text = "The quick brown fox jumps over the lazy dog and then goes home to sleep."
    widths = [set_line(text[a:b], STACK).width for a, b in wrap(text, STACK, 22)]
    assert len(widths) == 2
    assert min(widths) > 0.75 * max(widths)


def test_chinese_breaks_without_spaces_but_not_before_a_comma() -> None:
    text = "今天天气很好，我们去公园吧。然后回家睡觉。"
    lines = [text[a:b] for a, b in wrap(text, STACK, 8)]
    assert "".join(lines) == text
    assert not any(line[0] in "，。" for line in lines)


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=200
    ),
    st.floats(2, 40),
)
def test_any_text_wraps_to_lines_that_fit(text: str, width: float) -> None:
    stack = FontStack()
    lines = wrap(text, stack, width)
    kept = "".join(text[a:b] for a, b in lines)
    assert "".join(kept.split()) == "".join(text.split())
    for a, b in lines:
        if b - a > 3:
            # A line is measured in place; set alone, letters at its ends may join differently.
            assert set_line(text[a:b], stack).width <= width * 1.35 + 2.5


def test_one_word_of_5000_letters_is_cut() -> None:
    lines = wrap("x" * 5000, STACK, 20)
    assert sum(b - a for a, b in lines) == 5000
    assert np.mean([set_line("x" * (b - a), STACK).width for a, b in lines]) <= 20
