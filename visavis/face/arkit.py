"""The 52 ARKit coefficients as moves of the 478 points, both ways."""

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
import numpy.typing as npt

from visavis.face import contact
from visavis.face import indices as at
from visavis.face.canonical import Similarity, place_of

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

FIXED_POINT = 65536  # the file's integers per eye distance, so that sums stay exact
FIT_STEPS = 200


@dataclass(frozen=True)
class ArkitBasis:
    """How each coefficient moves each point, in the canonical frame (see `visavis.face.canonical`),
    in distances between the outer eye corners.

    Attributes:
        names: the 52 ARKit names, in the order of `visavis.performance.types.CURVE_NAMES`.
        neutral: (478, 3) float32, the resting face: eyes open, lips shut.
        moves: (52, 478, 3) float32, displacement at coefficient 1. Lips meet exactly wherever
            jawOpen equals mouthClose; ``tongueOut`` moves no point.
    """

    names: tuple[str, ...]
    neutral: Floats
    moves: Floats

    @classmethod
    def load(cls) -> "ArkitBasis":
        """The basis that comes with the package."""
        return _load()

    def displace(self, curves: npt.NDArray[np.floating]) -> Floats:
        """Displacement of the points, linear in the coefficients.

        Args:
            curves: (52,) or (t, 52) coefficients.

        Returns:
            (478, 3) or (t, 478, 3) float32.
        """
        flat = np.asarray(curves, np.float32) @ self.moves.reshape(len(self.names), -1)
        return np.asarray(flat).reshape(*np.shape(curves)[:-1], at.POINTS, 3)

    def shape(self, curves: npt.NDArray[np.floating]) -> Floats:
        """The face with these coefficients, lips and lids touching at most.

        Args:
            curves: (52,) or (t, 52) coefficients.

        Returns:
            (478, 3) or (t, 478, 3) float32 in the canonical frame.
        """
        return contact.part(self.neutral + self.displace(curves))

    def place(self, landmarks: npt.NDArray[np.floating]) -> Similarity:
        """Map from the canonical frame to the picture of (478, 3) landmarks in pixels."""
        return place_of(landmarks, self.neutral)

    def canonical(self, landmarks: npt.NDArray[np.floating]) -> Floats:
        """(478, 3) or (t, 478, 3) landmarks in pixels, in the canonical frame."""
        flat = landmarks.reshape(-1, at.POINTS, 3)
        moved = [self.place(frame).undo(frame) for frame in flat]
        return np.asarray(moved, np.float32).reshape(landmarks.shape)

    def adapted(self, neutral: Floats) -> "ArkitBasis":
        """The basis for one person.

        Moves of the lower face grow with the width of the mouth and the height from nose to chin,
        those of the lids with the opening of the eyes, so that a wink closes this person's eye.

        Args:
            neutral: (478, 3) the person's resting face in the canonical frame, as `canonical`
                gives for a calm picture.
        """
        neutral = np.asarray(neutral, np.float32)
        width = _span(neutral, _MOUTH, 0) / _span(self.neutral, _MOUTH, 0)
        height = _span(neutral, _NOSE_TO_CHIN, 1) / _span(self.neutral, _NOSE_TO_CHIN, 1)
        scale = np.clip([width, height, (width + height) / 2], 0.6, 1.6)
        share = _lower_face_share(self.neutral)[:, None]
        moves = self.moves * (1 + share * (scale - 1)).astype(np.float32)
        adapted = replace(self, neutral=neutral, moves=moves)
        return replace(adapted, moves=close_lids(adapted))

    def fit(
        self, points: npt.NDArray[np.floating], *, stiffness: float = 2e-3
    ) -> npt.NDArray[np.float32]:
        """Coefficients that make the neutral face look like tracked ones.

        Least squares over all points with a ridge, the coefficients held in 0..1, by accelerated
        projected gradient (Beck and Teboulle 2009); a remaining rigid motion is fitted freely.
        Use a basis `adapted` to the person, or coefficients will explain who it is, too.

        Args:
            points: (478, 3) or (t, 478, 3) in the canonical frame, see `canonical`.
            stiffness: weight of the ridge; more of it gives smaller coefficients.

        Returns:
            (52,) or (t, 52) float32 in 0..1.
        """
        weights = _fit_weights()
        columns = (self.moves.astype(np.float64) * weights).reshape(len(self.names), -1).T
        rigid = (_rigid_moves(self.neutral) * weights).reshape(7, -1).T
        wanted = ((points - self.neutral).astype(np.float64) * weights).reshape(-1, at.POINTS * 3).T
        q, _ = np.linalg.qr(rigid)
        columns = columns - q @ (q.T @ columns)
        gram = columns.T @ columns
        ridge = stiffness * np.trace(gram) / len(gram)
        gram[np.diag_indices_from(gram)] += ridge
        curves = _bounded_least_squares(gram, columns.T @ wanted)
        return curves.T.astype(np.float32).reshape(*points.shape[:-2], len(self.names))


