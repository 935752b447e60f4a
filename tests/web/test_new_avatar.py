"""Becoming an avatar."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FACE, PATIENCE, Launcher, Opener
from playwright.sync_api import Page, expect
from studio_server import StudioServer
from studio_sounds import hum, speech, watch

COUNT_CHECKS = """() => {
  window.counted = [];
  new MutationObserver(() => {
    const now = document.querySelectorAll(".check-list li").length;
    if (now && now !== window.counted.at(-1)) window.counted.push(now);
  }).observe(document.body, { childList: true, subtree: true });
}"""
"""Notes how many checks are shown whenever that changes."""


def test_what_is_wrong_with_a_source_is_told_before_anything_is_made(
    open_page: Opener, tmp_path: Path
) -> None:
    page = open_page("/avatars/new")
    face = page.get_by_role("region", name="The face")
    face.locator("input[type=file]").set_input_files(FACE.with_name("turned_far.jpg"))
    face.locator(".check-list .bad").wait_for()
    sound = page.get_by_role("region", name="The voice")
    sound.locator("input[type=file]").set_input_files(hum(tmp_path / "short.wav", 2.0))
    sound.get_by_text("It lasts 2.0 s.").wait_for()
    page.get_by_role("textbox", name="Name").fill("Nobody")
    page.get_by_role("checkbox").check()
    assert page.get_by_role("button", name="Make the avatar").is_disabled()


@pytest.mark.slow
def test_a_photo_and_a_voice_become_somebody_who_speaks(open_page: Opener, tmp_path: Path) -> None:
    page = open_page("/avatars/new")
    page.evaluate(COUNT_CHECKS)
    face = page.get_by_role("region", name="The face")
    face.locator("input[type=file]").set_input_files(FACE)
    face.get_by_text("Lips and eyes are clear").wait_for()
    assert page.evaluate("window.counted") == [1, 2, 3, 4, 5, 6, 7, 8]
    sound = page.get_by_role("region", name="The voice")
    sound.locator("input[type=file]").set_input_files(speech(tmp_path / "voice.wav"))
    sound.get_by_text("The right length").wait_for()
    page.get_by_role("textbox", name="Name").fill("Ana")
    button = page.get_by_role("button", name="Make the avatar")
    assert button.is_disabled()
    page.get_by_role("checkbox").check()
    button.click()
    page.get_by_role("heading", name="Ana is ready. Say something!").wait_for()
    page.get_by_role("button", name="Say it").click()
    page.wait_for_url("**/videos/**")
    page.get_by_role("button", name="Cancel").click()


def test_a_clip_may_speak_with_another_voice(open_page: Opener) -> None:
    page = open_page("/avatars/new")
    page.get_by_text("A clip of you talking").click()
    field = page.get_by_role("region", name="Face and voice")
    field.get_by_text("Another voice").click()
    page.get_by_role("dialog").get_by_role("button", name="Heart").last.click()
    field.get_by_role("button", name="Heart speaks").wait_for()
    page.get_by_text("that speaks with another voice").wait_for()
    field.get_by_text("Their own, from the clip").click()
    page.get_by_text("that speaks with their voice").wait_for()


@pytest.mark.slow
def test_a_clip_of_a_real_person_becomes_an_avatar(open_page: Opener, clips: Path) -> None:
    page = open_page("/avatars/new")
    page.get_by_text("A clip of you talking").click()
    field = page.get_by_role("region", name="Face and voice")
    field.locator("input[type=file]").set_input_files(clips / "video" / "speaker-a.mp4")
    field.get_by_text("One face found").wait_for()
    page.get_by_role("textbox", name="Name").fill("Speaker")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Make the avatar").click()
    page.get_by_role("heading", name="Speaker is ready").wait_for()


@pytest.fixture
def before_the_camera(
    launch: Launcher, server: StudioServer, signed_in: Any, tmp_path: Path
) -> Iterator[Page]:
    """The page in a browser whose camera sees a face and whose microphone hears a voice."""
    seen, heard = watch(tmp_path / "face.mjpeg", FACE), hum(tmp_path / "voice.wav", 5.0)
    browser = launch(
        f"--use-file-for-fake-video-capture={seen}", f"--use-file-for-fake-audio-capture={heard}"
    )
    context = browser.new_context(storage_state=signed_in, permissions=["camera", "microphone"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.url + "/avatars/new")
    yield page
    browser.close()


def test_the_webcam_takes_a_photo_and_a_clip_that_is_long_enough(before_the_camera: Page) -> None:
    page = before_the_camera
    face = page.get_by_role("region", name="The face")
    face.get_by_text("Camera", exact=True).click()
    face.get_by_role("button", name="Take the photo").click()
    face.locator(".countdown").wait_for()
    expect(face.locator(".guide")).to_be_visible()
    face.get_by_text("One face found").wait_for()
    voice = page.get_by_role("region", name="The voice")
    voice.get_by_text("Record", exact=True).click()
    voice.get_by_role("button", name="Record").click()
    voice.get_by_role("button", name="Stop recording").click()  # once it may be stopped
    voice.get_by_text("The right length").wait_for()

    page.get_by_text("A clip of you talking").click()
    both = page.get_by_role("region", name="Face and voice")
    both.get_by_text("Camera", exact=True).click()
    both.get_by_role("button", name="Start recording").click()
    both.locator(".countdown").wait_for()
    meter = both.get_by_role("meter", name="Seconds recorded")
    meter.get_by_text("at least 4 s").wait_for()
    assert both.get_by_role("button", name="Stop").is_disabled()
    meter.get_by_text("Stop whenever you like").wait_for()
    both.get_by_role("button", name="Stop").click()
    both.get_by_text("The right length").wait_for()
    both.get_by_text("One face found").wait_for()
