"""Blinks: when people blink, and how lids move."""

import numpy as np

from visavis.performance.motion import Floats, minimum_jerk
from visavis.performance.score import Cue

_MEDIAN_INTERVAL = 4.4
_SPREAD = 0.5
_REFRACTORY = 1.4
_AT_PHRASE_END = 0.34


class Blinks:
    """Lids over time.

    Intervals are log-normal (median 4.4 s); some phrase ends and gaze shifts bring the next blink
    forward, as in conversation (Cummins, "Gaze and blinking in dyadic conversation", Language and
    Cognitive Processes 27, 2012). A blink takes 0.15-0.4 s, closing about twice as fast as it
    opens (Schiffman; Evinger et al., IOVS 32, 1991).

    Args:
        seed: of the draw.
        rate: gain of the rate.
        frame: seconds between frames; lids stay shut at least that long, so that one frame has it.
    """

    def __init__(self, seed: int, rate: float, frame: float) -> None:
        self._random = np.random.default_rng([seed % 2**32, 1])
        self._rate = max(rate, 0.1)
        self._hold = max(0.025, 1.02 * frame)
        self._blinks: list[tuple[float, float, float, float, float]] = []
        self._last = -10.0
        self._due = float(self._random.uniform(0.6, 2.5))

    def cue(self, cue: Cue) -> None:
        """Hear of something in the speech; every cue draws once, so that draws stay in step."""
        chance, delay = self._random.random(2)
        if cue.kind == "phrase_end" and chance < _AT_PHRASE_END * self._rate:
            self._bring_forward(cue.time + 0.25 * float(delay))

    def gaze_shift(self, time: float, degrees: float) -> None:
        """Large gaze shifts come with a blink."""
        chance = self._random.random()
        if degrees > 5.0 and chance < 0.4:
            self._bring_forward(time)

    def _bring_forward(self, time: float) -> None:
        if time > self._last + _REFRACTORY:
            self._due = min(self._due, time)

    def tick(self, time: float) -> None:
        """Begin a blink when one is due."""
        if time < self._due:
            return
        draw = self._random.normal(size=4)
        closing = float(np.clip(0.075 * np.exp(0.2 * draw[0]), 0.05, 0.11))
        opening = float(np.clip(0.16 * np.exp(0.25 * draw[1]), 0.1, 0.22))
        depth = 1.0 if draw[2] < 1.3 else 0.65
        self._blinks.append((time, closing, self._hold, opening, depth))
        self._last = time
        interval = float(np.exp(_SPREAD * draw[3])) * _MEDIAN_INTERVAL / self._rate
        self._due = time + min(max(interval, 0.7), 14.0)

    def at(self, times: Floats) -> Floats:
        """(n,) how far the lids are shut, 0..1, at (n,) times."""
        shut = np.zeros(len(times))
        for start, closing, hold, opening, depth in self._blinks:
            x = times - start
            down = minimum_jerk(x / closing)
            up = minimum_jerk((x - closing - hold) / opening)
            shut = np.maximum(shut, depth * (down - up))
        return shut

    def forget(self, before: float) -> None:
        """Drop blinks that ended before a time."""
        self._blinks = [blink for blink in self._blinks if blink[0] + 0.6 >= before]
