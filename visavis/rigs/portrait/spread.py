"""Scattered-data interpolation for warps.

Multiquadrics (Hardy 1971) rather than thin plates: as smooth, but their kernel is one square root,
which numpy evaluates ten times faster than a logarithm.
"""

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


_NOTHING = np.empty(0, np.float32)


def product(a: Floats, b: Floats) -> Floats:
    """Matrix product by OpenCV: numpy's would wake the threads of its BLAS for every frame, which
    costs more than it gives and makes renderers disturb each other."""
    return np.asarray(cv2.gemm(a, b, 1, _NOTHING, 0), np.float32)


def _distances(a: Floats, b: Floats, softness: float) -> Floats:
    across = a[:, :1] - b[:, 0]
    down = a[:, 1:] - b[:, 1]
    across *= across
    down *= down
    across += down
    across += np.float32(softness * softness)
    return np.asarray(np.sqrt(across, out=across))


class Spread:
    """A smooth function through values at scattered points of the plane.

    Args:
        centres: (n, 2) where the values are known.
        values: (n, k) the values.
        softness: radius within which the kernel is flat, in the unit of `centres`; about half the
            distance between neighbours gives a smooth surface.
        stiffness: weight of smoothness against passing through every value, or (n,) one for each;
            0 passes exactly.
    """

    def __init__(
        self,
        centres: Floats,
        values: Floats,
        softness: float,
        stiffness: float | Floats = 0.0,
    ) -> None:
        self._origin = centres.mean(0)
        self._scale = np.float32(1 / max(float(np.ptp(centres, axis=0).max()), 1e-6))
        self._softness = softness * float(self._scale)
        self._centres = (centres - self._origin) * self._scale
        n = len(centres)
        system = np.zeros((n + 3, n + 3))
        kernel = _distances(self._centres, self._centres, self._softness)
        system[:n, :n] = kernel
        system[np.arange(n), np.arange(n)] -= stiffness
        system[:n, n] = system[n, :n] = 1
        system[:n, n + 1 :] = self._centres
        system[n + 1 :, :n] = self._centres.T
        right = np.zeros((n + 3, values.shape[1]))
        right[:n] = values
        solved = np.asarray(cv2.solve(system, right, flags=cv2.DECOMP_LU)[1], np.float32)
        self._weights = np.ascontiguousarray(solved[:n])
        self._constant, self._linear = solved[n], solved[n + 1 :]

    def on_grid(self, x: Floats, y: Floats) -> Floats:
        """Values at every crossing of (columns,) x and (rows,) y: (rows, columns, k).

        The same as calling it with each point, three times as fast: a square root is all that is
        left to do for each pair of point and centre.
        """
        x, y = (x - self._origin[0]) * self._scale, (y - self._origin[1]) * self._scale
        across = (x[:, None] - self._centres[:, 0]) ** 2 + np.float32(self._softness**2)
        down = (y[:, None] - self._centres[:, 1]) ** 2
        squares = across[None] + down[:, None]
        kernel = np.sqrt(squares, out=squares).reshape(-1, len(self._centres))
        result = product(kernel, self._weights).reshape(len(y), len(x), -1)
        result += x[:, None] * self._linear[0] + self._constant
        result += (y[:, None] * self._linear[1])[:, None]
        return result

    def __call__(self, points: Floats) -> Floats:
        """Values at (m, 2) points: (m, k)."""
        at = (points - self._origin) * self._scale
        result = product(_distances(at, self._centres, self._softness), self._weights)
        result += at[:, :1] * self._linear[0] + at[:, 1:] * self._linear[1] + self._constant
        return result
