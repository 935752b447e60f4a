"""Another workspace's ids answer 404 everywhere; scopes and keys are kept."""

from typing import Any

import calls
import pytest
from conftest import Client, Receiver
from flows import create, wait_for
from material import picture, tone

from visavis.store.tables import Voice, new_id


@pytest.fixture
def belongings(client: Client, receiver: Receiver) -> dict[str, str]:
    """One of everything that a workspace can own, by the names that routes use."""
    job = create(client, webhook_url=receiver.url)
    wait_for(client, job)
    receiver.wait(1)
    headers = {"Content-Type": "image/png"}
    asset = client.post("/v1/asset", content=picture(), headers=headers).json()["id"]
    receiver.files["/v.wav"] = ("audio/wav", tone(5.0))
    profile = client.post(
        "/avatar-profiles/create",
        json={"name": "P", "sources": {"image_id": asset, "audio_url": f"{receiver.url}/v.wav"}},
    ).json()["id"]
    own = client.get("/v1/avatars", params={"scope": "private"}).json()["avatars"][0]["id"]
    konpro = client.post("/v1/webhook/endpoint.add", json={"url": receiver.url}).json()
    delivery = client.get("/v1/webhook/delivery.list").json()["data"][0]["delivery_id"]
    key = client.get("/v1/api-keys").json()["data"][0]["id"]
    voice = f"own-{new_id()}"
    with client.place.opened() as service, service.core.database.write() as session:
        owner = service.keys.authenticate(client.text).workspace_id
        session.add(Voice(id=voice, workspace_id=owner, name="V", language="en-US", status="ready"))
    return {
        "job_id": job,
        "video_id": job,
        "task_id": job,
        "run_id": job,
        "asset_id": asset,
        "avatar_id": own,
        "profile_id": profile,
        "endpoint_id": konpro["endpoint_id"],
        "delivery_id": delivery,
        "key_id": key,
        "voice_id": voice,
    }


def bodies(own: dict[str, str]) -> dict[tuple[str, str], dict[str, Any]]:
    """A body for every call that names things in its body."""
    number = int(own["avatar_id"].removeprefix("avatar-"))
    script = {"type": "script", "voice_id": "en-US-heart", "script": "Hi."}
    return {
        ("POST", "/v1/video-avatars"): {
            "avatar_id": own["avatar_id"], "voice_id": "en-US-heart", "text": "Hi.",
        },
        ("PATCH", "/v1/webhook/endpoint.update"): {"endpoint_id": own["endpoint_id"]},
        ("POST", "/v1/webhook/endpoint.rotate_secret"): {"endpoint_id": own["endpoint_id"]},
        ("POST", "/v1/webhook/delivery.replay"): {"delivery_id": own["delivery_id"]},
        ("POST", "/v2/create_video_from_avatar"): {
            "avatar": {"avatar_id": number, "avatar_type": 1}, "voice": script,
            "aspect_ratio": "square", "screen_style": 1,
        },
        ("PUT", "/v2/endpoint/{endpoint_id}"): {
            "url": "http://127.0.0.1/", "status": "enabled", "events": [],
        },
        ("POST", "/avatar-profiles/create"): {
            "name": "X", "sources": {"image_id": own["asset_id"], "audio_id": own["asset_id"]},
        },
        ("PATCH", "/avatar-profiles/{profile_id}"): {"name": "stolen"},
        ("POST", "/agent/{agent_id}/run"): {
            "update_params": {"t": {"avatar_profile_id": own["profile_id"], "script": "Hi."}},
        },
        ("POST", "/uploads/{kind}/finalize_upload"): {"image_id": own["asset_id"]},
    }  # fmt: skip


UNNAMED = {
    "/v1/videos", "/v1/avatars", "/v1/voices", "/v1/voices/locales", "/v1/asset", "/v1/asset/list",
    "/v1/user/remaining_quota", "/v1/api-keys", "/v1/api-keys/validate",
    "/v1/webhook/webhook.list", "/v1/webhook/endpoint.add", "/v1/webhook/endpoint.list",
    "/v1/webhook/secret", "/v1/webhook/delivery.list",
    "/v2/user/whoami", "/v2/user/remaining_quota", "/v2/avatars/public", "/v2/avatars/custom",
    "/v2/avatars/photo_avatars", "/v2/voices", "/v2/voices/custom", "/v2/upload/asset",
    "/v2/create_lip_sync_video", "/v2/events", "/v2/endpoints", "/v2/endpoint",
    "/avatar-profiles", "/whoami", "/uploads/{kind}/get_upload_url", "/agent/{agent_id}/runs",
}  # fmt: skip
"""Paths that name nothing which somebody else could own; their answers are looked at below."""


