"""What a page shows while it waits, when it fails, and when there is nothing yet."""

from typing import Any

import pytest
from conftest import Opener
from playwright.sync_api import Route, expect

CALLS = "**/{api,v1}/**"

PAGES = (
    "/", "/create", "/gallery", "/gallery/voices", "/avatars/new", "/live", "/videos",
    "/videos/some-video", "/keys", "/webhooks", "/usage",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_waits_says_what_failed_and_tries_again(open_page: Opener, path: str) -> None:
    held: list[Route] = []
    server = "slow"

    def answer(route: Route) -> None:
        if server == "slow":
            held.append(route)
        elif server == "gone":
            route.abort()
        else:
            route.continue_()

    page = open_page("/usage")
    page.route(CALLS, answer)
    page.goto(page.url.removesuffix("/usage") + path)
    page.get_by_label("Loading").first.wait_for()
    server = "gone"
    for route in held:
        route.abort()
    alert = page.get_by_role("alert").filter(has_text="The server does not answer")
    alert.first.wait_for()
    expect(page.get_by_label("Loading")).to_have_count(0)
    server = "back"
    failed = alert.count()
    alert.first.get_by_role("button", name="Try again").click()
    expect(alert).not_to_have_count(failed)
    page.locator("h1").first.wait_for(state="attached")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", "Make a sample video"),
        ("/videos", "No videos yet"),
        ("/webhooks", "Nobody is told yet"),
        ("/webhooks", "Nothing was told yet"),
        ("/usage", "0 s"),
    ],
)
def test_an_empty_workspace_says_what_to_do(
    open_page: Opener, newcomer: Any, path: str, told: str
) -> None:
    page = open_page(path, storage_state=newcomer)
    page.get_by_text(told).first.wait_for()


def test_without_avatars_of_their_own_people_are_shown_the_way(
    open_page: Opener, newcomer: Any
) -> None:
    page = open_page("/gallery", storage_state=newcomer)
    page.get_by_text("Yours", exact=True).click()
    page.get_by_role("heading", name="You have no avatars yet").wait_for()
    page.get_by_role("link", name="Make one").click()
    page.get_by_role("heading", name="Become an avatar").wait_for()
