"""Another workspace's ids answer 404 everywhere; scopes and keys are kept."""

from typing import Any

import calls
import pytest
from conftest import Client, Receiver
from flows import create, wait_for
from material import clip, picture, tone

from visavis.store.live_tables import KnowledgeBase, LiveSession
from visavis.store.tables import Voice, new_id


@pytest.fixture
def belongings(client: Client, receiver: Receiver) -> dict[str, str]:
    """One of everything that a workspace can own, by the names that routes use."""
    job = create(client, webhook_url=receiver.url)
    wait_for(client, job)
    receiver.wait(1)
    files = {kind: upload(client, kind) for kind in FILES}
    profile = client.post(
        "/avatar-profiles/create",
        json={
            "name": "P",
            "sources": {"image_id": files["image"]["id"], "audio_id": files["audio"]["id"]},
        },
    ).json()["id"]
    own = client.get("/v1/avatars", params={"scope": "private"}).json()["avatars"][0]["id"]
    konpro = client.post("/v1/webhook/endpoint.add", json={"url": receiver.url}).json()
    delivery = client.get("/v1/webhook/delivery.list").json()["data"][0]["delivery_id"]
    key = client.get("/v1/api-keys").json()["data"][0]["id"]
    voice, session, base = f"own-{new_id()}", new_id(), new_id()
    with client.place.opened() as service, service.core.database.write() as rows:
        owner = service.keys.authenticate(client.text).workspace_id
        rows.add(Voice(id=voice, workspace_id=owner, name="V", language="en-US", status="ready"))
        rows.add(
            LiveSession(
                id=session, workspace_id=owner, avatar_id=profile, status="active", request={}
            )
        )
        rows.add(KnowledgeBase(id=base, workspace_id=owner, name="K"))
    return {
        "job_id": job,
        "video_id": job,
        "task_id": job,
        "run_id": job,
        "asset_id": files["image"]["id"],
        "avatar_id": own,
        "profile_id": profile,
        "endpoint_id": konpro["endpoint_id"],
        "delivery_id": delivery,
        "key_id": key,
        "voice_id": voice,
        "session_id": session,
        "base_id": base,
        **{f"{kind}_id of a file": file["id"] for kind, file in files.items()},
        **{f"{kind}_url": file["url"].partition("/files/")[2] for kind, file in files.items()},
    }


FILES = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4"}


