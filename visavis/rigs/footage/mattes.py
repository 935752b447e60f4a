"""The person in every frame of a clip: found once, kept with the rig."""

import struct
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from visavis.face.clip_matte import ClipMatte
from visavis.rigs.files import RigError
from visavis.rigs.footage.film import Film, FilmReader
from visavis.rigs.footage.walk import Step

Mask = npt.NDArray[np.uint8]

EVERY = 2
"""The person is found in every so many frames; between them it is half of either side's."""

_KEPT = 8
"""Mattes that stay decoded: the body plays on, so the next frame needs the same ones."""

_HEADER = struct.Struct("<4sII")
_MAGIC = b"VMAT"


@dataclass(frozen=True, eq=False)
class Mattes:
    """Coverage of the person through a clip.

    Attributes:
        length: frames of the clip.
        coded: a PNG for every `EVERY`-th frame.
    """

    length: int
    coded: tuple[bytes, ...]
    _recent: dict[int, Mask] = field(default_factory=dict, repr=False)

    @classmethod
    def find(cls, film: Film) -> "Mattes":
        """Look at a clip; about 10 ms of one core for every second frame.

        Raises:
            ModelError: the weights are missing and cannot be fetched.
            RigError: the film is damaged.
        """
        reader, finder = FilmReader(film), ClipMatte()
        coded = []
        for index in range(0, len(film), EVERY):
            done, data = cv2.imencode(".png", finder.next(reader.picture(index)))
            if not done:
                raise RigError("A matte could not be encoded.", "Create the avatar again.")
            coded.append(bytes(data))
        return cls(len(film), tuple(coded))

    def at(self, index: int) -> Mask:
        """(h, w) uint8 of one frame, at the working size of `ClipMatte`; not to be written to.

        Raises:
            RigError: it is damaged.
        """
        place, between = divmod(index, EVERY)
        first = self._decoded(place)
        if not between or place + 1 >= len(self.coded):
            return first
        share = between / EVERY
        second = self._decoded(place + 1)
        return np.asarray(cv2.addWeighted(first, 1 - share, second, share, 0), np.uint8)

    def of(self, step: Step, size: tuple[int, int]) -> Mask:
        """(height, width) uint8 of one step of the walk, at `size`."""
        mask = self.at(step.frame)
        if step.other >= 0:
            other = self.at(step.other)
            mask = np.asarray(cv2.addWeighted(mask, 1 - step.share, other, step.share, 0), np.uint8)
        return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), np.uint8)

    def _decoded(self, place: int) -> Mask:
        kept = self._recent.get(place)
        if kept is not None:
            return kept
        image = cv2.imdecode(np.frombuffer(self.coded[place], np.uint8), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise RigError(f"Matte {place} of the rig is damaged.", "Create the avatar again.")
        mask = np.asarray(image, np.uint8)
        if len(self._recent) >= _KEPT:
            self._recent.pop(next(iter(self._recent)), None)
        self._recent[place] = mask
        return mask

    def to_bytes(self) -> bytes:
        """All of them as one member of a rig file."""
        lengths = np.array([len(data) for data in self.coded], "<u4").tobytes()
        head = _HEADER.pack(_MAGIC, self.length, len(self.coded))
        return b"".join([head, lengths, *self.coded])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Mattes":
        """What `to_bytes` wrote; nothing is decoded.

        Raises:
            RigError: cut short, or not mattes.
        """
        broken = RigError("The rig's mattes are missing or damaged.", "Create the avatar again.")
        if len(data) < _HEADER.size or data[:4] != _MAGIC:
            raise broken
        _, length, count = _HEADER.unpack_from(data)
        start = _HEADER.size + 4 * count
        if len(data) < start or count != -(-length // EVERY):
            raise broken
        ends = start + np.cumsum(np.frombuffer(data, "<u4", count, _HEADER.size).astype(np.int64))
        if not count or ends[-1] != len(data):
            raise broken
        starts = [start, *ends[:-1]]
        return cls(length, tuple(data[a:b] for a, b in zip(starts, ends, strict=True)))
