"""Text to a finished file, end to end."""

import os
import signal
import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from visavis.errors import InvalidInputError, MediaError, SourceError, VoiceError
from visavis.face import FaceTracker
from visavis.line import Line, Request, render
from visavis.media import decode_audio, decode_video, probe
from visavis.speech import Synthesiser

TEXT = "Bob's big map."


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory, synthesiser: Synthesiser) -> Path:
    path = tmp_path_factory.mktemp("spoken") / "bob.mp4"
    request = Request(text=TEXT, avatar="ava", resolution="360p", aspect="square")
    shares: list[float] = []
    result = render(
        request,
        path,
        cover=path.with_suffix(".jpg"),
        progress=lambda share, _what: shares.append(share),
        synthesiser=synthesiser,
    )
    assert result.frames == round(result.duration * 25)
    assert {"speech", "performance", "picture", "scene", "encode"} <= set(result.stages)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    return path


def test_the_file_is_what_was_asked_for(spoken: Path) -> None:
    info = probe(spoken)
    assert info.video is not None
    assert info.audio is not None
    assert info.video.size == (360, 360)
    assert info.video.fps == Fraction(25)
    assert 1.0 < info.duration < 5.0
    assert spoken.with_suffix(".jpg").stat().st_size > 2000
    assert sorted(p.name for p in spoken.parent.iterdir()) == ["bob.jpg", "bob.mp4"]


def test_the_mouth_moves_with_the_voice_and_rests_without_it(spoken: Path) -> None:
    tracker = FaceTracker()
    gaps = []
    for frame in decode_video(spoken):
        face = tracker.update(frame.rgb)
        assert face is not None
        gaps.append(face.mouth_gap)
    sound = np.concatenate(list(decode_audio(spoken, 16_000)))
    loud = [np.abs(sound[round(k * 640) : round((k + 1) * 640)]).max() for k in range(len(gaps))]
    speaking = np.array(loud) > 0.02
    lips = np.array(gaps)
    assert lips[speaking].max() > 0.05
    assert lips[:2].max() < 0.015
    assert lips[-3:].max() < 0.015


def test_the_same_request_gives_the_same_frames(synthesiser: Synthesiser) -> None:
    def pictures(seed: int) -> np.ndarray:
        request = Request(text="Hi.", avatar="ava", resolution="360p", aspect="square", seed=seed)
        return np.stack([frame.picture for frame in Line(request, synthesiser).frames()])

    first = pictures(1)
    assert np.array_equal(first, pictures(1))
    assert not np.array_equal(first, pictures(2))


def test_a_stream_can_be_left_at_any_frame(synthesiser: Synthesiser) -> None:
    request = Request(text=TEXT * 20, avatar="ava", resolution="360p", aspect="square")
    frames = Line(request, synthesiser).frames()
    first = next(frames)
    assert first.index == 0
    assert first.picture.shape == (360, 360, 3)
    assert len(first.samples) == first.rate / 25
    frames.close()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"text": ""}, InvalidInputError),
        ({"text": "🙂🙂"}, InvalidInputError),
        ({"text": "今日は晴れです。"}, InvalidInputError),
        ({"voice": "en-US-nobody"}, VoiceError),
        ({"avatar": "nobody"}, SourceError),
        ({"emotion": "furious"}, InvalidInputError),
        ({"speed": 3.0}, InvalidInputError),
        ({"background": "no-such-room"}, InvalidInputError),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(
    change: dict[str, object],
    error: type[Exception],
    tmp_path: Path,
    synthesiser: Synthesiser,
) -> None:
    asked = {"text": "Hello.", "avatar": "ava", "resolution": "360p", **change}
    with pytest.raises(error):
        render(Request(**asked), tmp_path / "no.mp4", synthesiser=synthesiser)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_output_is_named(tmp_path: Path, synthesiser: Synthesiser) -> None:
    request = Request(text="Hello.", avatar="ava", resolution="360p")
    with pytest.raises(MediaError, match="cannot be written"):
        render(request, tmp_path / "missing" / "no.mp4", synthesiser=synthesiser)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_leaves_no_file_at_the_target(number: int, tmp_path: Path) -> None:
    target = tmp_path / "long.mp4"
    command = [
        sys.executable, "-m", "visavis.cli", "say", "A long text. " * 60,
        "--output", str(target), "--resolution", "360p",
    ]  # fmt: skip
    # where the tests themselves run in the background, their children would ignore an interrupt
    heeded = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=heeded)
    while process.poll() is None and not list(tmp_path.glob(".long.mp4.*.part")):
        os.sched_yield()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert not target.exists()
