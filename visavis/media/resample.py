"""Sound at another rate, whole or as it streams."""

import av
import numpy as np
import numpy.typing as npt

Mono = npt.NDArray[np.float32]


class Resampler:
    """Mono samples from one rate to another, in step: sample 0 in is sample 0 out.

    Args:
        source, target: samples per second.
    """

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target
        self._pushed = 0
        self._given = 0
        self._swr = av.AudioResampler("flt", "mono", target) if source != target else None

    def push(self, samples: Mono) -> Mono:
        """The samples that are ready; some wait for the filter's other half."""
        if self._swr is None or len(samples) == 0:
            return samples
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, np.float32)[None], format="flt", layout="mono"
        )
        frame.sample_rate = self._source
        frame.pts = None
        self._pushed += len(samples)
        return self._drain(self._swr.resample(frame))

    def finish(self) -> Mono:
        """The samples that were waiting; together there are round(n * target / source)."""
        if self._swr is None:
            return np.zeros(0, np.float32)
        rest = self._drain(self._swr.resample(None))
        wanted = round(self._pushed * self._target / self._source) - self._given + len(rest)
        return np.pad(rest[:wanted], (0, max(0, wanted - len(rest))))

    def _drain(self, frames: list[av.AudioFrame]) -> Mono:
        parts = [frame.to_ndarray().ravel() for frame in frames]
        ready = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        self._given += len(ready)
        return ready.astype(np.float32, copy=False)


def resample(samples: Mono, source: int, target: int) -> Mono:
    """All of `samples`, (n,) float32, at another rate."""
    resampler = Resampler(source, target)
    return np.concatenate([resampler.push(samples), resampler.finish()])
