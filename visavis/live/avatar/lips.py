"""Phones by the colour of a voice: enough to move a mouth to sound whose words are unknown.

Each fortieth of a second is called open or close, front or back by its spectrum, or a hiss, or a
closure between two loud stretches. It tells no words apart; a model that hears phones moves the
lips better and takes this one's place where there is one.
"""

import numpy as np

from visavis.speech.types import Phone, Samples

HOP = 0.04
"""Seconds of one decision."""

FLOOR = 0.06
"""Loudness under which nothing is said, of the loudest that was heard lately."""

_FORGET = 0.995
_QUIETEST = 0.004


class SpectralLips:
    """Hears phones in a stream of samples.

    Args:
        rate: samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._hop = round(HOP * rate)
        self._rest = np.zeros(0, np.float32)
        self._peak = _QUIETEST / FLOOR
        self._voiced = False
        frequencies = np.fft.rfftfreq(self._hop, 1 / rate)
        self._window = np.hanning(self._hop).astype(np.float32)
        self._bands = [
            (frequencies >= low) & (frequencies < high)
            for low, high in ((150, 500), (500, 900), (900, 1500), (1500, 3200), (3200, 9000))
        ]

    def __call__(self, samples: Samples) -> tuple[Phone, ...]:
        """The phones of the next samples; their times are from the first of them, or before it
        where a decision had to wait for these."""
        offset = -len(self._rest) / self._rate
        waiting = np.concatenate([self._rest, samples])
        found: list[Phone] = []
        count = len(waiting) // self._hop
        for index in range(count):
            symbol = self._hear(waiting[index * self._hop : (index + 1) * self._hop])
            start = offset + index * HOP
            if found and found[-1].symbol == symbol:
                found[-1] = Phone(symbol, found[-1].start, start + HOP, found[-1].stress)
            elif symbol:
                found.append(Phone(symbol, start, start + HOP, int(symbol in "ɑæoi")))
        self._rest = waiting[count * self._hop :]
        return tuple(found)

    def reset(self) -> None:
        """Forget what waits; an utterance is over."""
        self._rest = np.zeros(0, np.float32)
        self._voiced = False

    def _hear(self, part: Samples) -> str:
        level = float(np.sqrt(np.mean(part * part)))
        self._peak = max(level, self._peak * _FORGET, _QUIETEST / FLOOR)
        if level < self._peak * FLOOR:
            # A short silence after a voice is a closure, as of p or b.
            closing, self._voiced = self._voiced, False
            return "m" if closing else ""
        spectrum = np.abs(np.fft.rfft(part * self._window)) ** 2
        low, middle, upper, front, hiss = (float(spectrum[band].sum()) for band in self._bands)
        total = low + middle + upper + front + hiss + 1e-12
        self._voiced = True
        if hiss > 0.5 * total:
            return "s"
        if front + upper < 0.06 * total:
            return "u" if middle < 0.25 * total else "o"
        if level < 0.25 * self._peak:
            return "n"
        if front > 0.3 * (total - hiss):
            return "i"
        if middle > upper:
            return "ɑ"
        return "æ" if upper > front else "ɛ"
