"""Letter to sound: a guess at the pronunciation of a word that no dictionary has.

A small network reads eleven letters around each letter and its own last two answers, and gives the
sounds of that letter; a beam keeps the best few readings of the whole word. Trained by
``tools/train_letters.py`` on the dictionaries; held-out figures stand in ``docs/voices.md``.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from visavis.speech.g2p.stress import PRIMARY, SECONDARY, VOWELS, with_stress

ALPHABET = "_abcdefghijklmnopqrstuvwxyz'"
WINDOW = 11
HISTORY = 2

_BEAM = 4
_HALF = WINDOW // 2
_UNIT = re.compile(f"[{PRIMARY}{SECONDARY}]?.ː?")

Weights = npt.NDArray[np.float32]


def split_sounds(phonemes: str) -> list[str]:
    """A pronunciation as units: one sound each, with its stress and length marks."""
    return _UNIT.findall(phonemes)


class LetterToSound:
    """The model of one accent.

    Args:
        path: what `save` wrote.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            self.chunks: list[str] = str(stored["chunks"]).split("|")
            self._layers: list[tuple[Weights, Weights]] = [
                (
                    stored[f"weight{n}"].astype(np.float32) * stored[f"scale{n}"],
                    stored[f"bias{n}"],
                )
                for n in range(3)
            ]

    @classmethod
    @cache
    def load(cls, accent: str) -> Self:
        """The model that comes with the package, ``us`` or ``gb``."""
        return cls(Path(str(files("visavis.speech.g2p").joinpath(f"letters_{accent}.npz"))))

    @staticmethod
    def save(path: Path, chunks: Sequence[str], weights: Sequence[Weights]) -> None:
        """Write weights (three matrices, then three biases), each column in 8 bits."""
        stored: dict[str, npt.NDArray[np.generic]] = {"chunks": np.array("|".join(chunks))}
        for n, (matrix, bias) in enumerate(zip(weights[:3], weights[3:], strict=True)):
            scale = np.maximum(np.abs(matrix).max(axis=0), 1e-8).astype(np.float32) / 127
            stored[f"weight{n}"] = np.rint(matrix / scale).astype(np.int8)
            stored[f"scale{n}"] = scale
            stored[f"bias{n}"] = bias.astype(np.float32)
        np.savez_compressed(path, **stored)  # type: ignore[arg-type]

    @staticmethod
    def indices(word: str, at: int, answers: Sequence[int], chunks: Sequence[str]) -> list[int]:
        """The inputs that are on: letters around `at`, the last answers, whether stress is past."""
        size = len(ALPHABET)
        found = []
        for slot, position in enumerate(range(at - _HALF, at + _HALF + 1)):
            inside = 0 <= position < len(word)
            found.append(slot * size + (ALPHABET.find(word[position]) if inside else 0))
        base = WINDOW * size
        for back in range(1, HISTORY + 1):
            answer = answers[-back] + 1 if len(answers) >= back else 0
            found.append(base + answer)
            base += len(chunks) + 1
        found.append(base + any(PRIMARY in chunks[answer] for answer in answers))
        return found

    def _scores(self, rows: Sequence[Sequence[int]]) -> Weights:
        """Log probabilities of every chunk for rows of inputs."""
        (first, bias), *rest = self._layers
        hidden = first[np.array(rows)].sum(axis=1) + bias
        for matrix, bias in rest:
            hidden = np.maximum(hidden, 0) @ matrix + bias
        hidden -= hidden.max(axis=1, keepdims=True)
        scores: Weights = hidden - np.log(np.exp(hidden).sum(axis=1, keepdims=True))
        return scores

    def __call__(self, word: str) -> str:
        """The likely pronunciation of `word`, letters a to z in lower case, at least one."""
        beam: list[tuple[float, list[int]]] = [(0.0, [])]
        for at in range(len(word)):
            scores = self._scores(
                [self.indices(word, at, answers, self.chunks) for _, answers in beam]
            )
            grown = [
                (total + float(row[best]), [*answers, int(best)])
                for (total, answers), row in zip(beam, scores, strict=True)
                for best in np.argpartition(row, -_BEAM)[-_BEAM:]
            ]
            beam = sorted(grown, key=lambda entry: -entry[0])[:_BEAM]
        return _one_primary("".join(self.chunks[answer] for answer in beam[0][1]))


def _one_primary(phonemes: str) -> str:
    """Exactly one primary stress: the first that was given, else on the first vowel."""
    head, mark, tail = phonemes.partition(PRIMARY)
    if mark:
        return head + mark + tail.replace(PRIMARY, SECONDARY)
    if SECONDARY in phonemes:
        return phonemes.replace(SECONDARY, PRIMARY, 1)
    return with_stress(phonemes, PRIMARY) if any(c in VOWELS for c in phonemes) else phonemes
