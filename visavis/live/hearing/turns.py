"""Where a person's turn begins and ends."""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from visavis.live.hearing.vad import SECONDS
from visavis.speech.types import Samples

SPEECH, SILENCE = 0.5, 0.35
"""Likelihoods at which a voice begins and ends to be heard."""

BEGIN = 0.1
"""Seconds of voice that begin a turn."""

PAUSE = 0.12
"""Seconds of silence after which it pays to see what was said so far."""

END = 0.45
"""Seconds of silence that end a turn whose words are complete."""

END_ASKED = 0.3
"""Seconds of silence that end a turn whose words are a question: it is the other's turn then."""

END_OPEN = 1.1
"""Seconds of silence that end a turn that sounds as if more would come."""

LONGEST = 28.0
"""Seconds after which a turn is taken as it is."""

_BEFORE = 0.3


class Change(Enum):
    """What a window of sound changed."""

    BEGUN = "begun"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"


@dataclass(slots=True)
class Turns:
    """Follows one speaker window by window.

    Attributes:
        patience: seconds of silence that end the turn in hand, see `patience`; reset to `END` by
            each new turn.
        voiced: seconds of voice in the turn in hand.
    """

    patience: float = END
    voiced: float = 0.0
    _before: deque[Samples] = field(default_factory=lambda: deque(maxlen=round(_BEFORE / SECONDS)))
    _turn: list[Samples] = field(default_factory=list)
    _speaking: bool = False
    _run: float = 0.0
    _quiet: float = 0.0

    @property
    def speaking(self) -> bool:
        """Whether a turn is in hand."""
        return self._speaking

    @property
    def quiet(self) -> float:
        """Seconds of silence at the end of the turn in hand, or of the last one."""
        return self._quiet

    @property
    def samples(self) -> Samples:
        """The sound of the turn in hand, or of the last one."""
        return np.concatenate(self._turn) if self._turn else np.zeros(0, np.float32)

    def push(self, window: Samples, likely: float) -> Change | None:
        """Take the next window with the likelihood of a voice in it."""
        if not self._speaking:
            return self._wait(window, likely)
        self._turn.append(window)
        paused = self._quiet >= PAUSE
        if likely >= SILENCE:
            self._quiet = 0.0
            self.voiced += SECONDS
            if len(self._turn) * SECONDS > LONGEST:
                return self.finish()
            return Change.RESUMED if paused else None
        self._quiet += SECONDS
        if self._quiet >= self.patience:
            return self.finish()
        return Change.PAUSED if not paused and self._quiet >= PAUSE else None

    def finish(self) -> Change | None:
        """End the turn in hand now; None where there is none."""
        if not self._speaking:
            return None
        self._speaking = False
        self._before.clear()
        self._run = 0.0
        return Change.ENDED

    def begin(self) -> Change | None:
        """Begin a turn now, whatever is heard; None where one is in hand."""
        if self._speaking:
            return None
        self._speaking = True
        self._quiet = self.voiced = 0.0
        self.patience = END
        self._turn = [*self._before]
        return Change.BEGUN

    def _wait(self, window: Samples, likely: float) -> Change | None:
        self._before.append(window)
        self._run = self._run + SECONDS if likely >= SPEECH else 0.0
        if self._run < BEGIN:
            return None
        run = self._run
        changed = self.begin()
        self.voiced = run
        return changed


_OPEN = frozenset(
    word
    for line in (
        "and but or so because if when then that which the a an of to for with my your is are",
        "was um uh er like well however although",
    )
    for word in line.split()
)


def patience(text: str) -> float:
    """Seconds of silence that end a turn of which this is the transcript so far."""
    if sounds_open(text):
        return END_OPEN
    return END_ASKED if text.rstrip().endswith(("?", "？")) else END


def sounds_open(text: str) -> bool:
    """Whether a transcript sounds as if more would come."""
    plain = text.strip().lower()
    if not plain:
        return True
    if plain.endswith(("...", "…", ",", "-", "—")):
        return True
    return plain.rstrip(".!? ").rsplit(" ", 1)[-1] in _OPEN
