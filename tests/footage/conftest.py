"""One good clip and what is made of it."""

from pathlib import Path

import numpy as np
import pytest

from tests.footage.filming import film
from visavis.rigs.footage import FootageRig, create_footage
from visavis.speech import Delivery, Synthesiser, find_voice
from visavis.speech.types import Samples


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4.4 s of the presenter, without sound."""
    return film(tmp_path_factory.mktemp("clip") / "good.mp4")


@pytest.fixture(scope="session")
def rig(clip: Path) -> FootageRig:
    return create_footage(clip)


@pytest.fixture(scope="session")
def spoken() -> dict[str, Samples]:
    """About six seconds of two voices at 24 kHz."""
    speak = Synthesiser()
    text = "The sun came out over the harbour, and the boats went back to sea one after the other."
    voices = ("en-US-heart", "en-US-michael")
    return {
        name: np.concatenate(
            [c.samples for c in speak.synthesise(text, find_voice(name), Delivery())]
        )
        for name in voices
    }
