"""The flow of JoggAI's quick start, and what surrounds it."""

import hashlib
import hmac
import json

import calls
import pytest
from conftest import Client, Receiver
from flows import wait_for
from material import clip, tone

from visavis.domain.errors import NotFoundError

START = {
    "avatar": {"avatar_id": 1, "avatar_type": 0},
    "voice": {"type": "script", "voice_id": "en-US-heart", "script": "Welcome to JoggAI!"},
    "aspect_ratio": "portrait",
    "screen_style": 1,
    "caption": True,
}


def changed(**more: object) -> dict[str, object]:
    return {**START, **more}


def test_the_quick_start_works(client: Client, receiver: Receiver) -> None:
    avatars = client.get("/v2/avatars/public").json()
    assert avatars["code"] == 0
    assert avatars["msg"] == "Success"
    number = avatars["data"]["avatars"][0]["id"]
    assert isinstance(number, int)
    voices = client.get("/v2/voices", params={"language": "english"}).json()["data"]
    assert {voice["language"] for voice in voices["voices"]} == {"english"}
    body = changed(webhook_url=f"{receiver.url}/hook", video_name="Quick")
    body["avatar"] = {"avatar_id": number, "avatar_type": 0}
    answer = client.post("/v2/create_video_from_avatar", json=body)
    assert answer.status_code == 200, answer.text
    video = answer.json()["data"]["video_id"]
    first = client.get(f"/v2/avatar_video/{video}").json()["data"]
    assert first["video_id"] == video
    assert isinstance(first["created_at"], int)
    wait_for(client, video)
    done = client.get(f"/v2/avatar_video/{video}").json()["data"]
    assert done["status"] == "completed"
    assert calls.get(done["video_url"]).status_code == 200
    assert calls.get(done["cover_url"]).headers["content-type"] == "image/jpeg"
    ((headers, raw),) = receiver.wait(1)
    told = json.loads(raw)
    assert headers["x-webhook-event"] == told["event"] == "generated_avatar_video_success"
    assert told["data"]["video_id"] == told["data"]["project_id"] == video


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("gender", "female", 2),
        ("age", "senior", 1),
        ("style", "social", 1),
        ("scene", "business", 1),
        ("ethnicity", "african", 1),
        ("aspect_ratio", "square", 1),
    ],
)
def test_public_avatars_are_filtered(client: Client, name: str, value: str, count: int) -> None:
    data = client.get("/v2/avatars/public", params={name: value}).json()["data"]
    assert len(data["avatars"]) == count


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (changed(avatar={"avatar_id": 999_999, "avatar_type": 0}), "avatar"),
        (changed(avatar={"avatar_id": 1, "avatar_type": 1}), "avatar"),
        (changed(avatar={"avatar_id": "x", "avatar_type": 0}), "avatar_id"),
        (changed(voice={"type": "script", "voice_id": "nobody", "script": "a"}), "voice"),
        (changed(voice={"type": "script", "voice_id": "en-US-heart"}), "script"),
        (changed(voice={"type": "audio", "voice_id": "en-US-heart"}), "audio_url"),
        (
            changed(
                voice={
                    "type": "script",
                    "voice_id": "en-US-heart",
                    "script": "a",
                    "audio_url": "https://example.com/a.mp3",
                }
            ),
            "script",
        ),
        (changed(aspect_ratio="round"), "aspect_ratio"),
        (changed(screen_style=4), "screen_style"),
        (changed(webhook_url="ftp://example.com"), "link"),
    ],
)
def test_a_wrong_request_is_refused_at_once(client: Client, body: object, word: str) -> None:
    answer = client.post("/v2/create_video_from_avatar", json=body)
    told = answer.json()
    assert answer.status_code in (400, 404)
    assert told["code"] in (40000, 10104)
    assert told["data"] is None
    assert word in told["msg"]
    assert client.get("/v1/videos").json()["data"]["total"] == 0


