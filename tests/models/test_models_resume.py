"""Kills, broken connections and several processes at once, with real processes."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from model_fakes import Shelf, Site, digest_of, file_of, manifest_of

from visavis.models.errors import NoNetworkError
from visavis.models.manifest import Manifest, Member, Remote
from visavis.models.store import Store

PULLER = Path(__file__).with_name("puller.py")
WEIGHTS = bytes(range(256)) * 8192
HALF = len(WEIGHTS) // 2


def start(manifest: Manifest, cache: Path) -> subprocess.Popen[str]:
    described = cache.with_name("manifest.json")
    described.write_text(manifest.model_dump_json())
    return subprocess.Popen(
        [sys.executable, str(PULLER), str(described), str(cache)],
        stdout=subprocess.PIPE,
        text=True,
    )


def hub_manifest(site: Site) -> Manifest:
    site.pages["/weights"] = WEIGHTS
    return manifest_of(file_of("model.bin", WEIGHTS, (Remote(url=f"{site.url}/weights"),)))


def wait_for(process: subprocess.Popen[str], done: int) -> None:
    """Read the process's progress until it has reached `done` bytes."""
    assert process.stdout is not None
    for line in process.stdout:
        words = line.split()
        if len(words) == 3 and int(words[1]) >= done:
            return
    pytest.fail("the process ended before it got so far")


def test_a_killed_download_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    manifest = hub_manifest(site)
    site.stop_at = HALF
    cache = tmp_path / "cache"
    with start(manifest, cache) as process:
        wait_for(process, HALF)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (cache / "tiny-1" / "model.bin").exists(), "no half file under the final name"
    kept = sum(path.stat().st_size for path in cache.rglob("*.download"))
    assert 0 < kept <= HALF
    files = Store(manifest, cache).ensure("tiny")
    assert files["model.bin"].read_bytes() == WEIGHTS
    assert site.asked == [("/weights", None), ("/weights", f"bytes={kept}-")]
    assert not list(cache.rglob("*.download"))


def test_archives_fetched_before_a_kill_are_not_fetched_again(
    shelf: Shelf, site: Site, tmp_path: Path
) -> None:
    name, archive = shelf.wheel("tiny-a", {"tiny_a/part.bin": b"first "})
    site.pages["/weights"] = WEIGHTS
    second = Remote(url=f"{site.url}/weights", digest=digest_of(WEIGHTS))
    file = file_of(
        "model.bin", b"first " + WEIGHTS, (Member(archive=name, member="tiny_a/part.bin"), second)
    )
    manifest = manifest_of(file, archives={name: archive})
    site.stop_at = HALF
    cache = tmp_path / "cache"
    with start(manifest, cache) as process:
        wait_for(process, archive.bytes + HALF)
        process.send_signal(signal.SIGKILL)
    (shelf.folder / name).unlink()
    files = Store(manifest, cache).ensure("tiny")
    assert files["model.bin"].read_bytes() == b"first " + WEIGHTS


def test_a_broken_connection_is_told_and_resumed(site: Site, tmp_path: Path) -> None:
    store = Store(hub_manifest(site), tmp_path)
    site.stop_at = HALF
    site.gate.set()
    with pytest.raises(NoNetworkError, match=r"broke off.*what has arrived is kept"):
        store.ensure("tiny")
    assert store.ensure("tiny")["model.bin"].read_bytes() == WEIGHTS
    assert site.asked[1][1] is not None


def test_a_server_without_ranges_starts_again(site: Site, tmp_path: Path) -> None:
    store = Store(hub_manifest(site), tmp_path)
    site.stop_at = HALF
    site.gate.set()
    with pytest.raises(NoNetworkError):
        store.ensure("tiny")
    site.ranges = False
    assert store.ensure("tiny")["model.bin"].read_bytes() == WEIGHTS


def test_a_wrong_beginning_is_thrown_away(site: Site, tmp_path: Path) -> None:
    manifest = hub_manifest(site)
    work = tmp_path / "tiny-1.partial"
    work.mkdir()
    digest = digest_of(WEIGHTS)
    kept = work / f"{digest.sha256[:16]}.download"
    kept.write_bytes(b"something else")
    assert Store(manifest, tmp_path).ensure("tiny")["model.bin"].read_bytes() == WEIGHTS


def test_two_processes_at_once_fetch_once(site: Site, tmp_path: Path) -> None:
    manifest = hub_manifest(site)
    site.stop_at = len(WEIGHTS)
    cache = tmp_path / "cache"
    with start(manifest, cache) as first, start(manifest, cache) as second:
        for process in (first, second):
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
        assert site.stopped.wait(30)
        site.gate.set()
        for process in (first, second):
            assert process.stdout is not None
            assert process.stdout.read().endswith("finished\n")
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(site.asked) == 1
    assert (cache / "tiny-1" / "model.bin").read_bytes() == WEIGHTS


def test_a_killed_holder_of_the_lock_blocks_nobody(site: Site, tmp_path: Path) -> None:
    manifest = hub_manifest(site)
    site.stop_at = HALF
    cache = tmp_path / "cache"
    with start(manifest, cache) as holder:
        wait_for(holder, HALF)
        with start(manifest, cache) as waiting:
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == "started\n"
            holder.kill()
            assert waiting.stdout.read().endswith("finished\n")
    assert (cache / "tiny-1" / "model.bin").read_bytes() == WEIGHTS
