"""Webhooks: signed, retried, replayed, rotated, and never told twice under two names."""

import json

import pytest
from conftest import Client, Receiver
from flows import create, until, wait_for
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from visavis.domain import webhooks
from visavis.store.tables import Delivery, DeliveryAttempt


def add(client: Client, receiver: Receiver, **more: object) -> dict[str, str]:
    answer = client.post("/v1/webhook/endpoint.add", json={"url": receiver.url, **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, str] = answer.json()
    return body


def deliveries(client: Client, job: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = client.get(
        "/v1/webhook/delivery.list", params={"video_id": job}
    ).json()["data"]
    return rows


def settled(client: Client, job: str, status: str) -> dict[str, object]:
    def row() -> dict[str, object]:
        rows = deliveries(client, job)
        return rows[0] if rows and rows[0]["status"] == status else {}

    return until(row)


def test_an_endpoint_hears_of_a_video_and_can_verify_it(client: Client, receiver: Receiver) -> None:
    endpoint = add(client, receiver)
    job = create(client)
    ((headers, raw),) = receiver.wait(1)
    told = Webhook(endpoint["secret"]).verify(raw, headers)
    assert told["event_type"] == "avatar_video.success"
    assert told["event_data"]["video_id"] == job
    assert told["event_data"]["url"].startswith("http")
    with pytest.raises(WebhookVerificationError):
        Webhook(webhooks.new_secret()).verify(raw, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint["secret"]).verify(raw.replace(b"success", b"failure"), headers)


def test_the_link_of_a_request_is_told_and_signed_with_the_workspace_secret(
    client: Client, receiver: Receiver
) -> None:
    job = create(client, "please refuse", webhook_url=receiver.url, callback_id="mine")
    ((headers, raw),) = receiver.wait(1)
    secret = client.get("/v1/webhook/secret").json()["data"]["secret"]
    told = Webhook(secret).verify(raw, headers)
    assert told["event_type"] == "avatar_video.fail"
    assert told["event_data"]["callback_id"] == "mine"
    assert told["event_data"]["video_id"] == job


def test_a_failed_delivery_is_tried_again_under_the_same_id(
    client: Client, receiver: Receiver
) -> None:
    receiver.answers = [(500, {})]
    job = create(client, webhook_url=receiver.url)
    (first, _), (second, _) = receiver.wait(2)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) >= 4
    row = settled(client, job, "delivered")
    log = client.get(
        "/v1/webhook/delivery.attempts", params={"delivery_id": row["delivery_id"]}
    ).json()["data"]
    assert [entry["status_code"] for entry in log] == [500, 200]


@pytest.mark.parametrize(
    "answer", [(302, {"Location": "/elsewhere"}), (429, {"Retry-After": "90"})]
)
def test_redirects_are_failures_and_retry_after_is_honoured(
    client: Client, receiver: Receiver, answer: tuple[int, dict[str, str]]
) -> None:
    receiver.answers = [answer] * 9
    job = create(client, webhook_url=receiver.url)
    row = until(lambda: [row for row in deliveries(client, job) if row["attempts"]])[0]
    assert row["status"] == "pending"
    with client.place.opened() as service, service.core.database.read() as session:
        found = session.get_one(Delivery, row["delivery_id"])
        tried = session.get_one(DeliveryAttempt, (found.id, found.attempts))
        wait = (found.next_at or 0) - tried.at
    if "Retry-After" in answer[1]:
        assert wait >= 89
    else:
        assert webhooks.SCHEDULE[found.attempts] - 1 <= wait


def test_gone_disables_the_endpoint(client: Client, receiver: Receiver) -> None:
    endpoint = add(client, receiver)
    receiver.answers = [(410, {})]
    job = create(client)
    settled(client, job, "failed")
    (row,) = client.get("/v1/webhook/endpoint.list").json()["data"]
    assert (row["endpoint_id"], row["status"]) == (endpoint["endpoint_id"], "disabled")
    wait_for(client, create(client, "Nobody hears of this."))
    assert len(receiver.posts) == 1


def test_a_rotated_secret_signs_beside_the_old_one(client: Client, receiver: Receiver) -> None:
    old = add(client, receiver)
    new = client.post(
        "/v1/webhook/endpoint.rotate_secret", json={"endpoint_id": old["endpoint_id"]}
    ).json()
    assert new["secret"] != old["secret"]
    create(client)
    ((headers, raw),) = receiver.wait(1)
    for secret in (old["secret"], new["secret"]):
        Webhook(secret).verify(raw, headers)


def test_a_replay_tells_it_again_under_the_same_id(client: Client, receiver: Receiver) -> None:
    job = create(client, webhook_url=receiver.url)
    receiver.wait(1)
    row = settled(client, job, "delivered")
    answer = client.post("/v1/webhook/delivery.replay", json={"delivery_id": row["delivery_id"]})
    assert answer.status_code == 200
    (first, one), (second, two) = receiver.wait(2)
    assert first["webhook-id"] == second["webhook-id"]
    assert one == two


def test_only_the_chosen_events_are_told(client: Client, receiver: Receiver) -> None:
    add(client, receiver, events=["avatar_video.fail"])
    wait_for(client, create(client))
    wait_for(client, create(client, "please refuse"))
    ((_, raw),) = receiver.wait(1)
    assert json.loads(raw)["event_type"] == "avatar_video.fail"


def test_an_endpoint_that_does_not_answer_the_probe_is_refused(client: Client) -> None:
    answer = client.post("/v1/webhook/endpoint.add", json={"url": "http://127.0.0.1:9/"})
    assert answer.status_code == 400
    assert "OPTIONS" in answer.json()["error"]["message"]
    unknown = client.post(
        "/v1/webhook/endpoint.add", json={"url": "http://127.0.0.1:9/", "events": ["moon.rise"]}
    )
    assert "moon.rise" in unknown.json()["error"]["message"]


def test_the_schedule_is_the_documented_one() -> None:
    assert webhooks.SCHEDULE == (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    for attempt in range(1, 10):
        delay = webhooks.next_delay(attempt)
        assert webhooks.SCHEDULE[attempt] <= delay <= webhooks.SCHEDULE[attempt] * 1.1
