"""The lips of a drawn performance, found again by tracking it."""

import numpy as np
import pytest

from visavis.performance import Performance, Pose, idle
from visavis.rigs.portrait import PortraitRig

from .lips import FPS, Series, performance, seen_gaps, wanted_gaps

SIZE = (384, 384)


@pytest.fixture(scope="module")
def acted() -> Performance:
    return performance()


@pytest.fixture(scope="module")
def seen(cut_out_rig: PortraitRig, acted: Performance) -> Series:
    return seen_gaps(cut_out_rig.open(SIZE, FPS), acted)


def test_lips_open_when_and_as_the_curves_say(acted: Performance, seen: Series) -> None:
    wanted = wanted_gaps(acted)
    by_lag = [
        np.corrcoef(wanted[2 + lag : len(wanted) - 2 + lag], seen[2:-2])[0, 1]
        for lag in (-2, -1, 0, 1, 2)
    ]
    assert int(np.argmax(by_lag)) == 2
    assert by_lag[2] > 0.95


def test_lips_shut_where_the_curves_shut_them(acted: Performance, seen: Series) -> None:
    shut = wanted_gaps(acted) < 1e-4
    assert shut.sum() > 10
    at_rest = float(np.median(seen[:5]))
    assert np.abs(seen[shut] - at_rest).max() < 0.01


def test_lips_lie_still_in_silence(cut_out_rig: PortraitRig) -> None:
    """Head, eyes and shoulders go on; the lips do not quiver."""
    silence = idle(2.0, FPS, seed=1)
    gaps = seen_gaps(cut_out_rig.open(SIZE, FPS), silence)
    assert gaps.std() < 0.003


def test_an_open_mouth_in_the_picture_can_shut(cut_out_rig: PortraitRig) -> None:
    """A rig made of a frame with parted lips closes them."""
    from visavis.face import find_faces

    from .lips import on_grey

    parted = on_grey(
        cut_out_rig.open((512, 512), FPS).render(
            Pose.neutral(jawOpen=0.2, mouthUpperUpLeft=0.3, mouthUpperUpRight=0.3)
        )
    )
    (before,) = find_faces(parted)
    assert before.mouth_gap > 0.05
    shut = on_grey(PortraitRig.create(parted).open((512, 512), FPS).render(Pose.neutral()))
    (after,) = find_faces(shut)
    assert after.mouth_gap < 0.012
