"""Every page at every size, in both colours: nothing spills over, nothing trips a screen reader."""

import gzip
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from conftest import PATIENCE, ROOT, Opener
from playwright.sync_api import Browser, expect
from studio_server import StudioServer

PAGES = (
    "/", "/create", "/gallery", "/gallery/voices", "/avatars/new", "/live", "/videos", "/keys",
    "/webhooks", "/usage", "/videos/none",
)  # fmt: skip
MAIN_BUNDLE = 200_000


def axe(page: Any) -> list[str]:
    """Serious findings of axe-core."""
    script = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        pytest.skip("axe-core is not installed: run `npm ci` in web/")
    page.evaluate(script.read_text())  # not a script tag: the policy forbids those
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in found
        for node in rule["nodes"]
        if rule["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_can_be_used_by_everybody(open_page: Opener, path: str) -> None:
    page = open_page(path)
    page.locator("h1").first.wait_for(state="attached")
    expect(page.get_by_label("Loading")).to_have_count(0, timeout=PATIENCE)
    for width in (390, 1600, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        spill = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert spill <= 0, f"{path} is {spill} pixels too wide at {width}"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert not axe(page), f"{path} in {scheme}"


def test_the_door_can_be_used_by_everybody(chromium: Browser, server: StudioServer) -> None:
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.link)  # the server of the tests was entered by it
    page.get_by_role("alert").filter(has_text="visavis admin link").wait_for()
    page.goto(server.url + "/keys")
    page.get_by_text("Open the link that Visavis printed").wait_for()
    page.get_by_label("API key").fill("sk_vis_wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert not axe(page)
    page.get_by_label("API key").fill(server.key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="API keys").wait_for()
    context.close()


def test_an_old_link_does_not_disturb_who_is_signed_in(
    open_page: Opener, server: StudioServer
) -> None:
    page = open_page(server.link.removeprefix(server.url))
    page.get_by_role("navigation", name="Studio").wait_for()
    assert page.url == server.url + "/"


def test_dialogs_can_be_used_by_everybody(open_page: Opener) -> None:
    page = open_page("/create")
    page.get_by_role("button", name="Avatar").first.click()
    page.get_by_role("dialog").wait_for()
    assert not axe(page)
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    page.get_by_role("button", name="Pronounce").click()
    page.get_by_role("dialog").wait_for()
    assert not axe(page)


def test_the_keyboard_alone_reaches_everything(open_page: Opener) -> None:
    page = open_page("/create")
    page.locator("#script").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to content"
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.name || ''"))
    assert {"script", "background"} <= seen


def test_the_main_bundle_is_small_and_knows_no_room() -> None:
    static = Path(str(resources.files("visavis.server") / "static"))
    page = (static / "index.html").read_text()
    scripts = [path for path in (static / "assets").glob("*.js") if path.name in page]
    packed = sum(len(gzip.compress(path.read_bytes())) for path in scripts)
    assert scripts
    assert packed < MAIN_BUNDLE
    assert all(b"livekit" not in path.read_bytes().lower() for path in scripts)
