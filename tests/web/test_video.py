"""The way of a new user: from the printed link to a video that plays."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Opener
from studio_sounds import hum

PLAYED = """
async () => {
  const video = document.querySelector("video.player");
  video.currentTime = 0;
  const context = new AudioContext();
  const meter = context.createAnalyser();
  context.createMediaElementSource(video).connect(meter);
  meter.connect(context.destination);
  const canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 36;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const wave = new Float32Array(meter.fftSize);
  let loudest = 0, changes = 0, before = null;
  await context.resume();
  await video.play();
  while (!video.ended) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    meter.getFloatTimeDomainData(wave);
    loudest = Math.max(loudest, ...wave.map(Math.abs));
    brush.drawImage(video, 0, 0, 64, 36);
    const now = brush.getImageData(0, 0, 64, 36).data;
    if (before && now.some((value, index) => Math.abs(value - before[index]) > 6)) changes += 1;
    before = now;
  }
  return { loudest, changes, at: video.currentTime, length: video.duration };
}
"""


SIZE = """
async () => {
  const video = document.querySelector("video.player");
  const known = new Promise((done) => video.addEventListener("loadedmetadata", done));
  if (!video.videoWidth) await known;
  return [video.videoWidth, video.videoHeight];
}
"""


@pytest.mark.slow
def test_a_first_video_is_one_click_away_and_plays_to_its_end(
    open_page: Opener, newcomer: Any
) -> None:
    page = open_page("/", storage_state=newcomer)
    page.get_by_role("button", name="Make a sample video").click()
    page.wait_for_url("**/videos/**")
    page.get_by_role("status").filter(has_text="left").first.wait_for()
    page.locator("video.player").wait_for()
    played = page.evaluate(PLAYED)
    assert played["at"] == pytest.approx(played["length"], abs=0.1)
    assert played["length"] > 4
    assert played["changes"] > 10
    assert played["loudest"] > 0.05
    assert page.get_by_role("link", name="Download").get_attribute("href")


@pytest.mark.slow
def test_a_written_video_follows_its_settings(open_page: Opener, api: httpx.Client) -> None:
    page = open_page("/create")
    page.get_by_label("What is said").fill("Tall.")
    page.get_by_text("Tall", exact=True).click()
    page.get_by_role("switch", name="Captions").click()
    page.get_by_role("radio", name="Boxed").check(force=True)
    page.get_by_text("More settings").click()
    page.get_by_label("Quality").select_option("360p")
    page.get_by_role("button", name="Make the video").click()
    page.wait_for_url("**/videos/**")
    page.locator("video.player").wait_for()
    assert page.evaluate(SIZE) == [360, 640]
    made = api.get(f"/api/videos/{page.url.rpartition('/')[2]}").json()["settings"]
    assert made["captions"] is True
    assert made["caption_style"] == "boxed"
    assert made["emotion"] == "friendly"
    page.get_by_role("button", name="Delete this video").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.wait_for_url("**/videos")


@pytest.mark.slow
def test_a_recording_is_said_in_its_own_voice(
    open_page: Opener, api: httpx.Client, tmp_path: Path
) -> None:
    page = open_page("/create", permissions=["microphone"])
    script = page.get_by_role("region", name="Script")
    script.get_by_text("Record", exact=True).click()
    script.get_by_role("button", name="Record").click()
    script.get_by_role("timer").get_by_text("0:01").wait_for()
    script.get_by_role("button", name="Stop recording").click()
    script.get_by_text("My recording").wait_for()
    script.get_by_role("button", name="Use another").click()

    script.get_by_text("Upload a sound").click()
    script.locator("input[type=file]").set_input_files(hum(tmp_path / "a.wav", 1.0))
    script.get_by_text("a.wav").wait_for()
    page.get_by_text("As recorded").wait_for()
    page.get_by_text("More settings").click()
    page.get_by_label("Quality").select_option("360p")
    page.get_by_role("button", name="Make the video").click()
    page.wait_for_url("**/videos/**")
    page.locator("video.player").wait_for()
    assert page.evaluate(SIZE) == [640, 360]
    made = api.get(f"/api/videos/{page.url.rpartition('/')[2]}").json()
    assert 0.9 < made["duration"] < 2.5
