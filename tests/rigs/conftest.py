"""A stock presenter as a rig, and her picture over a wall."""

from pathlib import Path

import numpy as np
import pytest

from visavis.face import load_image
from visavis.rigs import Picture
from visavis.rigs.portrait import PortraitRig


@pytest.fixture(scope="session")
def cut_out() -> Picture:
    """(1024, 1024, 4) a presenter without a background."""
    return load_image((Path(__file__).parent / "presenter.webp").read_bytes())


@pytest.fixture(scope="session")
def photograph(cut_out: Picture) -> Picture:
    """(512, 512, 3) the same before a striped wall, with some noise of a camera."""
    rows, columns = np.mgrid[0:512, 0:512]
    wall = np.stack([150 + 40 * (columns // 32 % 2), 170 + rows // 16, 140 + columns // 16], -1)
    small = cut_out[::2, ::2].astype(np.float32)
    alpha = small[..., 3:] / 255
    noise = np.random.default_rng(3).normal(0, 2, (512, 512, 1))
    return np.clip(small[..., :3] * alpha + wall * (1 - alpha) + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def rig(photograph: Picture) -> PortraitRig:
    return PortraitRig.create(photograph)


@pytest.fixture(scope="session")
def cut_out_rig(cut_out: Picture) -> PortraitRig:
    return PortraitRig.create(cut_out)
