"""Speech with known phones, made without a voice."""

import numpy as np

from visavis.speech.types import Phone, Speech

RATE = 24000

SENTENCES = {
    "pam": "p 'æ m _ b 'ɔ t _ m 'o ʊ b ə l _ p 'a ɪ p s",
    "bob": "h 'ɛ l p _ b 'ɑ b _ s 'ɪ m p l i _ b 'ʌ m p _ m 'i",
    "fast": "ə p ə b ə m ə p i m u b ɑ p ɪ m ʃ ə m f ə m w ə b",
    "final": "_ m 'e ɪ b i _ ə p _ ɹ 'ʊ m .. m 'a ɪ t 'a ɪ m",
    "wolves": "f 'a ɪ v _ f 'a ɪ n _ w 'ʊ l v z _ ʧ 'u z _ θ 'ɹ i _ v 'a ʊ z",
}


def speak(text: str, pace: float = 0.08, lead: float = 0.4, tail: float = 0.6) -> Speech:
    """Phones of equal length with a humming sound under them.

    Args:
        text: symbols between spaces; ``'`` marks stress, ``_`` a word, ``..`` a pause of 0.5 s.
    """
    phones, time = [], lead
    for item in SENTENCES.get(text, text).split():
        if item == "..":
            time += 0.5
        elif item != "_":
            symbol = item.lstrip("'")
            length = pace * (1.4 if item != symbol else 1.0)
            phones.append(Phone(symbol, time, time + length, 2 if item != symbol else 0))
            time += length
    count = round((time + tail) * RATE)
    clock = np.arange(count) / RATE
    phase = np.cumsum(150 + 30 * np.sin(3 * clock)) / RATE
    loud = np.zeros(count)
    for phone in phones:
        loud[int(phone.start * RATE) : int(phone.end * RATE)] = 0.1 + 0.1 * (phone.stress > 0)
    hum = sum(np.sin(2 * np.pi * phase * k) / k for k in (1, 2, 3))
    return Speech((loud * hum / 2).astype(np.float32), RATE, tuple(phones))
