"""The flow of KonPro's guide, over both pairs of stores."""

import io
from pathlib import Path

import av
import calls
import pytest
from conftest import Client
from flows import create, wait_for

from visavis.media.credentials import read_credentials


def test_a_video_from_the_guide_is_made_and_plays(client: Client) -> None:
    answer = client.post(
        "/v1/video-avatars",
        json={
            "avatar_id": "avatar-1",
            "voice_id": "en-US-heart",
            "text": "Hello, welcome to KonPro! This is a sample video generation.",
            "settings": {"resolution": "1080p", "format": "mp4", "background": "office"},
        },
    )
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"job_id", "status", "estimated_time", "message"}
    assert body["status"] == "processing"
    assert body["message"] == "Video generation started"
    assert isinstance(body["estimated_time"], int)
    job = wait_for(client, body["job_id"])
    assert job["status"] == "completed", job
    assert job["progress"] == 100
    assert job["duration"] == pytest.approx(2.0, abs=0.1)
    video = calls.get(job["video_url"])
    assert video.headers["content-type"] == "video/mp4"
    with av.open(io.BytesIO(video.content)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 50
    assert calls.get(job["cover_url"]).content.startswith(b"\xff\xd8")


def test_the_older_status_has_the_older_shape(client: Client) -> None:
    job = create(client)
    wait_for(client, job)
    body = client.get("/v1/video_status", params={"video_id": job}).json()
    assert body["code"] == 100
    assert body["message"] == "Success"
    assert body["data"]["status"] == "completed"
    assert body["data"]["id"] == job
    assert body["data"]["video_url"].startswith("http")


@pytest.mark.parametrize("path", ["/v1/avatars", "/v1/voices", "/v1/videos", "/v1/asset/list"])
def test_a_trailing_slash_makes_no_difference(client: Client, path: str) -> None:
    assert client.get(f"{path}/").json().keys() == client.get(path).json().keys()


def test_long_scripts_are_rendered_in_segments_and_joined(client: Client, tmp_path: Path) -> None:
    sentence = "This sentence is spoken by somebody who has a lot to say about it. "
    job = wait_for(client, create(client, sentence * 7))
    assert job["status"] == "completed", job
    data = calls.get(job["video_url"]).content
    file = tmp_path / "joined.mp4"
    file.write_bytes(data)
    assert read_credentials(file) is not None
    with av.open(io.BytesIO(data)) as container:
        frames = [frame.pts for frame in container.decode(video=0)]
    assert frames == sorted(set(frames))
    assert len(frames) / 25 == pytest.approx(job["duration"], abs=0.05)
    with client.place.opened() as service, service.core.database.read() as session:
        from visavis.store.tables import Segment

        count = session.query(Segment).filter(Segment.video_id == job["job_id"]).count()
    assert count == 3
