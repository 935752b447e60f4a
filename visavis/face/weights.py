"""The weights of this package, and what is derived from them once and kept beside them."""

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from visavis import models
from visavis.face.attention import MeshParts

DETECTOR_FILE = "face_detection_short_range.tflite"
FULL_RANGE_FILE = "face_detection_full_range_sparse.tflite"
MESH_FILE = "face_landmark_with_attention.tflite"
PERSON_FILE = "selfie_segmentation.tflite"


@lru_cache(maxsize=1)
def detector_model() -> bytes:
    """The face detector.

    Raises:
        ModelError: it is missing and cannot be fetched.
    """
    return models.ensure("face-mesh")[DETECTOR_FILE].read_bytes()


@lru_cache(maxsize=1)
def full_range_model() -> bytes:
    """The face detector for small faces.

    Raises:
        ModelError: it is missing and cannot be fetched.
    """
    return models.ensure("face-mesh")[FULL_RANGE_FILE].read_bytes()


@lru_cache(maxsize=1)
def person_model() -> bytes:
    """The segmentation of a person from the background.

    Raises:
        ModelError: it is missing and cannot be fetched.
    """
    return models.ensure("selfie-segmentation")[PERSON_FILE].read_bytes()


@lru_cache(maxsize=1)
def mesh_parts() -> MeshParts:
    """The attention mesh in its two parts; cutting takes a fifth of a second, so they are kept.

    Raises:
        ModelError: the mesh is missing and cannot be fetched, or is another model.
    """
    source = models.ensure("face-mesh")[MESH_FILE]
    model = source.read_bytes()
    stem = f"{source.stem}.{hashlib.sha256(model).hexdigest()[:12]}"
    trunk, heads, regions = (
        source.with_name(f"{stem}.{part}") for part in ("trunk.tflite", "heads.tflite", "json")
    )
    if trunk.is_file() and heads.is_file() and regions.is_file():
        return MeshParts.from_description(
            regions.read_text(), trunk.read_bytes(), heads.read_bytes()
        )
    parts = MeshParts.from_model(model)
    if os.access(source.parent, os.W_OK):
        _publish(trunk, parts.trunk)
        _publish(heads, parts.heads)
        _publish(regions, parts.describe().encode())
    return parts


def _publish(path: Path, content: bytes) -> None:
    """Write a file that other processes see whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).chmod(0o644)  # of use to every account that shares the folder
    Path(file.name).replace(path)
