"""The face of a presenter under any curves: keys warped, blended, and opened at eyes and mouth."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis.performance.types import CURVE_INDEX, CURVE_NAMES
from visavis.rigs.character.inside import Eyeball, Mouth
from visavis.rigs.character.pack import BLINK_HALF, KEYS, LAYERS, Pack, placed
from visavis.rigs.character.sampling import enlarge, sample
from visavis.rigs.character.slit import Opening, Slit, slit
from visavis.rigs.character.surface import Motion, Region, Seen, Side, faces_at, motions, node_faces
from visavis.rigs.character.units import face_units

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_MOUTHS: tuple[dict[str, float], ...] = (
    {},
    dict(KEYS["wide"]),
    dict(KEYS["round"]),
    {"mouthRollLower": 0.8, "mouthRollUpper": 0.8},
    {"mouthRollLower": 0.8, "jawOpen": 0.15, "mouthUpperUpLeft": 0.5, "mouthUpperUpRight": 0.5},
    {"jawOpen": 0.3},
    {"jawOpen": 0.3, "mouthClose": 0.3},
    {"mouthShrugLower": 0.8, "mouthShrugUpper": 0.8},
)
"""Mouths among which every part of the lips that can be an edge is one."""
_NODES = 50
"""Nodes of the grids of motion across a face."""
_FINEST = 4
"""Pixels that nodes are apart at least."""
_RIM = 2.0
"""Pixels beside an edge that are left out: what is seen there may be the inside of the mouth."""
_FEATHER = 0.18
"""Rim of a key's box, as a fraction of it, over which it gives way to the face at rest."""
_FAINT = 0.08
"""Share of a rendered mouth up to which the face at rest, moved likewise, looks the same."""
_ZONE = 0.16
"""How far above and below an opening, in its widths, its two sides are kept apart."""


def _curves(named: dict[str, float]) -> Floats:
    out = np.zeros(len(CURVE_NAMES), np.float32)
    for name, value in named.items():
        out[CURVE_INDEX[name]] = value
    return out


@dataclass(frozen=True, slots=True)
class _Key:
    """One rendered pose: its picture, and the motion of what hangs above and lies below."""

    region: Region
    picture: Bytes
    above: Motion
    below: Motion

    def warped(
        self, curves: Floats, openings: tuple[Opening, ...], mouth: Opening | None = None
    ) -> Bytes:
        region = self.region
        upper = tuple(enlarge(plane, region.step) for plane in self.above.sources(curves))
        if openings:
            below = self.below.sources(curves)
        for opening in openings:
            # below the eyes only the rows near an opening tell its two sides apart
            reach = 1.8 * _ZONE * len(opening.middle) if opening is not mouth else region.height
            top = max(0, int(opening.middle.min()) - region.top - 1)
            parted = min(region.height, int(opening.middle.max()) - region.top + 2)
            bottom = min(region.height, int(opening.lower.max() + reach) - region.top)
            left = max(0, opening.left - region.left)
            right = min(region.width, opening.left + len(opening.middle) - region.left)
            if left >= right or top >= bottom:
                continue
            skip = left + region.left - opening.left
            lies = opening.below(top + region.top, parted - top)[:, skip : skip + right - left]
            for plane, coarse in zip(upper, below, strict=True):
                lower = enlarge(coarse, region.step, top, bottom)[:, left:right]
                over = plane[top:bottom, left:right]
                np.copyto(over[: parted - top], lower[: parted - top], where=lies)
                over[parted - top :] = lower[parted - top :]
        return sample(self.picture, *upper)


class _Veil:
    """The front hair, glasses and collar, which lie over the face."""

    def __init__(self, picture: Bytes) -> None:
        cover = picture[..., 3]
        self._picture = np.ascontiguousarray(picture)
        self._hidden = np.asarray(cover == 255, np.uint8)
        self._mixed = np.flatnonzero((cover > 0) & (cover < 255))
        share = cover.ravel()[self._mixed, None].astype(np.float32) / 255
        self._rest = np.float32(1) - share
        self._colours = picture.reshape(-1, 4)[self._mixed, :3] * share + np.float32(0.5)
        self._alpha = cover.ravel()[self._mixed]

    def over(self, out: Bytes) -> Bytes:
        """Lay it over the face (h, w, 4), in place."""
        cv2.copyTo(self._picture, self._hidden, out)
        flat = out.reshape(-1, 4)
        under = flat[self._mixed]
        mixed = under[:, :3] * self._rest + self._colours
        flat[self._mixed, :3] = mixed.astype(np.uint8)
        flat[self._mixed, 3] = np.maximum(under[:, 3], self._alpha)
        return out


