"""A person in a clip as a rig."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import cv2
import numpy as np
import numpy.typing as npt

from visavis.errors import InvalidInputError
from visavis.face import indices as at
from visavis.rigs.files import RigError, RigFile, write_rig
from visavis.rigs.footage.bank import (
    FIRST_WEIGHTS,
    LIGHT_WEIGHT,
    POSE_WEIGHT,
    Bank,
    reweighted,
)
from visavis.rigs.footage.cutout import FootageCutOut
from visavis.rigs.footage.film import Film, FilmReader
from visavis.rigs.footage.mattes import Mattes
from visavis.rigs.footage.renderer import FootageRenderer
from visavis.rigs.footage.shapes import Shapes
from visavis.rigs.footage.walk import Stretches
from visavis.rigs.types import Framing, Picture

Floats = npt.NDArray[np.float32]

FOOTAGE_VERSION = 1
_FILM, _ARRAYS, _CROPS = "body.film", "arrays.npz", "mouths.bin"
_MATTES = "mattes.bin"
_SHAPES = ("reference", "neutral", "mean", "components", "low", "high")


@dataclass(frozen=True, eq=False)
class FootageRig:
    """A person from a clip who can say anything.

    Attributes:
        film: the clip's frames.
        landmarks: (t, 478, 3) float32 the face in each, in pixels.
        light: (t, 5) the light on it, see `bank.light_of`.
        shapes: what the face does.
        bank: the mouths.
        stretches: how the body may go on.
        framing: where the person is in the picture.
        mattes: where the person is in each frame; None in a file that was made without, in which
            they are found when they are wanted.
        notes: what else is known, as JSON: warnings, figures of the checks.
        extras: further members of the file, such as ``voice/...``, which this rig only keeps.
    """

    film: Film
    landmarks: Floats
    light: Floats
    shapes: Shapes
    bank: Bank
    stretches: Stretches
    framing: Framing
    mattes: Mattes | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, bytes] = field(default_factory=dict)

    kind = "footage"
    opaque = True

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the clip, in pixels."""
        return self.film.size

    @cached_property
    def picture(self) -> Picture:
        """(h, w, 3) RGB, the first frame."""
        return FilmReader(self.film).picture(0)

    @cached_property
    def matte(self) -> Picture:
        """(h, w) uint8, how much of each pixel of `picture` is the person."""
        first = self.cut_out().mattes.at(0)
        return np.asarray(cv2.resize(first, self.size, interpolation=cv2.INTER_LINEAR), np.uint8)

    def cut_out(self) -> FootageCutOut:
        """The same person on nothing."""
        return self._alone

    @cached_property
    def _alone(self) -> FootageCutOut:
        return FootageCutOut(self, self.mattes or Mattes.find(self.film))

    def open(self, size: tuple[int, int], fps: Fraction, seed: int = 0) -> FootageRenderer:
        """Prepare to draw at `size`.

        Raises:
            InvalidInputError: an odd size, or not the aspect of the clip.
        """
        width, height = self.size
        scale_x, scale_y = size[0] / width, size[1] / height
        if size[0] % 2 or size[1] % 2 or min(size) < 2:
            raise InvalidInputError(
                f"Footage cannot be drawn at {size[0]}x{size[1]}.", "Use an even size."
            )
        if abs(scale_x - scale_y) * max(width, height) > 2.5:
            raise InvalidInputError(
                f"Footage of {width}x{height} cannot be drawn at {size[0]}x{size[1]}.",
                "Keep the aspect of the clip.",
            )
        return FootageRenderer(self, size, fps, seed)

    def save(self, path: Path) -> None:
        """Write the rig as one file."""
        arrays = {name: getattr(self.shapes, name) for name in _SHAPES}
        arrays |= {
            "landmarks": self.landmarks,
            "light": self.light,
            "bank_frames": self.bank.frames,
            "bank_features": self.bank.features,
            "bank_landmarks": self.bank.landmarks,
            "bank_boxes": self.bank.boxes,
            "bank_penalties": self.bank.penalties,
            "crop_sizes": np.array([len(crop) for crop in self.bank.crops], np.int64),
            "cost": self.stretches.cost,
            "unrest": self.stretches.unrest,
            "strain": self.stretches.strain,
            "jerks": self.stretches.jerks,
        }
        packed = io.BytesIO()
        np.savez(packed, allow_pickle=False, **arrays)
        meta = {
            "footage_version": FOOTAGE_VERSION,
            "width": self.size[0],
            "height": self.size[1],
            "rate": self.stretches.rate,
            "widest": self.shapes.widest,
            "weights": [POSE_WEIGHT, LIGHT_WEIGHT],
            "framing": {name: getattr(self.framing, name) for name in Framing.__slots__},
            "notes": json.loads(json.dumps(dict(self.notes))),
        }
        members = {
            _FILM: self.film.to_bytes(),
            _ARRAYS: packed.getvalue(),
            _CROPS: b"".join(self.bank.crops),
            **self.extras,
        }
        if self.mattes is not None:
            members[_MATTES] = self.mattes.to_bytes()
        write_rig(path, RigFile(self.kind, meta, members))

    @classmethod
    def read(cls, content: RigFile) -> Self:
        """A rig from its file; no picture is decoded.

        Raises:
            RigError: the members are missing or broken.
        """
        film = Film.from_bytes(content.member(_FILM))
        try:
            with np.load(io.BytesIO(content.member(_ARRAYS)), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            meta = content.meta
            if meta["footage_version"] > FOOTAGE_VERSION:
                raise RigError(
                    f"The rig holds footage of version {meta['footage_version']}; this"
                    f" installation reads up to {FOOTAGE_VERSION}.",
                    "Update visavis, or create the avatar again.",
                )
            shapes = Shapes(
                **{name: arrays[name] for name in _SHAPES}, widest=float(meta["widest"])
            )
            bank = Bank(
                arrays["bank_frames"],
                reweighted(arrays["bank_features"], meta.get("weights", FIRST_WEIGHTS)),
                arrays["bank_landmarks"],
                arrays["bank_boxes"],
                _cut(content.member(_CROPS), arrays["crop_sizes"]),
                arrays.get("bank_penalties", np.zeros(len(arrays["bank_frames"]), np.float32)),
            )
            nothing = np.zeros(len(arrays["unrest"]), np.float32)
            stretches = Stretches(
                arrays["cost"],
                arrays["unrest"],
                float(meta["rate"]),
                arrays.get("strain", nothing),
                arrays.get("jerks", nothing),
            )
            framing = Framing(**meta["framing"])
            landmarks, light = arrays["landmarks"], arrays["light"]
        except (KeyError, ValueError, TypeError, OSError, EOFError, BadZipFile) as error:
            raise RigError(
                f"The rig's members are missing or broken ({error}).", "Create the avatar again."
            ) from error
        if landmarks.shape != (len(film), at.POINTS, 3) or not (
            len(stretches) == len(light) == len(film)
        ):
            raise RigError("The rig's members do not fit together.", "Create the avatar again.")
        mattes = None
        if _MATTES in content.members:
            mattes = Mattes.from_bytes(content.member(_MATTES))
            if mattes.length != len(film):
                raise RigError("The rig's mattes do not fit its film.", "Create the avatar again.")
        own = {_FILM, _ARRAYS, _CROPS, _MATTES}
        extras = {name: data for name, data in content.members.items() if name not in own}
        notes = dict(meta.get("notes", {}))
        return cls(film, landmarks, light, shapes, bank, stretches, framing, mattes, notes, extras)


def _cut(data: bytes, sizes: npt.NDArray[np.int64]) -> tuple[bytes, ...]:
    ends = np.cumsum(sizes)
    if not len(sizes) or ends[-1] != len(data) or (sizes <= 0).any():
        raise RigError("The rig's mouths are cut short.", "Create the avatar again.")
    return tuple(data[end - size : end] for end, size in zip(ends, sizes, strict=True))
