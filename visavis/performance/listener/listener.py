"""The listener as the line uses it: sound at any rate in, phones and curves per frame out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from visavis.media import Resampler
from visavis.performance.errors import PerformanceError
from visavis.performance.listener.classes import CHANNEL_NAMES
from visavis.performance.listener.decoding import SECONDS, Decoder
from visavis.performance.listener.features import RATE, STEP
from visavis.performance.listener.network import Floats, Heard, State, finish, hear, hear_promptly
from visavis.speech.types import Phone, Samples, Speech

OFFLINE_LAG = 15
"""Steps that a decision about a phone may wait where nobody waits for it."""

HUM = -84.0
"""Decibels of a step's second difference under which nobody speaks: silence, mains, rumble."""

_NEVER = -50.0
_ACTIVITY = CHANNEL_NAMES.index("activity")


class Listener:
    """Hears phones in a stream of sound, whatever the lengths of the chunks.

    Args:
        rate: samples per second of what will be pushed, 2000-768000.
        lag: steps of 20 ms that a decision waits beyond the network's own 120 ms.

    Raises:
        PerformanceError: a rate out of range.
    """

    def __init__(self, rate: int, lag: int = OFFLINE_LAG) -> None:
        _check(rate)
        self._resampler = Resampler(rate, RATE)
        self._state = State.fresh()
        self._decoder = Decoder(lag)
        self._loudness = _Loudness()

    @property
    def settled(self) -> float:
        """Seconds before which every phone that begins was given out."""
        return self._decoder.settled

    def push(self, samples: Samples) -> list[Phone]:
        """The phones that have ended; times are seconds from the first sample ever pushed.

        Args:
            samples: (n,) float32 mono.

        Raises:
            PerformanceError: samples that are not one row.
        """
        return self._hear(self._resampler.push(_sound(samples)))

    def finish(self) -> list[Phone]:
        """The phones that are left."""
        done = self._hear(self._resampler.finish())
        last = finish(self._state)
        done += self._decide(last)
        return done + self._decoder.finish()

    def _hear(self, samples: Samples) -> list[Phone]:
        self._loudness.push(samples)
        self._state, heard = hear(self._state, samples)
        return self._decide(heard)

    def _decide(self, heard: Heard) -> list[Phone]:
        activity = heard.mouth[:, _ACTIVITY]
        return _decided(self._decoder, self._loudness, heard.phones, activity)


class PromptListener:
    """Hears phones as they begin, for sound that is shown while it comes in.

    A step of 20 ms is decided 20 ms after its end; nothing is revised. `Listener` errs less.

    Args:
        rate: samples per second of what will be pushed, 2000-768000.

    Raises:
        PerformanceError: a rate out of range.
    """

    def __init__(self, rate: int) -> None:
        _check(rate)
        self._rate = rate
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: an utterance is over."""
        self._resampler = Resampler(self._rate, RATE)
        self._state = State.fresh()
        self._decoder = Decoder(0)
        self._loudness = _Loudness()
        self._pushed = 0

    def __call__(self, samples: Samples) -> tuple[Phone, ...]:
        """The phones of the next samples, one that sounds on as far as it is known.

        Args:
            samples: (n,) float32 mono.

        Returns:
            Phones whose times are seconds from the first of these samples; below zero where a
            decision had to wait for them.

        Raises:
            PerformanceError: samples that are not one row.
        """
        sound = self._resampler.push(_sound(samples))
        self._loudness.push(sound)
        self._state, heard = hear_promptly(self._state, sound)
        done = _decided(self._decoder, self._loudness, heard) + self._decoder.cut()
        before = self._pushed / self._rate
        self._pushed += len(samples)
        return tuple(
            replace(phone, start=phone.start - before, end=phone.end - before) for phone in done
        )


class _Loudness:
    """Decibels of every step of 20 ms."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.float32)

    def push(self, samples: Samples) -> None:
        self._samples = np.concatenate([self._samples, samples])

    def take(self, steps: int) -> tuple[Floats, Floats]:
        """(steps,) decibels of the next steps and of their curvature, which deep hum has not;
        silence where there is no more sound."""
        wanted = steps * STEP
        taken = self._samples[:wanted]
        self._samples = self._samples[wanted:]
        rows = np.pad(taken, (0, wanted - len(taken))).reshape(steps, STEP)
        return _decibels(rows), _decibels(np.diff(rows, 2, axis=1))


