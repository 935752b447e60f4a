"""A running studio, and a browser that is signed in."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    expect,
    sync_playwright,
)
from studio_server import StudioServer

PATIENCE = 600_000
"""Milliseconds that anything may take where other programs want the processor too."""

ROOT = Path(__file__).resolve().parents[2]
FACE = ROOT / "tests" / "face" / "data" / "front.jpg"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    """A server with the built studio."""
    if not (resources.files("visavis.server") / "static" / "index.html").is_file():
        pytest.skip("the studio is not built: run `npm ci && npm run build` in web/")
    made = StudioServer(tmp_path_factory.mktemp("studio"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def api(server: StudioServer) -> Iterator[httpx.Client]:
    """The API as the studio sees it."""
    with server.client() as client:
        yield client


expect.set_options(timeout=PATIENCE)

Launcher = Callable[..., Browser]


@pytest.fixture(scope="session")
def launch() -> Iterator[Launcher]:
    """Starts Debian's Chromium, with more arguments where a test needs them."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium: install the Debian package chromium to run this")
    usual = (
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
    )
    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(
            executable_path=program, args=[*usual, *more]
        )


@pytest.fixture(scope="session")
def chromium(launch: Launcher) -> Iterator[Browser]:
    """A browser that most tests share."""
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, server: StudioServer) -> Any:
    """The cookies of a browser that opened a fresh link."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.new_link())
    page.get_by_role("navigation", name="Studio").wait_for()
    assert "#" not in page.url, "the link's secret stays in the address"
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def newcomer(chromium: Browser, server: StudioServer) -> Any:
    """The cookies of a browser that came to an empty workspace through the door."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.url)
    page.get_by_label("API key").fill(server.new_workspace("newcomer"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Studio").wait_for()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def film(api: httpx.Client) -> dict[str, Any]:
    """A short video that is ready."""
    order = {
        "avatar_id": "avatar-2",
        "voice_id": "en-US-michael",
        "text": "Hello there.",
        "title": "The film",
        "settings": {"resolution": "360p", "background": "#cfe0e4", "captions": True},
    }
    video = api.post("/api/videos", json=order).raise_for_status().json()
    deadline = time.monotonic() + PATIENCE / 1000
    while video["status"] in ("pending", "processing") and time.monotonic() < deadline:
        time.sleep(0.5)
        video = api.get(f"/api/videos/{video['job_id']}").json()
    assert video["status"] == "completed", video
    return dict(video)


@pytest.fixture(scope="session")
def public_call(server: StudioServer) -> Callable[[Request], bool]:
    """Whether what a page asks for is a file, the session, or a call that OpenAPI describes."""
    known: list[tuple[str, re.Pattern[str]]] = []
    for name in ("konpro", "joggai", "mosaic", "visavis"):
        paths = httpx.get(f"{server.url}/openapi/{name}.json", timeout=120).json()["paths"]
        for path, operations in paths.items():
            pattern = re.compile(re.sub(r"{[^}]+}", "[^/]+", path))
            known += [(method.upper(), pattern) for method in operations]

    def public(request: Request) -> bool:
        path = urlsplit(request.url).path
        if request.resource_type not in ("fetch", "xhr") or path.startswith(
            ("/files/", "/assets/")
        ):
            return True
        return path == "/studio/session" or any(
            request.method == method and pattern.fullmatch(path) for method, pattern in known
        )

    return public


Opener = Callable[..., Page]


@pytest.fixture
def open_page(
    chromium: Browser,
    server: StudioServer,
    signed_in: Any,
    public_call: Callable[[Request], bool],
) -> Iterator[Opener]:
    """Opens a path of the studio; fails the test on errors in the page, calls elsewhere, and calls
    that are not public."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opened(path: str, width: int = 1024, scheme: Any = "light", **more: Any) -> Page:
        context = chromium.new_context(
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 900},
            **{"storage_state": signed_in, **more},
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"{path}: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("blob:", "data:"))
                or (request.url.startswith(server.url) and public_call(request))
                else troubles.append(f"{path} asks {request.url}")
            ),
        )
        page.on(
            "console",
            lambda said: (
                troubles.append(f"{path}: {said.text}")
                if "Content Security Policy" in said.text
                else None
            ),
        )
        page.goto(server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not troubles, troubles
