"""What the listener tells apart: phones and articulators."""

from visavis.performance.visemes import CHANNELS
from visavis.speech.phones import INVENTORY

SILENCE = "_"
PHONES: tuple[str, ...] = (SILENCE, *sorted(INVENTORY))
"""Phone classes; silence is class 0."""

CHANNEL_NAMES: tuple[str, ...] = (*CHANNELS, "closure", "tuck", "activity")
"""Articulators of `Mouth`, in the order of the network's answer."""

_INDEX = {symbol: number for number, symbol in enumerate(PHONES)}


def phone_class(symbol: str) -> int:
    """The class of a phone; what is outside the inventory counts as silence."""
    return _INDEX.get(symbol, 0)
