"""Mosaic: uploads, avatar profiles, runs that wait for their avatar."""

from pathlib import Path
from typing import Any

import av
import calls
import httpx
import pytest
from conftest import Client, Receiver
from flows import until, wait_for
from material import picture, tone

from visavis.domain.errors import FieldError
from visavis.domain.order import Order
from visavis.store.tables import Avatar


def upload(client: Client, kind: str, content: bytes, mime: str) -> str:
    """The three steps of an upload; the id of the asset."""
    place = client.post(f"/uploads/{kind}/get_upload_url").json()
    sent = calls.post(
        place["upload_url"], data=place["upload_fields"], files={"file": ("f", content, mime)}
    )
    assert sent.status_code == 204, sent.text
    body = {f"{kind}_id": place[f"{kind}_id"]}
    for _ in range(2):  # saying it again changes nothing
        done = client.post(f"/uploads/{kind}/finalize_upload", json=body)
        assert done.status_code == 200, done.text
        assert done.json() == body
    return str(place[f"{kind}_id"])


def settled(client: Client, profile: str) -> dict[str, Any]:
    def body() -> dict[str, Any]:
        told: dict[str, Any] = client.get(f"/avatar-profiles/{profile}").json()
        return told if told["status"] in ("ready", "failed") else {}

    return until(body)


def test_a_picture_without_a_face_fails_with_the_reason_and_so_does_its_run(
    client: Client, receiver: Receiver
) -> None:
    image = upload(client, "image", picture(), "image/png")
    receiver.files["/voice.wav"] = ("audio/wav", tone(6.0))
    made = client.post(
        "/avatar-profiles/create",
        json={
            "name": "Noise",
            "sources": {"image_id": image, "audio_url": f"{receiver.url}/voice.wav"},
        },
    )
    assert made.status_code == 200, made.text
    profile = made.json()
    assert set(profile) >= {"id", "video_preview_url", "name", "status", "status_message"}
    assert profile["status"] in ("pending", "processing")
    assert profile["status_message"] is None
    run = client.post(
        "/agent/agent-7/run",
        json={
            "update_params": {"tile": {"avatar_profile_id": profile["id"], "script": "Hi there."}},
            "callback_url": f"{receiver.url}/hook",
        },
    )
    assert run.status_code == 200, run.text
    failed = settled(client, profile["id"])
    assert failed["status"] == "failed"
    assert failed["status_message"]
    job = wait_for(client, run.json()["run_id"])
    assert job["status"] == "failed"
    assert "avatar failed" in job["error"]["message"]
    body = client.get(f"/agent_run/{run.json()['run_id']}").json()
    assert body["status"] == "failed"
    assert body["agent_id"] == "agent-7"
    assert client.get("/agent/agent-7/runs").json()["runs"][0]["run_id"] == body["run_id"]
    again = client.post(
        "/agent/a/run",
        json={"update_params": {"t": {"avatar_profile_id": profile["id"], "script": "Hi."}}},
    )
    assert again.status_code == 400
    assert "failed" in again.json()["detail"]


def test_a_video_that_meets_its_avatar_becoming_ready_is_not_forgotten(client: Client) -> None:
    """The avatar is looked up while it is made, and is ready before the video is written down."""
    with client.place.opened() as service:
        owner = service.keys.authenticate(client.text).workspace_id
        with service.core.database.write() as session:
            row = Avatar(workspace_id=owner, name="A", kind="portrait", status="processing")
            row.voice = "en-US-heart"
            session.add(row)
        seen = service.avatars.find(owner, row.id)
        with service.core.database.write() as session:
            session.get_one(Avatar, row.number).status = "ready"
        view = service.videos.create(owner, seen, Order(text="Hi there."), dialect="mosaic")
        assert view.video.stage == "queued"
        with service.core.database.write() as session:
            made = session.get_one(Avatar, row.number)
            made.status, made.error_message = "failed", "Too dark."
        with pytest.raises(FieldError, match="Too dark"):
            service.videos.create(owner, seen, Order(text="Hi there."), dialect="mosaic")
    wait_for(client, view.video.id)


def test_a_stock_presenter_runs_and_tells(client: Client, receiver: Receiver) -> None:
    number = client.get("/v1/avatars").json()["avatars"][0]
    run = client.post(
        "/agent/a/run",
        json={
            "update_params": {"t": {"avatar_profile_id": number["uuid"], "script": "Hi there."}},
            "callback_url": f"{receiver.url}/hook",
        },
    ).json()["run_id"]
    wait_for(client, run)
    done = client.get(f"/agent_run/{run}").json()
    assert done["status"] == "completed"
    assert calls.get(done["outputs"][0]["video_url"]).status_code == 200
    flags = [headers["x-mosaic-signature"][:6] for headers, _ in receiver.wait(2)]
    assert flags == ["whsec_", "whsec_"]


