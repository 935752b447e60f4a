"""The body of a presenter: shape, arms at rest, eyes, colours of the skin, expressions."""

import functools
from dataclasses import dataclass

import numpy as np

from gallery import source
from gallery.spec import Body, Spec

ARM_ANGLE = np.radians(36)
RESTING = {
    "mouthSmileLeft": 0.26, "mouthSmileRight": 0.26, "cheekSquintLeft": 0.10,
    "cheekSquintRight": 0.10, "browInnerUp": 0.12, "eyeWideLeft": 0.06, "eyeWideRight": 0.06,
}  # fmt: skip
"""A friendly face at rest, made part of the shape."""
FOREHEAD = 1.08
"""Height of the skull over the eye line of the standard head; sizes are in this unit `k`."""


COMMON = {
    "pair:eyes/eye-scale-incr": 0.85, "pair:ears/ear-wing-decr": 1.0,
    "pair:ears/ear-scale-decr": 0.6, "mouth/mouth-angles-up": 0.35, "head/head-oval": 0.35,
    "neck/neck-scale-horiz-decr": 0.35,
}  # fmt: skip
"""What makes the base mesh look alive, part of everybody; a specification adds to it."""

MEN = {
    "pair:eyes/eye-height2-incr": 0.5, "pair:eyes/eye-corner2-up": 0.5,
    "pair:eyes/eye-eyefold-angle-up": 0.6, "pair:eyes/eye-scale-incr": 0.15,
}  # fmt: skip
"""On top for men, whose lids otherwise hang."""
MEN_RESTING = {
    "eyeWideLeft": 0.14, "eyeWideRight": 0.14, "browInnerUp": -0.12,
    "mouthSmileLeft": 0.06, "mouthSmileRight": 0.06,
}  # fmt: skip


def _between(value: float, names: tuple[str, ...], at: tuple[float, ...]) -> dict[str, float]:
    return {
        name: float(np.interp(value, at, [1.0 if i == j else 0.0 for j in range(len(at))]))
        for i, name in enumerate(names)
    }


def shaped(body: Body) -> np.ndarray:
    """Base vertices of a body with macro and local targets applied."""
    points = source.base().points.copy()
    sexes = {"male": body.sex, "female": 1 - body.sex}
    ages = _between(body.age, ("child", "young", "old"), (0, 0.5, 1))
    muscles = _between(body.muscle, ("minmuscle", "averagemuscle", "maxmuscle"), (0, 0.5, 1))
    weights = _between(body.weight, ("minweight", "averageweight", "maxweight"), (0, 0.5, 1))
    total = sum(body.origin.values())
    for sex, a in sexes.items():
        for age, b in ages.items():
            if a * b == 0:
                continue
            for origin, c in body.origin.items():
                points += a * b * c / total * source.shape(f"macrodetails/{origin}-{sex}-{age}")
            for muscle, d in muscles.items():
                for weight, e in weights.items():
                    if d * e:
                        points += (
                            a * b * d * e
                            * source.shape(f"macrodetails/universal-{sex}-{age}-{muscle}-{weight}")
                        )  # fmt: skip
    shape = dict(COMMON)
    more = [(name, amount * body.sex) for name, amount in MEN.items()]
    for name, amount in (*more, *body.shape.items()):
        shape[name] = shape.get(name, 0.0) + amount
    for name, amount in shape.items():
        if name.startswith("pair:"):
            folder, file = name[5:].split("/")
            for side in "lr":
                points += amount * source.shape(f"{folder}/{side}-{file}")
        else:
            points += amount * source.shape(name)
    return points


def arms_down(points: np.ndarray) -> np.ndarray:
    """Turn the arms from the A pose down to the sides, by the bone weights."""
    points = points.copy()
    for side, sign in (("L", 1), ("R", -1)):
        weight = np.zeros(source.VERTICES)
        for bone, rows in source.bone_weights().items():
            if bone.endswith(f".{side}") and bone.startswith(
                ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
            ):
                for vertex, amount in rows:
                    if vertex < source.VERTICES:
                        weight[vertex] += amount
        pivot = points[source.group(f"joint-{side.lower()}-shoulder")].mean(0)
        angle = -ARM_ANGLE * sign * np.clip(weight, 0, 1)
        offset = points - pivot
        points[:, 0] = pivot[0] + offset[:, 0] * np.cos(angle) - offset[:, 1] * np.sin(angle)
        points[:, 1] = pivot[1] + offset[:, 0] * np.sin(angle) + offset[:, 1] * np.cos(angle)
    return points


