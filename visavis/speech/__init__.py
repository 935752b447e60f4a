"""Speech from text: voices, and clauses with the times of their phones and words.

>>> from visavis.speech import Synthesiser, join
>>> speech = join(Synthesiser().synthesise("Hello there.", "en-US-heart"))  # doctest: +SKIP
"""

from visavis.speech.delivery import Delivery
from visavis.speech.synthesis import Synthesiser, join
from visavis.speech.types import Phone, Speech, Word
from visavis.speech.voices import Voice, find_voice, voices

__all__ = [
    "Delivery",
    "Phone",
    "Speech",
    "Synthesiser",
    "Voice",
    "Word",
    "find_voice",
    "join",
    "voices",
]