def upload(client: Client, kind: str) -> dict[str, str]:
    """A file of a workspace: its id and the link to it."""
    data = {"image": picture(), "audio": tone(5.0), "video": clip()}[kind]
    headers = {"Content-Type": FILES[kind]}
    answer = client.post("/v1/asset", content=data, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


Bodies = dict[tuple[str, str], list[dict[str, Any]]]


def bodies(theirs: dict[str, str], mine: dict[str, dict[str, str]], base: str) -> Bodies:
    """Bodies that name one thing of somebody else, and otherwise what is right."""
    image, sound, film = (theirs[f"{kind}_id of a file"] for kind in FILES)
    links = {kind: f"{base}/files/{theirs[f'{kind}_url']}" for kind in FILES}
    number = int(theirs["avatar_id"].removeprefix("avatar-"))
    voice, avatar = theirs["voice_id"], theirs["avatar_id"]
    script = {"type": "script", "voice_id": "en-US-heart", "script": "Hi."}
    spoken = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Hi."}
    shape = {"aspect_ratio": "square", "screen_style": 1}
    public = {"avatar_id": 1, "avatar_type": 0}
    scene, session = {"text": "Hi."}, {"session_id": theirs["session_id"]}
    room = {"livekit_url": "ws://127.0.0.1:1", "livekit_client_token": "t"}
    names = {("POST", f"/v1/streaming/{call}"): [session | {"text": "Hi."}] for call in LIVE}
    changes = {("PUT", KNOWN): [{"name": "K"}], ("PATCH", KNOWN): [{"name": "K"}]}
    return names | changes | {
        ("POST", "/v1/video-avatars"): [
            spoken | {"avatar_id": avatar},
            spoken | {"voice_id": voice},
            *(
                spoken | {"settings": settings}
                for settings in (
                    {"background": image}, {"background": film}, {"background": links["image"]},
                    {"visual": image, "layout": "split"}, {"music": {"source": sound}},
                    {"music": {"source": links["audio"]}}, {"intro": film}, {"outro": image},
                    {"watermark": {"image": image}},
                )
            ),
            *(
                spoken | {"text": "", "settings": {"scenes": [scene | more]}}
                for more in ({"avatar_id": avatar}, {"voice_id": voice}, {"background": image})
            ),
        ],
        ("PATCH", "/v1/webhook/endpoint.update"): [{"endpoint_id": theirs["endpoint_id"]}],
        ("POST", "/v1/webhook/endpoint.rotate_secret"): [{"endpoint_id": theirs["endpoint_id"]}],
        ("POST", "/v1/webhook/delivery.replay"): [{"delivery_id": theirs["delivery_id"]}],
        ("POST", "/v2/create_video_from_avatar"): [
            {"avatar": {"avatar_id": number, "avatar_type": 1}, "voice": script} | shape,
            {"avatar": public, "voice": script | {"voice_id": voice}} | shape,
            {
                "avatar": public,
                "voice": {
                    "type": "audio", "voice_id": "en-US-heart", "audio_url": links["audio"],
                },
            }
            | shape,
        ],
        ("POST", "/v2/voices/custom"): [{"name": "V", "audio_url": links["audio"]}],
        ("POST", "/v2/create_lip_sync_video"): [
            {"video_url": links["video"], "audio_url": mine["audio"]["url"]},
            {"video_url": mine["video"]["url"], "audio_url": links["audio"]},
        ],
        ("PUT", "/v2/endpoint/{endpoint_id}"): [
            {"url": "http://127.0.0.1/", "status": "enabled", "events": []}
        ],
        ("POST", "/avatar-profiles/create"): [
            {"name": "X", "sources": sources}
            for sources in (
                {"image_id": image, "audio_id": mine["audio"]["id"]},
                {"image_id": mine["image"]["id"], "audio_id": sound},
                {"video_id": film},
                {"video_url": links["video"]},
            )
        ]
        + [{"name": "X", "sources": {"image_id": mine["image"]["id"]}, "voice": voice}],
        ("PATCH", "/avatar-profiles/{profile_id}"): [{"name": "stolen"}],
        ("POST", "/agent/{agent_id}/run"): [
            {"update_params": {"t": {"avatar_profile_id": theirs["profile_id"], "script": "Hi."}}}
        ],
        ("POST", "/uploads/{kind}/finalize_upload"): [{"image_id": image}],
        ("POST", "/api/videos"): [
            spoken | {"avatar_id": avatar},
            spoken | {"voice_id": voice},
            spoken | {"settings": {"background_id": image}},
            {"avatar_id": "avatar-1", "audio_id": sound},
        ],
        ("POST", "/api/preview"): [
            {"avatar_id": avatar},
            {"avatar_id": "avatar-1", "settings": {"background_id": image}},
        ],
        ("POST", "/api/checks"): [{"image_id": image}, {"video_id": film}],
        ("POST", "/v1/streaming/new"): [
            {"avatar_id": avatar},
            {"voice": {"voice_id": voice}},
            {"knowledge_base_id": theirs["base_id"]},
        ],
        ("POST", "/v1/sessions/token"): [{"avatar_id": avatar, "livekit_config": room}],
        ("POST", "/v1/sessions/start"): [session],
        ("POST", "/v1/sessions/stop"): [session],
        ("POST", KNOWN): [{"name": "stolen"}],
    }  # fmt: skip


LIVE = ("start", "task", "interrupt", "keep_alive", "start_listening", "stop_listening", "stop")
KNOWN = "/v1/streaming/knowledge_base/{base_id}"

UNNAMED = {
    "/v1/videos", "/v1/avatars", "/v1/voices", "/v1/voices/locales", "/v1/asset", "/v1/asset/list",
    "/v1/user/remaining_quota", "/v1/api-keys", "/v1/api-keys/validate",
    "/v1/webhook/webhook.list", "/v1/webhook/endpoint.add", "/v1/webhook/endpoint.list",
    "/v1/webhook/secret", "/v1/webhook/delivery.list",
    "/v2/user/whoami", "/v2/user/remaining_quota", "/v2/avatars/public", "/v2/avatars/custom",
    "/v2/avatars/photo_avatars", "/v2/voices", "/v2/upload/asset",
    "/v2/events", "/v2/endpoints", "/v2/endpoint",
    "/avatar-profiles", "/whoami", "/uploads/{kind}/get_upload_url", "/agent/{agent_id}/runs",
    "/api/offer", "/api/usage", "/v1/streaming/create_token", "/v1/streaming/list",
    "/v1/streaming/sessions", "/v1/streaming/sessions/active", "/v1/streaming/sessions/history",
    "/v1/streaming/active_sessions", "/v1/streaming/session_history", "/v1/streaming/avatars",
    "/v1/streaming/avatar.list", "/v1/streaming/avatar/list",
    "/v1/streaming/knowledge_base/create", "/v1/streaming/knowledge_base/list",
}  # fmt: skip
"""Paths that name nothing which somebody else could own; their answers are looked at below."""

LISTS = {("GET", "/v2/voices/custom"), ("GET", "/api/videos")}
"""The same of paths that are asked for other things in other ways."""

DIALECTS = ("konpro", "joggai", "mosaic", "visavis", "streaming")


def operations(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for dialect in DIALECTS:
        document = calls.get(f"{client.place.url}/openapi/{dialect}.json").json()
        for path, methods in document["paths"].items():
            found += [(method.upper(), path, operation) for method, operation in methods.items()]
    return found


def test_nothing_of_another_workspace_is_found_by_any_route(
    client: Client, stranger: Client, belongings: dict[str, str]
) -> None:
    mine = {kind: upload(stranger, kind) for kind in FILES}
    named = bodies(belongings, mine, client.place.url)
    values = belongings | {"kind": "image", "agent_id": "a"}
    tried = 0
    for method, path, operation in operations(client):
        if path in UNNAMED or (method, path) in LISTS:
            continue
        query = {
            parameter["name"]: values[parameter["name"]]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query" and parameter.get("required")
        }
        assert "requestBody" not in operation or (method, path) in named, (method, path)
        for body in named.pop((method, path), [None]):
            answer = stranger.request(method, path.format(**values), params=query, json=body)
            assert answer.status_code == 404, (method, path, body, answer.text)
            tried += 1
    assert not named, "these are no calls of ours"
    assert tried >= 80
    for path in sorted(UNNAMED | {path for _, path in LISTS}):
        answer = stranger.get(path.replace("{agent_id}", "a").replace("{kind}", "image"))
        for name, value in belongings.items():
            assert value not in answer.text, (path, name)
    assert client.get("/v1/videos").json()["data"]["total"] == 1
    assert stranger.get("/v1/videos").json()["data"]["total"] == 0


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
