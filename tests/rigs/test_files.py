"""Rig files: read back as written, and refused when they are not what they should be."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from visavis.rigs import RigError, RigFile, kinds, load, read_rig, write_rig

CONTENT = RigFile("portrait", {"width": 2}, {"a.bin": b"abc", "b.bin": bytes(1000)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "one.avatar"
    write_rig(path, CONTENT)
    return path


def rewrite(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the header of a rig file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header = json.loads(members.pop("rig.json"))
    change(header)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rig.json", json.dumps(header))
        for name, data in members.items():
            archive.writestr(name, data)


def test_reads_back_what_was_written(path: Path) -> None:
    assert read_rig(path) == CONTENT


def test_writing_leaves_one_file(path: Path) -> None:
    write_rig(path, CONTENT)
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(path: Path) -> None:
    with pytest.raises(TypeError):
        write_rig(path, RigFile("portrait", {"bad": object()}, {}))
    assert list(path.parent.iterdir()) == [path]
    assert read_rig(path) == CONTENT


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 but cut short"])
def test_refuses_other_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.avatar"
    path.write_bytes(content)
    with pytest.raises(RigError, match=r"x\.avatar"):
        read_rig(path)


def test_refuses_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.avatar", tmp_path):
        with pytest.raises(RigError, match="no rig file"):
            read_rig(path)


def test_refuses_another_zip(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(RigError, match="not a rig"):
        read_rig(path)


def test_refuses_a_newer_version_and_says_so(path: Path) -> None:
    rewrite(path, lambda header: header.update(version=99))
    with pytest.raises(RigError, match=r"version 99.*Update visavis"):
        read_rig(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(format="other"),
        lambda header: header.update(kind=3),
        lambda header: header.update(members="a.bin"),
        lambda header: header.update(members=["a.bin", 4]),
        lambda header: header.update(members=["missing.bin"]),
        lambda header: header.update(meta=[]),
        lambda header: header.update(version="1"),
        lambda header: header.pop("version"),
    ],
)
def test_refuses_a_broken_header(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    rewrite(path, change)
    with pytest.raises(RigError):
        read_rig(path)


def test_refuses_a_damaged_member(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = content.index(b"abc")
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(RigError, match="damaged"):
        read_rig(path)


def test_refuses_a_cut_file(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(RigError):
        read_rig(path)


def test_names_the_kinds_that_are_there(path: Path) -> None:
    rewrite(path, lambda header: header.update(kind="hologram"))
    with pytest.raises(RigError, match=r"'hologram'.*portrait"):
        load(path)
    assert "portrait" in kinds()


def test_load_checks_the_members_of_its_kind(path: Path) -> None:
    with pytest.raises(RigError, match=r"no member 'picture\.png'"):
        load(path)
