import cv2
import numpy as np
import pytest

from tests.footage.filming import difference
from visavis.rigs.footage import FootageRig
from visavis.rigs.footage.body import Body, on_the_way
from visavis.rigs.footage.film import FilmReader
from visavis.rigs.footage.movement import Movement
from visavis.rigs.footage.walk import Step
from visavis.rigs.portrait.lattice import Lattice
from visavis.rigs.portrait.spread import Spread
from visavis.rigs.types import Picture


@pytest.mark.parametrize("size", [(360, 480), (180, 240), (540, 720)])
def test_a_change_to_the_same_frame_changes_nothing(rig: FootageRig, size: tuple[int, int]) -> None:
    """Lightness and both colours stay where they are, at any size."""
    whole = FilmReader(rig.film).picture(40)
    method = cv2.INTER_AREA if size[0] < 360 else cv2.INTER_CUBIC
    expected = np.asarray(cv2.resize(whole, size, interpolation=method), np.uint8)
    for step in (Step(40), Step(40, 40, 0.5)):
        body = Body(rig.film, rig.landmarks, size)
        frame = body.frame(step)
        assert frame.picture.shape == (size[1], size[0], 3)
        assert difference(frame.picture, expected) < 1.0
    assert np.allclose(frame.landmarks, body.landmarks[40], atol=1e-3)


def test_a_change_is_between_its_frames(rig: FootageRig) -> None:
    body = Body(rig.film, rig.landmarks, rig.size)
    first, last = (body.frame(Step(index)).picture for index in (20, 70))
    near, far = (body.frame(Step(20, 70, share)).picture.astype(np.int16) for share in (0.02, 0.98))
    assert difference(near.astype(np.uint8), first) < difference(near.astype(np.uint8), last) / 3
    assert difference(far.astype(np.uint8), last) < difference(far.astype(np.uint8), first) / 3


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_thing_on_its_way_still_moves_as_it_set_out(share: float) -> None:
    """Zooming in by a fifth: what is seen at y set out at y / (1 + share / 5)."""
    x = np.arange(160, dtype=np.float32)
    flow = np.dstack([np.tile(0.2 * x, (4, 1)), np.zeros((4, 160), np.float32)])
    moving = on_the_way(flow, share)[:, 20:140, 0]
    assert np.allclose(moving, 0.2 * x[20:140] / (1 + 0.2 * share), atol=0.3)


def test_a_jerk_is_found_where_it_is() -> None:
    random = np.random.default_rng(0)
    noise = random.integers(0, 255, (15, 20, 3), np.uint8)
    texture = np.asarray(cv2.resize(noise, (200, 150), interpolation=cv2.INTER_CUBIC), np.uint8)

    def shifted(by: float) -> Picture:
        move = np.array([[1, 0, by], [0, 1, 0]], np.float32)
        return np.asarray(
            cv2.warpAffine(texture, move, (200, 150), borderMode=cv2.BORDER_REFLECT), np.uint8
        )

    movement = Movement()
    places = [0.5 * index for index in range(20)]
    places[11:] = [place + 4 for place in places[11:]]
    for place in places:
        movement.see(shifted(place))
    jerks = movement.jerks()
    assert len(jerks) == 20
    assert jerks[0] == jerks[-1] == 0
    # The leap lies between frames 10 and 11: both see the movement change.
    assert set(np.argsort(jerks)[-2:]) == {10, 11}
    assert np.delete(jerks, [10, 11]).max() < 0.4


def test_a_grid_is_spread_over_as_its_points_are() -> None:
    random = np.random.default_rng(1)
    centres = (random.random((40, 2)) * [120, 90]).astype(np.float32)
    spread = Spread(centres, random.random((40, 2)).astype(np.float32), 2.0, 1e-6)
    x, y = Lattice.over((-3, 5, 130, 80), 3).axes()
    places = np.dstack(np.meshgrid(x, y)).reshape(-1, 2).astype(np.float32)
    assert np.allclose(spread.on_grid(x, y).reshape(-1, 2), spread(places), atol=2e-3)


def test_a_short_clip_has_no_jerks() -> None:
    movement = Movement()
    movement.see(np.zeros((60, 80, 3), np.uint8))
    assert movement.jerks().tolist() == [0.0]