def _decibels(rows: Floats) -> Floats:
    return np.asarray(10 * np.log10((rows**2).mean(axis=1) + 1e-10), np.float32)


def _decided(
    decoder: Decoder, loudness: _Loudness, heard: Floats, activity: Floats | None = None
) -> list[Phone]:
    """The phones that ended in the next steps, given the logarithms of their probabilities."""
    loud, edge = loudness.take(len(heard))
    phones = heard.copy()
    phones[edge < HUM, 1:] = _NEVER
    phones[edge < HUM, 0] = 0.0
    if activity is not None:
        activity = np.where(edge < HUM, 0.0, activity).astype(np.float32)
    return decoder.push(phones, loud, activity)


def heard_curves(samples: Samples, rate: int, fps: Fraction) -> tuple[Floats, Heard]:
    """All of a sound at once.

    Args:
        samples: (n,) float32 mono, full scale -1..1.
        rate: samples per second.
        fps: frames per second of the curves.

    Returns:
        (ceil(duration * fps), len(CHANNEL_NAMES)) articulators per video frame, and the steps that
        they were read from.

    Raises:
        PerformanceError: samples that are not one row, or a rate out of range.
    """
    heard = _all(samples, rate)
    count = -int(-Fraction(len(samples), rate) * fps // 1)
    return at_frames(heard.mouth, count, fps), heard


def heard_phones(samples: Samples, rate: int) -> Floats:
    """(steps, classes) logarithms of the phones' probabilities of a whole sound, see `Heard`.

    Raises:
        PerformanceError: samples that are not one row, or a rate out of range.
    """
    return _all(samples, rate).phones


def _all(samples: Samples, rate: int) -> Heard:
    _check(rate)
    resampler = Resampler(rate, RATE)
    sound = np.concatenate([resampler.push(_sound(samples)), resampler.finish()])
    state, first = hear(State.fresh(), sound)
    last = finish(state)
    return Heard(
        0,
        np.concatenate([first.phones, last.phones]),
        np.concatenate([first.mouth, last.mouth]),
    )


def at_frames(mouth: Floats, count: int, fps: Fraction) -> Floats:
    """Rows per step of 20 ms to rows per video frame, by straight lines between the steps."""
    if not len(mouth):
        return np.zeros((count, len(CHANNEL_NAMES)), np.float32)
    times = np.arange(count) / float(fps)
    middle = (np.arange(len(mouth)) + 0.5) * SECONDS
    columns = [np.interp(times, middle, column) for column in mouth.T]
    return np.asarray(np.stack(columns, axis=1), np.float32)


def _check(rate: int) -> None:
    if not 2000 <= rate <= 768_000:
        raise PerformanceError(f"Sound at {rate} Hz cannot be heard.", "Give 2 to 768 kHz.")


def _sound(samples: Samples) -> npt.NDArray[np.float32]:
    """Samples that a filter can take: no NaN, nothing beyond full scale."""
    if samples.ndim != 1:
        raise PerformanceError(
            f"The listener was given {samples.ndim} dimensions of samples.", "Mix it down to mono."
        )
    clean = np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(clean, -1.0, 1.0)


def listened(speeches: Iterable[Speech]) -> Iterator[Speech]:
    """The same sound with the phones that were heard in it, in constant memory.

    Args:
        speeches: chunks of one sample rate.

    Returns:
        An iterator of chunks, cut where no phone sounds on that is not known yet.
    """
    listener: Listener | None = None
    held: list[Samples] = []
    phones: list[Phone] = []
    start, rate = 0, 0
    example: Speech | None = None

    def cut(until: int) -> Speech | None:
        nonlocal start, held
        if until <= start or example is None:
            return None
        whole = np.concatenate(held)
        taken, rest = whole[: until - start], whole[until - start :]
        begin = start / rate
        inside = [phone for phone in phones if phone.start * rate < until]
        del phones[: len(inside)]
        start, held = start + len(taken), [rest]
        moved = tuple(
            replace(phone, start=phone.start - begin, end=phone.end - begin) for phone in inside
        )
        return replace(example, samples=taken, phones=moved, words=())

    for speech in speeches:
        if listener is None:
            rate, example = speech.rate, speech
            listener = Listener(rate)
        held.append(speech.samples)
        phones += listener.push(speech.samples)
        if ready := cut(int(listener.settled * rate)):
            yield ready
    if listener is not None:
        phones += listener.finish()
        if ready := cut(start + sum(len(part) for part in held)):
            yield ready
