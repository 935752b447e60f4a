"""A first voice of a person within seconds: the nearest stock voice, moved towards them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from visavis import models
from visavis.errors import SourceError, VisavisError
from visavis.media import resample
from visavis.speech.kokoro import RATE
from visavis.speech.loudness import loudness
from visavis.speech.person.alignment import learned
from visavis.speech.person.embedder import Embedding
from visavis.speech.person.envelope import ColourFilter, Envelopes
from visavis.speech.person.judging import LESS_QUALITY, SHARES, quality
from visavis.speech.person.pitch import pitch_of
from visavis.speech.person.spectra import levelled, sounding
from visavis.speech.person.stock import stock_table
from visavis.speech.person.studio import Studio
from visavis.speech.person.transcript import Heard, transcribed
from visavis.speech.person.trials import TEXTS, language_of
from visavis.speech.person.voice import PersonVoice, Similarity
from visavis.speech.transcription import can_listen
from visavis.speech.types import Samples
from visavis.speech.voices import voices

SHORTEST, LONGEST = 3.0, 15.0
"""Seconds of a recording that are needed, and that are used."""

_RATES = (0.8, 1.25)
_TRIALS = 2
_LEAST_GAIN = 0.01
"""Cosine that the filter must add to be worth what it takes from the sound."""


def match_voice(
    samples: Samples,
    rate: int,
    *,
    name: str = "person",
    language: str | None = None,
    transcript: str | None = None,
    studio: Studio | None = None,
) -> PersonVoice:
    """Match a voice to a recording: nearest stock voice, pitch, pace, and the colour's filter.

    Pace and filter need the words of the recording, because they compare the stock voice saying
    the same; without a transcript, and nothing installed that can listen, they are left out and
    `PersonVoice.notes` says so. A filter that does not bring the voice nearer is left out too.

    Args:
        samples: (n,) mono, 3 s or more of one person; the first 15 s are used.
        rate: samples per second.
        name: display name.
        language: BCP 47 tag of what is said; found by listening where None, else American English.
        transcript: what is said, where it is known.
        studio: a model that is already loaded.

    Raises:
        SourceError: too short, or no voice in it.
        ModelError: weights are missing and cannot be fetched.
    """
    sound = reference(samples, rate)
    studio = studio or Studio()
    embedding, pitch = studio.embed(sound, RATE), pitch_of(sound, RATE)
    heard, notes = _words(sound, language, transcript)
    spoken = tuple(dict.fromkeys(voice.language for voice in voices()))
    speaks = heard.language if heard.language in spoken else "en-US"
    nearest, before = stock_table().nearest(embedding, speaks)
    voice = PersonVoice(
        name=name,
        language=speaks,
        method="matched",
        nearest=nearest.slug,
        pitch=pitch,
        rate=1.0,
        loudness=nearest.loudness,
        melodies={tag: stock_table().melody(tag, embedding, pitch).slug for tag in spoken},
        weights=np.array([name == nearest.kokoro_id for name in stock_table().ids], np.float32),
        notes=notes,
    )
    if heard.text:
        voice = parallel(voice, sound, heard, studio)
    return _judged(voice, embedding, Similarity(before, before, itself(sound, studio)), studio)


def reference(samples: Samples, rate: int) -> Samples:
    """The part of a recording that is used, at 24 kHz and an even level.

    Raises:
        SourceError: too short, not finite or silent.
    """
    if len(samples) and not np.isfinite(samples).all():
        raise SourceError("The recording holds numbers that are not finite.", check="finite")
    sound = resample(samples[: round(LONGEST * rate)].astype(np.float32), rate, RATE)
    seconds = sounding(sound, RATE).sum() / 100
    if seconds < SHORTEST:
        raise SourceError(
            f"The recording has {seconds:.1f} s of speech.",
            f"Give at least {SHORTEST:g} s of one person speaking, better 8 s.",
            check="voice_length",
        )
    return levelled(sound, -26.0)


def itself(sound: Samples, studio: Studio) -> float:
    """How like its second half a recording's first half is."""
    half = len(sound) // 2
    return studio.embed.similarity(sound[:half], sound[half:], RATE)


def _words(
    sound: Samples, language: str | None, transcript: str | None
) -> tuple[Heard, tuple[str, ...]]:
    if transcript is not None:
        return Heard(transcript, language or "en-US"), ()
    if can_listen():
        heard = transcribed(sound, RATE, language)
        missing = () if heard.text else ("Nothing was understood, so pace and colour are stock.",)
        return heard, missing
    note = "Without a transcript, pace and colour are stock: install visavis[clone]."
    return Heard("", language or "en-US"), (note,)


def parallel(voice: PersonVoice, sound: Samples, heard: Heard, studio: Studio) -> PersonVoice:
    """Learn pace and colour from a voice saying the same as the person.

    Args:
        voice: as it is without a filter.
        sound: the recording, see `reference`.
        heard: what is said in it.
        studio: a loaded model.

    Returns:
        the voice with both, or with a note that says why there is none.
    """
    try:
        timbre = voice.timbre(studio.kokoro.style)
        same = studio.say(heard.text, timbre, heard.language)
    except VisavisError as error:
        note = f"Pace and colour are stock, for the transcript cannot be read: {error.message}"
        return replace(voice, notes=(*voice.notes, note))
    pace = float(sounding(same, RATE).sum()) / float(sounding(sound, RATE).sum())
    return replace(
        voice,
        rate=float(np.clip(pace, *_RATES)),
        colour=learned(Envelopes.of(same), Envelopes.of(sound)),
    )


def _judged(
    voice: PersonVoice, embedding: Embedding, similarity: Similarity, studio: Studio
) -> PersonVoice:
    """The voice with the filter only where it helps, and with its figures."""
    language = language_of(voice)
    timbre = voice.speaking(language).timbre(studio.kokoro.style)
    plain = [studio.say(text, timbre, language) for text in TEXTS[language][:_TRIALS]]
    loud = loudness(np.concatenate(plain), RATE)
    after = float(studio.embedding(plain) @ embedding)
    if voice.colour is not None:
        found = _softened(voice.colour, plain, after, embedding, studio)
        if found is None:
            note = "The colour filter was left out: it brings the voice no nearer, or sounds bad."
            voice = replace(voice, colour=None, notes=(*voice.notes, note))
        else:
            colour, after = found
            voice = replace(voice, colour=colour)
    return replace(voice, loudness=loud, similarity=replace(similarity, after=after))


def _softened(
    colour: ColourFilter,
    plain: Sequence[Samples],
    alike: float,
    embedding: Embedding,
    studio: Studio,
) -> tuple[ColourFilter, float] | None:
    """As much of a filter as brings a voice nearer and, where it can be measured, sounds clean.

    Args:
        colour: the whole filter.
        plain: the voice without it.
        alike: how like the person that is.
        embedding: of the person.
        studio: a loaded model.

    Returns:
        the filter and how like the person the voice is with it, None where nothing of it helps.
    """
    measured = models.present("dnsmos")
    clean = quality(np.concatenate(plain), RATE) if measured else None
    for share in SHARES:
        part = colour.softened(share)
        sounds = [part(sound) for sound in plain]
        coloured = float(studio.embedding(sounds) @ embedding)
        if coloured < alike + _LEAST_GAIN:
            continue
        left = quality(np.concatenate(sounds), RATE) if measured else None
        if clean is None or left is None or left >= clean - LESS_QUALITY:
            return part, coloured
    return None
