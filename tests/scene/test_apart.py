"""Rigs that know their person from its background."""

from pathlib import Path

import numpy as np
import pytest

from tests.scene.people import CUTOUT, PHOTO, WALL
from visavis.rigs.portrait import PortraitRig
from visavis.scene import apart, compose
from visavis.scene.backgrounds import Kind


@pytest.fixture
def rig() -> PortraitRig:
    """A drawn person; nothing here looks at the landmarks."""
    picture = PHOTO.picture(PHOTO.size)[..., :3]
    matte = CUTOUT.picture(CUTOUT.size)[..., 3]
    return PortraitRig(
        np.ascontiguousarray(picture),
        np.ascontiguousarray(matte),
        np.zeros((64, 64), np.uint8),
        np.zeros((478, 3), np.float32),
    )


def test_the_own_background_stays_with_the_rig(rig: PortraitRig) -> None:
    shown, behind = apart(rig, None)
    assert shown is rig
    assert behind.kind is Kind.OWN


def test_another_background_gets_the_person_alone(rig: PortraitRig) -> None:
    shown, behind = apart(rig, "#00ff00")
    assert behind.kind is Kind.COLOUR
    assert not shown.opaque
    assert isinstance(shown, PortraitRig)
    assert shown.cut_out() is shown
    assert tuple(shown.picture[5, 5, 3:]) == (0,)
    solid = shown.picture[..., 3] == 255
    assert np.abs(shown.picture[..., :3].astype(int) - rig.picture)[solid].max() <= 1


def test_the_rim_holds_no_wall(rig: PortraitRig) -> None:
    shown, _ = apart(rig, "#00ff00")
    assert isinstance(shown, PortraitRig)
    rim = (shown.picture[..., 3] > 0) & (shown.picture[..., 3] < 60)
    before = np.abs(rig.picture.astype(int) - WALL).sum(2)[rim].mean()
    after = np.abs(shown.picture[..., :3].astype(int) - WALL).sum(2)[rim].mean()
    assert after > 1.5 * before


def test_a_blurred_background_is_made_once(rig: PortraitRig) -> None:
    shown, behind = apart(rig, "blur")
    assert behind.kind is Kind.PICTURE
    assert not shown.opaque
    compositor = compose(CUTOUT, (640, 360), behind)
    out = compositor.compose(CUTOUT.picture(compositor.rig_size), 0.0)
    assert np.abs(out[10, 600].astype(int) - WALL).max() < 30


def test_the_edge_of_a_real_portrait_is_clean(clips: Path) -> None:
    from fractions import Fraction

    from visavis.errors import ModelError
    from visavis.face import load_image
    from visavis.performance import Pose

    try:
        real = PortraitRig.create(load_image(clips / "portrait" / "frontal-a.png"))
    except ModelError as error:
        pytest.skip(f"no weights here: {error}")
    shown, behind = apart(real, "#00ff00")
    compositor = compose(shown, (640, 360), behind)
    drawn = shown.open(compositor.rig_size, Fraction(25)).render(Pose.neutral(jawOpen=0.3))
    out = compositor.compose(drawn, 0.0)
    assert tuple(out[4, 4]) == (0, 255, 0)
    assert out[180, 320, 0] > 120
