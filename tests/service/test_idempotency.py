"""The same Idempotency-Key never does the work twice."""

from concurrent.futures import ThreadPoolExecutor

from conftest import Client
from flows import wait_for

BODY = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Only once."}


def test_the_same_key_gets_the_same_answer(client: Client) -> None:
    headers = {"Idempotency-Key": "one"}
    first = client.post("/v1/video-avatars", json=BODY, headers=headers)
    second = client.post("/v1/video-avatars", json=BODY, headers=headers)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert client.get("/v1/videos").json()["data"]["total"] == 1
    other = client.post("/v1/video-avatars", json={**BODY, "text": "No"}, headers=headers)
    assert other.status_code == 422
    wait_for(client, first.json()["job_id"])


def test_many_at_once_make_one_video(client: Client) -> None:
    headers = {"Idempotency-Key": "crowd"}

    def ask(_: int) -> tuple[int, str]:
        answer = client.post("/v1/video-avatars", json=BODY, headers=headers)
        return answer.status_code, answer.json().get("job_id", "")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, range(24)))
    assert {status for status, _ in answers} <= {200, 409}
    assert len({job for _, job in answers if job}) == 1
    assert client.get("/v1/videos").json()["data"]["total"] == 1


def test_keys_are_of_a_workspace_and_a_path(client: Client, stranger: Client) -> None:
    headers = {"Idempotency-Key": "shared"}
    mine = client.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    theirs = stranger.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    assert mine != theirs
    key = client.post("/v1/api-keys", json={"name": "k"}, headers=headers)
    assert key.status_code == 200


def test_a_refused_call_may_be_tried_again_with_its_key(client: Client) -> None:
    headers = {"Idempotency-Key": "again"}
    wrong = client.post("/v1/video-avatars", json={**BODY, "avatar_id": "x"}, headers=headers)
    assert wrong.status_code == 404
    assert client.post("/v1/video-avatars", json=BODY, headers=headers).status_code == 200


def test_a_call_that_died_before_its_answer_was_kept_finds_its_video(client: Client) -> None:
    """As after a kill between the video's commit and the answer's."""
    headers = {"Idempotency-Key": "died"}
    first = client.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    with client.place.opened() as service, service.core.database.write() as session:
        from visavis.store.tables import Replay

        row = session.query(Replay).filter(Replay.key == "died").one()
        row.status_code, row.body, row.created_at = None, None, row.created_at - 600
    again = client.post("/v1/video-avatars", json=BODY, headers=headers).json()["job_id"]
    assert again == first
    assert client.get("/v1/videos").json()["data"]["total"] == 1
