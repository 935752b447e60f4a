"""Talking with an avatar by text and by a recorded microphone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Launcher
from playwright.sync_api import Page
from studio_server import StudioServer


@pytest.fixture
def live_page(
    launch: Launcher, server: StudioServer, api: httpx.Client, signed_in: Any, tmp_path: Path
) -> Iterator[Page]:
    """The live page in a browser whose microphone hears a voice of ours, again and again."""
    for module in ("livekit", "aiortc", "faster_whisper"):
        pytest.importorskip(module, reason="live conversations need the extra `live`")
    voice = api.get("/v1/voices", params={"limit": 1}).json()["voices"][0]
    spoken = tmp_path / "microphone.wav"
    spoken.write_bytes(httpx.get(voice["preview_url"], timeout=120).raise_for_status().content)
    browser = launch(f"--use-file-for-fake-audio-capture={spoken}")
    context = browser.new_context(storage_state=signed_in, permissions=["microphone"])
    context.set_default_timeout(180_000)
    page = context.new_page()
    page.goto(server.url + "/live")
    yield page
    browser.close()


@pytest.mark.slow
def test_an_avatar_answers_text_and_voice(live_page: Page) -> None:
    live_page.get_by_role("button", name="Start the conversation").click()
    live_page.get_by_label("Microphone").wait_for()
    live_page.get_by_label("Write to").fill("Hello there.")
    live_page.get_by_role("button", name="Send").click()
    live_page.locator(".transcript .avatar").first.wait_for()
    live_page.locator(".latency").wait_for()
    live_page.get_by_label("Microphone").click()
    live_page.locator(".transcript .you").nth(1).wait_for()
    assert live_page.locator(".transcript .you").nth(1).inner_text().strip("You: ")
    live_page.get_by_label("End the conversation").click()
    live_page.get_by_role("button", name="Start").wait_for()
