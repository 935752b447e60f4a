"""Choosing who is seen and who is heard."""

import httpx
from conftest import Opener
from playwright.sync_api import expect

MOVES = """(video) => new Promise((tell) => {
  const from = video.currentTime;
  video.addEventListener("timeupdate", () => video.currentTime !== from && tell());
})"""


def test_avatars_are_found_by_name_whose_they_are_gender_and_setting(
    open_page: Opener, api: httpx.Client
) -> None:
    people: list[dict[str, str]] = []
    pages = 1
    while True:
        query = {"limit": 100, "page": pages}
        found = api.get("/v1/avatars", params=query).raise_for_status().json()
        people += found["avatars"]
        if pages == found["pagination"]["total_pages"]:
            break
        pages += 1
    page = open_page("/gallery")

    def shown(name: str = "", **wanted: str) -> None:
        count = sum(wanted.items() <= one.items() and name in one["name"].lower() for one in people)
        assert 0 < count < len(people)
        page.get_by_role("status").get_by_text(f"{count} avatars", exact=True).wait_for()

    page.get_by_text("Presenters", exact=True).click()
    page.get_by_text("Women", exact=True).click()
    shown(scope="public", gender="female")
    page.get_by_text("Men", exact=True).click()
    shown(scope="public", gender="male")
    page.get_by_text("Anyone", exact=True).click()
    page.get_by_label("Setting").select_option("business")
    shown(scope="public", occupation="business")
    page.get_by_label("Setting").select_option("")
    page.get_by_label("Search avatars").fill("Kofi")
    shown(name="kofi")
    expect(page.locator(".avatar-card h3").first).to_have_text("Kofi")
    page.get_by_label("Search avatars").fill("nobody")
    page.get_by_role("heading", name="Nobody like that").wait_for()


def test_an_avatar_greets_whoever_points_at_it(open_page: Opener) -> None:
    page = open_page("/gallery")
    card = page.get_by_role("article").filter(has=page.get_by_role("heading", name="Ava")).first
    card.wait_for()
    assert card.locator("video").count() == 0
    card.hover()
    card.locator("video.shown").wait_for()
    card.locator("video").evaluate(MOVES)
    page.get_by_role("heading", name="Avatars", level=1).hover()
    card.locator("video:not(.shown)").wait_for(state="attached")
    assert card.locator("video").evaluate("(video) => video.paused")
    card.get_by_role("button", name="Use Ava in a video").click()
    page.get_by_role("heading", name="What should Ava say?").wait_for()


def test_voices_are_found_by_language_gender_and_name_and_heard(
    open_page: Opener, api: httpx.Client
) -> None:
    voices = api.get("/v1/voices", params={"limit": 100}).json()["voices"]
    page = open_page("/gallery/voices")
    names = page.locator(".voice h3")
    expect(names).to_have_count(len(voices))
    page.get_by_label("Language").select_option("en-GB")
    page.get_by_label("Gender").select_option("male")
    british = [v for v in voices if v["language"] == "en-GB" and v["gender"] == "male"]
    assert british
    expect(names).to_have_count(len(british))
    assert {*names.all_inner_texts()} == {voice["name"] for voice in british}
    page.get_by_label("Search voices").fill("no such voice")
    page.get_by_role("heading", name="No voice like that").wait_for()
    page.get_by_label("Language").select_option("")
    page.get_by_label("Gender").select_option("")
    page.get_by_label("Search voices").fill("heart")
    expect(names).to_have_text(["Heart"])
    page.get_by_role("button", name="Hear Heart").click()
    page.get_by_role("button", name="Stop Heart").wait_for()  # once the sound plays
    page.get_by_role("button", name="Hear Heart").wait_for()  # once it is over
