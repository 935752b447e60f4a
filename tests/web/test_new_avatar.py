"""Becoming an avatar."""

from pathlib import Path

import pytest
from conftest import FACE, Opener
from studio_sounds import hum


def test_what_is_wrong_with_a_source_is_told_before_anything_is_made(
    open_page: Opener, tmp_path: Path
) -> None:
    page = open_page("/avatars/new")
    face = page.get_by_role("region", name="The face")
    face.locator("input[type=file]").set_input_files(FACE.with_name("turned_far.jpg"))
    face.locator(".check-list .bad").wait_for(timeout=240_000)
    sound = page.get_by_role("region", name="The voice")
    sound.locator("input[type=file]").set_input_files(hum(tmp_path / "short.wav", 2.0))
    sound.get_by_text("It lasts 2.0 s.").wait_for()
    page.get_by_role("textbox", name="Name").fill("Nobody")
    page.get_by_role("checkbox").check()
    assert page.get_by_role("button", name="Make the avatar").is_disabled()


@pytest.mark.slow
def test_a_photo_and_a_voice_become_somebody_who_speaks(open_page: Opener, tmp_path: Path) -> None:
    page = open_page("/avatars/new")
    face = page.get_by_role("region", name="The face")
    face.locator("input[type=file]").set_input_files(FACE)
    face.get_by_text("One face found").wait_for(timeout=240_000)
    sound = page.get_by_role("region", name="The voice")
    sound.locator("input[type=file]").set_input_files(hum(tmp_path / "voice.wav", 6.0))
    sound.get_by_text("The right length").wait_for()
    page.get_by_role("textbox", name="Name").fill("Ana")
    button = page.get_by_role("button", name="Make the avatar")
    assert button.is_disabled()
    page.get_by_role("checkbox").check()
    button.click()
    page.get_by_role("heading", name="Ana is ready. Say something!").wait_for(timeout=240_000)
    page.get_by_role("button", name="Say it").click()
    page.wait_for_url("**/videos/**")
    page.get_by_role("button", name="Cancel").click()


@pytest.mark.slow
def test_a_clip_of_a_real_person_becomes_an_avatar(open_page: Opener, clips: Path) -> None:
    page = open_page("/avatars/new")
    page.get_by_text("A clip of you talking").click()
    field = page.get_by_role("region", name="Face and voice")
    field.locator("input[type=file]").set_input_files(clips / "video" / "speaker-a.mp4")
    field.get_by_text("One face found").wait_for(timeout=240_000)
    page.get_by_role("textbox", name="Name").fill("Speaker")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Make the avatar").click()
    page.get_by_role("heading", name="Speaker is ready").wait_for(timeout=400_000)


def test_the_camera_counts_down_and_takes_a_photo(open_page: Opener) -> None:
    page = open_page("/avatars/new", permissions=["camera", "microphone"])
    face = page.get_by_role("region", name="The face")
    face.get_by_text("Camera", exact=True).click()
    face.get_by_role("button", name="Take the photo").click()
    face.locator(".countdown").wait_for()
    face.locator(".check-list .bad").wait_for(timeout=240_000)
