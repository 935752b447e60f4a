"""The person of a clip without what is behind them, found once for every frame."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from visavis.face.clip_matte import ClipMatte
from visavis.performance.types import Pose
from visavis.rigs import load
from visavis.rigs.files import RigError
from visavis.rigs.footage import FootageRig
from visavis.rigs.footage.film import FilmReader
from visavis.rigs.footage.mattes import EVERY, Mattes
from visavis.rigs.footage.walk import Step
from visavis.rigs.types import Framing
from visavis.scene import apart, compose

FPS = Fraction(25)


def test_a_rig_is_made_with_a_matte_for_every_second_frame(rig: FootageRig) -> None:
    assert rig.mattes is not None
    assert len(rig.mattes.coded) == -(-len(rig.film) // EVERY)
    finder, reader = ClipMatte(), FilmReader(rig.film)
    for index in range(0, 8, EVERY):
        assert np.array_equal(rig.mattes.at(index), finder.next(reader.picture(index)))
    halves = (rig.mattes.at(0).astype(int) + rig.mattes.at(2)) / 2
    assert np.abs(rig.mattes.at(1) - halves).max() <= 1


def test_the_person_moves_on_nothing_as_before_the_wall(rig: FootageRig) -> None:
    cut = rig.cut_out()
    assert not cut.opaque
    whole, alone = (each.open((360, 480), FPS, 3) for each in (rig, cut))
    for index in range(6):
        pose = Pose.neutral(jawOpen=index / 10)
        before, after = whole.render(pose), alone.render(pose)
        assert np.array_equal(before[..., :3], after[..., :3])
        alpha = after[..., 3]
        assert alpha[240, 180] == 255
        assert (alpha[:20, :20] == 0).all()
        assert 0.2 < (alpha > 127).mean() < 0.8


def test_between_two_stretches_both_mattes_are_mixed(rig: FootageRig) -> None:
    assert rig.mattes is not None
    size = rig.mattes.at(0).shape[::-1]
    a, b = rig.mattes.at(0), rig.mattes.at(40)
    mixed = rig.mattes.of(Step(0, 40, 0.25), (size[0], size[1]))
    assert np.abs(mixed - (0.75 * a + 0.25 * b)).max() <= 1


def test_mattes_are_kept_with_the_rig(rig: FootageRig, tmp_path: Path) -> None:
    rig.save(tmp_path / "a.avatar")
    again = load(tmp_path / "a.avatar")
    assert isinstance(again, FootageRig)
    assert again.mattes is not None
    assert rig.mattes is not None
    assert again.mattes.coded == rig.mattes.coded


def test_a_rig_of_older_make_finds_them_when_they_are_wanted(
    rig: FootageRig, tmp_path: Path
) -> None:
    replace(rig, mattes=None).save(tmp_path / "old.avatar")
    old = load(tmp_path / "old.avatar")
    assert isinstance(old, FootageRig)
    assert old.mattes is None
    assert rig.mattes is not None
    assert old.cut_out().mattes.coded == rig.mattes.coded
    assert old.cut_out() is old.cut_out()


@pytest.mark.parametrize("damage", [b"", b"VMAT", b"nonsense of some length", b"cut"])
def test_damaged_mattes_are_named(rig: FootageRig, damage: bytes) -> None:
    assert rig.mattes is not None
    data = rig.mattes.to_bytes()[:-1] if damage == b"cut" else damage
    with pytest.raises(RigError, match="mattes"):
        Mattes.from_bytes(data)
    broken = Mattes(2, (b"no picture",))
    with pytest.raises(RigError, match="Matte 0"):
        broken.at(0)


@pytest.mark.parametrize("behind", ["#00ff00", "blur", "transparent"])
def test_nothing_is_searched_for_while_a_cut_out_is_composed(
    rig: FootageRig, behind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut, backdrop = apart(rig, behind)
    monkeypatch.setattr(ClipMatte, "next", None)
    compositor = compose(cut, (320, 180), backdrop)
    renderer = cut.open(compositor.rig_size, FPS)
    out = compositor.compose(renderer.render(Pose.neutral()), 0.0)
    if behind == "#00ff00":
        assert tuple(out[5, 5]) == (0, 255, 0)
    if behind == "transparent":
        assert out[5, 5, 3] == 0
    assert out[100, 160, :3].max() > 40


@dataclass
class Disc:
    """Somebody red whose rim still holds the green of an old wall."""

    stained: bool
    size: tuple[int, int] = (180, 180)
    framing: Framing = field(default_factory=lambda: Framing(0.05, 0.35, 0.7, 0.5, 0.4))
    opaque: bool = False


def test_the_rim_is_cleaned_of_the_old_wall_where_it_must_be() -> None:
    green = {}
    for stained in (True, False):
        compositor = compose(Disc(stained), (180, 180), "black")
        width, height = compositor.rig_size
        rows, columns = np.indices((height, width))
        away = np.hypot(rows - height / 2, columns - width / 2) - width / 4
        drawn = np.zeros((height, width, 4), np.uint8)
        drawn[..., 3] = np.clip(128 - 20 * away, 0, 255)
        drawn[..., 0] = drawn[..., 3]
        drawn[..., 1] = 255 - drawn[..., 3]
        green[stained] = int(compositor.compose(drawn, 0.0)[..., 1].max())
    assert green[False] > 20
    assert green[True] < 0.8 * green[False]
