"""Phones and articulators from bare sound, as it streams."""

from visavis.performance.listener.alignment import Sound, align
from visavis.performance.listener.listener import (
    OFFLINE_LAG,
    Listener,
    PromptListener,
    heard_curves,
    heard_phones,
    listened,
)

__all__ = [
    "OFFLINE_LAG",
    "Listener",
    "PromptListener",
    "Sound",
    "align",
    "heard_curves",
    "heard_phones",
    "listened",
]
