"""An endless way through the frames of a short clip that never looks like a loop.

After Schödl et al., "Video Textures", SIGGRAPH 2000: play on where nothing is lost by it, and
change over to another place where pose, movement and appearance agree, by a short cross-dissolve.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FADE_SECONDS = (0.36, 0.72)  # of the smallest change and of the largest
LONG_FADE = 6.0  # cost of a change that takes the longest
LEAST_RUN = 0.7  # seconds between two changes
LONGEST_REPEAT = 1.8  # seconds that may be shown again in the same order
MEMORY = 60.0  # seconds for which what was shown is remembered
APART = 0.45  # seconds between the two ends of a change, at least
NOVELTY = 0.5
WORN_CHANGE = 0.7
STRAIN, AHEAD = 8.0, 1.0  # cost of a second of a face that does not speak; seconds looked ahead
CHANCE = 0.12
JERKY, JERK = 0.5, 10.0  # jerk of a frame from which a change avoids it, cost of one that is 1 more
UNHURRIED, HASTE = 5.0, 1.0  # seconds of a run from which leaving it costs nothing more


@dataclass(frozen=True, eq=False)
class Stretches:
    """What a walk needs to know of a clip.

    Attributes:
        cost: (t, t) how much a change from one frame to another would show, about 1 for what is
            just seen.
        unrest: (t,) how much is going on in the frames that follow each, about 1 on average.
        strain: (t,) how far each face is from one that speaks: 0 is usual, 1 a broad smile or a
            pulled mouth, whose cheeks no other mouth fits.
        rate: frames per second of the clip.
        jerks: (t,) how much the movement changes at each frame, see `movement.Movement`.
    """

    cost: Floats
    unrest: Floats
    rate: float
    strain: Floats
    jerks: Floats

    def __len__(self) -> int:
        return len(self.unrest)


def measure_stretches(
    poses: Floats, looks: Floats, eyes: Floats, rate: float, strain: Floats, jerks: Floats
) -> Stretches:
    """Compare all frames of a clip.

    Args:
        poses: (t, k) position of the head and its parts, in eye distances.
        looks: (t, m) small pictures of everything but the lower face, lightness 0..1.
        eyes: (t,) opening of the eyes, in eye distances.
        rate: frames per second.
        strain, jerks: (t,) see `Stretches`.
    """
    moves = np.gradient(poses, axis=0) * rate / 8
    opening = np.gradient(eyes)[:, None] * rate / 4
    apart = (
        12 * _distances(poses)
        + 6 * _distances(moves)
        + 14 * _distances(looks)
        + 16 * _distances(eyes[:, None])
        + 8 * _distances(opening)
    )
    speed = np.linalg.norm(moves, axis=1)
    window = max(1, round(rate))
    padded = np.pad(speed, (0, window), mode="edge")
    ahead = np.array([padded[i : i + window].mean() for i in range(len(speed))])
    unrest = ahead / max(ahead.mean(), 1e-6)
    return Stretches(apart.astype(np.float32), unrest.astype(np.float32), rate, strain, jerks)


def _distances(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(t, t) root mean square differences between the rows."""
    rows = values.astype(np.float64)
    squares = (rows**2).sum(1)
    apart = squares[:, None] + squares - 2 * rows @ rows.T
    return np.asarray(np.sqrt(np.maximum(apart, 0) / rows.shape[1]))


@dataclass(frozen=True, slots=True)
class Step:
    """What of the clip a frame shows.

    Attributes:
        frame: number of the frame.
        other: number of the frame that is being changed to, or -1.
        share: how much of `other` is seen, 0..1.
        coming: number of the frame that will be changed to next, where it is known, or -1.
    """

    frame: int
    other: int = -1
    share: float = 0.0
    coming: int = -1


