"""Text to speech, clause by clause."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from visavis.errors import TextError
from visavis.speech import kokoro
from visavis.speech.clauses import Clause, Piece, clauses
from visavis.speech.delivery import Delivery
from visavis.speech.kokoro import ALPHABET, MAX_PHONEMES, RATE, Timbre
from visavis.speech.loudness import RunningGain, limit
from visavis.speech.person import pocket
from visavis.speech.person.voice import PersonVoice
from visavis.speech.reading import reader
from visavis.speech.text.clean import check_script, cleaned
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import Break
from visavis.speech.timing import Span, timed
from visavis.speech.types import Phone, Samples, Speech, Word
from visavis.speech.voices import Voice, find_voice

Speaker = PersonVoice | Voice

_LEAD = 0.05
_TAIL = 0.08
"""Seconds of the model's own silence kept around a clause."""


class Synthesiser:
    """The speaking part of the line; loads the model once and may be shared by threads.

    Args:
        threads: threads of one pass of the model.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self, threads: int = 2) -> None:
        self._kokoro = kokoro.load(threads)

    def synthesise(
        self,
        text: str,
        voice: PersonVoice | Voice | str,
        delivery: Delivery | None = None,
        spoken: int = 0,
    ) -> Iterator[Speech]:
        """Speak `text`, clause by clause, the first one short.

        Args:
            text: plain text; may hold ``<break time="1.5s"/>`` and ``[word](/phonemes/)``.
            voice: a person's voice, a stock voice or the name of one.
            delivery: speed, pitch, volume and the user's lexicon.
            spoken: clauses before this text that are being heard already, so that its first one
                need not be short.

        Returns:
            An iterator of `Speech` at 24 kHz, each with its trailing pause; times are relative to
            the chunk. Nothing is computed before it is asked for, but the text is checked at once.

        Raises:
            TextError: the text cannot be spoken by this voice.
            VoiceError: there is no such voice.
        """
        voice = find_voice(voice) if isinstance(voice, str) else voice
        delivery = delivery or Delivery()
        plain = cleaned(text)
        check_script(plain, voice)
        if isinstance(voice, PersonVoice) and voice.method == "pocket-tts":
            return pocket.speak(plain, voice, delivery)
        items = reader(voice.language)(plain, UserLexicon(delivery.lexicon))
        head = []
        for item in items:
            head.append(item)
            if not isinstance(item, Break):
                return self._stream(chain(head, items), voice, delivery, spoken)
        raise TextError(
            "The text has nothing to say: no letter, number or symbol with a name.",
            "Write at least one word.",
        )

    def _stream(
        self,
        items: Iterator[Sequence[Piece] | Break],
        voice: Speaker,
        delivery: Delivery,
        spoken: int,
    ) -> Iterator[Speech]:
        gain = RunningGain(voice.loudness)
        timbre = self._timbre(voice)
        for item in clauses(items, spoken):
            if isinstance(item, Break):
                yield replace(Speech.silence(item.seconds, RATE), language=voice.language)
            else:
                yield self._speak(item, voice, timbre, delivery, gain)

    def _timbre(self, voice: Speaker) -> Timbre:
        if isinstance(voice, PersonVoice):
            return voice.timbre(self._kokoro.style)
        return Timbre(self._kokoro.style(voice.kokoro_id))

    def _speak(
        self, clause: Clause, voice: Speaker, timbre: Timbre, delivery: Delivery, gain: RunningGain
    ) -> Speech:
        phonemes, spans = _joined(clause.pieces)
        person = voice if isinstance(voice, PersonVoice) else None
        speed = delivery.speed * (person.rate if person else 1.0)
        samples, frames = self._kokoro(phonemes, timbre, speed, 2 ** (delivery.pitch / 12))
        if person and person.colour:
            samples = person.colour(samples)
        phones, words = timed(phonemes, frames, spans, samples)
        begin = max(0, round((phones[0].start - _LEAD) * RATE))
        end = min(len(samples), round((phones[-1].end + _TAIL) * RATE))
        samples = _faded(samples[begin:end])
        samples = samples * np.float32(gain(samples, RATE) * delivery.volume)
        pause = np.zeros(round(clause.pause / speed * RATE), np.float32)
        speech = Speech(
            np.concatenate([limit(samples, RATE), pause]),
            RATE,
            phones,
            words,
            voice.language,
            clause.text,
        )
        return _shifted(speech, -begin / RATE)


def _faded(samples: Samples) -> Samples:
    """A copy that starts and ends at nothing, so that clauses join without a click."""
    ramp = np.linspace(0, 1, min(len(samples) // 2, RATE // 100), dtype=np.float32)
    faded = samples.copy()
    faded[: len(ramp)] *= ramp
    faded[len(faded) - len(ramp) :] *= ramp[::-1]
    return faded


def _joined(pieces: Sequence[Piece]) -> tuple[str, list[Span]]:
    """The phoneme string of a clause and where each written token lies in it."""
    text, spans = "", []
    for piece in pieces:
        phonemes = "".join(c for c in piece.phonemes if c in ALPHABET)
        start = len(text)
        text += phonemes
        spans.append(Span(piece.written, start, len(text)))
        text += piece.mark + " "
    return text.rstrip()[:MAX_PHONEMES], spans


def _shifted(speech: Speech, seconds: float) -> Speech:
    return replace(
        speech,
        phones=tuple(
            Phone(p.symbol, p.start + seconds, p.end + seconds, p.stress) for p in speech.phones
        ),
        words=tuple(Word(w.text, w.start + seconds, w.end + seconds) for w in speech.words),
    )


def join(parts: Iterable[Speech]) -> Speech:
    """One `Speech` of several in a row, their times shifted; all must have one sample rate.

    Raises:
        ValueError: there is no part, or the rates differ.
    """
    listed = list(parts)
    if len({part.rate for part in listed}) != 1:
        raise ValueError("join needs parts of one sample rate")
    shifted, start = [], 0
    for part in listed:
        shifted.append(_shifted(part, start / part.rate))
        start += len(part.samples)
    return Speech(
        np.concatenate([part.samples for part in listed]),
        listed[0].rate,
        tuple(phone for part in shifted for phone in part.phones),
        tuple(word for part in shifted for word in part.words),
        next((part.language for part in listed if part.language), ""),
        " ".join(part.text for part in listed if part.text),
    )
