"""Our own additions to the API, over a real server."""

import io
import time
from typing import Any

import httpx
import pytest
from conftest import FACE
from PIL import Image


def upload(api: httpx.Client, path: Any, mime: str) -> str:
    answer = api.post("/v1/asset", content=path.read_bytes(), headers={"content-type": mime})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_the_offer_names_what_can_be_made(api: httpx.Client) -> None:
    offer = api.get("/api/offer").json()
    assert "720p" in offer["resolutions"]
    assert "friendly" in offer["emotions"]
    assert "office" in offer["backgrounds"]
    picture = httpx.get(offer["background_links"]["office"], timeout=120)
    assert Image.open(io.BytesIO(picture.content)).size == (240, 150)
    unsigned = offer["background_links"]["office"].partition("?")[0]
    assert httpx.get(unsigned).status_code == 404


def test_a_preview_follows_the_settings(api: httpx.Client) -> None:
    def preview(**settings: Any) -> Image.Image:
        answer = api.post("/api/preview", json={"avatar_id": "avatar-1", "settings": settings})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/webp"
        return Image.open(io.BytesIO(answer.content)).convert("RGB")

    red, tall = preview(background="#ff0000"), preview(aspect="portrait", background="#0000ff")
    assert red.width > red.height
    assert tall.width < tall.height
    r, g, b = red.getpixel((4, 4))
    assert r > 220
    assert g < 40
    assert b < 40


def test_a_preview_shows_the_captions_as_they_will_look(api: httpx.Client) -> None:
    def preview(**settings: Any) -> bytes:
        body = {"avatar_id": "avatar-1", "text": "Hello", "settings": settings}
        return api.post("/api/preview", json=body).raise_for_status().content

    assert {"classic", "boxed"} <= set(api.get("/api/offer").json()["caption_styles"])
    classic, boxed = (preview(captions=True, caption_style=name) for name in ("classic", "boxed"))
    assert classic != boxed


@pytest.mark.parametrize(
    ("settings", "field"),
    [({"background": "moon"}, "settings.background"), ({"aspect": "round"}, "settings.aspect")],
)
def test_a_wrong_setting_is_named(api: httpx.Client, settings: dict[str, str], field: str) -> None:
    answer = api.post("/api/preview", json={"avatar_id": "avatar-1", "settings": settings})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field


def test_checks_say_what_is_good_and_what_to_do_better(api: httpx.Client) -> None:
    good = api.post("/api/checks", json={"image_id": upload(api, FACE, "image/jpeg")}).json()
    assert {row["state"] for row in good["checks"]} <= {"good", "poor"}
    turned = FACE.with_name("turned_far.jpg")
    bad = api.post("/api/checks", json={"image_id": upload(api, turned, "image/jpeg")}).json()
    failed = [row for row in bad["checks"] if row["state"] == "bad"]
    assert len(failed) == 1
    assert failed[0]["message"]
    assert failed[0]["remedy"]
    assert api.post("/api/checks", json={}).status_code == 400
    assert api.post("/api/checks", json={"image_id": "none"}).status_code == 404


def test_a_cancelled_video_is_made_again_by_retry(api: httpx.Client) -> None:
    order = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Never mind. " * 60}
    made = api.post("/api/videos", json=order).json()
    assert api.post(f"/api/videos/{made['job_id']}/retry", json={}).status_code == 409
    api.post(f"/v1/video-avatars/{made['job_id']}/cancel").raise_for_status()
    again = api.post(f"/api/videos/{made['job_id']}/retry", json={}).json()
    assert again["job_id"] != made["job_id"]
    assert again["text"] == made["text"]
    api.delete(f"/v1/video-avatars/{again['job_id']}").raise_for_status()
    listed = api.get("/api/videos", params={"status": "cancelled"}).json()["videos"]
    assert made["job_id"] in [video["job_id"] for video in listed]


def test_usage_has_a_row_for_every_day(api: httpx.Client) -> None:
    usage = api.get("/api/usage", params={"days": 7}).json()
    assert len(usage["days"]) == 7
    assert usage["days"][-1]["date"] == time.strftime("%Y-%m-%d", time.gmtime())
    assert usage["limit"] is None
