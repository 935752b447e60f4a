"""One voice for all tests of the line."""

import pytest

from visavis.speech import Synthesiser


@pytest.fixture(scope="session")
def synthesiser() -> Synthesiser:
    return Synthesiser()
