"""Servers and voices that the tests of live sessions ask for."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("livekit.rtc", reason="the extra `live` is not installed")

from live_server import LiveServer, running
from live_services import Services


def _spoken(text: str) -> np.ndarray:
    """A text in a stock voice, at 24 kHz."""
    from visavis.speech import Synthesiser, join

    return join(Synthesiser().synthesise(text, "en-US-michael")).samples


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """The edge of services that are paid by key."""
    made = Services((_spoken("La la la la la.") * 32767).astype(np.int16))
    yield made
    made.close()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, services: Services) -> Iterator[LiveServer]:
    """A running server with one warm agent, and keys of some services."""
    with running(tmp_path_factory.mktemp("live"), **services.environment) as server:
        yield server


@pytest.fixture(scope="session")
def key(live: LiveServer) -> str:
    """An API key of it."""
    return live.key()


@pytest.fixture(scope="session")
def question() -> np.ndarray:
    """A spoken question: int16 at 48 kHz."""
    samples = _spoken("When does the library open on Sunday?")
    doubled = np.interp(np.arange(0, len(samples), 0.5), np.arange(len(samples)), samples)
    return (doubled * 32767).astype(np.int16)


@pytest.fixture(scope="session")
def question_file(question: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a WAV file, with silence around it."""
    import wave

    path = tmp_path_factory.mktemp("wav") / "question.wav"
    padded = np.concatenate([np.zeros(48_000, np.int16), question, np.zeros(144_000, np.int16)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(padded.tobytes())
    return path
