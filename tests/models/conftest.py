"""Fake sources as fixtures."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from model_fakes import Shelf, Site, handler


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Real pip, with a local folder in place of the registry."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Shelf(folder)


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(served))
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield served
    served.gate.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def npm_registry(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str, bytes], None]:
    """Real npm, with the local server as its registry; call it to publish a tarball."""
    monkeypatch.setenv("npm_config_registry", site.url)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_userconfig", os.devnull)
    monkeypatch.setenv("npm_config_update_notifier", "false")
    monkeypatch.setenv("npm_config_fetch_retries", "0")

    def publish(package: str, version: str, tarball: bytes) -> None:
        path = f"/{package}/-/{package.split('/')[-1]}-{version}.tgz"
        release = {
            "name": package,
            "version": version,
            "dist": {
                "tarball": site.url + path,
                "shasum": hashlib.sha1(tarball, usedforsecurity=False).hexdigest(),
            },
        }
        document = {
            "name": package,
            "dist-tags": {"latest": version},
            "versions": {version: release},
        }
        site.pages[path] = tarball
        site.pages[f"/{package}"] = json.dumps(document).encode()

    return publish