class Walk:
    """The way itself: explicit state, the same seed gives the same way.

    Args:
        stretches: the clip.
        stride: frames of the clip to one frame of the output; may be a fraction.
        seed: another one gives another way.
    """

    def __init__(self, stretches: Stretches, stride: float, seed: int) -> None:
        self._clip = stretches
        self._stride = stride
        self._random = np.random.default_rng(seed)
        self._fade, self._longest = (
            max(2, round(seconds * stretches.rate)) for seconds in FADE_SECONDS
        )
        self._fades = self._fade
        self._last = len(stretches) - 1
        self._shown = np.full(len(stretches), -np.inf)
        self._clock = 0.0
        self._place = float(self._first())
        self._taken: deque[tuple[float, int, int]] = deque()
        window = self._frames(AHEAD)
        total = np.cumsum(np.pad(stretches.strain.astype(np.float64), (1, window), mode="edge"))
        self._ahead = STRAIN * (total[window:] - total[:-window])[: len(stretches)] / stretches.rate
        self._exit, self._entry = self._plan(int(self._place))
        self._fading = -1.0

    def _jerks(
        self, exits: npt.NDArray[np.intp], entries: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.float64]:
        """(n, m) the worst jerk that is seen of changes from each exit to each entry.

        Both ends move while one fades into the other, so their jerks add up, each by its share.
        How long a change will take is not known yet: the shortest and the longest are looked at.
        """
        jerks = np.pad(self._clip.jerks, (1, self._longest + 2)).astype(np.float64)
        worst = np.repeat(jerks[exits][:, None], len(entries), 1)  # the last frame seen alone
        for fade in (self._fade, self._longest):
            for number in range(fade + 2):
                share = float(_eased(min(1.0, number / (fade + 1))))
                left, entered = jerks[exits + number + 1], jerks[entries + number + 1]
                np.maximum(worst, (1 - share) * left[:, None] + share * entered, out=worst)
        return worst

    def _first(self) -> int:
        room = max(1, self._last - 2 * self._frames(LEAST_RUN) - self._fade)
        calm = self._clip.unrest[:room] + 0.2 * self._random.random(room)
        calm += self._clip.strain[:room]
        return int(calm.argmin())

    def _strained(self, here: int, exits: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """(n,) cost of the faces between a place and each of the ways out."""
        total = np.cumsum(self._clip.strain[here : exits[-1] + 1], dtype=np.float64)
        return np.asarray(STRAIN * total[exits - here] / self._clip.rate)

    def _frames(self, seconds: float) -> int:
        return max(1, round(seconds * self._clip.rate))

    def next(self) -> Step:
        """The next frame of the output."""
        step = self._step()
        self._shown[step.frame] = self._clock
        self._clock += self._stride / self._clip.rate
        self._advance()
        return step

    def _step(self) -> Step:
        frame = min(int(self._place + 1e-6), self._last)
        if self._fading < 0:
            return Step(frame, coming=self._entry)
        other = min(self._entry + int(self._fading + 1e-6), self._last)
        return Step(frame, other, float(_eased((self._fading + 1) / (self._fades + 1))))

    def _advance(self) -> None:
        self._place += self._stride
        if self._fading >= 0:
            self._fading += self._stride
            if self._fading >= self._fades:
                self._place = float(self._entry) + self._fading
                self._fading = -1.0
                self._exit, self._entry = self._plan(int(self._place))
        elif self._place >= self._exit:
            self._fading = self._place - self._exit

    def _plan(self, here: int) -> tuple[int, int]:
        """When to leave the run that starts at `here`, and for where; the larger the change, the
        longer it may take."""
        clip, fade = self._clip, self._longest
        least, repeat = self._frames(LEAST_RUN), self._frames(LONGEST_REPEAT)
        first = min(here + least, self._last - fade)
        last = min(self._until(here, repeat), self._last - fade)
        last = max(first, last)
        exits = np.arange(first, last + 1)
        entries = np.arange(0, max(1, self._last - fade - least))
        early, middle = self._fade // 2, fade // 2  # of a short change and of a long one
        change = np.maximum(
            clip.cost[np.ix_(exits + early, entries + early)],
            clip.cost[np.ix_(exits + middle, entries + middle)],
        )
        cost = change.astype(np.float64)
        cost += 0.25 * clip.unrest[np.minimum(entries + fade, self._last)]
        age = np.clip((self._clock - self._shown) / MEMORY, 0, 1)
        padded = np.pad(1 - age, (0, repeat), mode="edge")
        worn = np.convolve(padded, np.ones(repeat) / repeat, mode="valid")[: len(age)]
        cost += NOVELTY * worn[entries + middle]
        cost += CHANCE * self._random.random(cost.shape)
        run = (exits - here) / clip.rate
        cost += HASTE * np.clip(1 - run / UNHURRIED, 0, 1)[:, None]
        cost += self._strained(here, exits)[:, None] + self._ahead[entries]
        cost += JERK * np.maximum(self._jerks(exits, entries) - JERKY, 0)
        self._avoid_taken(cost, first)
        apart = np.abs(exits[:, None] - entries) < self._frames(APART) + fade
        # Nor straight on: the frames just played come again only where nothing else is left.
        cost[apart] += 50
        chosen = int(cost.argmin())
        row, column = divmod(chosen, len(entries))
        large = min(1.0, float(change[row, column]) / LONG_FADE)
        self._fades = round(self._fade + large * (self._longest - self._fade))
        self._taken.append((self._clock, int(exits[row]), int(entries[column])))
        return int(exits[row]), int(entries[column])

    def _avoid_taken(self, cost: npt.NDArray[np.float64], first: int) -> None:
        """Make changes dear that were made a while ago: what went before and what follows would
        be seen again in the same order."""
        while self._taken and self._taken[0][0] < self._clock - MEMORY:
            self._taken.popleft()
        near = max(2, self._fade // 2)
        for _, left, entered in self._taken:
            row, column = left - first, entered
            rows = slice(max(0, row - near), max(0, row + near + 1))
            columns = slice(max(0, column - near), max(0, column + near + 1))
            cost[rows, columns] += WORN_CHANGE
            if 0 <= row < cost.shape[0] and column < cost.shape[1]:
                cost[row, column] += 100

    def _until(self, here: int, repeat: int) -> int:
        """Last frame before which too much would be shown again."""
        seen = self._clock - self._shown < MEMORY
        again = 0
        for frame in range(here, self._last):
            again = again + 1 if seen[frame] else 0
            if again >= repeat - self._fade:
                return frame
        return self._last


def _eased(t: float | npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """From 0 to 1 with the least acceleration that gets there in the time."""
    return np.where(np.asarray(t) < 0.5, 2 * np.square(t), 1 - 2 * np.square(1 - np.asarray(t)))
