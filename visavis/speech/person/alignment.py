"""Which frame of one recording belongs to which frame of another that says the same."""

import numpy as np
import numpy.typing as npt

from visavis.speech.person.envelope import ColourFilter, Envelopes

_STEP = 2
"""Every so many frames of 5 ms are compared."""

_ORDERS = slice(1, 20)


def aligned(
    source: Envelopes, target: Envelopes, colour: ColourFilter | None = None
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pairs of frame numbers of the speech in both, by dynamic time warping.

    Each side's cepstra are freed of their mean and variance first, so that what is compared is
    what is said and not who says it.

    Args:
        source, target: the two recordings.
        colour: applied to `source` before comparing, once there is one.

    Returns:
        two (pairs,) arrays of frame numbers.
    """
    cepstra = source.cepstra if colour is None else colour.moved(source.cepstra)
    first, second = np.flatnonzero(source.active)[::_STEP], np.flatnonzero(target.active)[::_STEP]
    rows, columns = warp(_normal(cepstra[first]), _normal(target.cepstra[second]))
    return first[rows], second[columns]


def learned(source: Envelopes, target: Envelopes, rounds: int = 3) -> ColourFilter:
    """The filter from one voice to another, aligned again with each filter it finds."""
    colour = None
    for _ in range(rounds):
        rows, columns = aligned(source, target, colour)
        colour = ColourFilter.fitted(source.cepstra[rows], target.cepstra[columns])
    if colour is None:
        raise ValueError("rounds must be at least 1")
    return colour


def _normal(cepstra: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    kept = cepstra[:, _ORDERS]
    kept = (kept - kept.mean(axis=0)) / (kept.std(axis=0) + 1e-6)
    return np.asarray(kept / (np.linalg.norm(kept, axis=1, keepdims=True) + 1e-9))


def warp(
    first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The cheapest path through the cosine distances of two sequences of unit vectors.

    Args:
        first, second: (n, d) and (m, d), n and m at least 1.

    Returns:
        two index arrays of one length, from (0, 0) to (n - 1, m - 1), each step at most 1.
    """
    distance = 1.0 - first @ second.T
    n, m = distance.shape
    # The cost is kept by anti-diagonals, so that each is one vector operation:
    # cost[i + j, i] belongs to the pair (i, j).
    cost = np.full((n + m - 1, n + 1), np.inf)
    cost[0, 0] = distance[0, 0]
    for total in range(1, n + m - 1):
        low, high = max(0, total - m + 1), min(n - 1, total)
        rows = np.arange(low, high + 1)
        best = np.minimum(cost[total - 1, rows], cost[total - 1, rows - 1])
        if total > 1:
            best = np.minimum(best, cost[total - 2, rows - 1])
        cost[total, rows] = best + distance[rows, total - rows]
    i, j = n - 1, m - 1
    path = [(i, j)]
    while i or j:
        steps = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
        i, j = min(
            (step for step in steps if min(step) >= 0),
            key=lambda step: cost[step[0] + step[1], step[0]],
        )
        path.append((i, j))
    pairs = np.array(path[::-1], np.intp)
    return pairs[:, 0], pairs[:, 1]
