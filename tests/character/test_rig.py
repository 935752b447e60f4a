from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from visavis.performance.types import CURVE_NAMES, Pose
from visavis.rigs import RigError, RigFile, load, write_rig
from visavis.rigs.character import CharacterRig, catalogue, people, presenter
from visavis.rigs.character.face import Face
from visavis.rigs.character.inside import Mouth
from visavis.rigs.character.pack import _span, placed

from .conftest import SIZE


def turned(yaw: float = 0, pitch: float = 0, roll: float = 0, **curves: float) -> Pose:
    pose = Pose.neutral(**curves)
    return Pose(pose.curves, np.array([yaw, pitch, roll], np.float32), pose.translation)


def box(rig: CharacterRig, name: str) -> tuple[slice, slice]:
    scale = SIZE[0] / rig.size[0]
    left, top, right, bottom = (round(edge * scale) for edge in rig.pack.boxes[name])
    return slice(top, bottom), slice(left, right)


def light(frame: np.ndarray) -> np.ndarray:
    return frame[..., :3].astype(float).mean(-1)


def test_every_presenter_opens_and_stands_in_its_picture():
    for one in people():
        rig = one.open()
        assert rig.kind == "character"
        assert not rig.opaque
        framing = rig.framing
        assert 0 < framing.crown < framing.eyes < framing.chin < 1
        assert framing.centre == pytest.approx(0.5, abs=0.05)
        assert 0.1 < framing.face_width < 0.6
        assert one.gender in ("female", "male")
        assert one.age in ("young_adult", "adult", "senior")
        assert one.voice.count("-") >= 2


def test_an_unknown_presenter_is_refused_with_the_known_ones():
    with pytest.raises(RigError, match=catalogue()[0].name):
        presenter("nobody")


def test_a_face_that_holds_still_is_drawn_once_while_its_head_moves(rig, monkeypatch):
    drawn = []
    draw = Face.draw

    def counted(self, curves):
        drawn.append(curves)
        return draw(self, curves)

    monkeypatch.setattr(Face, "draw", counted)
    renderer = rig.open(SIZE, Fraction(25))
    first = renderer.render(turned(0.0, browInnerUp=0.5))
    second = renderer.render(turned(0.1, browInnerUp=0.5005))
    assert len(drawn) == 1
    assert not np.array_equal(first, second)
    renderer.render(turned(0.1, browInnerUp=0.55))
    assert len(drawn) == 2


