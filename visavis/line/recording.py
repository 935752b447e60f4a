"""A recording in place of a synthesised voice: its sound, and the phones that are heard in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from visavis.errors import InvalidInputError
from visavis.media import decode_audio, probe
from visavis.performance.listener import Sound, align, heard_phones, listened
from visavis.speech import Speech, Word
from visavis.speech.clauses import Piece
from visavis.speech.loudness import TARGET_LUFS, block_energies, gated_loudness, limit
from visavis.speech.phones import STRESS, segments
from visavis.speech.reading import reader
from visavis.speech.text.clean import cleaned
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import Break
from visavis.speech.types import Samples

LONGEST_READ = 600.0
"""Seconds of a recording that is aligned with a text."""

_CHUNK = 1.0
_MEASURED = 120.0
_LOUDEST_GAIN = 10 ** (30 / 20)


@dataclass(frozen=True, slots=True)
class Script:
    """The text that a recording reads.

    Attributes:
        text: what is said.
        language: BCP 47 tag.
        lexicon: see `visavis.speech.Delivery`.
    """

    text: str
    language: str
    lexicon: dict[str, str]


def recording(
    path: Path, rate: int, volume: float = 1.0, script: Script | None = None
) -> Iterator[Speech]:
    """The speech of a sound file, at the loudness of the product's own voices.

    Without a script the phones are those that the listener hears, and memory does not depend on the
    length of the file; with one they are the text's own, aligned with the sound.

    Args:
        path: anything with a sound track; channels are mixed down.
        rate: samples per second to deliver.
        volume: gain after normalisation, 0-2.
        script: what is read.

    Raises:
        MediaError: no sound, or damaged.
        InvalidInputError: a recording that is too long to be aligned, or no fit for its text.
    """
    if script is not None and probe(path).duration > LONGEST_READ:
        raise InvalidInputError(
            f"{path.name} is longer than the {LONGEST_READ:.0f} s that are aligned with a text.",
            "Leave the text away, or cut the recording.",
        )
    gain = _gain(path, rate) * volume
    chunks = _chunks(path, rate, gain)
    if script is not None:
        return iter((_read(chunks, script),))
    heard = listened(chunks)
    return chain([next(heard)], heard)


def _blocks(path: Path, rate: int) -> Iterator[np.ndarray]:
    """Sound in pieces of about a second, without what is no number."""
    parts: list[np.ndarray] = []
    length = 0
    for piece in decode_audio(path, rate):
        parts.append(np.clip(np.nan_to_num(piece, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1))
        length += len(piece)
        if length >= _CHUNK * rate:
            yield np.concatenate(parts)
            parts, length = [], 0
    if length:
        yield np.concatenate(parts)


def _gain(path: Path, rate: int) -> float:
    """What brings the beginning to the product's loudness; 1 where it is silent."""
    energies, seconds = [], 0.0
    for block in _blocks(path, rate):
        energies.append(block_energies(block - block.mean(), rate))
        seconds += len(block) / rate
        if seconds > _MEASURED:
            break
    if not energies:
        raise InvalidInputError(f"{path.name} holds no sound.", "Give a recording of somebody.")
    level = gated_loudness(np.concatenate(energies))
    if not np.isfinite(level):
        return 1.0
    return float(min(10 ** ((TARGET_LUFS - level) / 20), _LOUDEST_GAIN))


def _chunks(path: Path, rate: int, gain: float) -> Iterator[Speech]:
    for block in _blocks(path, rate):
        yield Speech(limit((block * gain).astype(np.float32), rate), rate)


def _read(chunks: Iterator[Speech], script: Script) -> Speech:
    parts = list(chunks)
    return aligned(np.concatenate([part.samples for part in parts]), parts[0].rate, script)


def aligned(samples: Samples, rate: int, script: Script) -> Speech:
    """A recording with the phones and words of its text.

    Args:
        samples: (n,) float32 mono.
        rate: samples per second.
        script: what is read.

    Raises:
        PerformanceError: no fit for the text.
        VoiceError: a language that cannot be read here.
    """
    sounds, owners, words = _sounds(script)
    found = align(heard_phones(samples, rate), sounds)
    said = [(phone, owner) for phone, owner in zip(found, owners, strict=True) if phone]
    timed = []
    for number, written in enumerate(words):
        inside = [phone for phone, owner in said if owner == number]
        if inside and written:
            timed.append(Word(written, inside[0].start, inside[-1].end))
    phones = tuple(phone for phone, _ in said)
    return Speech(samples, rate, phones, tuple(timed), script.language, script.text)


def _sounds(script: Script) -> tuple[list[Sound], list[int], list[str]]:
    """The phones of a text, the word that each belongs to, and the words."""
    sounds: list[Sound] = []
    owners: list[int] = []
    words: list[str] = []
    items = reader(script.language)(cleaned(script.text), UserLexicon(script.lexicon))
    for item in items:
        for piece in () if isinstance(item, Break) else item:
            made = _of_piece(piece)
            if piece.written or not words:
                words.append(piece.written)
            sounds += made
            owners += [len(words) - 1] * len(made)
    return sounds, owners, words


def _of_piece(piece: Piece) -> list[Sound]:
    made: list[Sound] = []
    stress, begins = 0, True
    for character in piece.phonemes:
        if character in STRESS:
            stress = STRESS[character]
        elif character == " ":
            begins = True
        elif parts := segments(character):
            vowel = parts[0].is_vowel
            made.append(Sound(parts[0].symbol, stress if vowel else 0, begins))
            made += [Sound(part.symbol) for part in parts[1:]]
            stress, begins = (0 if vowel else stress), False
    return made
