"""Where the time goes until an avatar is heard."""

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Latency:
    """Clocks one utterance from what caused it to its first sound. Monotonic seconds throughout."""

    _heard: float = 0.0
    _asked: float = 0.0
    _worded: float = 0.0

    def asked(self, heard: float = 0.0) -> None:
        """It answers somebody, who fell silent at `heard` where they spoke."""
        self._asked, self._heard = time.monotonic(), heard

    def worded(self) -> None:
        """Its first clause is known; later calls change nothing."""
        self._worded = self._worded or time.monotonic()

    def stages(self, spoken: float) -> dict[str, float]:
        """Milliseconds of every stage that happened, told when the first sound is on air.

        Args:
            spoken: when its first sound was made.

        Returns:
            ``hearing``: from the last word of the person, with the silence that ends a turn, until
            the words were known; ``thinking``: until the first clause of the answer; ``speaking``:
            until its first sound; ``lips``: until sound and picture were on air.
        """
        found = {}
        if self._heard:
            found["hearing"] = self._asked - self._heard
        if self._asked:
            found["thinking"] = self._worded - self._asked
        if self._worded:
            found["speaking"] = spoken - self._worded
        found["lips"] = time.monotonic() - spoken
        return {name: round(max(0.0, seconds) * 1000, 1) for name, seconds in found.items()}
