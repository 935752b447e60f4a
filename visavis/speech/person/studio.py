"""A model and an embedder together: to say sentences in any timbre and to judge them."""

from collections.abc import Sequence

import numpy as np

from visavis.speech import kokoro as acoustic
from visavis.speech.kokoro import ALPHABET, RATE, Kokoro, Timbre
from visavis.speech.person.embedder import Embedding, SpeakerEmbedder, unit
from visavis.speech.reading import reader
from visavis.speech.text.clean import cleaned
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import Break
from visavis.speech.types import Samples

SENTENCES = (
    "The weather was bright and cold in April, so we stayed at home.",
    "Please bring your passport and a printed copy of the ticket.",
)
"""What voices are judged by; nothing is ever fitted to them."""


_LONGEST = 70
"""Phonemes of one pass: memory grows with the length of the sound, 1 GB at four seconds."""


class Studio:
    """Holds what matching a voice needs; made once, used by one thread.

    Args:
        kokoro: a loaded model; loaded where it is None.
        embedder: likewise.

    Raises:
        ModelError: weights are missing and cannot be fetched.
    """

    def __init__(
        self, kokoro: Kokoro | None = None, embedder: SpeakerEmbedder | None = None
    ) -> None:
        self.kokoro = kokoro or acoustic.load()
        self.embed = embedder or SpeakerEmbedder()

    def say(
        self, text: str, timbre: Timbre, language: str = "en-US", speed: float = 1.0
    ) -> Samples:
        """A text in one timbre, sentence after sentence, at 24 kHz and as loud as it comes."""
        said = [self.kokoro(sentence, timbre, speed)[0] for sentence in phonemes_of(text, language)]
        return np.concatenate(said) if said else np.zeros(0, np.float32)

    def embedding(self, sounds: Sequence[Samples]) -> Embedding:
        """The mean embedding of several sounds at 24 kHz."""
        return unit(np.mean([self.embed(sound, RATE) for sound in sounds], axis=0))


def phonemes_of(text: str, language: str) -> list[str]:
    """What the model reads, pass by pass: sentences, and parts of those that are long.

    Raises:
        VoiceError: the language needs an extra that is not installed.
    """
    found: list[str] = []
    for item in reader(language)(cleaned(text), UserLexicon({})):
        if not isinstance(item, Break):
            spoken = " ".join(piece.phonemes + piece.mark for piece in item)
            found += _passes("".join(character for character in spoken if character in ALPHABET))
    return [part for part in found if part.strip()]


def _passes(phonemes: str) -> list[str]:
    """Parts of about equal length, cut between words."""
    count = -(-len(phonemes) // _LONGEST)
    parts = []
    for left in range(count, 1, -1):
        cut = phonemes.rfind(" ", 1, len(phonemes) // left + 1)
        cut = cut if cut > 0 else len(phonemes) // left
        parts.append(phonemes[:cut].strip())
        phonemes = phonemes[cut:].strip()
    return [*parts, phonemes]
