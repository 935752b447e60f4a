from pathlib import Path

import numpy as np
import pytest

from tests.footage.filming import tune
from visavis.errors import MediaError, SourceError
from visavis.media import AudioFormat, Writer
from visavis.rigs.footage.voice_check import check_voice
from visavis.speech.types import Samples

RATE = 24_000


def record(path: Path, samples: Samples) -> Path:
    with Writer(path, None, AudioFormat(RATE)) as writer:
        writer.write_audio(samples.astype(np.float32))
    return path


def refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        check_voice(path)
    assert any(sign.isdigit() for sign in caught.value.message)
    assert caught.value.remedy
    return caught.value


def test_one_clear_voice_is_good(spoken: dict[str, Samples], tmp_path: Path) -> None:
    figures, warnings = check_voice(record(tmp_path / "a.m4a", spoken["en-US-heart"]))
    assert figures.speech > 3
    assert figures.likeness > 0.75
    assert not [w for w in warnings if w.check in ("noise", "one_speaker", "speech")]


def test_two_voices_are_refused(spoken: dict[str, Samples], tmp_path: Path) -> None:
    both = np.concatenate([voice[: 4 * RATE] for voice in spoken.values()])
    assert refused(record(tmp_path / "a.m4a", both)).check == "one_speaker"


def test_music_is_refused(tmp_path: Path) -> None:
    error = refused(record(tmp_path / "a.m4a", tune(6)))
    assert error.check == "speech"
    assert "music" in error.message


def test_silence_is_refused(tmp_path: Path) -> None:
    assert refused(record(tmp_path / "a.m4a", np.zeros(6 * RATE, np.float32))).check == "silent"


def test_noise_is_refused_or_warned_of(spoken: dict[str, Samples], tmp_path: Path) -> None:
    voice = spoken["en-US-heart"]
    hiss = np.random.default_rng(0).standard_normal(len(voice)).astype(np.float32)
    loud = float(np.sqrt(np.mean(voice**2)))
    assert refused(record(tmp_path / "a.m4a", voice + loud * hiss)).check in ("noise", "speech")
    _, warnings = check_voice(record(tmp_path / "b.m4a", voice + 0.3 * loud * hiss))
    assert "noise" in [warning.check for warning in warnings]


def test_a_clipped_recording_is_refused(spoken: dict[str, Samples], tmp_path: Path) -> None:
    broken = np.clip(spoken["en-US-heart"] * 40, -1, 1)
    assert refused(record(tmp_path / "a.m4a", broken)).check == "clipping"


@pytest.mark.parametrize("seconds", [3.7, 15.3])
def test_too_short_and_too_long_are_refused(
    spoken: dict[str, Samples], tmp_path: Path, seconds: float
) -> None:
    whole = np.tile(spoken["en-US-heart"], 4)[: round(seconds * RATE)]
    error = refused(record(tmp_path / "a.m4a", whole))
    assert error.check == "duration"
    assert f"{seconds:.1f}" in error.message


def test_a_file_that_is_no_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF....WAVEnothing")
    with pytest.raises(MediaError):
        check_voice(tmp_path / "a.wav")
