"""Files from every kind of source, joined, cut, kept and given."""

import importlib.metadata
import io
import tarfile
import tempfile
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_fakes import Shelf, Site, digest_of, file_of, manifest_of

from visavis.errors import ModelError
from visavis.models.errors import MissingModelError, UnknownModelError, WrongHashError
from visavis.models.manifest import (
    Archive,
    File,
    Hex,
    Manifest,
    Member,
    Model,
    Remote,
    Source,
    Text,
)
from visavis.models.store import Store


def test_parts_of_two_wheels_a_range_and_written_bytes_are_joined(
    shelf: Shelf, tmp_path: Path
) -> None:
    first, first_archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"0123456789"})
    second, second_archive = shelf.wheel("tiny-b", {"tiny_b/packed.data": b"--wanted--"})
    file = file_of(
        "model.bin",
        b"0123456789wanted\xff\xc3\xa9",
        (
            Member(archive=first, member="tiny_a/part.bin"),
            Member(archive=second, member="tiny_b/packed.data", start=2, end=8),
            Hex(hex="ff"),
            Text(text="é"),
        ),
    )
    manifest = manifest_of(file, archives={first: first_archive, second: second_archive})
    seen: list[tuple[str, int, int]] = []
    files = Store(manifest, tmp_path / "cache").ensure(
        "tiny", lambda name, done, total: seen.append((name, done, total))
    )
    assert files["model.bin"] == tmp_path / "cache" / "tiny-1" / "model.bin"
    assert files["model.bin"].read_bytes() == b"0123456789wanted\xff\xc3\xa9"
    total = first_archive.bytes + second_archive.bytes
    assert seen[0] == ("tiny", 0, total)
    assert seen[-1] == ("tiny", total, total)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    left = {path.name for path in (tmp_path / "cache").iterdir()}
    assert left == {"tiny-1", "tiny-1.lock"}


