"""Coarticulation: phones to articulators by dominance functions, with the lips' hard contacts.

Source: Cohen and Massaro, "Modeling coarticulation in synthetic visual speech", in Models and
Techniques in Computer Animation, Springer 1993 (after Löfqvist 1990). Every phone has, for every
articulator, a target and a dominance that falls off exponentially with the distance in time; an
articulator stands at the mean of all targets weighted by dominance. Two things are added. Contacts
(lips on p, b, m; lip and teeth on f, v) are certain, not weighted: each is a plateau with eased
flanks. And pauses are no segment with a target of their own: an envelope opens the mouth shortly
before the first phone and shuts it after the last, so that silence is exactly still.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from visavis.performance.motion import Drift, Floats, plateau
from visavis.performance.visemes import CHANNELS, JAW, Viseme, viseme_of
from visavis.speech.types import Phone

OPENING_LEAD = 0.18
"""Seconds before the first phone of a phrase at which the mouth begins to open.

Of .11 to .18, which the look-ahead allows, the longest follows tracked speakers best.
"""

SHUTTING = 0.135
"""Seconds after the last phone of a phrase at which the mouth is shut."""

REACH = 0.19
"""Seconds to either side of a phone within which it is felt; bounds the look-ahead."""

CONTACT_MIN = 0.042
"""Seconds that a contact lasts at least: one frame at 25 frames a second."""

_PAUSE = 0.15
_FADE = 0.05
# Seconds over which dominance falls to 1/e beyond a phone's core, by articulator: the jaw is
# heavier than the lips, and rounding reaches furthest (Perkell and Matthies 1992).
_SPAN = np.array([0.055, 0.05, 0.05, 0.06, 0.075, 0.065, 0.05, 0.035])
_WIDEST = 0.55  # of the jaw in speech, approached by stressed open vowels
_STRESS_GAIN = (0.9, 0.99, 1.08)
# No two tokens of a phone are alike: how much each articulator varies, and with which others.
# Twice as much of the opening loses .03 of its correlation with tracked speakers.
_OPENING, _SPREADING, _ROUNDING = slice(0, 3), slice(3, 4), slice(4, 6)
_VARIATION = ((_OPENING, 0.15), (_SPREADING, 1.0), (_ROUNDING, 0.55))


@dataclass(frozen=True, slots=True)
class Mouth:
    """What the articulators do, frame by frame.

    Attributes:
        channels: (n, 8) in the order of `CHANNELS`, already faded in and out around pauses.
        closure: (n,) 1 where the lips touch.
        tuck: (n,) 1 where the lower lip is at the upper teeth.
        activity: (n,) 0 in pauses, 1 in speech.
    """

    channels: Floats
    closure: Floats
    tuck: Floats
    activity: Floats


@dataclass(slots=True, eq=False)
class _Gesture:
    start: float
    end: float
    viseme: Viseme
    target: Floats
    leads: bool
    last: bool = True


class Articulator:
    """Blends phones as they become known.

    Args:
        fps: frames per second; a contact lasts at least one frame.
        gain: of mouth opening.
        seed: of the variation between tokens.
    """

    def __init__(self, fps: float, gain: float = 1.0, seed: int = 0) -> None:
        self._gain = gain
        self._variation = Drift(seed * 7 + 1, 0.17, len(_VARIATION))
        self._contact = max(CONTACT_MIN, 1.02 / fps)
        self._gestures: list[_Gesture] = []

    def add(self, phone: Phone) -> None:
        """Take a phone whose times are seconds of media time."""
        viseme = viseme_of(phone.symbol)
        if viseme is None:
            return
        if phone.others:
            viseme = _mixed(viseme, phone.others)
        duration = phone.end - phone.start
        target = viseme.target.copy()
        if viseme.vowel:
            # Fast speech undershoots (Lindblom 1963): beyond what blending takes, a little more.
            hurry = np.clip((duration / 0.11) ** 0.3, 0.7, 1.12)
            target[_OPENING] *= hurry * _STRESS_GAIN[min(max(phone.stress, 0), 2)]
        target[_OPENING] *= self._gain
        draw = self._variation.at(np.array([(phone.start + phone.end) / 2]))[0]
        for (channels, size), value in zip(_VARIATION, draw, strict=True):
            target[channels] *= max(1.0 + size * value, 0.25)
        target[JAW] = _WIDEST * np.tanh(target[JAW] / _WIDEST)
        gesture = _Gesture(phone.start, phone.end, viseme, target, leads=True)
        index = bisect_right(self._gestures, gesture.start, key=lambda other: other.start)
        self._gestures.insert(index, gesture)
        self._link(index)

    def _link(self, index: int) -> None:
        """Say of a gesture and its successor whether a pause lies around them."""
        for here in (index, index + 1):
            if 0 < here < len(self._gestures):
                before, after = self._gestures[here - 1], self._gestures[here]
                before.last = after.start - before.end > _PAUSE
                after.leads = before.last
            elif here == 0:
                self._gestures[0].leads = True

    def forget(self, before: float) -> None:
        """Drop phones that no frame from `before` on can feel."""
        while len(self._gestures) > 1 and self._gestures[0].end + 2 * REACH < before:
            del self._gestures[0]

    def at(self, times: Floats) -> Mouth:
        """Blend.

        Args:
            times: (n,) ascending seconds, not before the last `forget`.
        """
        n = len(times)
        weighted = np.zeros((n, len(CHANNELS)))
        weights = np.full((n, len(CHANNELS)), 1e-4)
        closure, tuck, activity = np.zeros(n), np.zeros(n), np.zeros(n)
        for gesture in self._gestures:
            low, high = np.searchsorted(times, (gesture.start - REACH, gesture.end + REACH))
            if low == high:
                continue
            near = slice(int(low), int(high))
            now = times[near]
            dominance = _dominance(now, gesture)
            weights[near] += dominance
            weighted[near] += dominance * gesture.target
            activity[near] = np.maximum(activity[near], _activity(now, gesture))
            if gesture.viseme.closure:
                np.maximum(closure[near], self._touch(now, gesture), out=closure[near])
            if gesture.viseme.tuck:
                np.maximum(tuck[near], self._touch(now, gesture), out=tuck[near])
        channels = weighted / weights * activity[:, None]
        return Mouth(channels, closure, tuck * (1.0 - closure), activity)

    def _touch(self, times: Floats, gesture: _Gesture) -> Floats:
        """How far a contact is made: certain for at least one frame, however short the phone."""
        viseme = gesture.viseme
        start = gesture.start
        end = max(start + (gesture.end - start) * viseme.held, gesture.end - 0.05)
        if (lacking := self._contact - (end - start)) > 0:
            start, end = start - lacking / 2, end + lacking / 2
        # Before and after a pause the lips are together already: no smacking of the lips.
        if gesture.leads:
            start -= OPENING_LEAD
        if gesture.last:
            end = gesture.end + SHUTTING
        strength = viseme.closure or viseme.tuck
        return np.asarray(strength * plateau(times, start, end, rise=0.078, fall=0.08))


def _mixed(viseme: Viseme, others: tuple[tuple[str, float], ...]) -> Viseme:
    """A phone of which it is not certain which it was: every target counts by how probable it is
    and by how firmly it would be held. Contacts and lengthening are those of the likeliest."""
    known = [(one, share) for name, share in others if (one := viseme_of(name)) is not None]
    known.append((viseme, max(1.0 - sum(share for _, share in known), 0.0)))
    shares = np.array([share for _, share in known])
    held = shares[:, None] * np.stack([one.dominance for one, _ in known])
    targets = np.stack([one.target for one, _ in known])
    dominance = held.sum(axis=0)
    target = (held * targets).sum(axis=0) / np.maximum(dominance, 1e-9)
    return replace(viseme, dominance=dominance, target=target)


def _dominance(times: Floats, gesture: _Gesture) -> npt.NDArray[np.float64]:
    """(n, 8): full inside the middle of the phone, falling off beyond, zero at `REACH`."""
    start, end = gesture.start, gesture.end
    core = 0.2 * min(end - start, 0.3)
    outside = np.maximum(np.maximum(start + core - times, times - end + core), 0.0)
    edge = np.clip(np.minimum(times - start + REACH, end + REACH - times) / _FADE, 0.0, 1.0)
    fall = np.exp(-((outside[:, None] / _SPAN) ** 1.5))
    return np.asarray(gesture.viseme.dominance * fall * edge[:, None])


def _activity(times: Floats, gesture: _Gesture) -> Floats:
    """The part of the envelope that one phone holds open."""
    return plateau(
        times, gesture.start + 0.01, max(gesture.end - 0.02, gesture.start + 0.01),
        rise=OPENING_LEAD + 0.01, fall=SHUTTING + min(0.02, gesture.end - gesture.start),
    )  # fmt: skip
