"""People sit well on every canvas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scene.people import PEOPLE, PHOTO, TALL_PHOTO, Person, frame
from visavis.rigs.types import Framing
from visavis.scene import compose
from visavis.scene.framing import place

CANVASES = [(1280, 720), (720, 1280), (720, 720), (720, 900), (1000, 300), (300, 1000)]


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("size", CANVASES)
def test_the_head_is_whole_and_near_the_middle(person: Person, size: tuple[int, int]) -> None:
    box = place(person, size, cut_out=not person.opaque)
    crown = box.y + person.framing.crown * box.height
    chin = box.y + person.framing.chin * box.height
    centre = box.x + person.framing.centre * box.width
    assert crown >= -0.5
    assert chin <= size[1]
    assert 0.25 * size[0] < centre < 0.75 * size[0]


@given(
    width=st.integers(128, 2000).map(lambda n: n * 2),
    height=st.integers(128, 2000).map(lambda n: n * 2),
    own=st.tuples(st.integers(200, 3000), st.integers(200, 3000)),
    crown=st.floats(0.0, 0.3),
    head=st.floats(0.1, 0.6),
    centre=st.floats(0.25, 0.75),
    face=st.floats(0.08, 0.5),
    cut_out=st.booleans(),
    close=st.booleans(),
)
def test_any_person_on_any_canvas(
    width: int, height: int, own: tuple[int, int], crown: float, head: float, centre: float,
    face: float, cut_out: bool, close: bool,
) -> None:  # fmt: skip
    framing = Framing(crown, crown + head / 2, crown + head, centre, face)
    box = place(Person(own, framing, not cut_out), (width, height), cut_out=cut_out, close=close)
    assert box.width % 2 == box.height % 2 == 0
    aspect = (box.width / box.height) / (own[0] / own[1])
    assert aspect == pytest.approx(1, rel=0.02 + 4 / min(box.size))
    assert box.y + crown * box.height >= -1
    seen = box.clipped((width, height))
    assert seen.width > 0
    assert seen.height > 0
    if cut_out:
        assert box.y + box.height >= height - 2, "a bust must not float"


def test_a_photograph_in_its_own_aspect_fills_the_canvas() -> None:
    assert place(TALL_PHOTO, (360, 640), cut_out=False).size == (360, 640)
    out = frame(compose(TALL_PHOTO, (360, 640)), TALL_PHOTO)
    assert np.array_equal(out, TALL_PHOTO.picture((360, 640))[..., :3])


def test_a_photograph_is_never_scaled_after_the_rig_drew_it() -> None:
    compositor = compose(PHOTO, (1280, 720))
    drawn = PHOTO.picture(compositor.rig_size)[..., :3]
    out = frame(compositor, PHOTO)
    x = (1280 - compositor.rig_size[0]) // 2
    inner = slice(100, 600)
    middle = slice(compositor.rig_size[0] // 2 - 100, compositor.rig_size[0] // 2 + 100)
    shown = out[inner, middle.start + x : middle.stop + x]
    rows = (compositor.rig_size[1] - 720) // 2
    errors = [
        np.abs(drawn[inner.start + at : inner.stop + at, middle].astype(int) - shown).mean()
        for at in range(2 * rows + 1)
    ]
    assert min(errors) == 0


def test_bands_beside_a_photograph_show_its_background_only() -> None:
    out = frame(compose(PHOTO, (1280, 720)), PHOTO)
    for band in (out[:, :120], out[:, -120:]):
        red = band[..., 0].astype(int) - band[..., 2]
        assert red.max() < 40, "no skin beside the person"


def test_a_body_cut_by_its_picture_ends_like_an_arm() -> None:
    broad = Person((640, 640), Framing(0.12, 0.36, 0.60, 0.5, 0.5), opaque=False)
    assert broad.picture((640, 640))[-40, 0, 3] == 255
    compositor = compose(broad, (1280, 720), "#00ff00")
    out = frame(compositor, broad)
    width, x = compositor.rig_size[0], (1280 - compositor.rig_size[0]) // 2
    shown = (np.abs(out.astype(int) - (0, 255, 0)).sum(2) > 200)[:, x : x + width // 2]
    reach = round(0.07 * width)
    shoulder = int(np.argmax(shown[:, reach]))
    begins = [int(np.argmax(shown[row])) for row in range(shoulder + 2, 720)]
    assert begins[0] > 0.6 * reach, "the shoulder runs out before the cut"
    assert begins == sorted(begins, reverse=True), "and falls outwards from there"
    assert begins[-1] <= 2


def test_thin_hair_fades_where_its_picture_cuts_it() -> None:
    broad = Person((640, 640), Framing(0.12, 0.36, 0.60, 0.5, 0.5), opaque=False)
    compositor = compose(broad, (1280, 720), "#00ff00")
    picture = broad.picture(compositor.rig_size)
    picture[..., 3] = np.where(picture[..., 3] > 0, 150, 0)
    out = compositor.compose(picture, 0.0)
    jump = np.abs(np.diff(out[-40].astype(int), axis=0)).sum(1)
    assert jump.max() < 60
