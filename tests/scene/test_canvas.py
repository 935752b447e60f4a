"""Sizes and rates."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import SceneError
from visavis.scene import ASPECTS, FRAME_RATES, RESOLUTIONS, Canvas, canvas


@pytest.mark.parametrize(
    ("aspect", "resolution", "size"),
    [
        ("landscape", "720p", (1280, 720)),
        ("portrait", "1080p", (1080, 1920)),
        ("square", "360p", (360, 360)),
        ("4:5", "720p", (720, 900)),
        ("16:9", "4k", (3840, 2160)),
        ("9:16", "480p", (480, 854)),
        ("1000x514", "720p", (1000, 514)),
    ],
)
def test_names_give_sizes(aspect: str, resolution: str, size: tuple[int, int]) -> None:
    assert canvas(aspect, resolution).size == size


@given(
    native=st.tuples(st.integers(16, 9000), st.integers(16, 9000)),
    resolution=st.sampled_from(sorted(RESOLUTIONS)),
)
def test_auto_keeps_the_aspect_within_bounds(native: tuple[int, int], resolution: str) -> None:
    ratio = native[0] / native[1]
    if not 1 / 8 < ratio < 8:
        return
    try:
        size = canvas("auto", resolution, native=native).size
    except SceneError:
        assert not 0.15 < ratio < 7
        return
    assert all(128 <= side <= 4096 and side % 2 == 0 for side in size)
    assert size[0] / size[1] == pytest.approx(ratio, rel=0.02)


@pytest.mark.parametrize("size", [(127, 720), (1280, 129), (126, 200), (4098, 720), (720, 8000)])
def test_impossible_sizes_are_named(size: tuple[int, int]) -> None:
    wrong = next(side for side in size if side % 2 or not 128 <= side <= 4096)
    with pytest.raises(SceneError, match=str(wrong)):
        Canvas(size)
    with pytest.raises(SceneError, match=str(wrong)):
        canvas(f"{size[0]}x{size[1]}")


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(SceneError, match="landscape"):
        canvas("cinema")
    with pytest.raises(SceneError, match="720p"):
        canvas("landscape", "700p")
    with pytest.raises(SceneError, match="25"):
        canvas("landscape", "720p", fps=23)


def test_offers() -> None:
    assert set(FRAME_RATES) == {24, 25, 30, 50, 60}
    assert set(ASPECTS) == {"landscape", "portrait", "square", "4:5"}
    assert canvas("landscape", fps=50).fps == Fraction(50)
