"""The editor: words, looks, and the picture that follows them."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from conftest import FACE, Opener
from playwright.sync_api import Page, expect


def test_the_script_is_counted_timed_paused_and_pronounced(
    open_page: Opener, api: httpx.Client
) -> None:
    page = open_page("/create")
    script = page.get_by_label("What is said")
    facts = page.locator("#script-facts")
    script.fill("Visavis is ready when you are, and it is in no hurry at all.")
    expect(facts).to_contain_text("60 characters")

    def seconds() -> int:
        found = re.search(r"about (\d+) s", facts.inner_text())
        assert found
        return int(found.group(1))

    plain = seconds()
    assert 2 <= plain <= 8
    script.press("End")
    for _ in range(5):
        page.get_by_role("button", name="Pause").click()
    expect(script).to_have_value(re.compile(r'at all\.(\s*<break time="0\.6s"/>\s*){5}$'))
    assert seconds() == pytest.approx(plain + 3, abs=1)

    script.evaluate("(field) => field.setSelectionRange(0, 7)")
    page.get_by_role("button", name="Pronounce").click()
    assert page.get_by_label("Word", exact=True).input_value() == "Visavis"
    page.get_by_label("Sound, in the phonetic alphabet").fill("/ˈviːzəviː/")
    page.get_by_role("button", name="Put it in").click()
    expect(script).to_have_value(re.compile(r"^\[Visavis\]\(/ˈviːzəviː/\) is ready"))
    most = api.get("/api/offer").json()["max_text"]
    script.fill("word " * (most // 5 + 1))
    expect(script).to_have_attribute("aria-invalid", "true")
    assert page.get_by_role("button", name="Make the video").is_disabled()


def previewed(page: Page, act: Callable[[], Any]) -> dict[str, Any]:
    """What the preview is asked for after `act`, once its picture is there."""
    picture = page.locator(".stage img:not(.stale)")
    picture.wait_for()
    before = picture.get_attribute("src")
    with page.expect_request("**/api/preview") as asked:
        act()
    expect(picture).not_to_have_attribute("src", before or "")
    return dict(asked.value.post_data_json["settings"])


def test_the_preview_follows_every_setting(open_page: Opener) -> None:
    page = open_page("/create")
    page.get_by_label("What is said").fill("Look at me.")
    tall = previewed(page, lambda: page.get_by_text("Tall", exact=True).click())
    assert tall["aspect"] == "portrait"
    shape = page.locator(".stage img").evaluate("(img) => [img.naturalWidth, img.naturalHeight]")
    assert shape[0] < shape[1]
    named = previewed(page, lambda: page.get_by_text("Office", exact=True).click())
    assert named["background"] == "office"
    colour = previewed(page, lambda: page.get_by_label("Colour #1f3a44").check(force=True))
    assert colour["background"] == "#1f3a44"
    split = previewed(page, lambda: page.get_by_text("Split", exact=True).click())
    assert split["layout"] == "split"
    on = previewed(page, lambda: page.get_by_role("switch", name="Captions").click())
    assert on["captions"] is True
    styled = previewed(page, lambda: page.get_by_role("radio", name="Boxed").check(force=True))
    assert styled["caption_style"] == "boxed"
    file = page.locator(".swatches input[type=file]")
    own = previewed(page, lambda: file.set_input_files(FACE))
    assert own["background_id"]
    page.get_by_text("Your picture").wait_for()


def test_a_preview_that_failed_can_be_asked_for_again(open_page: Opener) -> None:
    page = open_page("/gallery")
    page.route("**/api/preview", lambda route: route.abort())
    page.get_by_role("button", name="Use Ava in a video").first.click()
    alert = page.locator(".stage").get_by_role("alert")
    alert.wait_for()
    page.unroute("**/api/preview")
    alert.get_by_role("button", name="Try again").click()
    page.locator(".stage img:not(.stale)").wait_for()
    expect(alert).to_have_count(0)


def test_a_video_can_be_made_without_a_mouse(open_page: Opener, api: httpx.Client) -> None:
    page = open_page("/create")
    page.locator("#script").wait_for()
    focused = "[document.activeElement.id, document.activeElement.textContent.trim()]"

    def reach(wanted: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if any(text.startswith(wanted) for text in page.evaluate(focused)):
                return
        raise AssertionError(f"the Tab key does not reach {wanted}")

    reach("script")
    page.keyboard.type("By hand.")
    reach("Make the video")
    page.keyboard.press("Enter")
    page.wait_for_url("**/videos/**")
    api.delete(f"/v1/video-avatars/{page.url.rpartition('/')[2]}").raise_for_status()


def test_a_refused_video_is_explained_in_place(open_page: Opener) -> None:
    page = open_page("/create")
    page.get_by_label("What is said").fill("...")
    page.get_by_role("button", name="Make the video").click()
    page.get_by_role("alert").filter(has_text="nothing that can be said").wait_for()
    assert page.url.endswith("/create")
