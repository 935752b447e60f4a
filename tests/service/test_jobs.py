"""Progress, cancelling, failing, retrying, taking turns."""

from typing import Any

import calls
import psutil
import pytest
from calls import PATIENCE
from conftest import Client
from flows import create, until, wait_for

from visavis.jobs.processes import LOOK_EVERY
from visavis.store.tables import Segment, Video, Workspace


def renders(client: Client) -> list[psutil.Process]:
    """The render processes of an installation."""
    assert client.place.process is not None
    tree = psutil.Process(client.place.process.pid).children(recursive=True)
    return [process for process in tree if _draws_a_card(process)]


def _draws_a_card(process: psutil.Process) -> bool:
    try:
        return "service_card" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it ended a moment ago, or nobody has asked for its end yet
        return False


def test_progress_is_seen_and_cancelling_ends_the_render(client: Client) -> None:
    """The worker asks more than twice a second whether its render is still wanted."""
    assert LOOK_EVERY < 0.5
    job = create(client, "await a word that never comes, and tell how far you are until then")

    def far() -> dict[str, Any]:
        body: dict[str, Any] = client.get(f"/v1/video-avatars/{job}").json()
        # stage and progress are read one after the other, so they may be of two moments
        return body if body["progress"] >= 5 and body["stage"] == "rendering" else {}

    body = until(far)
    assert 5 <= body["progress"] < 100
    assert body["estimated_time"] > 0
    running = renders(client)
    assert running
    assert client.post(f"/v1/video-avatars/{job}/cancel").status_code == 200
    assert psutil.wait_procs(running, timeout=PATIENCE)[1] == []
    end = client.get(f"/v1/video-avatars/{job}").json()
    assert (end["status"], end["error"]["code"]) == ("failed", "CANCELLED")
    assert client.post(f"/v1/video-avatars/{job}/cancel").status_code == 200


def test_deleting_a_running_video_ends_it(client: Client) -> None:
    job = create(client, "await a word that never comes")
    running = until(lambda: renders(client))
    assert client.delete(f"/v1/video-avatars/{job}").json()["data"]["success"]
    assert not psutil.wait_procs(running, timeout=PATIENCE)[1]
    assert client.get(f"/v1/video-avatars/{job}").status_code == 404


def test_a_deleted_video_has_no_files(client: Client) -> None:
    job = wait_for(client, create(client))
    assert client.delete(f"/v1/video-avatars/{job['job_id']}").status_code == 200
    assert calls.get(job["video_url"]).status_code == 404
    with client.place.opened() as service:
        owner = service.keys.authenticate(client.text).workspace_id
        assert service.core.blobs.keys(f"videos/{owner}/{job['job_id']}") == []


def test_what_cannot_succeed_is_not_tried_again(client: Client) -> None:
    job = wait_for(client, create(client, "please refuse this"))
    assert job["status"] == "failed"
    assert job["error"] == {
        "code": "INVALID_INPUT",
        "message": "The card refuses. Ask for another.",
    }
    assert attempts(client, job["job_id"]) == 1


@pytest.mark.parametrize(("word", "code"), [("stumble", "STUMBLED"), ("crash", "CHILD_DIED")])
def test_what_may_succeed_is_tried_three_times(client: Client, word: str, code: str) -> None:
    job = wait_for(client, create(client, f"please {word} over this"))
    assert (job["status"], job["error"]["code"]) == ("failed", code)
    assert attempts(client, job["job_id"]) == 3


def attempts(client: Client, job: str) -> int:
    with client.place.opened() as service, service.core.database.read() as session:
        return session.query(Segment).filter(Segment.video_id == job).one().attempts


def test_a_workspace_with_much_to_do_does_not_hold_up_another(
    client: Client, stranger: Client
) -> None:
    many = [create(client, "one of many that want their turn " * 3) for _ in range(8)]
    last = create(stranger, "mine alone")
    wait_for(stranger, last)
    with client.place.opened() as service, service.core.database.read() as session:
        own = session.get_one(Video, last).started_at
        theirs = [session.get_one(Video, job).started_at for job in many]
    assert own is not None
    assert sum(begun is None or begun > own for begun in theirs) >= 3, theirs
    for job in many:
        client.post(f"/v1/video-avatars/{job}/cancel")


def test_what_waits_knows_its_position(client: Client) -> None:
    jobs = [create(client, "await a word that never comes") for _ in range(4)]

    def first() -> dict[str, Any]:
        body: dict[str, Any] = client.get(f"/v1/video-avatars/{jobs[0]}").json()
        return {} if body["status"] == "pending" else body

    running = until(first)
    body = client.get(f"/v1/video-avatars/{jobs[3]}").json()
    assert body["status"] == "pending"
    assert body["position"] >= 1
    assert body["estimated_time"] >= running["estimated_time"] > 0
    for job in jobs:
        client.post(f"/v1/video-avatars/{job}/cancel")


def test_timings_are_told_by_stage(client: Client) -> None:
    job = wait_for(client, create(client))
    assert {"encode", "queued", "join", "total"} <= set(job["timings"])
    assert job["timings"]["queued"] <= job["timings"]["total"]


def test_the_quota_is_kept_and_counts_what_was_made(client: Client) -> None:
    job = wait_for(client, create(client, "x" * 60))
    with client.place.opened() as service:
        owner = service.keys.authenticate(client.text).workspace_id
        with service.core.database.write() as session:
            session.get_one(Workspace, owner).quota_seconds = 5
    quota = client.get("/v1/user/remaining_quota").json()
    assert quota["details"]["used_quota"] == round(job["duration"])
    assert quota["remaining_quota"] == 3
    body = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "word " * 80}
    refused = client.post("/v1/video-avatars", json=body)
    assert refused.status_code == 403
    assert "left" in refused.json()["error"]["message"]


def test_a_video_whose_workflow_died_for_good_fails_with_the_reason(client: Client) -> None:
    from dbos import DBOSClient

    from visavis.jobs.housekeeping import Housekeeping

    jobs = [create(client, "await a word that never comes") for _ in range(3)]
    with client.place.opened() as service:
        queue = DBOSClient(
            system_database_engine=service.core.database.engine, application_name="visavis"
        )
        queue.cancel_workflow(f"render:{jobs[2]}:0")
        assert Housekeeping(service).end_dead() >= 1
        queue.destroy()
    body = client.get(f"/v1/video-avatars/{jobs[2]}").json()
    assert body["status"] == "failed"
    assert "died" in body["error"]["message"]
    for job in jobs[:2]:
        client.post(f"/v1/video-avatars/{job}/cancel")
