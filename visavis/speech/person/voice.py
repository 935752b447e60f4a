"""The voice of one person: a frozen value, kept as a few small files."""

import io
import json
import math
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from visavis.errors import VoiceError
from visavis.speech.kokoro import BIAS_COUNT, Timbre
from visavis.speech.person.envelope import ColourFilter
from visavis.speech.person.pitch import Pitch
from visavis.speech.person.stock import stock_table
from visavis.speech.voices import find_voice

VERSION = 1
META = "voice.json"
ARRAYS = "voice.npz"
POCKET = "voice.pcm"

Method = Literal["stock", "matched", "fitted", "pocket-tts"]

_DAMAGE = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged voice may raise."""

_BEND = (0.6, 1.5)
"""How much narrower or wider than the stock voice's the range of the melody may become."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """How like the person it sounds: cosines of an embedder that no fit has seen.

    They are measured on sentences that are not used for matching or fitting.

    Attributes:
        before: the nearest stock voice as it is.
        after: this voice.
        itself: the person's own recording, its first half with its second; what to hope for.
    """

    before: float
    after: float
    itself: float


@dataclass(frozen=True, slots=True, eq=False)
class PersonVoice:
    """What is known of somebody's voice, and how to speak with it.

    Attributes:
        name: display name.
        language: BCP 47 tag of what it speaks; see `speaking`.
        method: ``"stock"``, ``"matched"``, ``"fitted"`` or ``"pocket-tts"``.
        nearest: slug of the stock voice most like the person.
        pitch: of the person.
        rate: factor on the speed of the stock voice's rhythm.
        loudness: LUFS before normalisation.
        melodies: language to the slug of the stock voice whose melody is used in it.
        weights: (54,) float32, the mixture of stock voices that makes the colour; sums to 1.
        biases: (`BIAS_COUNT`,) float32 of a fitted voice, else None.
        colour: the filter of a matched voice, else None.
        similarity: before and after.
        notes: what could not be done and why, for people.
        state: what pocket-tts needs, the recording in 16 bits at 24 kHz; empty for others.
    """

    name: str
    language: str
    method: Method
    nearest: str
    pitch: Pitch
    rate: float
    loudness: float
    melodies: Mapping[str, str]
    weights: npt.NDArray[np.float32]
    biases: npt.NDArray[np.float32] | None = None
    colour: ColourFilter | None = None
    similarity: Similarity | None = None
    notes: tuple[str, ...] = ()
    state: bytes = field(default=b"", repr=False)

    @property
    def slug(self) -> str:
        """How messages name it."""
        return self.name

    @property
    def cosines(self) -> dict[str, float]:
        """The similarity as plain numbers; empty where none was measured."""
        return asdict(self.similarity) if self.similarity else {}

    @property
    def language_name(self) -> str:
        """English name of the language."""
        return find_voice(self.melodies[self.language]).language_name

    def speaking(self, language: str) -> Self:
        """The same person speaking another language.

        Raises:
            VoiceError: no stock voice speaks it, so there is no melody to borrow.
        """
        if language not in self.melodies:
            raise VoiceError(
                f"{self.name} cannot speak {language}.", f"Choose {', '.join(self.melodies)}."
            )
        return replace(self, language=language)

    def timbre(self, style: Callable[[str], npt.NDArray[np.float32]]) -> Timbre:
        """What the model speaks with.

        Args:
            style: Kokoro id to style table, see `Kokoro.style`.
        """
        melody = find_voice(self.melodies[self.language]).kokoro_id
        table = stock_table()
        colour = sum(
            weight * style(name)[:, :128]
            for name, weight in zip(table.ids, self.weights, strict=True)
            if weight
        )
        own = table.pitch(melody)
        width = float(np.clip(self.pitch.spread / own.spread, *_BEND))
        return Timbre(
            np.concatenate([colour, style(melody)[:, 128:]], axis=1, dtype=np.float32),
            math.exp(self.pitch.centre - width * own.centre),
            width - 1.0,
            self.biases,
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """The voice whose members a zip file holds.

        Raises:
            VoiceError: damaged.
        """
        try:
            with zipfile.ZipFile(path) as packed:
                members = {name: packed.read(name) for name in packed.namelist()}
        except _DAMAGE as error:
            raise VoiceError(
                f"The voice {path.name} cannot be read ({error}).", "Make it again."
            ) from error
        return cls.from_members(members)

    def save(self, path: Path) -> None:
        """Write the voice as the zip file that `load` reads."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
            for name, content in self.members().items():
                packed.writestr(name, content)

    def members(self) -> dict[str, bytes]:
        """The voice as files: name to content."""
        arrays: dict[str, Any] = {"weights": self.weights}
        if self.biases is not None:
            arrays["biases"] = self.biases
        if self.colour is not None:
            arrays.update(self.colour.arrays())
        meta = {
            "version": VERSION,
            "name": self.name,
            "language": self.language,
            "method": self.method,
            "nearest": self.nearest,
            "pitch": asdict(self.pitch),
            "rate": self.rate,
            "loudness": self.loudness,
            "melodies": dict(self.melodies),
            "similarity": self.cosines or None,
            "notes": list(self.notes),
        }
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        files = {META: json.dumps(meta, indent=1).encode(), ARRAYS: packed.getvalue()}
        return files | ({POCKET: self.state} if self.state else {})

    @classmethod
    def from_members(cls, members: Mapping[str, bytes]) -> Self:
        """Read what `members` wrote.

        Raises:
            VoiceError: damaged, incomplete, or written by a newer version.
        """
        try:
            meta = json.loads(members[META])
            version = int(meta["version"])
            if version > VERSION:
                raise VoiceError(
                    f"This voice was written by a newer version (format {version}).",
                    "Update Visavis.",
                )
            with np.load(io.BytesIO(members[ARRAYS]), allow_pickle=False) as arrays:
                held = {name: arrays[name].astype(np.float32) for name in arrays.files}
            return cls(
                name=str(meta["name"]),
                language=str(meta["language"]),
                method=meta["method"],
                nearest=str(meta["nearest"]),
                pitch=Pitch(**meta["pitch"]),
                rate=float(meta["rate"]),
                loudness=float(meta["loudness"]),
                melodies={str(k): find_voice(v).slug for k, v in meta["melodies"].items()},
                weights=_checked(held["weights"], (len(stock_table().ids),)),
                biases=_checked(held["biases"], (BIAS_COUNT,)) if "biases" in held else None,
                colour=ColourFilter.from_arrays(held),
                similarity=Similarity(**meta["similarity"]) if meta["similarity"] else None,
                notes=tuple(meta["notes"]),
                state=members.get(POCKET, b""),
            )
        except _DAMAGE as error:
            raise VoiceError(
                f"The voice cannot be read: {type(error).__name__}: {error}.",
                "Create it again from the recording.",
            ) from error


def _checked(array: npt.NDArray[np.float32], shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"numbers of shape {array.shape} instead of {shape}, or not finite")
    return array
