"""One utterance of a voice that the listener was never trained on."""

import pytest

from visavis.media import resample
from visavis.performance.listener.features import RATE
from visavis.speech import Speech, Synthesiser, join

TEXT = "My mother bought a paper map. Peter's baby may push the blue boat."


@pytest.fixture(scope="session")
def original() -> Speech:
    """As it was spoken, with the exact times of its phones."""
    return join(Synthesiser().synthesise(TEXT, "en-GB-emma"))


@pytest.fixture(scope="session")
def spoken(original: Speech) -> Speech:
    """The same at the listener's rate."""
    sound = resample(original.samples, original.rate, RATE)
    return Speech(sound, RATE, original.phones, original.words, "en-GB", TEXT)
