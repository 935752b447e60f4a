"""Voices by Kyutai pocket-tts, which clones from the recording itself (extra ``pocket``).

Its weights come from a model hub by its own client, so it works only where that can be reached; it
tells no phone times, so lips follow its sound.
"""

import importlib.util
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from visavis.errors import ModelError, VoiceError
from visavis.media import resample
from visavis.speech.clauses import PARAGRAPH_PAUSE, SENTENCE_PAUSE
from visavis.speech.delivery import Delivery
from visavis.speech.kokoro import RATE
from visavis.speech.loudness import RunningGain, limit, loudness
from visavis.speech.person.studio import SENTENCES, Studio
from visavis.speech.person.voice import PersonVoice, Similarity
from visavis.speech.text.clean import cleaned
from visavis.speech.text.normalise import plain_sentences, sentences
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import MARKS, Break, Sentence
from visavis.speech.types import Samples, Speech

_LANGUAGES = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "pt": "portuguese",
}
_PAUSES = {"sentence": SENTENCE_PAUSE, "paragraph": PARAGRAPH_PAUSE, "break": 0.0}


def can_clone() -> bool:
    """Whether pocket-tts is installed."""
    return importlib.util.find_spec("pocket_tts") is not None


def cloned(sound: Samples, matched: PersonVoice, studio: Studio) -> PersonVoice:
    """The person's voice by pocket-tts.

    Args:
        sound: the recording at 24 kHz.
        matched: what `match_voice` made of it.
        studio: to measure the similarity with.

    Raises:
        VoiceError: not installed, or it does not speak the language.
        ModelError: its weights cannot be had.
    """
    kept = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    voice = replace(matched, method="pocket-tts", state=kept, colour=None, rate=1.0)
    english = [_said(text, voice, "en-US") for text in SENTENCES]
    after = float(studio.embedding(english) @ studio.embed(sound, RATE))
    known = matched.similarity or Similarity(after, after, after)
    return replace(
        voice,
        loudness=loudness(np.concatenate(english), RATE),
        similarity=replace(known, after=after),
    )


def speak(text: str, voice: PersonVoice, delivery: Delivery) -> Iterator[Speech]:
    """Speak sentence by sentence, see `visavis.speech.Synthesiser.synthesise`.

    Raises:
        VoiceError: not installed, or asked for a pace or pitch that it has no control of.
        ModelError: its weights cannot be had.
    """
    if delivery.speed != 1.0 or delivery.pitch != 0.0:
        raise VoiceError(
            f"{voice.name} speaks by pocket-tts, which has no control of speed and pitch.",
            "Leave both as they are, or fit the voice.",
        )
    _model(_language(voice.language))
    return _stream(text, voice, delivery)


def _stream(text: str, voice: PersonVoice, delivery: Delivery) -> Iterator[Speech]:
    gain = RunningGain(voice.loudness)
    lexicon = UserLexicon(delivery.lexicon)
    british = voice.language == "en-GB"
    if voice.language.startswith("en"):
        items = sentences(cleaned(text), lexicon, british=british)
    else:
        items = plain_sentences(cleaned(text), lexicon)
    for item in items:
        if isinstance(item, Break):
            yield replace(Speech.silence(item.seconds, RATE), language=voice.language)
            continue
        samples = _said(_readable(item), voice, voice.language)
        samples = samples * np.float32(gain(samples, RATE) * delivery.volume)
        pause = np.zeros(round(_PAUSES[item.ending] * RATE), np.float32)
        written = " ".join(token.written for token in item.tokens)
        yield Speech(
            np.concatenate([limit(samples, RATE), pause]),
            RATE,
            language=voice.language,
            text=written,
        )


def _readable(sentence: Sentence) -> str:
    """The words of a sentence with its punctuation."""
    said = ""
    for token in sentence.tokens:
        for word in token.spoken or (token.written,):
            said += word if word in MARKS else f" {word}"
        said += token.mark
    return said.strip()


def _said(text: str, voice: PersonVoice, language: str) -> Samples:
    model, lock = _model(_language(language))
    with lock:
        spoken = model.generate_audio(_state(voice.state, _language(language)), text)
    return resample(spoken.detach().cpu().numpy().astype(np.float32), model.sample_rate, RATE)


def _language(tag: str) -> str:
    language = _LANGUAGES.get(tag.split("-")[0])
    if language is None:
        raise VoiceError(f"pocket-tts does not speak {tag}.", f"It speaks {', '.join(_LANGUAGES)}.")
    return language


@lru_cache(maxsize=2)
def _model(language: str) -> tuple[Any, threading.Lock]:
    """A loaded model and the lock that its users share, for it serves one at a time."""
    if not can_clone():
        raise VoiceError(
            "This voice needs pocket-tts, which is not installed.",
            "Install it by `pip install 'visavis[pocket]'`.",
        )
    from pocket_tts import TTSModel

    try:
        model = TTSModel.load_model(language=language)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"The weights of pocket-tts cannot be had: {error}",
            "It fetches them from huggingface.co; voice cloning needs its terms accepted there.",
        ) from error
    if not model.has_voice_cloning:
        raise ModelError(
            "The weights of pocket-tts that are here cannot clone voices.",
            "Accept its terms on huggingface.co/kyutai/pocket-tts, then `hf auth login`.",
        )
    return model, threading.Lock()


@lru_cache(maxsize=16)
def _state(kept: bytes, language: str) -> Any:
    """The model listening to the recording, done once for each person."""
    import torch

    model, _ = _model(language)
    sound = np.frombuffer(kept, "<i2").astype(np.float32) / np.float32(32767)
    return model.get_state_for_audio_prompt(
        torch.tensor(resample(sound, RATE, model.sample_rate))[None]
    )
