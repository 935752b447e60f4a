"""Drawn heads and helpers for the tests of faces."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from visavis.face import ArkitBasis, Face, Segmenter, find_faces, load_image
from visavis.face.types import Picture

DATA = Path(__file__).parent / "data"
HeadLoader = Callable[[str], Picture]


@cache
def _load(name: str) -> Picture:
    picture = load_image(DATA / f"{name}.jpg")
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def head() -> HeadLoader:
    """A drawn head by name; see tools/draw_test_heads.py."""
    return _load


@pytest.fixture(scope="session")
def front(head: HeadLoader) -> Picture:
    return head("front")


@pytest.fixture(scope="session")
def front_face(front: Picture) -> Face:
    (face,) = find_faces(front)
    return face


@pytest.fixture(scope="session")
def reference() -> dict[str, np.ndarray]:
    """Landmarks of MediaPipe 0.10.21 on the drawn heads, static mode."""
    with np.load(DATA / "mediapipe_0_10_21.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="session")
def basis() -> ArkitBasis:
    return ArkitBasis.load()


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    return Segmenter()
