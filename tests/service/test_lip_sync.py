"""Lip sync of a clip, really rendered: from the call to a video that plays."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import Receiver, in_process
from material import tone

from visavis.jobs.creation import create_avatar
from visavis.jobs.rendering import finish_video, render_segment


@pytest.mark.slow
def test_a_clip_of_a_person_says_what_is_heard(
    tmp_path: Path, receiver: Receiver, filmed: Path
) -> None:
    """A worker's steps are taken one by one; the avatar and the video come of real children."""
    receiver.files |= {
        "/clip.mp4": ("video/mp4", filmed.read_bytes()),
        "/said.wav": ("audio/wav", tone(1.0)),
    }
    links = {"video_url": f"{receiver.url}/clip.mp4", "audio_url": f"{receiver.url}/said.wav"}
    with in_process(tmp_path, VISAVIS_CHILD_PROGRAM="visavis.jobs.render_child") as made:
        client, service = made
        owner = service.keys.workspace("lips")
        client.headers["x-api-key"] = service.keys.create(owner, "test")[0]
        answer = client.post("/v2/create_lip_sync_video", json=links)
        assert answer.status_code == 200, answer.text
        task = answer.json()["data"]["task_id"]
        create_avatar(service, task)
        assert not render_segment(service, task, 0)
        finish_video(service, task)
        told = client.get(f"/v2/lip_sync_video/{task}").json()["data"]
        assert told["status"] == "completed", told
        assert 1.0 <= told["duration"] <= 2.0, "what is heard, and a moment of rest"
        with av.open(io.BytesIO(client.get(told["video_url"]).content)) as video:
            assert video.streams.audio
            frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
        with av.open(str(filmed)) as clip:
            filmed_as = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    assert len(frames) == pytest.approx(25 * told["duration"], abs=2)
    height, width, _ = frames[0].shape
    assert width / height == pytest.approx(360 / 480, abs=0.02), "the shape of the clip"
    step = height // 48
    small, before = frames[0][::step, ::step], filmed_as[:: 480 // 48, :: 480 // 48]
    rows, columns = min(len(small), len(before)), min(small.shape[1], before.shape[1])
    difference = np.abs(small[:rows, :columns].astype(int) - before[:rows, :columns])
    assert difference.mean() < 25, "the person of the clip is seen"
