"""Files of speech with what is said and what the mouth does in it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Shard:
    """Utterances end to end.

    Attributes:
        sound: (n,) int16 at 16 kHz.
        phones: (steps,) uint8 class per 20 ms.
        channels: (steps, c) float16 articulators per 20 ms.
        starts: (utterances + 1,) first step of each utterance.
    """

    sound: npt.NDArray[np.int16]
    phones: npt.NDArray[np.uint8]
    channels: npt.NDArray[np.float16]
    starts: npt.NDArray[np.int64]

    @classmethod
    def load(cls, path: Path) -> "Shard":
        with np.load(path) as data:
            return cls(data["sound"], data["phones"], data["channels"], data["starts"])