@lru_cache(maxsize=1)
def _load() -> ArkitBasis:
    data = files("visavis.face").joinpath("data/arkit_basis.npz").read_bytes()
    with np.load(BytesIO(data)) as stored:
        names = tuple(str(name) for name in stored["names"])
        neutral = stored["neutral"].astype(np.float32) / FIXED_POINT
        moves = stored["moves"].astype(np.float32) / FIXED_POINT
    neutral.setflags(write=False)
    moves.setflags(write=False)
    return ArkitBasis(names, neutral, moves)


_MOUTH = (at.RIGHT_MOUTH_CORNER, at.LEFT_MOUTH_CORNER)
_NOSE_TO_CHIN = (2, at.CHIN)


def _span(points: Floats, pair: tuple[int, int], axis: int) -> float:
    return float(abs(points[pair[1], axis] - points[pair[0], axis]))


def _lower_face_share(neutral: Floats) -> Floats:
    """(478,) 1 from the upper lip down, 0 from the lower lids up."""
    nose, lids = neutral[2, 1], neutral[at.RIGHT_LOWER_LID, 1].max()
    ramp = np.clip((neutral[:, 1] - lids) / (nose - lids), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


def close_lids(basis: ArkitBasis) -> Floats:
    """The moves of a basis with each blink made to shut that eye exactly, no more and no less."""
    moves = basis.moves.copy()
    for side, rim, fold in (
        ("Right", at.RIGHT_EYE, at.RIGHT_EYE_OUTER_RING),
        ("Left", at.LEFT_EYE, at.LEFT_EYE_OUTER_RING),
    ):
        blink = moves[basis.names.index(f"eyeBlink{side}")]
        upper = rim[9:]
        left_open = contact.lid_gap(basis.neutral + blink, rim)
        travel = np.maximum(blink[upper, 1], 1e-3)
        ratio = np.clip((travel + left_open) / travel, 0, 3)
        blink[upper, 1] += left_open
        blink[fold[9:], 1] *= ratio
    return moves


def _rigid_moves(points: Floats) -> Doubles:
    """(7, 478, 3) small shifts, turns and growth of a face."""
    x, y, z = points.astype(np.float64).T
    zero, one = np.zeros_like(x), np.ones_like(x)
    moves = [
        (one, zero, zero), (zero, one, zero), (zero, zero, one),
        (zero, -z, y), (z, zero, -x), (-y, x, zero), (x, y, z),
    ]  # fmt: skip
    return np.stack([np.stack(move, 1) for move in moves])


@lru_cache(maxsize=1)
def _fit_weights() -> Doubles:
    """(478, 3) trust in each coordinate: depth is guessed, lips and lids tell the most."""
    weights = np.ones(at.POINTS)
    weights[at.LIPS] = 1.6
    weights[at.EYES] = 2.0
    weights[at.BROWS] = 1.6
    weights[at.IRISES] = 3.0
    weights[at.OVAL] = 0.6
    return np.asarray(weights[:, None] * [1.0, 1.0, 0.25])


def _bounded_least_squares(gram: Doubles, wanted: Doubles) -> Doubles:
    """Minimise x'Gx/2 - x'b over 0 <= x <= 1 for every column b."""
    step = 1 / np.linalg.eigvalsh(gram)[-1]
    best = np.clip(np.linalg.solve(gram, wanted), 0, 1)
    ahead, momentum = best, 1.0
    for _ in range(FIT_STEPS):
        after = np.clip(ahead - step * (gram @ ahead - wanted), 0, 1)
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = after + (momentum - 1) / grown * (after - best)
        best, momentum = after, grown
    return np.asarray(best)