def operations(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for dialect in ("konpro", "joggai", "mosaic"):
        document = calls.get(f"{client.place.url}/openapi/{dialect}.json").json()
        for path, methods in document["paths"].items():
            found += [(method.upper(), path, operation) for method, operation in methods.items()]
    return found


def test_nothing_of_another_workspace_is_found_by_any_route(
    client: Client, stranger: Client, belongings: dict[str, str]
) -> None:
    named = bodies(belongings)
    tried = 0
    for method, path, operation in operations(client):
        if path in UNNAMED:
            continue
        values = belongings | {"kind": "image", "agent_id": "a"}
        query = {
            parameter["name"]: values[parameter["name"]]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query" and parameter.get("required")
        }
        answer = stranger.request(
            method, path.format(**values), params=query, json=named.get((method, path))
        )
        assert answer.status_code == 404, (method, path, answer.text)
        tried += 1
    assert tried >= 24


def test_lists_show_nothing_of_another_workspace(
    client: Client, stranger: Client, belongings: dict[str, str]
) -> None:
    for path in sorted(UNNAMED):
        answer = stranger.get(path.replace("{agent_id}", "a").replace("{kind}", "image"))
        for name, value in belongings.items():
            if name != "key_id":
                assert value not in answer.text, path
        assert belongings["key_id"] not in answer.text, path
    assert client.get("/v1/videos").json()["data"]["total"] == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [("/v1/videos", "MISSING_API_KEY"), ("/v2/voices", 10105), ("/whoami", "invalid_api_key")],
)
def test_every_dialect_wants_a_key(client: Client, path: str, code: object) -> None:
    answer = calls.get(f"{client.place.url}{path}")
    assert answer.status_code == 401
    assert str(code) in answer.text
    assert answer.headers["x-request-id"]


def test_every_route_is_behind_the_gate(client: Client) -> None:
    for method, path, _ in operations(client):
        answer = calls.request(method, f"{client.place.url}{path}")
        assert answer.status_code == 401, (method, path)


def test_scopes_are_kept(client: Client) -> None:
    made = client.post("/v1/api-keys", json={"name": "look", "scopes": ["read"]}).json()["data"]
    looking = {"x-api-key": made["key"]}
    url = client.place.url
    assert calls.get(f"{url}/v1/videos", headers=looking).status_code == 200
    answer = calls.post(f"{url}/v1/video-avatars", headers=looking, json={})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "INSUFFICIENT_PERMISSIONS"
    assert calls.get(f"{url}/v1/api-keys", headers=looking).status_code == 403
    assert client.delete(f"/v1/api-keys/{made['id']}").status_code == 200
    assert calls.get(f"{url}/v1/videos", headers=looking).status_code == 401


def test_expired_keys_do_not_work(client: Client) -> None:
    import time

    made = client.post("/v1/api-keys", json={"name": "short", "expires_in": 0.2}).json()["data"]
    time.sleep(0.3)
    answer = calls.get(f"{client.place.url}/v1/videos", headers={"x-api-key": made["key"]})
    assert answer.status_code == 401
    assert "expired" in answer.text


def test_keys_are_stored_hashed_and_no_text_or_key_enters_the_logs(client: Client) -> None:
    words = "Speak of the zebra and the xylophone"
    wait_for(client, create(client, words))
    wait_for(client, create(client, f"{words} and crash"))
    client.get("/v1/videos", params={"title": "xylophone"})
    log = client.place.log.read_text()
    assert "call" in log
    assert "xylophone" not in log
    assert client.text not in log
    with client.place.opened() as service, service.core.database.read() as session:
        from visavis.store.tables import ApiKey

        for row in session.query(ApiKey):
            assert client.text not in (row.digest, row.prefix, row.name)
            assert len(row.prefix) == 12
