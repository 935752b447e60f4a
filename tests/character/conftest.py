from fractions import Fraction

import numpy as np
import pytest

from visavis.performance.types import Pose
from visavis.rigs.character import CharacterRig, catalogue
from visavis.rigs.character.pack import Pack

SIZE = (400, 320)


@pytest.fixture(scope="session")
def rig() -> CharacterRig:
    return catalogue()[0].open()


@pytest.fixture(scope="session")
def pack(rig: CharacterRig) -> Pack:
    return rig.pack


@pytest.fixture(scope="session")
def draw(rig: CharacterRig):
    """One frame at a small size, the breath always at the same point."""
    opened = {}

    def frame(pose: Pose) -> np.ndarray:
        renderer = opened.setdefault("one", rig.open(SIZE, Fraction(25), seed=1))
        renderer._head._frame = 0
        return renderer.render(pose)

    return frame
