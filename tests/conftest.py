"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("busy", deadline=None)  # what a machine is slow at is no mistake
settings.load_profile("busy")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def clips() -> Path:
    """The folder of real footage that some tests look at; it is not part of the repository."""
    folder = Path(os.environ.get("VISAVIS_TEST_CLIPS", ROOT.parent / "shared" / "clips"))
    if not folder.is_dir():
        pytest.skip("no real footage: set VISAVIS_TEST_CLIPS to a folder of clips to run this")
    return folder
