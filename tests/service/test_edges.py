"""Limits, errors, request ids, CORS, ranges, health: what every call meets."""

import json
import socket

import calls
import httpx
import pytest
from conftest import Client
from flows import create, wait_for
from material import picture, tone

SPECIAL = [
    ({"avatar_id": "avatar-999999"}, 404, "avatar"),
    ({"avatar_id": ""}, 400, "avatar_id"),
    ({"avatar_id": None}, 400, "avatar_id"),
    ({"voice_id": "voice-123"}, 404, "voice_id"),
    ({"text": ""}, 400, "text"),
    ({"text": "   \n "}, 400, "text"),
    ({"text": "... !!! ???"}, 400, "text"),
    ({"text": 7}, 400, "text"),
    ({"text": "a" * 20_001}, 400, "20001"),
    ({"text": "a\x00b"}, 400, "text"),
    ({"settings": {"resolution": "9000p"}}, 400, "resolution"),
    ({"settings": {"format": "avi"}}, 400, "format"),
    ({"settings": {"background": "transparent"}}, 400, "webm"),
    ({"settings": {"background": "the moon"}}, 400, "background"),
    ({"settings": {"background": "#12345"}}, 400, "background"),
    ({"settings": {"background": "https://"}}, 400, "link"),
    ({"settings": {"webhook_url": "not a link"}}, 400, "link"),
    ({"settings": {"webhook_url": "http://10.0.0.1/"}}, 400, "public internet"),
    ({"settings": {"emotion": "grumpy"}}, 400, "emotion"),
    ({"settings": "1080p"}, 400, "settings"),
]


@pytest.mark.parametrize(("change", "status", "word"), SPECIAL)
def test_what_is_wrong_is_refused_at_once_and_named(
    one_machine_client: Client, change: dict[str, object], status: int, word: str
) -> None:
    body = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Hi there."} | change
    answer = one_machine_client.post("/v1/video-avatars", json=body)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["error"]["code"] == {400: "VALIDATION_ERROR", 404: "RESOURCE_NOT_FOUND"}[status]
    assert told["error"]["request_id"] == told["request_id"] == answer.headers["x-request-id"]
    assert word in json.dumps(told)
    assert one_machine_client.get("/v1/videos").json()["data"]["total"] == 0


