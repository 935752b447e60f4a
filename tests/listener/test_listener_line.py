"""A recording instead of a voice: `Request(audio=...)`, from file to frames."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.listener.conftest import TEXT
from visavis.errors import InvalidInputError, MediaError
from visavis.line import Line, Request, render
from visavis.line.recording import Script, recording
from visavis.media import probe
from visavis.performance import CURVE_INDEX, PerformanceError, perform
from visavis.speech import Speech, join
from visavis.speech.loudness import loudness

KOKORO = 24_000


def write(path: Path, samples: np.ndarray, rate: int, layout: str = "mono") -> Path:
    """A WAV file with the same sound in every channel."""
    count = len(av.AudioLayout(layout).channels)
    with av.open(str(path), "w", format="wav") as file:
        stream = file.add_stream("pcm_s16le", rate=rate, layout=layout)
        sound = np.clip(np.nan_to_num(samples), -1, 1) * 32767
        packed = np.repeat(sound.astype(np.int16)[:, None], count, axis=1).reshape(1, -1)
        if packed.size:
            frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
            frame.sample_rate = rate
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def wav(original: Speech, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "voice.wav"
    return write(path, original.samples, original.rate)


def opened(speech: Speech) -> np.ndarray:
    return perform(speech, Fraction(25)).curves[:, CURVE_INDEX["jawOpen"]]


def test_a_recording_is_given_whole_at_the_usual_loudness(wav: Path, original: Speech) -> None:
    quiet = join(recording(wav, KOKORO))
    assert len(quiet.samples) == len(original.samples)
    assert loudness(quiet.samples, KOKORO) == pytest.approx(-16, abs=1.0)
    assert len(quiet.phones) > 15


def test_lips_follow_the_recording_as_they_follow_the_text(wav: Path, original: Speech) -> None:
    """The same words by ear and by text: the mouth does much the same at the same time."""
    truth = opened(original)
    heard = opened(join(recording(wav, KOKORO)))
    read = opened(join(recording(wav, KOKORO, script=Script(TEXT, "en-GB", {}))))
    assert len(heard) == len(read) == len(truth)
    by_ear, by_text = (float(np.corrcoef(truth, other)[0, 1]) for other in (heard, read))
    assert by_ear > 0.6
    assert by_text > 0.75


def test_with_its_text_a_recording_has_words_for_captions(wav: Path, original: Speech) -> None:
    read = join(recording(wav, KOKORO, script=Script(TEXT, "en-GB", {})))
    assert [word.text for word in read.words] == [word.text for word in original.words]
    starts = [abs(a.start - b.start) for a, b in zip(read.words, original.words, strict=True)]
    assert np.median(starts) < 0.06


@pytest.mark.parametrize(
    ("rate", "layout"), [(8_000, "mono"), (48_000, "stereo"), (48_000, "5.1"), (192_000, "mono")]
)
def test_any_rate_and_any_channels_are_heard(
    tmp_path: Path, original: Speech, rate: int, layout: str
) -> None:
    part = original.samples[: 2 * KOKORO]
    times = np.arange(2 * rate) / rate
    sound = np.interp(times, np.arange(len(part)) / KOKORO, part)
    path = write(tmp_path / "voice.wav", sound, rate, layout)
    speech = join(recording(path, KOKORO))
    assert speech.duration == pytest.approx(2.0, abs=0.01)
    assert len(speech.phones) > 4
    assert opened(speech).max() > 0.08


def test_silence_rests_the_mouth_and_is_not_blown_up(tmp_path: Path) -> None:
    path = write(tmp_path / "still.wav", np.zeros(KOKORO), KOKORO)
    speech = join(recording(path, KOKORO))
    assert speech.phones == ()
    assert np.abs(speech.samples).max() < 1e-3
    assert opened(speech).max() < 0.03


@pytest.mark.parametrize("content", [b"", b"not sound at all" * 100])
def test_what_is_no_recording_is_refused_before_anything_is_drawn(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(content)
    with pytest.raises(MediaError):
        Line(Request(audio=path, avatar="ava"))


def test_a_recording_without_samples_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.wav", np.zeros(0), KOKORO)
    with pytest.raises(InvalidInputError):
        Line(Request(audio=path, avatar="ava"))


def test_a_text_that_is_not_in_the_recording_is_refused(wav: Path) -> None:
    with pytest.raises(PerformanceError, match="sounds for"):
        Line(Request(audio=wav, text="Many more words than that. " * 40, avatar="ava"))


@pytest.mark.parametrize("option", [{"speed": 1.2}, {"pitch": 2.0}])
def test_a_recording_keeps_its_speed_and_pitch(wav: Path, option: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError, match="keeps its speed"):
        Request(audio=wav, avatar="ava", **option)  # type: ignore[arg-type]


def test_a_film_is_made_of_a_recording_without_loading_a_voice(
    tmp_path: Path, original: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a recording needs no synthesiser")

    monkeypatch.setattr("visavis.line.stream.Synthesiser", refuse)
    path = write(tmp_path / "voice.wav", original.samples[: KOKORO // 2], KOKORO)
    shares: list[float] = []
    request = Request(audio=path, avatar="ava", resolution="360p", aspect="square", fps=24)
    result = render(request, tmp_path / "x.mp4", progress=lambda share, _what: shares.append(share))
    assert result.frames == round((0.2 + 0.5 + 0.4) * 24 + 0.4)
    assert probe(tmp_path / "x.mp4").audio is not None
    assert shares == sorted(shares)
