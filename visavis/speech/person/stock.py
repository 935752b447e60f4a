"""The stock voices as they measure: what a person's voice is compared with."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from visavis.speech.person.pitch import Pitch
from visavis.speech.voices import Voice, find_voice

_FOREIGN = 0.25
"""Cosine by which a voice of another language must be nearer."""


@dataclass(frozen=True, slots=True, eq=False)
class StockTable:
    """The measurements of `tools/measure_voices.py`, one row a voice.

    Attributes:
        ids: Kokoro ids, sorted.
        embeddings: (54, 256) float32 of length 1, by `SpeakerEmbedder`.
        pitches: of each voice.
    """

    ids: tuple[str, ...]
    embeddings: npt.NDArray[np.float32]
    pitches: tuple[Pitch, ...]

    def pitch(self, kokoro_id: str) -> Pitch:
        """The pitch of a voice."""
        return self.pitches[self.ids.index(kokoro_id)]

    def nearest(self, embedding: npt.NDArray[np.float32], language: str) -> tuple[Voice, float]:
        """The voice most like an embedding, and their cosine.

        A voice of another language must be `_FOREIGN` nearer, for it is harder to understand.
        """
        cosines = self.embeddings @ embedding
        own = language.split("-")[0]
        foreign = [find_voice(name).language.split("-")[0] != own for name in self.ids]
        best = int((cosines - _FOREIGN * np.array(foreign)).argmax())
        return find_voice(self.ids[best]), float(cosines[best])

    def melody(self, language: str, embedding: npt.NDArray[np.float32], pitch: Pitch) -> Voice:
        """The voice of `language` whose melody suits a person: near in pitch, range and colour."""
        scores = {}
        for name, own, cosine in zip(
            self.ids, self.pitches, self.embeddings @ embedding, strict=True
        ):
            voice = find_voice(name)
            if voice.language == language:
                away = ((own.centre - pitch.centre) / 0.2) ** 2
                away += ((own.spread - pitch.spread) / 0.12) ** 2
                scores[voice] = 3.0 * float(cosine) - away
        return max(scores, key=scores.__getitem__)


@lru_cache(maxsize=1)
def stock_table() -> StockTable:
    """The table that ships with the package."""
    source = resources.files("visavis.speech.person") / "stock.npz"
    with resources.as_file(source) as path, np.load(path) as table:
        embeddings = table["embeddings"].astype(np.float32)
        embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
        return StockTable(
            tuple(str(name) for name in table["ids"]),
            embeddings,
            tuple(Pitch(float(centre), float(spread)) for centre, spread in table["pitches"]),
        )
