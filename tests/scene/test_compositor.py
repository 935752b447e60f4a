"""Layouts, watermarks, and what composing promises."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.scene.people import CUTOUT, PEOPLE, PHOTO, Person, StubMatte, frame, said
from visavis.errors import SceneError
from visavis.scene import FULL, STYLES, TEST, Layout, Watermark, compose, layout

SIZES = [(1280, 720), (720, 1280), (720, 720), (720, 900), (128, 128), (1000, 514)]
LAYOUTS = [
    FULL,
    layout("split", "navy"),
    layout(2, "navy", person_first=True, share=0.3),
    layout("pip", "navy"),
    layout(3, "navy", corner="top-left", shape="rounded", share=0.5, shadow=False),
    layout("voice", "navy"),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("arranged", LAYOUTS)
@pytest.mark.parametrize("person", PEOPLE[:2])
def test_every_layout_on_every_canvas(
    person: Person, arranged: Layout, size: tuple[int, int]
) -> None:
    compositor = compose(person, size, "#808080", layout=arranged, matte=StubMatte())
    one, other = (frame(compositor, person, time) for time in (0.0, 0.04))
    assert one.shape == (size[1], size[0], 3)
    assert one.dtype == np.uint8
    assert one is not other
    assert np.array_equal(one, other)
    where, visual = arranged.person_box(size), arranged.visual_box(size)
    for box in (where, visual):
        if box is not None:
            assert box.clipped(size) == box
    if visual is not None:
        assert tuple(one[size[1] // 2, 4 if visual.x == 0 else -4]) in ((20, 40, 75), (128,) * 3)
    if where is not None:
        inner = one[where.rows, where.columns]
        assert (inner[..., 0].astype(int) - inner[..., 2] > 60).any(), "skin in the person's place"


def test_a_split_covers_the_canvas_without_a_gap() -> None:
    for size in SIZES:
        arranged = layout("split", "red", share=0.37)
        person, visual = arranged.person_box(size), arranged.visual_box(size)
        assert person is not None
        assert visual is not None
        assert person.width * person.height + visual.width * visual.height == size[0] * size[1]


def test_a_round_window_is_round_and_casts_a_shadow() -> None:
    arranged = layout("pip", "#ffffff", shape="circle")
    out = frame(compose(CUTOUT, (1280, 720), "#000000", layout=arranged), CUTOUT)
    box = arranged.person_box((1280, 720))
    assert box is not None
    assert out[box.y + 3, box.x + 3].min() > 150
    assert out[box.y + box.height // 2, box.x + 6].max() < 40
    below = out[box.y + box.height + 3, box.x + box.width // 2]
    assert 60 < below.mean() < 245


@pytest.mark.parametrize("person", PEOPLE)
def test_a_tiny_window_is_drawn_large_enough_and_made_small(person: Person) -> None:
    arranged = layout("pip", "#000000", shape="square", shadow=False)
    small = compose(person, (128, 128), "#808080", layout=arranged, matte=StubMatte())
    large = compose(person, (1280, 1280), "#808080", layout=arranged, matte=StubMatte())
    assert min(small.rig_size) >= 64
    assert small.rig_size[0] % 2 == small.rig_size[1] % 2 == 0
    box, big = arranged.person_box((128, 128)), arranged.person_box((1280, 1280))
    assert box is not None
    assert big is not None
    window = frame(small, person)[box.rows, box.columns].astype(int)
    wanted = cv2.resize(
        frame(large, person)[big.rows, big.columns], box.size, interpolation=cv2.INTER_AREA
    )
    assert np.abs(window - wanted).mean() < 12


def test_what_is_transparent_holds_no_colour() -> None:
    out = frame(compose(CUTOUT, (640, 360), "transparent"), CUTOUT)
    clear = cv2.erode((out[..., 3] == 0).astype(np.uint8), np.ones((41, 41), np.uint8)) > 0
    assert clear.any()
    assert out[clear].max() == 0


def test_the_head_is_large_in_a_small_window() -> None:
    for person in PEOPLE:
        arranged = layout("pip", "navy")
        compositor = compose(person, (1280, 720), layout=arranged, matte=StubMatte())
        box = arranged.person_box((1280, 720))
        assert box is not None
        head = (person.framing.chin - person.framing.crown) * compositor.rig_size[1]
        assert head > 0.4 * box.height


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"name": "four"}, "picture-in-picture"),
        ({"name": 7}, "7"),
        ({"name": "split"}, "second picture"),
        ({"name": "voice"}, "second picture"),
        ({"name": "pip", "visual": "blur"}, "second picture"),
        ({"name": "pip", "visual": "transparent"}, "second picture"),
        ({"name": "pip", "visual": "navy", "corner": "middle"}, "corner"),
        ({"name": "pip", "visual": "navy", "shape": "star"}, "shape"),
        ({"name": "pip", "visual": "navy", "share": 0.99}, "0.99"),
        ({"name": "split", "visual": "/no/such/file.mp4"}, "file"),
    ],
)
def test_layouts_that_make_no_sense_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(SceneError, match=says):
        layout(**arguments)


def test_transparent_needs_the_whole_canvas_and_a_person_needs_an_avatar() -> None:
    with pytest.raises(SceneError, match="full"):
        compose(CUTOUT, (640, 360), "transparent", layout=layout("pip", "navy"))
    with pytest.raises(SceneError, match="no avatar"):
        compose(None, (640, 360))


def test_a_voice_needs_no_person() -> None:
    compositor = compose(None, (640, 360), layout=layout("voice", "navy"), captions=STYLES["boxed"])
    compositor.add_words(said("Only a voice."))
    assert not compositor.shows_person
    assert compositor.rig_size == (0, 0)
    first, second = compositor.compose(None, 0.1), compositor.compose(None, 5.0)
    assert first.max() == 255
    assert second.max() < 100, "the backdrop was not written to"


def test_a_logo_lies_in_its_corner(tmp_path: Path) -> None:
    logo = np.zeros((40, 80, 4), np.uint8)
    logo[:, :40] = (0, 0, 255, 255)
    cv2.imwrite(str(tmp_path / "logo.png"), logo)
    for corner, where in (("top-left", (slice(0, 180), slice(0, 320))),
                          ("bottom-right", (slice(180, 360), slice(320, 640)))):  # fmt: skip
        mark = Watermark(image=tmp_path / "logo.png", corner=corner, opacity=1.0, scale=0.2)  # type: ignore[arg-type]
        out = frame(compose(CUTOUT, (640, 360), "#000000", watermark=mark), CUTOUT)
        plain = frame(compose(CUTOUT, (640, 360), "#000000"), CUTOUT)
        changed = np.abs(out.astype(int) - plain).max(2) > 0
        assert changed.sum() == pytest.approx(72 * 72, rel=0.05)
        assert changed[where].sum() == changed.sum()


def test_a_test_mark_is_seen_everywhere_and_does_not_hide_the_picture() -> None:
    out = frame(compose(PHOTO, (640, 360), watermark=TEST), PHOTO).astype(int)
    plain = frame(compose(PHOTO, (640, 360)), PHOTO).astype(int)
    changed = np.abs(out - plain).max(2)
    assert changed.max() < 80
    for y in range(0, 360, 120):
        for x in range(0, 640, 160):
            assert (changed[y : y + 120, x : x + 160] > 8).any()


def test_watermarks_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="image or a text"):
        Watermark()
    with pytest.raises(SceneError, match="opacity"):
        Watermark(text="x", opacity=2)
    with pytest.raises(SceneError, match="corner"):
        Watermark(text="x", corner="left")  # type: ignore[arg-type]
    with pytest.raises(SceneError, match="cannot be opened"):
        compose(CUTOUT, (640, 360), watermark=Watermark(image=tmp_path / "no.png"))


def test_a_real_person_is_matted_steadily(clips: Path) -> None:
    """Hair and shoulders stay, the wall goes, and a still person's edge does not flicker."""
    from visavis.errors import ModelError
    from visavis.scene.matte import PersonMatte

    try:
        matte = PersonMatte()
    except ModelError as error:
        pytest.skip(f"no weights here: {error}")
    still = cv2.imread(str(clips / "portrait" / "frontal-a.png"))[..., ::-1]
    alphas = [matte.alpha(np.ascontiguousarray(still)).astype(int) for _ in range(6)]
    high, wide = alphas[0].shape
    assert alphas[0][high // 3, wide // 2] == 255
    assert alphas[0][10, 10] == 0
    assert np.abs(alphas[5] - alphas[3]).mean() < 0.5
