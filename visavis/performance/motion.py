"""Closed-form movement: every value is a function of time alone, so that chunks cannot disagree.

Times are float64 seconds of media time, vectorised over frames.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def minimum_jerk(progress: Floats) -> Floats:
    """The course of a reaching movement, 0 before progress 0 and 1 after progress 1.

    Source: Flash and Hogan, "The coordination of arm movements: an experimentally confirmed
    mathematical model", Journal of Neuroscience 5(7), 1985.
    """
    x = np.clip(progress, 0.0, 1.0)
    return np.asarray(x * x * x * (10.0 + x * (6.0 * x - 15.0)))


def plateau(times: Floats, start: float, end: float, rise: float, fall: float) -> Floats:
    """1 from `start` to `end`, eased to 0 over `rise` seconds before and `fall` seconds after."""
    ahead = np.clip((start - times) / rise, 0.0, 1.0)
    behind = np.clip((times - end) / fall, 0.0, 1.0)
    x = 1.0 - np.maximum(ahead, behind)
    return np.asarray(x * x * (3.0 - 2.0 * x))


@dataclass(frozen=True, slots=True)
class _Move:
    start: float
    rise: float
    hold: float
    fall: float
    size: Floats

    @property
    def end(self) -> float:
        return self.start + self.rise + self.hold + self.fall


class Steps:
    """A position that moves from one place to the next and stays there.

    Args:
        start: (d,) where it is before the first move.
    """

    def __init__(self, start: Floats) -> None:
        self._settled = start.astype(np.float64)
        self._moves: list[_Move] = []
        self.target: Floats = self._settled.copy()

    def move(self, start: float, seconds: float, target: Floats) -> None:
        """Be at `target` from `start` + `seconds` on."""
        self._moves.append(_Move(start, seconds, 0.0, 0.0, target - self.target))
        self.target = target

    def at(self, times: Floats) -> Floats:
        """(n, d) positions at (n,) times not before the last `forget`."""
        position = np.tile(self._settled, (len(times), 1))
        for move in self._moves:
            position += minimum_jerk((times - move.start) / move.rise)[:, None] * move.size
        return position

    def forget(self, before: float) -> None:
        """Settle the moves that ended before a time."""
        while self._moves and self._moves[0].end < before:
            self._settled = self._settled + self._moves.pop(0).size


class Bumps:
    """Excursions from zero and back, which add up.

    Args:
        width: d, how many values move together.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._moves: list[_Move] = []

    def add(self, start: float, rise: float, hold: float, fall: float, size: Floats) -> None:
        """Go from 0 to `size` (d,) in `rise` seconds, stay for `hold`, return in `fall`."""
        self._moves.append(_Move(start, rise, hold, fall, size))

    def at(self, times: Floats) -> Floats:
        """(n, d) sums at (n,) times not before the last `forget`."""
        total = np.zeros((len(times), self._width))
        for move in self._moves:
            x = times - move.start
            out = minimum_jerk(x / move.rise)
            back = minimum_jerk((x - move.rise - move.hold) / move.fall)
            total += (out - back)[:, None] * move.size
        return total

    def forget(self, before: float) -> None:
        """Drop what ended before a time."""
        self._moves = [move for move in self._moves if move.end >= before]


_AROUND = np.arange(-1, 3)


class Drift:
    """Slow wandering around zero: a cubic B-spline through seeded noise.

    Args:
        seed: the same seed wanders the same way.
        period: seconds between knots; about half a swing.
        width: d, how many independent values.
    """

    def __init__(self, seed: int, period: float, width: int) -> None:
        self._period = period
        self._keys = _mix(
            np.arange(1, width + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            ^ np.uint64(seed % 2**64)
        )

    def at(self, times: Floats) -> Floats:
        """(n, d) values, standard deviation about 0.6, never beyond 1.8."""
        x = times / self._period
        knot = np.floor(x)
        u = x - knot
        v = 1.0 - u
        weights = np.stack(
            (v * v * v, u * u * (3.0 * u - 6.0) + 4.0, v * v * (3.0 * v - 6.0) + 4.0, u * u * u), 1
        )
        knots = knot.astype(np.int64)[:, None] + _AROUND
        mixed = _mix(knots.astype(np.uint64)[..., None] + self._keys)
        values = (mixed >> np.uint64(11)).astype(np.float64) * (3.6 / 2**53) - 1.8
        return np.asarray((values * weights[..., None]).sum(axis=1) / 6.0)


def _mix(value: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea and Flood, OOPSLA 2014): neighbours become unrelated."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
