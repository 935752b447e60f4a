"""Music makes room for speech."""

from pathlib import Path

import numpy as np
import pytest

from visavis.errors import SceneError
from visavis.media import AudioFormat, Samples, Writer
from visavis.scene.sound import MUSIC_LUFS, MusicBed
from visavis.speech.loudness import loudness

RATE = 24_000


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a loud chord; short, so that it has to repeat."""
    path = tmp_path_factory.mktemp("music") / "music.m4a"
    time = np.arange(3 * 48_000) / 48_000
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in (220, 277, 330)) * 0.3
    with Writer(path, None, AudioFormat(48_000)) as writer:
        writer.write_audio(np.asarray(chord, np.float32))
    return path


def talk(seconds: float) -> Samples:
    rng = np.random.default_rng(0)
    return (rng.standard_normal(round(seconds * RATE)) * 0.1).astype(np.float32)


def mixed(bed: MusicBed, speech: Samples) -> Samples:
    step = RATE // 25
    return np.concatenate([bed.mix(speech[n : n + step]) for n in range(0, len(speech), step)])


def level(samples: Samples) -> float:
    return 20 * np.log10(float(np.sqrt(np.mean(np.square(samples)))) + 1e-9)


def test_alone_it_stands_at_its_loudness_and_repeats(music: Path) -> None:
    out = mixed(MusicBed(music, RATE), np.zeros(10 * RATE, np.float32))
    assert loudness(out[2 * RATE :], RATE) == pytest.approx(MUSIC_LUFS, abs=1.0)
    assert level(out[8 * RATE :]) == pytest.approx(level(out[2 * RATE : 4 * RATE]), abs=1)


def test_it_goes_down_under_speech_and_comes_back(music: Path) -> None:
    speech = np.concatenate(
        [np.zeros(3 * RATE, np.float32), talk(3), np.zeros(4 * RATE, np.float32)]
    )
    music_alone = mixed(MusicBed(music, RATE, duck=14), speech) - speech
    before, under, after = (
        level(music_alone[round(a * RATE) : round(b * RATE)])
        for a, b in ((1.5, 2.9), (3.5, 5.9), (8.5, 9.9))
    )
    assert under == pytest.approx(before - 14, abs=1.2)
    assert after == pytest.approx(before, abs=1.2)


def test_no_steps_and_never_beyond_full_scale(music: Path) -> None:
    loud = (talk(2) * 9).clip(-1, 1)
    assert np.abs(mixed(MusicBed(music, RATE, volume=2.0), loud)).max() <= 1.0
    quiet = np.zeros(2 * RATE, np.float32)
    out = mixed(MusicBed(music, RATE), quiet)
    assert np.abs(np.diff(out)).max() < 0.03


def test_it_ends_softly(music: Path) -> None:
    bed = MusicBed(music, RATE)
    first = mixed(bed, np.zeros(3 * RATE, np.float32))
    bed.end_in(1.0)
    last = mixed(bed, np.zeros(2 * RATE, np.float32))
    assert level(first[-RATE // 2 :]) > -40
    assert np.abs(last[RATE + 10 :]).max() == 0
    assert level(last[: RATE // 4]) > level(last[RATE * 3 // 4 : RATE]) + 6


def test_pieces_make_no_difference(music: Path) -> None:
    speech = np.concatenate([talk(1), np.zeros(RATE, np.float32)])
    one = mixed(MusicBed(music, RATE), speech)
    bed = MusicBed(music, RATE)
    step = RATE // 100 * 7
    other = np.concatenate([bed.mix(speech[n : n + step]) for n in range(0, len(speech), step)])
    assert np.abs(one - other).max() < 0.005


def test_what_is_no_music_is_refused(tmp_path: Path, music: Path) -> None:
    empty = tmp_path / "silence.m4a"
    with Writer(empty, None, AudioFormat(48_000)) as writer:
        writer.write_audio(np.zeros(48_000, np.float32))
    with pytest.raises(SceneError, match="silent"):
        MusicBed(empty, RATE)
    with pytest.raises(SceneError):
        MusicBed(b"no music", RATE)
    with pytest.raises(SceneError, match="range"):
        MusicBed(music, RATE, volume=3)