def test_a_tarball_comes_through_npm(
    npm_registry: Callable[[str, str, bytes], None], tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member, content in {
            "package/package.json": b'{"name": "@tiny/face", "version": "1.2.3"}',
            "package/model.tflite": b"landmarks",
        }.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    npm_registry("@tiny/face", "1.2.3", packed.getvalue())
    digest = digest_of(packed.getvalue())
    archive = Archive(
        client="npm",
        package="@tiny/face",
        version="1.2.3",
        bytes=digest.bytes,
        sha256=digest.sha256,
    )
    name = "tiny-face-1.2.3.tgz"
    file = file_of(
        "model.tflite", b"landmarks", (Member(archive=name, member="package/model.tflite"),)
    )
    store = Store(manifest_of(file, archives={name: archive}), tmp_path / "cache")
    assert store.ensure("tiny")["model.tflite"].read_bytes() == b"landmarks"


def test_an_installed_package_of_the_same_version_is_read_in_place(tmp_path: Path) -> None:
    distribution = importlib.metadata.distribution("iniconfig")
    content = Path(str(distribution.locate_file("iniconfig/__init__.py"))).read_bytes()
    archive = Archive(
        client="pip",
        package="iniconfig",
        version=distribution.version,
        bytes=1,
        sha256="0" * 64,
    )
    name = "iniconfig.whl"
    file = file_of("model.bin", content, (Member(archive=name, member="iniconfig/__init__.py"),))
    store = Store(manifest_of(file, archives={name: archive}), tmp_path)
    assert store.ensure("tiny")["model.bin"].read_bytes() == content


def test_the_next_source_is_tried_when_one_fails(shelf: Shelf, site: Site, tmp_path: Path) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    (shelf.folder / name).unlink()
    site.pages["/weights"] = b"weights"
    file = file_of(
        "model.bin",
        b"weights",
        (Member(archive=name, member="tiny_a/part.bin"),),
        (Remote(url=f"{site.url}/weights"),),
    )
    totals: list[int] = []
    store = Store(manifest_of(file, archives={name: archive}), tmp_path)
    files = store.ensure("tiny", lambda _name, _done, total: totals.append(total))
    assert files["model.bin"].read_bytes() == b"weights"
    assert totals[-1] == len(b"weights"), "the failed source no longer counts"


def test_a_source_may_carry_the_same_weights_in_other_bytes(site: Site, tmp_path: Path) -> None:
    site.pages["/other"] = b"WEIGHTS"
    usual = digest_of(b"weights")
    file = File(
        name="model.bin",
        bytes=usual.bytes,
        sha256=usual.sha256,
        sources=(
            Source(parts=(Remote(url=f"{site.url}/gone"),)),
            Source(parts=(Remote(url=f"{site.url}/other"),), digest=digest_of(b"WEIGHTS")),
        ),
    )
    store = Store(manifest_of(file), tmp_path)
    assert store.ensure("tiny")["model.bin"].read_bytes() == b"WEIGHTS"
    assert store.verify("tiny")


def test_nothing_is_fetched_twice(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"weights"
    store = Store(
        manifest_of(file_of("model.bin", b"weights", (Remote(url=f"{site.url}/weights"),))),
        tmp_path,
    )
    assert not store.present("tiny")
    store.ensure("tiny")
    assert store.present("tiny")
    store.ensure("tiny", lambda *_: pytest.fail("there is nothing to tell"))
    assert len(site.asked) == 1


def test_a_truncated_file_in_the_cache_is_fetched_again(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"weights"
    store = Store(
        manifest_of(file_of("model.bin", b"weights", (Remote(url=f"{site.url}/weights"),))),
        tmp_path,
    )
    path = store.ensure("tiny")["model.bin"]
    path.write_bytes(b"weig")
    assert store.ensure("tiny")["model.bin"].read_bytes() == b"weights"


def test_given_files_are_used_in_place_without_a_cache(tmp_path: Path) -> None:
    given_folder = tmp_path / "given"
    (given_folder / "tiny").mkdir(parents=True)
    (given_folder / "tiny" / "model.bin").write_bytes(b"weights")
    file = file_of("model.bin", b"weights", (Remote(url="https://example.invalid/weights"),))
    cache = tmp_path / "cache"
    store = Store(manifest_of(file), cache, given_folder)
    assert store.ensure("tiny")["model.bin"] == given_folder / "tiny" / "model.bin"
    assert store.locate("tiny", "model.bin") == given_folder / "tiny" / "model.bin"
    assert not cache.exists()


def test_a_given_archive_needs_no_client(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    file = file_of("model.bin", b"weights", (Member(archive=name, member="tiny_a/part.bin"),))
    manifest = manifest_of(file, archives={name: archive})
    store = Store(manifest, tmp_path / "cache", shelf.folder)
    assert store.ensure("tiny")["model.bin"].read_bytes() == b"weights"
    assert (shelf.folder / name).exists(), "the user's folder is never emptied"


def test_threads_fetch_once(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"weights" * 50_000
    file = file_of("model.bin", b"weights" * 50_000, (Remote(url=f"{site.url}/weights"),))
    store = Store(manifest_of(file), tmp_path)
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(store.ensure("tiny")["model.bin"]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(site.asked) == 1


def test_verify_finds_a_changed_byte(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"weights"
    store = Store(
        manifest_of(file_of("model.bin", b"weights", (Remote(url=f"{site.url}/weights"),))),
        tmp_path,
    )
    with pytest.raises(MissingModelError, match=r"model\.bin of model 'tiny'"):
        store.verify("tiny")
    path = store.ensure("tiny")["model.bin"]
    store.verify("tiny")
    path.write_bytes(b"Weights")
    with pytest.raises(WrongHashError, match=r"model\.bin.*SHA-256.*visavis models pull tiny"):
        store.verify("tiny")


def test_locate_never_fetches_and_names_every_way(shelf: Shelf, site: Site, tmp_path: Path) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    file = file_of(
        "model.bin",
        b"weights",
        (Member(archive=name, member="tiny_a/part.bin"),),
        (Remote(url=f"{site.url}/weights"),),
    )
    store = Store(manifest_of(file, archives={name: archive}), tmp_path / "cache")
    with pytest.raises(MissingModelError) as caught:
        store.locate("tiny", "model.bin")
    said = str(caught.value)
    assert "model.bin of model 'tiny' (7 bytes)" in said
    assert "visavis models pull tiny" in said
    assert "pip download --no-deps tiny-a==1.0" in said
    assert f"{site.url}/weights" in said
    assert "VISAVIS_MODELS_DIR" in said
    assert isinstance(caught.value, ModelError)
    assert not site.asked
    assert not (tmp_path / "cache").exists()


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    store = Store(manifest_of(file_of("model.bin", b"x", (Hex(hex="78"),))), tmp_path)
    with pytest.raises(UnknownModelError, match=r"no model 'huge'.*tiny"):
        store.ensure("huge")
    with pytest.raises(UnknownModelError, match=r"no file 'other'.*model\.bin"):
        store.locate("tiny", "other")
    with pytest.raises(UnknownModelError):
        store.pull(["tiny", "huge"])
    assert not store.present("tiny"), "names are checked before the first fetch"


@given(content=st.binary(min_size=1, max_size=300), cuts=st.lists(st.integers(1, 299), max_size=6))
def test_ranges_cut_anywhere_join_to_the_whole(content: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        name, archive = Shelf(root).wheel("tiny-a", {"packed.data": content})
        parts = tuple(
            Member(archive=name, member="packed.data", start=start, end=end)
            for start, end in pairwise(edges)
        )
        manifest = manifest_of(file_of("model.bin", content, parts), archives={name: archive})
        store = Store(manifest, root / "cache", root)
        assert store.ensure("tiny")["model.bin"].read_bytes() == content


def test_models_of_two_versions_do_not_share_a_folder(tmp_path: Path) -> None:
    def manifest(version: str, content: str) -> Manifest:
        file = file_of("model.bin", content.encode(), (Text(text=content),))
        model = Model(
            name="tiny",
            version=version,
            summary="",
            licence="MIT",
            homepage="https://example.org",
            files=(file,),
        )
        return Manifest(archives={}, models=(model,))

    old = Store(manifest("1", "old!"), tmp_path).ensure("tiny")["model.bin"]
    new = Store(manifest("2", "new!"), tmp_path).ensure("tiny")["model.bin"]
    assert (old.read_text(), new.read_text()) == ("old!", "new!")
