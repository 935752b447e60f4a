"""Move phone boundaries to where they are heard: ``python -m training.listener.realign DATA OUT``.

The synthesiser's durations are in frames of 25 ms, and its sound keeps to them within 12 ms on
average, no closer. The listener that ships was trained on them and hears where most boundaries
are; its forced alignment of the known phones is therefore nearer to the sound, and what is trained
on that is told the same about the same sound every time. The articulators are carried along with
the boundaries between which they move. Shards of DATA that OUT lacks are written there.

Source: Juang and Rabiner, "The segmental k-means algorithm for estimating parameters of hidden
Markov models", IEEE Transactions on Acoustics, Speech and Signal Processing 38, 1990.
"""

import argparse
import itertools
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.listener.shards import Shard
from visavis.errors import VisavisError
from visavis.performance.listener.alignment import Sound, align
from visavis.performance.listener.classes import PHONES
from visavis.performance.listener.features import RATE, STEP
from visavis.performance.listener.network import State, finish, hear

FARTHEST = 3.0
"""Steps by which a boundary may move; one that would move more stays where it was."""

Steps = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """A phone of an utterance: its class, first step and the step after its last."""

    phone: int
    start: int
    end: int


def runs(classes: npt.NDArray[np.uint8]) -> list[Run]:
    """The phones of an utterance, silence left out."""
    edges = [0, *(np.flatnonzero(np.diff(classes)) + 1), len(classes)]
    found = [Run(int(classes[a]), int(a), int(b)) for a, b in itertools.pairwise(edges)]
    return [run for run in found if run.phone]


def heard(sound: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """(steps, phones) logarithms of probabilities of the steps of an utterance."""
    state, first = hear(State.fresh(), sound.astype(np.float32) / 32768)
    return np.concatenate([first.phones, finish(state).phones])


def moved(phones: npt.NDArray[np.float32], spoken: list[Run]) -> tuple[Steps, Steps]:
    """Boundaries as they were and as they are heard, both rising, in steps.

    Raises:
        PerformanceError: the phones cannot be found in the sound.
    """
    before = [-1, *(run.end for run in spoken)]
    sounds = [
        Sound(PHONES[run.phone], begins=run.start > end)
        for run, end in zip(spoken, before, strict=False)
    ]
    was: list[float] = []
    now: list[float] = []
    for run, phone in zip(spoken, align(phones, sounds), strict=True):
        ends = (run.start, run.end)
        found = (phone.start * RATE / STEP, phone.end * RATE / STEP) if phone else ends
        for old, new in zip(ends, found, strict=True):
            new = new if abs(new - old) <= FARTHEST else old
            if not was or (old > was[-1] and new > now[-1]):
                was.append(old)
                now.append(new)
    return np.array(was), np.array(now)


def realigned(
    sound: npt.NDArray[np.int16],
    classes: npt.NDArray[np.uint8],
    channels: npt.NDArray[np.float16],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
    """Classes and articulators of an utterance by the boundaries that are heard."""
    spoken = runs(classes)
    if not spoken:
        return classes, channels
    try:
        was, now = moved(heard(sound), spoken)
    except VisavisError:  # what cannot be aligned keeps its times
        return classes, channels
    count = len(classes)
    centres = np.arange(count) + 0.5
    ends = np.array([-1.0, count + 1.0])
    came = np.interp(centres, *(np.sort(np.concatenate([part, ends])) for part in (now, was)))
    came = np.clip(came, 0.0, count - 1e-3)
    where = np.arange(count) + 0.5
    warped = [np.interp(came, where, channels[:, k].astype(np.float32)) for k in range(
        channels.shape[1])]  # fmt: skip
    return classes[came.astype(int)], np.column_stack(warped).astype(np.float16)


def realign(shard: Shard) -> Shard:
    """A shard by the boundaries that are heard in it."""
    parts = []
    for a, b in zip(shard.starts, shard.starts[1:], strict=False):
        sound = shard.sound[a * STEP : b * STEP]
        parts.append(realigned(sound, shard.phones[a:b], shard.channels[a:b]))
    phones, channels = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Shard(shard.sound, phones, channels, shard.starts)


def main() -> None:
    """Realign every shard that was not yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(options.data / "facts.json", options.out / "facts.json")
    for path in sorted(options.data.glob("*-*.npz")):
        target = options.out / path.name
        if target.exists() or ".part" in path.name:
            continue
        started = time.time()
        shard = Shard.load(path)
        after = realign(shard)
        half = target.with_suffix(".part.npz")
        np.savez(half, sound=after.sound, phones=after.phones, channels=after.channels,
                 starts=after.starts)  # fmt: skip
        half.rename(target)
        same = float((after.phones == shard.phones).mean())
        print(f"{path.name}: {same:.3f} as before, {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