def test_wrong_keys_have_the_envelope(client: Client) -> None:
    answer = calls.get(f"{client.place.url}/v2/avatars/public", headers={"x-api-key": "nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (401, 10105)


def test_an_upload_is_put_to_its_signed_link_and_found_by_its_address(client: Client) -> None:
    sound = tone(3.0)
    asked = client.post(
        "/v2/upload/asset",
        json={"filename": "a.wav", "content_type": "audio/wav", "file_size": len(sound)},
    ).json()["data"]
    put = calls.put(asked["sign_url"], content=sound, headers={"Content-Type": "audio/wav"})
    assert put.status_code == 200
    assert calls.get(asked["asset_url"]).content == sound
    forged = asked["sign_url"].replace("signature=", "signature=x")
    assert calls.put(forged, content=sound).status_code == 404


def test_a_video_is_made_of_a_sound(client: Client, receiver: Receiver) -> None:
    receiver.files["/said.wav"] = ("audio/wav", tone(2.0))
    voice = {
        "type": "audio",
        "voice_id": "en-US-heart",
        "audio_url": f"{receiver.url}/said.wav",
    }
    made = client.post("/v2/create_video_from_avatar", json=changed(voice=voice))
    assert made.status_code == 200, made.text
    video = made.json()["data"]["video_id"]
    wait_for(client, video)
    assert client.get(f"/v2/avatar_video/{video}").json()["data"]["status"] == "completed"


def test_a_lip_sync_waits_for_its_clip_and_says_what_is_wrong_with_it(
    one_machine_client: Client, receiver: Receiver
) -> None:
    client = one_machine_client
    receiver.files |= {
        "/clip.mp4": ("video/mp4", clip()),
        "/said.wav": ("audio/wav", tone(2.0)),
    }
    body = {"video_url": f"{receiver.url}/clip.mp4", "audio_url": f"{receiver.url}/said.wav"}
    headers = {"Idempotency-Key": "sync"}
    made = client.post("/v2/create_lip_sync_video", json=body, headers=headers)
    assert made.status_code == 200, made.text
    task = made.json()["data"]["task_id"]
    again = client.post("/v2/create_lip_sync_video", json=body, headers=headers)
    assert again.json()["data"]["task_id"] == task
    assert client.get("/v2/avatars/custom").json()["data"]["total"] == 0, "it is nobody's avatar"
    wait_for(client, task)
    told = client.get(f"/v2/lip_sync_video/{task}").json()["data"]
    assert told["status"] == "failed"
    assert "face" in told["error_msg"] or "nobody" in told["error_msg"].lower()
    assert client.delete(f"/v1/video-avatars/{task}").status_code == 200
    with client.place.opened() as service:
        owner = service.keys.authenticate(client.text).workspace_id
        assert service.avatars.page(owner, "private")[1] == 0
        with pytest.raises(NotFoundError):
            service.avatars.find(owner, task)


def test_endpoints_are_kept_and_signed(client: Client, receiver: Receiver) -> None:
    made = client.post("/v2/endpoint", json={"url": receiver.url, "events": []}).json()["data"]
    assert made["secret"].startswith("whsec_")
    assert client.get("/v2/endpoints").json()["data"]["endpoints"] == [made]
    video = client.post("/v2/create_video_from_avatar", json=START).json()["data"]["video_id"]
    wait_for(client, video)
    ((headers, raw),) = receiver.wait(1)
    own = hmac.new(made["secret"].encode(), raw, hashlib.sha256).hexdigest()
    assert headers["x-webhook-signature"] == own
    path = f"/v2/endpoint/{made['endpoint_id']}"
    off = {"url": receiver.url, "status": "disabled", "events": []}
    assert client.put(path, json=off).json()["data"]["status"] == "disabled"
    assert client.delete(path).json()["code"] == 0
    assert client.delete(path).json()["code"] == 10104
    assert "generated_avatar_video_success" in client.get("/v2/events").json()["data"]["events"]


def test_at_most_twenty_endpoints(client: Client, receiver: Receiver) -> None:
    for number in range(20):
        answer = client.post("/v2/endpoint", json={"url": f"{receiver.url}/{number}"})
        assert answer.status_code == 200
    assert client.post("/v2/endpoint", json={"url": receiver.url}).status_code == 409


def test_account(client: Client) -> None:
    assert client.get("/v2/user/whoami").json()["data"]["username"] == "test"
    assert client.get("/v2/user/remaining_quota").json()["data"]["remaining_quota"] > 0