def normals(points: np.ndarray, quads: np.ndarray) -> np.ndarray:
    a, b, c, d = (points[quads[:, i]] for i in range(4))
    face = np.cross(c - a, d - b)
    out = np.zeros_like(points)
    for i in range(4):
        np.add.at(out, quads[:, i], face)
    return out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-12)


@dataclass(frozen=True)
class Eye:
    centre: np.ndarray
    radius: float
    vertices: np.ndarray


def _fit_eye(points: np.ndarray, side: str) -> Eye:
    """The sphere of an eyeball, without the bulge of its cornea."""
    vertices = source.group(f"helper-{side}-eye")
    cloud = points[vertices]
    centre = cloud.mean(0)
    radius = 0.0
    for _ in range(3):
        distance = np.linalg.norm(cloud - centre, axis=1)
        radius = float(np.median(distance))
        shift = (cloud - centre) * (1 - radius / distance[:, None])
        centre = centre + shift[cloud[:, 2] < centre[2] + 0.6 * radius].mean(0)
    radius = float(np.median(np.linalg.norm(cloud - centre, axis=1)))
    return Eye(centre, radius, vertices)


class Person:
    """Geometry and colours of one presenter. Units of the base mesh; y up, z to the camera."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.rng = np.random.default_rng(spec.seed)
        self.quads = source.base().faces["body"]
        points = arms_down(shaped(spec.body))
        eye_height = points[source.group("helper-l-eye")][:, 1].mean()
        k = (points[: source.SKIN, 1].max() - eye_height) / FOREHEAD
        # the teeth sit too high and too far back for a smile
        points[source.group("helper-upper-teeth")] += np.array([0, -0.030, 0.030]) * k
        points[source.group("helper-lower-teeth")] += np.array([0, -0.012, -0.010]) * k
        for name, amount in RESTING.items():
            amount += spec.body.sex * MEN_RESTING.get(name, 0.0)
            points = points + amount * k * source.unit(name)
        self.points = points
        self.normals = normals(points, self.quads)
        self.eyes = {side: _fit_eye(points, side) for side in "lr"}
        self.eye_y = float(np.mean([eye.centre[1] for eye in self.eyes.values()]))
        self.eye_z = float(self.eyes["l"].centre[2])
        self.eye_x = float(self.eyes["l"].centre[0])
        self.top = float(points[: source.SKIN, 1].max())
        self.k = (self.top - self.eye_y) / FOREHEAD
        ears = source.mask("ears")[: source.SKIN] > 0.5
        ears &= (points[: source.SKIN, 1] > self.eye_y - 1.1) & (
            np.abs(points[: source.SKIN, 0]) > 0.5
        )
        self.ears = np.zeros(source.VERTICES, bool)
        self.ears[: source.SKIN] = ears
        self.ear_z = float(points[self.ears, 2].mean())
        self.lips = source.mask("lips")
        self.mouth = points[: source.SKIN][self.lips[: source.SKIN] > 0.6].mean(0)

    def posed(self, curves: dict[str, float]) -> np.ndarray:
        """Base vertices with face units applied."""
        offset = np.zeros_like(self.points)
        for name, amount in curves.items():
            offset += amount * source.unit(name)
        return self.points + offset * self.k

    def frame(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Head coordinates of skin points, in units of k from the eye line and mid plane."""
        return (
            np.abs(points[:, 0]) / self.k,
            (points[:, 1] - self.eye_y) / self.k,
            (points[:, 2] - self.ear_z) / self.k,
        )

    @functools.cached_property
    def beard_area(self) -> np.ndarray:
        """Where a full beard grows, 0..1 for each skin vertex."""
        points = self.points[: source.SKIN]
        x = np.abs(points[:, 0]) / self.k
        y = (points[:, 1] - self.mouth[1]) / self.k
        upper = np.interp(
            x, [0, .18, .3, .42, .55, .7, .8], [.20, .19, .10, .02, .12, .35, .75]
        )  # fmt: skip
        lower = np.interp(x, [0, 0.4, 0.7], [-0.52, -0.48, -0.30])
        area = np.clip((upper - y) / 0.06, 0, 1) * np.clip((y - lower) / 0.08, 0, 1)
        area = area * (points[:, 2] > self.ear_z + 0.05) * (self.normals[: source.SKIN, 1] > -0.93)
        area *= np.clip(1 - 2.5 * self.lips[: source.SKIN], 0, 1)
        return area * ~self.ears[: source.SKIN]

    def colours(self, scalp: np.ndarray | None) -> np.ndarray:
        """Linear RGB of each base vertex: tone, blush, lid shade, stubble, scalp under hair."""
        skin, points = self.spec.skin, self.points[: source.SKIN]
        tone = np.array(skin.tone)
        out = np.tile(tone, (source.VERTICES, 1))

        def spot(x: float, y: float, z: float, size: tuple[float, float, float]) -> np.ndarray:
            scaled = (points - np.array([x, y, z])) / (np.array(size) * self.k)
            return np.exp(-(scaled**2).sum(1))

        front = np.where(
            (np.abs(points[:, 0]) < 0.15)
            & (points[:, 1] > self.eye_y - 0.9 * self.k)
            & (points[:, 1] < self.eye_y)
        )[0]
        nose = points[front[points[front, 2].argmax()]]
        warm = 0.35 * spot(*nose, (0.16, 0.16, 0.25)) + 0.35 * self.ears[: source.SKIN]
        shade = np.zeros(source.SKIN)
        for side in (1, -1):
            cheek = (side * (self.eye_x + 0.16 * self.k), self.eye_y - 0.42 * self.k, self.eye_z)
            warm += skin.blush * spot(*cheek, (0.30, 0.22, 0.6))
            lid = (side * self.eye_x, self.eye_y + 0.10 * self.k, self.eye_z + 0.12)
            shade += 0.4 * skin.lid_shade * spot(*lid, (0.26, 0.11, 0.5))
        blush = tone * np.array([1.05, 0.66, 0.64])
        dim = tone * np.array([0.62, 0.48, 0.46])
        for amount, colour in ((warm, blush), (shade, dim)):
            a = np.clip(amount, 0, 1)[:, None]
            out[: source.SKIN] = out[: source.SKIN] * (1 - a) + colour * a
        hair = np.array(self.spec.hair.scalp)
        stubble = max(skin.stubble, 0.7 if self.spec.beard.style == "full" else 0.0)
        if stubble:
            a = self.beard_area[:, None] * stubble
            out[: source.SKIN] = out[: source.SKIN] * (1 - a) + hair * a
        if scalp is not None:
            a = 0.85 * scalp[: source.SKIN, None]
            out[: source.SKIN] = out[: source.SKIN] * (1 - a) + hair * a
        return np.clip(out, 0, 1)

    def eyeball(self, side: str, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A smooth eyeball turned as the face units turn it: points, quads, colours."""
        eye = self.eyes[side]
        rest = self.points[eye.vertices] - self.points[eye.vertices].mean(0)
        now = points[eye.vertices] - points[eye.vertices].mean(0)
        u, _, vt = np.linalg.svd(rest.T @ now)
        rings = np.concatenate([np.linspace(0, 0.62, 30), np.linspace(0.66, np.pi, 26)])
        around = np.linspace(0, 2 * np.pi, 96, endpoint=False)
        polar, azimuth = np.meshgrid(rings, around, indexing="ij")
        unit = np.stack(
            [np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], -1
        )
        radius = eye.radius * 0.985 * (1 + 0.06 * np.clip(1 - (polar / 0.52) ** 2, 0, 1))
        ball = (unit * radius[..., None]).reshape(-1, 3) @ (u @ vt) + eye.centre
        rows, columns = polar.shape
        index = np.arange(rows * columns).reshape(rows, columns)
        turned = np.roll(index, -1, 1)
        quads = np.stack([index[:-1], index[1:], turned[1:], turned[:-1]], -1).reshape(-1, 4)
        at = (polar / 0.50).ravel()
        rng = np.random.default_rng(self.spec.seed + 7)
        spokes = np.convolve(np.tile(rng.random(columns), 3), [0.25, 0.5, 0.25], "same")
        streak = np.tile(0.78 + 0.4 * spokes[columns : 2 * columns], (rows, 1)).ravel()
        colour = (
            np.array(self.spec.eyes.iris) * (streak * (0.6 + 0.75 * np.clip(at, 0, 1)))[:, None]
        )
        colour *= np.interp(at, [0.84, 0.95], [1, 0.4])[:, None]
        white = np.clip((at - 0.98) / 0.12, 0, 1)[:, None]
        colour = colour * (1 - white) + np.array([0.80, 0.78, 0.76]) * white
        pupil = np.clip((0.40 - at) / 0.04, 0, 1)[:, None]
        return ball, quads, colour * (1 - pupil) + 0.004 * pupil