def test_a_sound_keeps_its_speed(one_machine_client: Client) -> None:
    headers = {"Content-Type": "audio/wav"}
    sound = one_machine_client.post("/v1/asset", content=tone(2.0), headers=headers).json()["id"]
    body = {"avatar_id": "avatar-1", "audio_id": sound, "settings": {"speed": 1.5}}
    answer = one_machine_client.post("/api/videos", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == "speed"
    assert "A sound keeps its speed." in answer.json()["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"text": NaN}'])
def test_a_body_that_is_not_an_object_is_refused(
    one_machine_client: Client, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/v1/video-avatars", "/v2/create_video_from_avatar", "/avatar-profiles/create"):
        answer = one_machine_client.post(path, content=content, headers=headers)
        assert answer.status_code == 400, (path, answer.text)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(one_machine_client: Client) -> None:
    big = b'{"text": "' + b"a" * (2 << 20) + b'"}'
    headers = {"Content-Type": "application/json"}
    assert (
        one_machine_client.post("/v1/video-avatars", content=big, headers=headers).status_code
        == 413
    )
    chunks = (big[i : i + 65536] for i in range(0, len(big), 65536))
    assert one_machine_client.post("/v1/video-avatars", content=chunks).status_code == 413


def test_unknown_paths_and_methods_have_the_shape_of_their_dialect(
    one_machine_client: Client,
) -> None:
    client = one_machine_client
    assert client.get("/v1/nothing").json()["error"]["code"] == "RESOURCE_NOT_FOUND"
    assert client.get("/v2/nothing").json()["code"] == 10104
    assert client.get("/agent/nothing").json()["error"] == "not_found"
    wrong = client.put("/v1/videos", json={})
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
    assert client.get("/elsewhere").status_code == 404
    assert client.get("/v1/vid%0Aeos").headers["content-type"] == "application/json"


def test_limits_are_told_and_kept_per_key_in_the_shape_of_the_dialect(
    one_machine_client: Client,
) -> None:
    made = one_machine_client.post("/v1/api-keys", json={"name": "slow", "rate_limit": 3})
    slow = {"x-api-key": made.json()["data"]["key"]}
    url = one_machine_client.place.url
    for left in (2, 1, 0):
        answer = calls.get(f"{url}/v1/voices", headers=slow)
        assert answer.headers["x-ratelimit-remaining"] == str(left)
        assert answer.headers["ratelimit-policy"] == '"default";q=3;w=60'
    answer = calls.get(f"{url}/v1/voices", headers=slow)
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    for _ in range(3):
        assert calls.get(f"{url}/v2/voices", headers=slow).status_code == 200
        calls.post(f"{url}/v2/endpoint", headers=slow, json={})
    assert calls.get(f"{url}/v2/voices", headers=slow).status_code == 200, "reading is not limited"
    jogg = calls.post(f"{url}/v2/endpoint", headers=slow, json={})
    assert (jogg.status_code, jogg.json()["code"]) == (429, 429)
    assert jogg.json()["retryAfter"] == int(jogg.headers["retry-after"])
    assert one_machine_client.get("/v1/voices").status_code == 200, "others are not limited"


def test_a_given_request_id_is_kept_where_it_is_harmless(one_machine_client: Client) -> None:
    kept = one_machine_client.get("/v1/voices", headers={"X-Request-Id": "abc-1"})
    assert kept.headers["x-request-id"] == "abc-1"
    made = one_machine_client.get("/v1/voices", headers={"X-Request-Id": "a b<c>"})
    assert made.headers["x-request-id"].startswith("req-")


def test_browsers_may_call(one_machine_client: Client) -> None:
    url = f"{one_machine_client.place.url}/v1/video-avatars"
    asked = {
        "Origin": "https://app.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key,content-type",
    }
    answer = calls.request("OPTIONS", url, headers=asked)
    assert answer.status_code == 200
    assert "x-api-key" in answer.headers["access-control-allow-headers"]


def test_videos_are_read_in_ranges(client: Client) -> None:
    job = wait_for(client, create(client))
    link = job["video_url"]
    whole = calls.get(link)
    assert whole.headers["accept-ranges"] == "bytes"
    for header, span in (("bytes=0-99", slice(0, 100)), ("bytes=-50", slice(-50, None))):
        part = calls.get(link, headers={"Range": header})
        assert part.status_code == 206
        assert part.content == whole.content[span]
        assert part.headers["content-range"].endswith(f"/{len(whole.content)}")
    middle = calls.get(link, headers={"Range": "bytes=10-"})
    assert middle.content == whole.content[10:]
    beyond = calls.get(link, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    assert calls.request("HEAD", link).headers["content-length"] == str(len(whole.content))
    fresh = calls.get(link, headers={"If-None-Match": whole.headers["etag"]})
    assert fresh.status_code == 304


def test_links_are_minted_anew_and_cannot_be_forged(client: Client) -> None:
    job = wait_for(client, create(client))
    link = httpx.URL(job["video_url"])
    assert calls.get(link.copy_remove_param("signature")).status_code == 404
    assert calls.get(link.copy_set_param("expires", "9999999999")).status_code == 404
    other = str(link).replace("video.mp4", "cover.jpg")
    assert calls.get(other).status_code == 404
    with client.place.opened() as service:
        path = link.path
        query = service.core.links.query("get", path, -1)
    assert calls.get(f"{client.place.url}{path}?{query}").status_code == 404


def test_health_and_figures(client: Client) -> None:
    url = client.place.url
    assert calls.get(f"{url}/healthz").json()["status"] == "ok"
    ready = calls.get(f"{url}/readyz").json()
    assert ready == {"status": "ok", "database": "ok", "blobs": "ok"}
    wait_for(client, create(client))
    text = calls.get(f"{url}/metrics").text
    assert 'visavis_videos{status="completed"}' in text
    assert 'route="/v1/video-avatars/{job_id}"' in text
    assert "visavis_render_slots 2" in text


def test_a_client_that_goes_away_harms_nobody(one_machine_client: Client) -> None:
    port = one_machine_client.place.port
    for text in (
        b"POST /v1/video-avatars HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        b"GET /v1/vo",
        b"\x16\x03\x01\x00\xa5\x01\x00",
    ):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(text)
    assert one_machine_client.get("/v1/voices").status_code == 200


def test_uploads_are_kept_and_listed(client: Client) -> None:
    def send(content: bytes, mime: str) -> httpx.Response:
        return client.post("/v1/asset", content=content, headers={"Content-Type": mime})

    image = send(picture(), "image/png").json()
    assert (image["file_type"], image["meta"]["width"]) == ("image", 96)
    assert calls.get(image["url"]).content == picture()
    assert send(tone(1.0), "audio/wav").json()["meta"]["duration"] == pytest.approx(1.0, abs=0.1)
    listed = client.get("/v1/asset/list").json()
    assert len(listed["assets"]) == 2
    assert client.get("/v1/asset/list", params={"file_type": "audio"}).json()["assets"][0]["meta"]


def test_uploads_that_are_not_what_they_say_are_refused(one_machine_client: Client) -> None:
    for content, mime in (
        (b"", "image/png"),
        (picture(), "application/zip"),
        (picture(), "audio/mpeg"),
        (tone(1.0), "image/png"),
        (picture()[:500], "image/png"),
        (b"GIF89a" + b"\xff" * 50, "image/gif"),
    ):
        headers = {"Content-Type": mime}
        answer = one_machine_client.post("/v1/asset", content=content, headers=headers)
        assert answer.status_code == 400, mime
    assert one_machine_client.get("/v1/asset/list").json()["assets"] == []


def test_lists_are_paged(client: Client) -> None:
    jobs = [create(client, f"Number {number}.") for number in range(5)]
    seen: list[str] = []
    token = ""
    for _ in range(3):
        data = client.get("/v1/videos", params={"limit": 2, "token": token}).json()["data"]
        seen += [video["video_id"] for video in data["videos"]]
        token = data["token"] or ""
    assert seen == jobs[::-1]
    assert client.get("/v1/videos", params={"token": "%%%"}).status_code == 400
    first = client.get("/v1/avatars", params={"limit": 1, "page": 2}).json()
    assert first["pagination"]["total_pages"] == first["meta"]["total_pages"] == 3
    assert first["avatars"] == first["data"]
    assert first["meta"]["has_prev"]