def test_the_resting_face_is_the_rendered_one(rig, draw):
    frame = draw(Pose.neutral())
    assert frame.shape == (SIZE[1], SIZE[0], 4)
    assert frame.dtype == np.uint8
    assert frame[0, 0, 3] == 0
    assert frame[SIZE[1] // 2, SIZE[0] // 2, 3] == 255
    still = placed(rig.pack, "full", SIZE)
    rows, columns = box(rig, "face")
    solid = (frame[..., 3] > 250) & (still[..., 3] > 250)
    difference = np.where(solid, np.abs(light(frame) - light(still)), 0)[rows, columns]
    assert difference.mean() < 6


def test_the_jaw_opens_the_mouth_the_further_the_wider(rig, draw):
    slit = Face(rig.pack, SIZE)._mouth_slit
    gaps = []
    for amount in np.linspace(0, 0.8, 5):
        opening = slit.opening(Pose.neutral(jawOpen=amount).curves)
        gaps.append(float(np.maximum(opening.lower - opening.upper, 0).sum()))
    assert gaps == sorted(gaps)
    assert gaps[-1] > 100
    rows, columns = box(rig, "mouth")
    change = np.abs(light(draw(Pose.neutral(jawOpen=0.6))) - light(draw(Pose.neutral())))
    assert change[rows, columns].max() > 60


def test_the_back_teeth_lie_in_the_shadow_of_the_cheeks(rig):
    mouth = Mouth(rig.pack, rig.pack.camera, rig.size)
    for name, layer in mouth._layers.items():
        if name == "tongue":
            continue
        columns = np.flatnonzero(layer[..., 3].any(axis=0))
        first, last = columns[0], columns[-1] + 1
        bright = np.where(layer[..., 3] > 200, light(layer), 0).max(axis=0)
        edge = (last - first) // 16
        assert bright[first : first + edge].max() < 0.5 * bright.max(), name
        assert bright[last - edge : last].max() < 0.5 * bright.max(), name


def test_beside_a_dropped_jaw_nothing_stays_of_the_resting_one():
    rig = presenter("amara").open()
    renderer = rig.open(SIZE, Fraction(25), seed=1)
    rows, columns = box(rig, "jaw")

    def veiled(pose: Pose) -> int:
        cover = renderer.render(pose)[rows, columns, 3]
        half = ((cover > 15) & (cover < 240)).astype(np.uint8)
        # an outline is a pixel or two wide and goes with the erosion, a veil stays
        return int(cv2.erode(half, np.ones((3, 3), np.uint8)).sum())

    assert veiled(Pose.neutral(jawOpen=0.6)) < 1.3 * veiled(Pose.neutral())


def test_lids_close_step_by_step_and_wholly(rig):
    face = Face(rig.pack, SIZE)
    for slit in face._eye_slits:
        areas = []
        for amount in np.linspace(0, 1, 6):
            pose = Pose.neutral(eyeBlinkLeft=amount, eyeBlinkRight=amount)
            opening = slit.opening(pose.curves)
            areas.append(float(np.maximum(opening.lower - opening.upper, 0).sum()))
        assert areas == sorted(areas, reverse=True)
        assert areas[-1] < 0.04 * areas[0]


def test_one_eye_can_blink_alone(rig, draw):
    rows, columns = box(rig, "eyes")
    rest, wink = draw(Pose.neutral()), draw(Pose.neutral(eyeBlinkLeft=1.0))
    change = np.abs(light(wink) - light(rest))[rows, columns]
    middle = change.shape[1] // 2
    assert change[:, middle:].mean() > 4 * change[:, :middle].mean()


def test_eyes_look_to_the_side_asked_for(rig, draw):
    rows, _ = box(rig, "eyes")
    eye = Face(rig.pack, SIZE)._eye_slits[0].opening(Pose.neutral().curves)

    def darkest(pose: Pose) -> float:
        place = eye.cover(rows.start, rows.stop - rows.start) > 0.9
        view = light(draw(pose))[rows, eye.left : eye.left + place.shape[1]]
        weight = np.where(place, np.maximum(0, 100 - view), 0)
        return float((weight.sum(0) * np.arange(place.shape[1])).sum() / weight.sum())

    left = Pose.neutral(eyeLookOutLeft=1.0, eyeLookInRight=1.0)
    right = Pose.neutral(eyeLookInLeft=1.0, eyeLookOutRight=1.0)
    assert darkest(left) > darkest(right) + 1


@pytest.mark.parametrize(
    ("pose", "axis", "sign"),
    [
        (turned(yaw=0.14), 1, 1),
        (turned(yaw=-0.14), 1, -1),
        (turned(pitch=0.14), 0, -1),
        (turned(pitch=-0.14), 0, 1),
    ],
)
def test_the_head_turns_the_way_the_pose_says(rig, draw, pose, axis, sign):
    rows, columns = box(rig, "mouth")
    patch = light(draw(Pose.neutral()))[rows, columns].astype(np.float32)
    view = light(draw(pose)).astype(np.float32)
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(view, patch, cv2.TM_CCOEFF_NORMED))
    moved = (y - rows.start, x - columns.start)[axis]
    assert sign * moved >= 2


def test_any_curves_draw(draw):
    rng = np.random.default_rng(3)
    for _ in range(6):
        curves = rng.uniform(-2, 3, len(CURVE_NAMES)).astype(np.float32)
        curves[rng.integers(len(CURVE_NAMES))] = np.nan
        frame = draw(Pose(curves, rng.normal(0, 2, 3).astype(np.float32), np.ones(3, np.float32)))
        assert frame[SIZE[1] // 2, SIZE[0] // 2, 3] == 255


def test_frames_belong_to_the_caller_and_repeat_by_seed(rig):
    poses = [Pose.neutral(jawOpen=0.1 * index) for index in range(4)]

    def run(seed: int) -> list[np.ndarray]:
        renderer = rig.open(SIZE, Fraction(25), seed=seed)
        return [renderer.render(pose) for pose in poses]

    first, again, other = run(5), run(5), run(6)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert len({id(frame) for frame in first}) == len(first)


@pytest.mark.parametrize("size", [(401, 320), (400, 400), (40, 32), (0, 0)])
def test_a_size_it_cannot_have_is_refused(rig, size):
    with pytest.raises(RigError, match="cannot be drawn"):
        rig.open(size, Fraction(25))


@pytest.mark.parametrize("native", [850, 1000, 1250])
def test_the_whole_picture_is_the_whole_picture_at_every_size(native):
    for wanted in range(64, 2000, 2):
        assert _span(0, native, native, wanted) == (0, native, 0, wanted)


def test_a_saved_presenter_is_read_back_by_its_kind(rig, tmp_path: Path):
    path = tmp_path / "copy.avatar"
    rig.save(path)
    again = load(path)
    assert isinstance(again, CharacterRig)
    assert again.framing == rig.framing


@pytest.mark.parametrize("member", ["shape.npz", "rest.webp"])
def test_a_damaged_presenter_is_refused(rig, tmp_path: Path, member):
    members = {**rig.content.members, member: b"not this"}
    path = tmp_path / "bad.avatar"
    write_rig(path, RigFile("character", rig.content.meta, members))
    with pytest.raises(RigError, match="damaged"):
        load(path)


def test_another_kind_of_rig_is_no_presenter(tmp_path: Path):
    path = tmp_path / "other.avatar"
    write_rig(path, RigFile("portrait"))
    with pytest.raises(RigError, match="portrait"):
        CharacterRig.load(path)
