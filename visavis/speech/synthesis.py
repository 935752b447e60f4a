"""Text to speech, clause by clause."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from visavis.errors import TextError
from visavis.speech import kokoro
from visavis.speech.clauses import Clause, Piece, clauses
from visavis.speech.delivery import Delivery
from visavis.speech.joint import crossed, level, quietest
from visavis.speech.kokoro import ALPHABET, FRAME, MAX_PHONEMES, RATE, Timbre
from visavis.speech.loudness import RunningGain, limit
from visavis.speech.person import pocket
from visavis.speech.person.voice import PersonVoice
from visavis.speech.phones import SILENT
from visavis.speech.reading import reader
from visavis.speech.text.clean import check_script, cleaned
from visavis.speech.text.pronunciation import UserLexicon
from visavis.speech.text.tokens import Break
from visavis.speech.timing import Span, timed
from visavis.speech.types import Samples, Speech, Word
from visavis.speech.voices import Voice, find_voice

Speaker = PersonVoice | Voice

_LEAD = 0.05
_TAIL = 0.08
"""Seconds of the model's own silence kept around a clause."""

_SECONDS = FRAME / RATE

_LEAD_SOON = 0.03
"""The same before a clause that is waited for."""

_SETTLING = 4
"""Frames at the end of an opening that are not heard, because what follows them was not known."""

_JOINING = 10
"""Frames before those, in which an opening is joined to the rest of its clause."""

_REST = 50
"""Frames that the rest of a clause has at least; a few alone would sound like another voice."""

_WINDOWS = (54, 110)
"""Frames of the parts after an opening; the last one takes what is left."""

_AHEAD = 2.0
"""Seconds of sound after which nobody waits any more."""

_FAINT = 1.5
"""How much fainter openings are than the same words in the whole clause: 3.5 dB in the median of 36
clauses of three voices, 1.6 to 5.1."""


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
        *,
        soon: bool = False,
    ) -> Iterator[Speech]:
        """Speak `text`, clause by clause, the first one short.

        Args:
            text: plain text; may hold ``<break time="1.5s"/>`` and ``[word](/phonemes/)``.
            voice: a person's voice, a stock voice or the name of one.
            delivery: speed, pitch, volume and the user's lexicon.
            spoken: clauses before this text that are being heard already, so that its first one
                need not be short.
            soon: somebody waits: half a second of the first clause comes before the rest of it,
                which comes in parts too. The last phone of a part may end in the next.

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
                return self._stream(chain(head, items), voice, delivery, spoken, soon)
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
        soon: bool,
    ) -> Iterator[Speech]:
        gain = RunningGain(voice.loudness)
        timbre = self._timbre(voice)
        given = 0.0 if soon else _AHEAD
        for item in clauses(items, spoken):
            if isinstance(item, Break):
                yield replace(Speech.silence(item.seconds, RATE), language=voice.language)
            elif given < _AHEAD:
                for part in self._speak_soon(item, voice, timbre, delivery, gain):
                    given += part.duration
                    yield part
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
        samples = _coloured(samples, person)
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

    def _speak_soon(
        self, clause: Clause, voice: Speaker, timbre: Timbre, delivery: Delivery, gain: RunningGain
    ) -> Iterator[Speech]:
        """A clause in parts, the first as soon as may be; each is long enough to cover the making
        of the next."""
        phonemes, spans = _joined(clause.pieces)
        person = voice if isinstance(voice, PersonVoice) else None
        speed = delivery.speed * (person.rate if person else 1.0)
        how = (phonemes, timbre, speed, 2 ** (delivery.pitch / 12))
        begun = self._kokoro.begin(*how)
        heard = _coloured(begun.samples, person) * np.float32(_FAINT)
        heard = np.concatenate([np.zeros(begun.start * FRAME, np.float32), heard])
        phones, words = timed(phonemes, begun.frames, spans, heard)
        begin = at = max(0, round((phones[0].start - _LEAD_SOON) * RATE))
        volume = np.float32(gain(heard[begin:], RATE) * delivery.volume)
        silent = 1 + len(phonemes) - len(phonemes.rstrip("".join(SILENT) + " "))
        ends = int(begun.frames[:-silent].sum())
        text, sizes = clause.text, iter(_WINDOWS)
        while (known := len(heard) // FRAME) < ends:
            late = known - _SETTLING
            early = late - _JOINING
            joint = round(quietest(heard, RATE, early * _SECONDS, late * _SECONDS, words) * RATE)
            samples = heard[at:joint] * volume
            samples = limit(_faded_in(samples) if at == begin else samples, RATE)
            said = Speech(samples, RATE, phones, words, voice.language, text)
            yield _between(said, at, joint)

            start = max(begun.start, min(early - _SETTLING, ends - _REST))
            size = next(sizes, 0)
            size = size if size and start + size + _REST < ends else 0
            more = _coloured(self._kokoro.go_on(begun, start, size, *how), person)
            more = np.concatenate([np.zeros(start * FRAME, np.float32), more])
            same = slice(early * FRAME, late * FRAME)
            more *= np.float32(level(heard[same], more[same]))
            heard = crossed(heard, more, joint, RATE)
            phones, words = timed(phonemes, begun.frames, spans, heard)
            at, text = joint, ""
        end = min(len(heard), round((phones[-1].end + _TAIL) * RATE))
        samples = _faded_out(heard[at:end] * volume)
        samples = limit(_faded_in(samples) if at == begin else samples, RATE)
        pause = np.zeros(round(clause.pause / speed * RATE), np.float32)
        samples = np.concatenate([samples, pause])
        said = Speech(samples, RATE, phones, words, voice.language, text)
        yield _between(said, at, len(heard))


def _coloured(samples: Samples, person: PersonVoice | None) -> Samples:
    """As the person's filter has it, where there is one."""
    return person.colour(samples) if person and person.colour else samples


def _between(speech: Speech, begin: int, end: int) -> Speech:
    """The same with only the phones and words that start between two samples, shifted so that the
    first of these is at 0."""

    def within(start: float) -> bool:
        return begin / RATE <= max(start, 0.0) < end / RATE

    kept = replace(
        speech,
        phones=tuple(phone for phone in speech.phones if within(phone.start)),
        words=tuple(word for word in speech.words if within(word.start)),
    )
    return _shifted(kept, -begin / RATE)


def _faded(samples: Samples) -> Samples:
    """A copy that starts and ends at nothing, so that clauses join without a click."""
    return _faded_out(_faded_in(samples))


def _faded_in(samples: Samples) -> Samples:
    ramp = np.linspace(0, 1, min(len(samples) // 2, RATE // 100), dtype=np.float32)
    return np.concatenate([samples[: len(ramp)] * ramp, samples[len(ramp) :]])


def _faded_out(samples: Samples) -> Samples:
    return _faded_in(samples[::-1])[::-1]


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
            replace(p, start=p.start + seconds, end=p.end + seconds) for p in speech.phones
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
