"""A portrait drawn: exact at rest, the same every time, whole for any pose."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from visavis.errors import InvalidInputError, SourceError
from visavis.performance import CURVE_NAMES, Pose
from visavis.rigs import Picture, RigError, load, read_rig, write_rig
from visavis.rigs.portrait import PortraitRenderer, PortraitRig

FPS = Fraction(25)
REST = Pose.neutral()


def turned(yaw: float = 0, pitch: float = 0, roll: float = 0, x: float = 0, y: float = 0) -> Pose:
    angles = np.deg2rad([yaw, pitch, roll]).astype(np.float32)
    return Pose(REST.curves, angles, np.array([x, y, 0], np.float32))


def first(rig: PortraitRig, pose: Pose, size: tuple[int, int] = (256, 256)) -> Picture:
    return rig.open(size, FPS).render(pose)


def test_the_resting_face_is_the_photograph(rig: PortraitRig, photograph: Picture) -> None:
    frame = first(rig, REST, (512, 512))
    assert np.array_equal(frame[..., :3], photograph)
    assert (frame[..., 3] == 255).all()


def test_shut_lips_stay_shut_while_the_jaw_hangs(rig: PortraitRig) -> None:
    """Nothing of the inside of the mouth shows where the curves close what the jaw opens."""
    from visavis.face import find_faces

    frame = first(rig, Pose.neutral(jawOpen=0.3, mouthClose=0.3), (512, 512))
    (face,) = find_faces(np.ascontiguousarray(frame[..., :3]))
    (rest,) = find_faces(np.ascontiguousarray(first(rig, REST, (512, 512))[..., :3]))
    assert abs(face.mouth_gap - rest.mouth_gap) < 0.01
    assert face.landmarks[152, 1] > rest.landmarks[152, 1] + 2


def test_a_still_pose_gives_still_lips(rig: PortraitRig) -> None:
    """Shoulders breathe; the face does not."""
    renderer = rig.open((256, 256), FPS)
    pose = Pose.neutral(jawOpen=0.2)
    frames = [renderer.render(pose) for _ in range(40)]
    chin = int(rig.framing.chin * 256)
    assert all(np.array_equal(frames[0][:chin], frame[:chin]) for frame in frames)
    assert any((frames[0] != frame).any() for frame in frames)


def test_the_same_poses_give_the_same_frames(rig: PortraitRig, photograph: Picture) -> None:
    poses = [Pose.neutral(jawOpen=0.4, eyeBlinkLeft=0.5), turned(4, -3, 2), REST]
    again = PortraitRig.create(photograph)
    one, two = rig.open((256, 256), FPS), again.open((256, 256), FPS)
    for pose in poses:
        assert np.array_equal(one.render(pose), two.render(pose))


def test_frames_belong_to_the_caller(rig: PortraitRig) -> None:
    renderer = rig.open((128, 128), FPS)
    frame = renderer.render(REST)
    kept = frame.copy()
    frame[:] = 0
    renderer.render(Pose.neutral(jawOpen=1))
    assert np.array_equal(renderer.render(REST)[:60], kept[:60])


def test_survives_its_file(rig: PortraitRig, tmp_path: Path) -> None:
    path = tmp_path / "p.avatar"
    rig.save(path)
    loaded = load(path)
    assert (loaded.kind, loaded.size, loaded.opaque) == ("portrait", (512, 512), True)
    assert loaded.framing == rig.framing
    pose = Pose.neutral(jawOpen=0.5)
    assert np.array_equal(loaded.open((256, 256), FPS).render(pose), first(rig, pose))


@pytest.mark.parametrize("member", ["picture.png", "matte.png", "follow.png", "landmarks.f32"])
def test_refuses_a_file_with_a_broken_member(rig: PortraitRig, tmp_path: Path, member: str) -> None:
    path = tmp_path / "p.avatar"
    rig.save(path)
    content = read_rig(path)
    broken = {**content.members, member: content.members[member][: len(member)]}
    write_rig(path, dataclasses.replace(content, members=broken))
    with pytest.raises(RigError):
        load(path)


def test_framing_is_about_the_face(rig: PortraitRig) -> None:
    framing = rig.framing
    assert 0 <= framing.crown < framing.eyes < framing.chin < 1
    assert framing.centre == pytest.approx(0.5, abs=0.03)
    assert 0.2 < framing.face_width < 0.5


@pytest.mark.parametrize("size", [(255, 255), (256, 512), (0, 0), (512, 256)])
def test_refuses_sizes_it_cannot_draw(rig: PortraitRig, size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInputError, match=f"{size[0]}x{size[1]}"):
        rig.open(size, FPS)


@pytest.mark.parametrize("side", [64, 720])
def test_draws_smaller_and_larger_than_the_picture(rig: PortraitRig, side: int) -> None:
    renderer = rig.open((side, side), FPS)
    assert renderer.size == (side, side)
    frame = renderer.render(Pose.neutral(jawOpen=0.6, eyeBlinkRight=1, eyeBlinkLeft=1))
    assert frame.shape == (side, side, 4)
    assert (frame[..., 3] == 255).all()


def test_a_landscape_picture_keeps_its_aspect(photograph: Picture) -> None:
    wide = np.pad(photograph, ((0, 0), (200, 200), (0, 0)), mode="edge")
    rig = PortraitRig.create(wide)
    assert rig.open((456, 256), FPS).render(turned(5)).shape == (256, 456, 4)


def test_a_cut_out_stays_one_and_its_edge_moves(cut_out_rig: PortraitRig) -> None:
    assert not cut_out_rig.opaque
    still, moved = first(cut_out_rig, REST), first(cut_out_rig, turned(roll=6, x=0.1))
    assert (still[0, 0, 3], moved[0, 0, 3]) == (0, 0)
    assert (still[..., 3] != moved[..., 3]).any()
    # Under the clear parts the colours go on, so that no rim appears when it is laid on anything.
    assert np.abs(moved[..., 3].astype(int).sum() / still[..., 3].astype(int).sum() - 1) < 0.05


def test_the_background_is_held_still(rig: PortraitRig, photograph: Picture) -> None:
    frame = first(rig, turned(6, 4, 5, 0.1, 0.05), (512, 512))
    away = np.zeros((512, 512), bool)
    away[:300, :90] = away[:300, -90:] = True
    assert np.array_equal(frame[away][:, :3], photograph[away])
    assert (frame[..., :3] != photograph).any(-1)[150:300, 200:300].mean() > 0.5


def test_head_turns_the_way_the_pose_says(rig: PortraitRig) -> None:
    from visavis.face import find_faces

    def nose_and_crown(pose: Pose) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        (face,) = find_faces(np.ascontiguousarray(first(rig, pose, (512, 512))[..., :3]))
        return face.landmarks[1, :2], face.landmarks[10, :2]

    nose, crown = nose_and_crown(REST)
    assert nose_and_crown(turned(yaw=6))[0][0] > nose[0] + 2
    assert nose_and_crown(turned(pitch=6))[0][1] < nose[1] - 2
    assert nose_and_crown(turned(roll=6))[1][0] > crown[0] + 2
    assert nose_and_crown(turned(x=0.1))[0][0] > nose[0] + 5


def test_eyes_close_and_look_by_themselves(rig: PortraitRig) -> None:
    still = first(rig, REST).astype(int)
    for name, side in (("eyeBlinkRight", 0), ("eyeBlinkLeft", 1)):
        changed = (np.abs(first(rig, Pose.neutral(**{name: 1})) - still).max(2) > 12).any(0)
        where = np.flatnonzero(changed)
        assert len(where)
        assert (where > 128).all() if side else (where < 128).all()


curves = arrays(np.float32, len(CURVE_NAMES), elements=st.floats(0, 1, width=32))
angles = arrays(np.float32, 3, elements=st.floats(-0.125, 0.125, width=32))
shifts = arrays(np.float32, 3, elements=st.floats(-0.25, 0.25, width=32))


@pytest.fixture(scope="module")
def renderers(rig: PortraitRig, cut_out_rig: PortraitRig) -> tuple[PortraitRenderer, ...]:
    return rig.open((160, 160), FPS), cut_out_rig.open((160, 160), FPS)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(curves=curves, rotation=angles, translation=shifts)
def test_any_pose_can_be_drawn(
    renderers: tuple[PortraitRenderer, ...],
    curves: npt.NDArray[np.float32],
    rotation: npt.NDArray[np.float32],
    translation: npt.NDArray[np.float32],
) -> None:
    for renderer in renderers:
        frame = renderer.render(Pose(curves, rotation, translation))
        assert frame.shape == (160, 160, 4)
        assert frame.dtype == np.uint8
        assert frame[60:100, 60:100].std() > 1
    opaque = renderers[0].render(Pose(curves, rotation, translation))
    assert (opaque[..., 3] == 255).all()


def test_a_picture_without_a_face_is_refused() -> None:
    grey = np.full((300, 300, 3), 128, np.uint8)
    with pytest.raises(SourceError) as caught:
        PortraitRig.create(grey)
    assert caught.value.check == "one_face"


@pytest.mark.parametrize(
    "name",
    ["frontal-a.png", "half-body-a.png", "moustache-a.jpg", "painting-a.png", "painting-b.jpg"],
)
def test_real_pictures_rest_as_they_are_and_speak(clips: Path, name: str) -> None:
    from visavis.face import load_image

    picture = load_image(clips / "portrait" / name)
    rig = PortraitRig.create(picture)
    width, height = (side // 2 * 2 for side in rig.size)
    renderer = rig.open((width, height), FPS)
    eyes = int(rig.framing.eyes * height)
    assert np.array_equal(renderer.render(REST)[:eyes, :, :3], picture[:eyes, :width, :3])
    spoken = renderer.render(Pose.neutral(jawOpen=0.4))
    assert (spoken[:eyes] != renderer.render(REST)[:eyes]).mean() < 0.02