class Face:
    """Draws the face at one size, with the head still.

    Args:
        pack: the presenter.
        size: width and height of the whole picture.
    """

    def __init__(self, pack: Pack, size: tuple[int, int]) -> None:
        self._scale = size[0] / pack.size[0], size[1] / pack.size[1]
        self._camera = pack.camera.scaled(*self._scale)
        self._step = max(_FINEST, round(pack.framing.face_width * size[0] / _NODES))
        self._pack, self._size = pack, size
        units = face_units()
        self._deltas = units.deltas * np.float32(pack.unit)
        self._quads = units.quads
        self._mouth_slit, self._eye_slits = self._slits(units.labels)
        self._full = placed(pack, "full", size)
        self._front = placed(pack, "front", size)
        self._keys = {name: self._key(name) for name in KEYS}
        region = self._keys["rest"].region
        self.region = region
        self._hair = _Veil(self._front[region.slices])
        self._feathers = {
            name: _feather(key.region) for name, key in self._keys.items() if name != "rest"
        }
        self._lashes = {
            name: placed(pack, f"lash-{name}", size) for name in ("rest", "half", "blink")
        }
        self._lash_lines = {
            name: tuple(s.opening(_curves(dict(KEYS[name]))) for s in self._eye_slits)
            for name in self._lashes
        }
        self._eyes = tuple(
            Eyeball(pack, index, self._camera, self._scale, placed(pack, "eyes", size))
            for index in range(2)
        )
        self._mouth = Mouth(pack, self._camera, size)

    @property
    def still(self) -> Bytes:
        """The whole picture at rest, (h, w, 4)."""
        return self._full

    @property
    def reach(self) -> float:
        """Pixels that some part of the face moves when one curve goes from 0 to 1."""
        rest = self._keys["rest"]
        return float(max(np.abs(side.basis).max() for side in (rest.above, rest.below)))

    def _box(self, name: str) -> tuple[float, float, float, float]:
        box = self._pack.boxes[LAYERS[name]]
        x, y = self._scale
        return box[0] * x, box[1] * y, box[2] * x, box[3] * y

    def _slits(self, labels: Floats) -> tuple[Slit, tuple[Slit, ...]]:
        def make(first: int, poses: tuple[Floats, ...], ball: Floats | None) -> Slit:
            return slit(
                self._pack.points, self._deltas, self._quads, labels[:, first],
                labels[:, first + 1], self._camera, poses, ball,
            )  # fmt: skip

        lids = tuple(_curves(dict(KEYS[name])) for name in ("rest", "half", "blink"))
        lips = tuple(_curves(dict(pose)) for pose in (KEYS["open"], *_MOUTHS))
        eyes = tuple(make(2 + 2 * index, lids, self._pack.eyes[index]) for index in range(2))
        return make(0, lips, None), eyes

    def _key(self, name: str) -> _Key:
        pack = self._pack
        region = Region.inside(self._box(name), self._step)
        picture = placed(pack, name, self._size)[region.slices].copy()
        if (pack.layers[name][..., 3] == 255).all():
            # the silhouette is that of the face at rest
            picture[..., 3] = self._full[region.slices][..., 3]
        start = _curves(dict(KEYS[name]))
        for part in (self._mouth_slit, *self._eye_slits):
            _fill(picture, region, part.opening(start))
        moved = (pack.points + np.tensordot(start, self._deltas, 1)).astype(np.float32)
        flat = self._camera(moved)
        hair = self._camera(self._puffed(moved))
        faces = node_faces(region, faces_at(region, hair, self._quads))
        used, corners = np.unique(self._quads[np.maximum(faces, 0)], return_inverse=True)
        rates = self._camera(moved[used] + self._deltas[:, used])[..., :2] - flat[used, :2]
        at = corners.reshape(*faces.shape, 4).astype(np.int32)
        seen = Seen(faces >= 0, at, hair[used, :2], rates)
        window = _window(region) if name == "rest" else None
        above, below = motions(region, seen, self._sides(region, start), start, window)
        return _Key(region, picture, above, below)

    def _puffed(self, points: Floats) -> Floats:
        """The face with its beard as a thicker skin, so that the hair moves with its roots."""
        if not self._pack.puff.any():
            return points
        centre = np.array([0, points[:, 1].mean(), points[:, 2].mean() - 0.4], np.float32)
        outward = points - centre
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        down = np.array([0, -0.5, 0], np.float32)
        puff = self._pack.puff[:, None] * np.float32(self._pack.unit)
        return np.asarray(points + (outward + down) * puff, np.float32)

    def _sides(self, region: Region, start: Floats) -> tuple[Side, Side]:
        """What the nodes above the openings, and those below, follow."""
        nodes = region.nodes()
        shape = nodes.shape[:2]
        known = [np.ones(shape, bool), np.ones(shape, bool)]
        follow = [np.full(shape, -1, np.int32), np.full(shape, -1, np.int32)]
        rows = nodes[:, 0, 1]
        for part in (self._mouth_slit, *self._eye_slits):
            opening = part.opening(start)
            reach = _ZONE * len(opening.middle)
            for column in range(shape[1]):
                at = round(float(nodes[0, column, 0])) - opening.left
                beside = max(opening.first - at, at - opening.last + 1)
                if beside > 2 * self._step or not 0 <= at < len(opening.middle):
                    continue
                near = reach if beside <= 0 else 2.0 * self._step
                upper, lower = float(opening.upper[at]), float(opening.lower[at])
                upper, lower = (
                    min(upper, float(opening.middle[at])),
                    max(lower, float(opening.middle[at])),
                )
                hung = int(np.searchsorted(rows, upper - _RIM)) - 1
                lying = int(np.searchsorted(rows, lower + _RIM))
                end = int(np.searchsorted(rows, lower + near))
                begin = int(np.searchsorted(rows, upper - near))
                if hung >= 0:
                    known[0][hung + 1 : end, column] = False
                    follow[0][hung + 1 : end, column] = hung
                if lying < shape[0]:
                    known[1][begin:lying, column] = False
                    follow[1][begin:lying, column] = lying
        return Side(known[0], follow[0]), Side(known[1], follow[1])

    def draw(self, curves: Floats) -> Bytes:
        """The face's region of the picture, (h, w, 4), to be put over `still` at `region`."""
        mouth = self._mouth_slit.opening(curves)
        eyes = tuple(s.opening(curves) for s in self._eye_slits)
        out = self._keys["rest"].warped(curves, (mouth, *eyes), mouth)
        self._blend_mouth(out, curves, mouth)
        self._blend_lids(out, curves, eyes)
        region = self.region
        self._mouth.draw(out, region, curves, mouth)
        for index, opening in enumerate(eyes):
            self._eyes[index].draw(out, region, curves, opening)
        self._draw_lashes(out, curves, eyes)
        return self._hair.over(out)

    def _blend_mouth(self, out: Bytes, curves: Floats, opening: Opening) -> None:
        weights = _mouth_weights(curves)
        total = sum(weights.values())
        if total < 0.02:
            return
        mixed: Bytes | None = None
        so_far = 0.0
        for name, weight in weights.items():
            if weight < 0.01:
                continue
            picture = self._keys[name].warped(curves, (opening,), opening)
            so_far += weight
            share = weight / so_far
            mixed = (
                picture
                if mixed is None
                else np.asarray(cv2.addWeighted(mixed, 1 - share, picture, share, 0), np.uint8)
            )
        if mixed is not None:
            self._mix(out, "open", mixed, self._feathers["open"] * np.float32(total))

    def _blend_lids(self, out: Bytes, curves: Floats, openings: tuple[Opening, ...]) -> None:
        # the subject's right eye is in the left half of the picture
        right, left = (float(curves[CURVE_INDEX[f"eyeBlink{s}"]]) for s in ("Right", "Left"))
        if max(left, right) < 0.03:
            return
        region = self._keys["half"].region
        halves = np.repeat([right, left], [region.width // 2, region.width - region.width // 2])
        for name, low, high in (("half", 0.03, 0.25), ("blink", BLINK_HALF + 0.05, 0.95)):
            weight = np.clip((halves - low) / (high - low), 0, 1).astype(np.float32)
            if weight.max() > 0.01:
                picture = self._keys[name].warped(curves, openings)
                self._mix(out, name, picture, self._feathers[name] * weight)

    def _mix(self, out: Bytes, name: str, picture: Bytes, weight: Floats) -> None:
        """Blend a key's picture into the face where the key lies."""
        inner, outer = self._keys[name].region, self.region
        y, x = inner.top - outer.top, inner.left - outer.left
        part = np.s_[y : y + inner.height, x : x + inner.width]
        out[part] = cv2.blendLinear(
            np.ascontiguousarray(out[part]), picture, np.float32(1) - weight, weight
        )

    def _draw_lashes(self, out: Bytes, curves: Floats, openings: tuple[Opening, ...]) -> None:
        for index, (opening, side) in enumerate(zip(openings, ("Left", "Right"), strict=True)):
            blink = float(np.clip(curves[CURVE_INDEX[f"eyeBlink{side}"]], 0, 1))
            if blink < BLINK_HALF:
                names, share = ("rest", "half"), blink / BLINK_HALF
            else:
                names, share = ("half", "blink"), (blink - BLINK_HALF) / (1 - BLINK_HALF)
            margin = max(3, round(0.22 * len(opening.upper)))
            width = len(opening.upper) + 2 * margin
            edge = np.pad(opening.upper, margin, mode="edge")
            top = int(edge.min()) - 2 * margin
            rows = int(np.ptp(edge)) + 4 * margin
            x = np.tile(np.arange(opening.left - margin, opening.left - margin + width,
                                  dtype=np.float32), (rows, 1))  # fmt: skip
            y = np.arange(top, top + rows, dtype=np.float32)[:, None]
            layers = []
            for name in names[: 1 if share == 0 else 2]:
                line = np.pad(self._lash_lines[name][index].upper, margin, mode="edge")
                shifted = (y - (edge - line)).astype(np.float32)
                layers.append(cv2.remap(self._lashes[name], x, shifted, cv2.INTER_LINEAR))
            strands = np.asarray(layers[0], np.uint8)
            if share:
                mixed = cv2.addWeighted(layers[0], 1 - share, layers[1], share, 0)
                strands = np.asarray(mixed, np.uint8)
            _lay(out, strands, opening.left - margin - self.region.left, top - self.region.top)


def _fill(picture: Bytes, region: Region, opening: Opening) -> None:
    """Carry the skin at the edges of an opening on into it.

    Where a warped key shows less skin than the pose has, it then shows more of the same and not
    the dark behind.
    """
    for column in range(opening.first, opening.last):
        x = column + opening.left - region.left
        if not 0 <= x < region.width:
            continue
        upper, lower = opening.upper[column] - region.top, opening.lower[column] - region.top
        if lower - upper < 1:
            continue
        above, below = int(upper - _RIM), int(np.ceil(lower + _RIM))
        middle = round((upper + lower) / 2)
        if above >= 0 and below < region.height:
            picture[above:middle, x] = picture[above, x]
            picture[middle:below, x] = picture[below, x]


def _lay(out: Bytes, picture: Bytes, left: int, top: int) -> None:
    """Lay a picture with alpha over another, clipped to it."""
    height, width = out.shape[:2]
    x0, y0 = max(0, -left), max(0, -top)
    x1, y1 = min(picture.shape[1], width - left), min(picture.shape[0], height - top)
    if x0 >= x1 or y0 >= y1:
        return
    layer = picture[y0:y1, x0:x1]
    part = np.s_[top + y0 : top + y1, left + x0 : left + x1]
    under = np.ascontiguousarray(out[part])
    cover = layer[..., 3].astype(np.float32) / np.float32(255)
    mixed = cv2.blendLinear(np.ascontiguousarray(layer), under, cover, np.float32(1) - cover)
    out[part][..., :3] = mixed[..., :3]


def _mouth_weights(curves: Floats) -> dict[str, float]:
    """Which rendered mouths are nearest; what is missing to one is the face at rest."""

    def of(*names: str) -> float:
        return float(np.mean([curves[CURVE_INDEX[name]] for name in names]))

    lips = of("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight")
    closed = float(curves[CURVE_INDEX["mouthClose"]])
    weights = {
        "open": max(0.0, 1.4 * (float(curves[CURVE_INDEX["jawOpen"]]) - closed) + 0.5 * lips),
        "wide": 1.2 * of("mouthSmileLeft", "mouthSmileRight")
        + 0.8 * of("mouthStretchLeft", "mouthStretchRight") + 0.4 * lips,
        "round": 1.2 * of("mouthPucker") + 0.9 * of("mouthFunnel"),
    }  # fmt: skip
    seen = {name: max(0.0, weight - _FAINT) / (1 - _FAINT) for name, weight in weights.items()}
    total = sum(seen.values())
    return {name: weight / max(total, 1.0) for name, weight in seen.items()}


def _ramp(count: int, rim: float) -> Floats:
    at = (np.arange(count, dtype=np.float32) + 0.5) / count
    edge = np.clip(np.minimum(at, 1 - at) / rim, 0, 1)
    return np.asarray(edge * edge * (3 - 2 * edge), np.float32)


def _feather(region: Region) -> Floats:
    return np.asarray(np.outer(_ramp(region.height, _FEATHER), _ramp(region.width, _FEATHER)))


def _window(region: Region) -> Floats:
    return np.asarray(np.outer(_ramp(region.rows, 0.06), _ramp(region.columns, 0.06)))
