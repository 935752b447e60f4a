"""A studio and some speech, made once."""

import numpy as np
import pytest

from visavis.speech.kokoro import RATE, Timbre
from visavis.speech.person.studio import Studio
from visavis.speech.types import Samples

TEXT = "We walked along the river, and then we had a cup of tea by the fire."


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio()


@pytest.fixture(scope="session")
def michael(studio: Studio) -> Samples:
    """Four seconds of a stock voice."""
    return studio.say(TEXT, Timbre(studio.kokoro.style("am_michael")))


@pytest.fixture(scope="session")
def bella(studio: Studio) -> Samples:
    """The same words by another."""
    return studio.say(TEXT, Timbre(studio.kokoro.style("af_bella")))


@pytest.fixture
def buzz() -> Samples:
    """Two seconds of a buzz that glides around 160 Hz by 10 %."""
    time = np.arange(2 * RATE) / RATE
    hertz = 160 * np.exp(0.1 * np.sin(2 * np.pi * 1.5 * time))
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    tones = [np.sin(order * phase) / order for order in range(1, 20)]
    return (0.2 * np.sum(tones, axis=0)).astype(np.float32)
