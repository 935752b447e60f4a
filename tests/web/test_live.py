"""Talking with an avatar by text and by a recorded microphone."""

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import PATIENCE, Launcher
from playwright.sync_api import Page, expect
from studio_server import StudioServer


def once(sample: bytes, path: Path) -> Path:
    """A sound with two minutes of silence after it, since browsers repeat what they are given."""
    with wave.open(io.BytesIO(sample)) as read, wave.open(str(path), "wb") as out:
        out.setparams(read.getparams())
        out.writeframes(read.readframes(read.getnframes()))
        out.writeframes(bytes(120 * read.getframerate() * read.getsampwidth()))
    return path


@pytest.fixture
def live_page(
    launch: Launcher, server: StudioServer, api: httpx.Client, signed_in: Any, tmp_path: Path
) -> Iterator[Page]:
    """The live page in a browser whose microphone hears a voice of ours, once."""
    for module in ("livekit", "aiortc", "faster_whisper"):
        pytest.importorskip(module, reason="live conversations need the extra `live`")
    voice = api.get("/v1/voices", params={"limit": 1}).json()["voices"][0]
    sample = httpx.get(voice["preview_url"], timeout=120).raise_for_status().content
    spoken = once(sample, tmp_path / "microphone.wav")
    browser = launch(f"--use-file-for-fake-audio-capture={spoken}")
    context = browser.new_context(storage_state=signed_in, permissions=["microphone"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.url + "/live")
    yield page
    browser.close()


@pytest.mark.slow
def test_an_avatar_answers_and_falls_silent_when_spoken_to(
    live_page: Page, api: httpx.Client
) -> None:
    live_page.get_by_role("button", name="Start the conversation").click()
    live_page.get_by_label("Microphone").wait_for()
    live_page.get_by_label("Write to").fill("Hello there.")
    live_page.get_by_role("button", name="Send").click()
    answer = live_page.locator(".transcript .avatar").first
    answer.get_by_text("after").wait_for()
    stages = live_page.locator(".latency dt")
    expect(stages).to_have_text(["Thinking", "Speaking", "Lips", "On the way"])
    live_page.locator(".latency").get_by_text("Answered after").wait_for()
    live_page.locator(".live-screen:not(.talking)").wait_for()

    session = api.get("/v1/streaming.list").json()["data"]["sessions"][0]["session_id"]
    story = "Once upon a time there was a miller who had three sons. " * 20
    task = {"session_id": session, "text": story, "task_type": "repeat"}
    api.post("/v1/streaming.task", json=task).raise_for_status()
    live_page.locator(".transcript .avatar", has_text="miller").wait_for()
    live_page.get_by_label("Microphone").click()
    live_page.locator(".transcript .avatar.cut", has_text="interrupted").first.wait_for()
    told = live_page.locator(".transcript .avatar.cut").first.inner_text()
    assert told.count("miller") < 20
    live_page.locator(".transcript .you").nth(1).wait_for()
    assert live_page.locator(".transcript .you").nth(1).inner_text().strip("You: ")
    expect(stages).to_have_text(["Hearing", "Thinking", "Speaking", "Lips"])
    live_page.get_by_label("Microphone").click()
    live_page.get_by_label("End the conversation").click()
    live_page.get_by_role("button", name="Start").wait_for()
