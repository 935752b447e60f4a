"""A person's own voice from a few seconds of speech: matched at once, fitted while one waits."""

from visavis.speech.person.embedder import SpeakerEmbedder
from visavis.speech.person.fitter import FitError, FitStoppedError, can_fit, fit_voice
from visavis.speech.person.matching import match_voice
from visavis.speech.person.voice import PersonVoice, Similarity

__all__ = [
    "FitError",
    "FitStoppedError",
    "PersonVoice",
    "Similarity",
    "SpeakerEmbedder",
    "can_fit",
    "fit_voice",
    "match_voice",
]
