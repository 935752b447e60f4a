"""What was made: watching, sharing, repeating by code, and the list with its states."""

import os
import shutil
import subprocess
import sys
from typing import Any

import httpx
import pytest
from conftest import Opener
from playwright.sync_api import Page, expect
from studio_server import StudioServer
from test_pages import axe

LONG = "Never mind what this says, for nobody will ever hear it. " * 40


def test_a_film_has_captions_a_download_and_a_link_to_share(
    open_page: Opener, film: dict[str, Any]
) -> None:
    page = open_page(f"/videos/{film['job_id']}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("heading", name="The film").wait_for()
    page.get_by_text("kept until").wait_for()
    said = page.locator("track").evaluate(
        """async (element) => {
          element.track.mode = "showing";
          if (element.readyState < 2) {
            await new Promise((done) => (element.onload = element.onerror = done));
          }
          return [...element.track.cues].map((cue) => cue.getCueAsHTML().textContent).join(" ");
        }"""
    )
    assert said.split() == ["Hello", "there."]
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert saved.value.path().read_bytes()[4:8] == b"ftyp"
    page.get_by_role("button", name="Share link").click()
    page.get_by_text("Link copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    shared = httpx.get(link, timeout=120)  # with no key and no cookie
    assert shared.status_code == 200
    assert shared.headers["content-type"] == "video/mp4"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert not axe(page)


PROGRAMS = {
    "curl": ("bash", "-c"),
    "Python": (sys.executable, "-c"),
    "JavaScript": ("node", "--input-type=module", "-e"),
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_copied_program_makes_the_same_video(
    open_page: Opener,
    api: httpx.Client,
    server: StudioServer,
    film: dict[str, Any],
    language: str,
) -> None:
    command = PROGRAMS[language]
    if not shutil.which("curl" if language == "curl" else command[0]):
        pytest.skip(f"there is nothing here that runs {language}")
    page = open_page(f"/videos/{film['job_id']}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as code").click()
    page.get_by_text(language, exact=True).click()
    page.get_by_role("button", name=f"Copy as {language}").click()
    page.get_by_text(f"{language} copied").wait_for()
    program = page.evaluate("navigator.clipboard.readText()")
    before = api.get("/api/videos").json()["total"]
    running = subprocess.Popen(
        [*command, program],
        env=os.environ | {"VISAVIS_API_KEY": server.key},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while (listed := api.get("/api/videos").json())["total"] == before and running.poll() is None:
        page.wait_for_timeout(100)
    made = listed["videos"][0]
    assert made["job_id"] != film["job_id"]
    api.post(f"/v1/video-avatars/{made['job_id']}/cancel")  # enough was seen of it
    out, complaint = running.communicate(timeout=300)
    assert running.returncode == 0, complaint.decode()
    assert out
    assert made["text"] == film["text"]
    assert made["settings"] == film["settings"]
    assert made["avatar_uuid"] == film["avatar_uuid"]
    api.delete(f"/v1/video-avatars/{made['job_id']}").raise_for_status()


def card(page: Page, title: str) -> Any:
    return page.get_by_role("article").filter(has_text=title)


def test_the_list_cancels_retries_and_deletes(
    open_page: Opener, api: httpx.Client, film: dict[str, Any]
) -> None:
    order = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": LONG, "title": "Doomed"}
    api.post("/api/videos", json=order).raise_for_status()
    page = open_page("/videos")
    expect(card(page, "The film")).to_contain_text("Kept until")
    doomed = card(page, "Doomed")
    expect(doomed).to_contain_text("left")
    assert not axe(page)
    doomed.get_by_role("button", name="Cancel").click()
    expect(doomed).to_contain_text("Cancelled")
    page.get_by_text("Ready", exact=True).click()
    expect(doomed).to_have_count(0)
    card(page, "The film").wait_for()
    page.get_by_text("All", exact=True).click()
    page.get_by_label("Search titles").fill("doomed")
    expect(card(page, "The film")).to_have_count(0)
    doomed.get_by_role("button", name="Retry").click()
    expect(doomed).to_have_count(2)
    again = doomed.filter(has_text="left")
    again.get_by_role("button", name="Cancel").click()
    expect(again).to_have_count(0)
    for left in (1, 0):
        doomed.first.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(doomed).to_have_count(left)
    assert not api.get("/api/videos", params={"title": "doomed"}).json()["videos"]


def test_usage_counts_what_was_made(
    open_page: Opener, api: httpx.Client, film: dict[str, Any]
) -> None:
    page = open_page("/usage")
    page.get_by_text("7 days", exact=True).click()
    page.get_by_text("In these 7 days").wait_for()
    days = api.get("/api/usage", params={"days": 7}).json()["days"]
    count = sum(day["videos"] for day in days)
    assert count >= 1
    facts = page.locator(".facts-row > div")
    expect(facts.filter(has_text="Videos").locator("dd")).to_have_text(str(count))
    expect(page.locator(".bar")).to_have_count(7)
    assert float(page.locator("table td").first.inner_text()) > 0
