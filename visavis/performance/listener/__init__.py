"""Phones and articulators from bare sound, as it streams."""

from visavis.performance.listener.alignment import Sound, align
from visavis.performance.listener.listener import (
    LIVE_LAG,
    OFFLINE_LAG,
    Listener,
    heard_curves,
    heard_phones,
    listened,
)

__all__ = [
    "LIVE_LAG",
    "OFFLINE_LAG",
    "Listener",
    "Sound",
    "align",
    "heard_curves",
    "heard_phones",
    "listened",
]
