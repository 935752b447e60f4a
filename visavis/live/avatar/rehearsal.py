"""A director that can take back what it assumed."""

import copy
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from visavis.live.avatar.timeline import Slot
from visavis.performance import Director, Pose
from visavis.performance.director import LOOK_AHEAD

_EVERY = 4
"""Slots from one copy of the director to the next; those between are heard again on the way back,
which costs less than as many copies."""

_MEMORY = 4 * _EVERY
_DECAY = 0.5
"""How much of a correction is left after each frame."""


@dataclass(slots=True)
class _Played:
    """A slot that the director has heard, and at some of them how it was before."""

    slot: Slot
    frames: int
    before: Director | None


class Rehearsal:
    """Poses without waiting for the director's look-ahead.

    What is not known of the near future is assumed to be silence. When something else comes of it,
    because somebody begins to speak or is cut off, the director is put back to where it was and
    hears that instead; what was shown already flows into the new performance over a few frames.

    Args:
        director: fresh, at `fps`.
        fps: frames per second.
    """

    def __init__(self, director: Director, fps: Fraction) -> None:
        self._director = director
        self._heard: deque[_Played] = deque(maxlen=_MEMORY)
        self._next = 0
        self._frames = 0
        self._poses: dict[int, Pose] = {}
        self._shown: Pose | None = None
        self._offset = np.zeros(0, np.float32)
        self.ahead = math.ceil(LOOK_AHEAD * fps) - 1
        """Slots after a frame's own that `pose` wants to know of."""

    def pose(self, slots: Sequence[Slot]) -> Pose:
        """The pose of the first of `slots`; there must be ``1 + ahead`` of them, in order."""
        index = slots[0].index
        for slot in slots:
            if slot.index < self._next and self._knows(slot):
                continue
            if slot.index < self._next:
                self._go_back(slot.index)
            self._hear(slot)
        before, pose = self._poses.get(index - 1), self._poses[index]
        if before is not None and self._shown is not None:
            self._offset = _vector(self._shown) - _vector(before)
            # The pose before is compared once; from here on the correction only fades.
            del self._poses[index - 1]
        if len(self._offset):
            self._offset = self._offset * _DECAY
            pose = _pose(_vector(pose) + self._offset)
            if np.abs(self._offset).max() < 1e-3:
                self._offset = np.zeros(0, np.float32)
        self._shown = pose
        for old in [number for number in self._poses if number <= index]:
            del self._poses[old]
        return pose

    def _knows(self, slot: Slot) -> bool:
        return any(
            item.slot.index == slot.index and item.slot.key == slot.key for item in self._heard
        )

    def _go_back(self, index: int) -> None:
        again: list[Slot] = []
        while self._heard and self._next > index:
            played = self._heard.pop()
            again.append(played.slot)
            if played.before is not None and played.slot.index <= index:
                self._director, self._frames = played.before, played.frames
                self._next = played.slot.index
        for late in [number for number in self._poses if number >= self._frames]:
            del self._poses[late]
        for slot in reversed(again):
            if slot.index < index:
                self._hear(slot)

    def _hear(self, slot: Slot) -> None:
        before = copy.deepcopy(self._director) if slot.index % _EVERY == 0 else None
        self._heard.append(_Played(slot, self._frames, before))
        for pose in self._director.push(slot.speech):
            self._poses[self._frames] = pose
            self._frames += 1
        self._next = slot.index + 1


def _vector(pose: Pose) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.concatenate([pose.curves, pose.rotation, pose.translation])


def _pose(vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Pose:
    return Pose(np.clip(vector[:-6], 0.0, 1.0), vector[-6:-3], vector[-3:])