@pytest.mark.parametrize(
    ("sources", "word"),
    [
        ({}, "video"),
        ({"image_url": "{base}/face.png"}, "sound"),
        ({"image_url": "{base}/face.png", "audio_url": "{base}/short.wav"}, "2.0 s"),
        ({"image_url": "{base}/face.png", "audio_url": "{base}/long.wav"}, "16.0 s"),
        ({"image_url": "{base}/short.wav", "audio_url": "{base}/good.wav"}, "image"),
        ({"image_url": "{base}/nothing", "audio_url": "{base}/good.wav"}, "404"),
        ({"image_url": "{base}/garbage", "audio_url": "{base}/good.wav"}, "image"),
        ({"video_url": "{base}/good.wav"}, "video"),
        ({"video_id": "11111111-1111-1111-1111-111111111111"}, "video"),
    ],
)
def test_wrong_sources_are_refused_at_once(
    client: Client, receiver: Receiver, sources: dict[str, str], word: str
) -> None:
    receiver.files |= {
        "/face.png": ("image/png", picture()),
        "/good.wav": ("audio/wav", tone(6.0)),
        "/short.wav": ("audio/wav", tone(2.0)),
        "/long.wav": ("audio/wav", tone(16.0)),
        "/garbage": ("image/png", b"not a picture at all"),
    }
    links = {name: value.format(base=receiver.url) for name, value in sources.items()}
    answer = client.post("/avatar-profiles/create", json={"name": "X", "sources": links})
    assert answer.status_code in (400, 404), answer.text
    body = answer.json()
    assert set(body) == {"error", "detail", "request_id"}
    assert word in body["detail"]
    assert client.get("/avatar-profiles").json()["avatar_profiles"] == []


def test_a_silent_clip_needs_a_voice(
    one_machine_client: Client, receiver: Receiver, filmed: Path, tmp_path: Path
) -> None:
    """As on the command line: refused with the check's own words, unless a voice is chosen."""
    client = one_machine_client
    mute = tmp_path / "mute.mp4"
    with av.open(str(filmed)) as clip, av.open(str(mute), "w") as copy:
        seen = copy.add_stream_from_template(clip.streams.video[0])
        for packet in clip.demux(clip.streams.video[0]):
            if packet.dts is not None:
                packet.stream = seen
                copy.mux(packet)
    receiver.files |= {
        "/silent.mp4": ("video/mp4", filmed.read_bytes()),
        "/mute.mp4": ("video/mp4", mute.read_bytes()),
    }

    def create(name: str, **more: str) -> httpx.Response:
        sources = {"video_url": f"{receiver.url}/{name}.mp4"}
        return client.post(
            "/avatar-profiles/create", json={"name": "X", "sources": sources, **more}
        )

    assert "no sound" in create("mute").json()["detail"]
    assert create("mute", voice="en-US-nobody").status_code in (400, 404)
    refused = settled(client, create("silent").json()["id"])
    assert refused["status"] == "failed"
    assert "The sound is silent" in refused["status_message"]
    made = settled(client, create("mute", voice="en-GB-emma").json()["id"])
    assert made["status"] == "ready", made
    shown = client.get("/v1/avatars", params={"scope": "private"}).json()["avatars"]
    own = client.get(f"/api/avatars/{shown[-1]['id']}").json()
    assert own["voice_id"] == "en-GB-emma"
    with client.place.opened() as service:
        kept = " ".join(service.core.blobs.keys("avatars"))
    assert made["id"] in kept
    assert refused["id"] not in kept


def test_bearer_and_header_both_open_the_door(client: Client) -> None:
    url = f"{client.place.url}/whoami"
    bearer = calls.get(url, headers={"Authorization": f"Bearer {client.text}"})
    assert bearer.json() == client.get("/whoami").json()
    assert calls.get(url).json()["error"] == "invalid_api_key"


def test_profiles_are_renamed_and_deleted(client: Client, receiver: Receiver) -> None:
    receiver.files |= {
        "/face.png": ("image/png", picture()),
        "/good.wav": ("audio/wav", tone(6.0)),
    }
    sources = {"image_url": f"{receiver.url}/face.png", "audio_url": f"{receiver.url}/good.wav"}
    made = client.post("/avatar-profiles/create", json={"name": "X", "sources": sources}).json()
    path = f"/avatar-profiles/{made['id']}"
    assert client.patch(path, json={"name": "Y"}).json()["name"] == "Y"
    assert client.delete(path).json() == {"id": made["id"], "deleted": True}
    assert client.get(path).status_code == 404
