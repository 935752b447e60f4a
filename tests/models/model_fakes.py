"""Fake sources: a folder of wheels for pip, and a web server that can misbehave."""

import hashlib
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

from visavis.models.manifest import Archive, Digest, File, Manifest, Model, Part, Source


def digest_of(content: bytes) -> Digest:
    return Digest(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def file_of(name: str, content: bytes, *sources: tuple[Part, ...]) -> File:
    digest = digest_of(content)
    return File(
        name=name,
        bytes=digest.bytes,
        sha256=digest.sha256,
        sources=tuple(Source(parts=parts) for parts in sources),
    )


def manifest_of(*files: File, archives: dict[str, Archive] | None = None) -> Manifest:
    model = Model(
        name="tiny",
        version="1",
        summary="for tests",
        licence="Apache-2.0",
        homepage="https://example.org",
        files=files,
    )
    return Manifest(archives=archives or {}, models=(model,))


@dataclass
class Shelf:
    """A folder that pip takes as its only index."""

    folder: Path

    def wheel(self, package: str, members: dict[str, bytes]) -> tuple[str, Archive]:
        """Put a wheel there; returns its name and what a manifest says of it."""
        stem = f"{package.replace('-', '_')}-1.0"
        name = f"{stem}-py3-none-any.whl"
        info = f"{stem}.dist-info"
        meta = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        }
        path = self.folder / name
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in {**members, **meta}.items():
                archive.writestr(zipfile.ZipInfo(member), content)
        digest = digest_of(path.read_bytes())
        return name, Archive(
            client="pip",
            package=package,
            version="1.0",
            bytes=digest.bytes,
            sha256=digest.sha256,
        )


@dataclass
class Site:
    """A web server on the loopback interface, and what was asked of it.

    Attributes:
        url: its address, without a slash at the end.
        pages: content by path.
        ranges: whether it honours a Range header.
        moved: path to the address that it redirects to.
        promised: path to a Content-Length that is not the content's.
        stop_at: bytes after which the first answer of a path waits for `gate`, then breaks off.
        gate: opens what `stop_at` holds back.
        stopped: set when an answer waits.
        asked: every request, path and Range header.
    """

    url: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    moved: dict[str, str] = field(default_factory=dict)
    stop_at: int | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str | None]] = field(default_factory=list)


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(self.path)
            wanted = self.headers.get("Range")
            site.asked.append((path, wanted))
            if path in site.moved:
                self.send_response(302)
                self.send_header("Location", site.moved[path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if path not in site.pages:
                self.send_error(404)
                return
            content = site.pages[path]
            start = 0
            if wanted is not None and site.ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            if site.stop_at is not None:
                stop, site.stop_at = site.stop_at, None
                self.wfile.write(content[start:stop])
                self.wfile.flush()
                site.stopped.set()
                site.gate.wait(30)
                self.close_connection = True
                return
            self.wfile.write(content[start:])

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
