"""JoggAI's screen styles, really rendered: where the person is in the picture."""

import io
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from conftest import in_process

from visavis.jobs.rendering import finish_video, render_segment


@pytest.mark.slow
def test_a_split_screen_and_a_picture_in_picture_are_rendered(tmp_path: Path) -> None:
    """Nobody names a second picture, so the grey studio is beside and behind the person."""
    with in_process(tmp_path, VISAVIS_CHILD_PROGRAM="visavis.jobs.render_child") as made:
        client, service = made
        owner = service.keys.workspace("styles")
        client.headers["x-api-key"] = service.keys.create(owner, "test")[0]
        seen = {}
        for style, aspect in ((2, "portrait"), (3, "landscape")):
            body: dict[str, Any] = {
                "avatar": {"avatar_id": 1, "avatar_type": 0},
                "voice": {"type": "script", "voice_id": "en-US-heart", "script": "Hi."},
                "aspect_ratio": aspect,
                "screen_style": style,
            }
            answer = client.post("/v2/create_video_from_avatar", json=body)
            assert answer.status_code == 200, answer.text
            video = answer.json()["data"]["video_id"]
            assert not render_segment(service, video, 0)
            finish_video(service, video)
            told = client.get(f"/v2/avatar_video/{video}").json()["data"]
            assert told["status"] == "completed", told
            with av.open(io.BytesIO(client.get(told["video_url"]).content)) as found:
                assert found.streams.audio
                seen[style] = next(found.decode(video=0)).to_ndarray(format="bgr24")
    split, small = coloured(seen[2]), coloured(seen[3])
    assert (split.shape, small.shape) == ((1920, 1080), (1080, 1920))
    assert split[960:].mean() > 0.1, "the person fills the lower half"
    assert split[:950].mean() < 0.01
    assert small[540:, 960:].mean() > 0.02, "the person is in the lower right corner"
    small[540:, 1400:] = False
    assert small.mean() < 0.01


def coloured(picture: Any) -> Any:
    """Where skin and hair are: everything that is not grey."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[..., 1] > 70)
