import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.footage.filming import difference
from visavis.errors import InvalidInputError
from visavis.face import FaceTracker
from visavis.performance import Pose
from visavis.rigs import RigError, RigFile, load, read_rig, write_rig
from visavis.rigs.footage import FootageRig
from visavis.rigs.footage.film import FilmReader
from visavis.rigs.footage.shapes import lip_gaps

FPS = Fraction(25)


def speech(frames: int) -> list[Pose]:
    """A mouth that opens and shuts as syllables do."""
    t = np.arange(frames) / 25
    openings = np.clip(np.sin(2 * np.pi * 2.2 * t), 0, 1) * 0.4
    return [Pose.neutral(jawOpen=float(value)) for value in openings]


def test_a_rig_survives_its_file(rig: FootageRig, tmp_path: Path) -> None:
    rig.save(tmp_path / "a.avatar")
    again = load(tmp_path / "a.avatar")
    assert isinstance(again, FootageRig)
    assert again.size == rig.size == (360, 480)
    assert again.framing == rig.framing
    assert again.notes == rig.notes
    poses = speech(12)
    first, second = rig.open(rig.size, FPS, 3), again.open(rig.size, FPS, 3)
    for pose in poses:
        assert np.array_equal(first.render(pose), second.render(pose))


def test_further_members_are_kept(rig: FootageRig, tmp_path: Path) -> None:
    path = tmp_path / "a.avatar"
    rig.save(path)
    content = read_rig(path)
    members = dict(content.members) | {"voice/timbre.bin": b"12345"}
    write_rig(path, RigFile(content.kind, content.meta, members))
    again = load(path)
    again.save(tmp_path / "b.avatar")
    assert read_rig(tmp_path / "b.avatar").member("voice/timbre.bin") == b"12345"


@pytest.mark.parametrize("member", ["body.film", "arrays.npz", "mouths.bin"])
@pytest.mark.parametrize("damage", ["missing", "short", "garbage"])
def test_a_damaged_rig_is_named(rig: FootageRig, tmp_path: Path, member: str, damage: str) -> None:
    path = tmp_path / "a.avatar"
    rig.save(path)
    content = read_rig(path)
    members = dict(content.members)
    data = members.pop(member)
    if damage == "short":
        members[member] = data[: len(data) // 2]
    if damage == "garbage":
        members[member] = b"x" * 100
    write_rig(path, RigFile(content.kind, content.meta, members))
    with pytest.raises(RigError):
        load(path)


def test_a_file_without_jerks_is_read(rig: FootageRig, tmp_path: Path) -> None:
    """Files of an earlier version do not tell them."""
    path = tmp_path / "a.avatar"
    rig.save(path)
    content = read_rig(path)
    with np.load(io.BytesIO(content.member("arrays.npz"))) as stored:
        arrays = {name: stored[name] for name in stored.files if name != "jerks"}
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    members = dict(content.members) | {"arrays.npz": packed.getvalue()}
    write_rig(path, RigFile(content.kind, content.meta, members))
    again = load(path)
    assert isinstance(again, FootageRig)
    assert again.stretches.jerks.tolist() == [0.0] * len(rig.film)
    assert rig.stretches.jerks.max() > 0
    again.open(rig.size, FPS, 0).render(Pose.neutral())


def test_a_newer_version_is_named(rig: FootageRig, tmp_path: Path) -> None:
    path = tmp_path / "a.avatar"
    rig.save(path)
    content = read_rig(path)
    meta = dict(content.meta) | {"footage_version": 99}
    write_rig(path, RigFile(content.kind, meta, content.members))
    with pytest.raises(RigError, match="99"):
        load(path)


def test_the_lips_follow_what_is_said(rig: FootageRig) -> None:
    renderer = rig.open(rig.size, FPS, 0)
    tracker = FaceTracker()
    gaps, wanted = [], []
    for pose in speech(75):
        picture = renderer.render(pose)
        assert picture.shape == (480, 360, 4)
        assert (picture[..., 3] == 255).all()
        face = tracker.update(np.ascontiguousarray(picture[..., :3]))
        assert face is not None
        gaps.append(float(lip_gaps(face.landmarks)[3:6].mean()) / face.eye_distance)
        wanted.append(pose["jawOpen"])
    assert np.corrcoef(gaps, wanted)[0, 1] > 0.9
    shut = [gap for gap, value in zip(gaps, wanted, strict=True) if value == 0]
    assert max(shut) < 0.03
    assert max(gaps) > 0.06


def test_only_the_lower_face_is_made(rig: FootageRig) -> None:
    """What lies above the nose is a frame of the clip, to the last bit."""
    renderer = rig.open(rig.size, FPS, 1)
    film = FilmReader(rig.film)
    frames = [film.picture(index).copy() for index in range(len(rig.film))]
    brow = round(0.3 * rig.size[1])
    picture = renderer.render(Pose.neutral(jawOpen=0.4))
    assert min(difference(picture[:brow, :, :3], frame[:brow]) for frame in frames) == 0


def test_a_pause_moves_the_body_and_leaves_the_lips(rig: FootageRig) -> None:
    renderer = rig.open(rig.size, FPS, 5)
    pictures = [renderer.render(Pose.neutral())[..., :3] for _ in range(30)]
    assert difference(pictures[0], pictures[-1]) > 0.3


def test_other_sizes_show_the_same(rig: FootageRig) -> None:
    native = rig.open(rig.size, FPS, 2).render(Pose.neutral(jawOpen=0.3))
    for size in ((180, 240), (540, 720)):
        other = rig.open(size, FPS, 2)
        assert other.size == size
        picture = other.render(Pose.neutral(jawOpen=0.3))
        assert picture.shape == (size[1], size[0], 4)
        import cv2

        back = cv2.resize(picture, rig.size, interpolation=cv2.INTER_AREA)
        assert difference(native[..., :3], np.asarray(back[..., :3], np.uint8)) < 3


@pytest.mark.parametrize("size", [(361, 480), (360, 360), (0, 0)])
def test_impossible_sizes_are_named(rig: FootageRig, size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInputError):
        rig.open(size, FPS)


def test_it_loads_without_decoding_a_picture(
    rig: FootageRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.save(tmp_path / "a.avatar")

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("visavis.rigs.footage.film.FilmReader.picture", never)
    monkeypatch.setattr("cv2.imdecode", never)
    load(tmp_path / "a.avatar")


@pytest.mark.parametrize("name", ["speaker-a", "speaker-b", "silent-closed-mouth"])
def test_real_people_speak(clips: Path, name: str) -> None:
    from visavis.rigs.footage import create_footage

    real = create_footage(clips / "video" / f"{name}.mp4")
    renderer = real.open(real.size, FPS, 0)
    tracker = FaceTracker()
    gaps = []
    for pose in speech(40):
        face = tracker.update(np.ascontiguousarray(renderer.render(pose)[..., :3]))
        assert face is not None
        gaps.append((pose["jawOpen"], lip_gaps(face.landmarks)[3:6].mean() / face.eye_distance))
    wanted, seen = np.array(gaps).T
    assert np.corrcoef(wanted, seen)[0, 1] > 0.9
