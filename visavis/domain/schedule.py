"""When jobs end that wait for slots and share the cores while they run.

Processor sharing (Kleinrock 1967): `n` jobs that run at once go on at ``min(1, capacity / n)`` of
the speed that each has alone, so they all stand on one clock of work done, and only the next end is
ever looked for.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """Something that runs in a slot.

    Attributes:
        lane: whose slots it takes.
        work: seconds that it takes alone.
        after: place of the job in the sequence that must end first; None for none.
    """

    lane: str
    work: float
    after: int | None = None


def share(running: int, capacity: float) -> float:
    """Speed of each of the jobs that run, as a share of its speed alone."""
    return min(1.0, capacity / max(1, running))


def ends(jobs: Sequence[Job], lanes: Mapping[str, int], capacity: float) -> list[float]:
    """Seconds until every job ends.

    Args:
        jobs: in the order in which a free slot takes them, those that run already first.
        lanes: slots by lane, at least one each.
        capacity: jobs that run at once before they slow each other down.

    Raises:
        ValueError: jobs that wait for each other.
    """
    ready: dict[str, list[int]] = {lane: [] for lane in lanes}
    waiting: dict[int, list[int]] = {}
    for number, job in enumerate(jobs):
        if job.after is None:
            ready[job.lane].append(number)  # ascending, which a heap may be
        else:
            waiting.setdefault(job.after, []).append(number)
    free = dict(lanes)
    running: list[tuple[float, int]] = []
    found = [-1.0] * len(jobs)
    now = done = 0.0  # seconds, and seconds of work that each running job was given
    while True:
        for lane, queue in ready.items():
            while queue and free[lane] > 0:
                free[lane] -= 1
                number = heapq.heappop(queue)
                heapq.heappush(running, (done + max(0.0, jobs[number].work), number))
        if not running:
            break
        speed = share(len(running), capacity)
        end, number = heapq.heappop(running)
        now, done = now + (end - done) / speed, end
        found[number] = now
        free[jobs[number].lane] += 1
        for later in waiting.pop(number, ()):
            heapq.heappush(ready[jobs[later].lane], later)
    if waiting:
        raise ValueError("jobs wait for each other")
    return found
