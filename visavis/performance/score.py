"""What happens in speech that a person moves to: phrases begin and end, words are stressed.

Everything runs on a clock of ticks. At a tick only what lies less than the look-ahead beyond it may
be used, whatever is known already; that is why chunks of any length give the same performance.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from visavis.performance.prosody import Prosody
from visavis.performance.visemes import viseme_of
from visavis.speech.phones import BREATH
from visavis.speech.types import Phone

TICK = 0.02
"""Seconds between ticks."""

Kind = Literal["phrase_start", "phrase_end", "pause", "accent"]


@dataclass(frozen=True, slots=True)
class Cue:
    """Something to move to.

    Attributes:
        kind: ``phrase_start`` comes 150 ms before its first phone; ``phrase_end`` 30 ms before its
            last phone ends; ``pause`` when 300 ms of it have passed; ``accent`` 80 ms before a
            stressed vowel.
        time: seconds of media time at which it came.
        strength: accents, 0..1.5, about 0.5 for an ordinary one; phrase ends, how far pitch rises
            (+) or falls (-).
    """

    kind: Kind
    time: float
    strength: float = 0.0


class Score:
    """Finds cues in phones and voice as media time passes."""

    def __init__(self) -> None:
        self._starting: deque[Phone] = deque()
        self._stressed: deque[Phone] = deque()
        self._spoken_until = float("-inf")
        self._in_phrase = False
        self._resting = True

    def add(self, phone: Phone) -> None:
        """Take a phone whose times are seconds of media time, in time order."""
        if phone.symbol == BREATH or viseme_of(phone.symbol) is None:
            return
        self._starting.append(phone)
        if phone.stress >= 2:
            self._stressed.append(phone)

    def speaking(self, time: float) -> bool:
        """Whether a phrase is under way at the last tick."""
        return self._in_phrase and time < self._spoken_until + 0.1

    def at(self, time: float, prosody: Prosody) -> list[Cue]:
        """The cues of the tick at `time`; ticks are asked in order."""
        cues: list[Cue] = []
        while self._starting and self._starting[0].start - 0.15 <= time:
            phone = self._starting.popleft()
            if not self._in_phrase or phone.start > self._spoken_until + 0.12:
                cues.append(Cue("phrase_start", time))
            self._in_phrase, self._resting = True, False
            self._spoken_until = max(self._spoken_until, phone.end)
        while self._stressed and self._stressed[0].start - 0.08 <= time:
            cues.append(self._accent(self._stressed.popleft(), time, prosody))
        if self._in_phrase and time >= self._spoken_until - 0.03:
            self._in_phrase = False
            cues.append(Cue("phrase_end", time, self._rise(prosody)))
        if not self._resting and not self._in_phrase and time >= self._spoken_until + 0.3:
            self._resting = True
            cues.append(Cue("pause", time))
        return cues

    def _rise(self, prosody: Prosody) -> float:
        """How far pitch rises into the end of the phrase; 0 where it cannot be heard."""
        end = self._spoken_until
        _, late, heard = prosody.mean(end - 0.2, end)
        _, early, heard_before = prosody.mean(end - 0.55, end - 0.25)
        return late - early if min(heard, heard_before) > 0.25 else 0.0

    def _accent(self, vowel: Phone, time: float, prosody: Prosody) -> Cue:
        level, pitch, _ = prosody.mean(vowel.start, vowel.start + 0.08)
        length = min((vowel.end - vowel.start) / 0.12, 2.0) - 1.0
        strength = 0.5 + 0.2 * level + 0.35 * pitch + 0.2 * length
        return Cue("accent", time, min(max(strength, 0.0), 1.5))
