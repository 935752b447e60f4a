"""What a presenter's file holds: baked layers, the shape of the face, the camera."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis.rigs.character.dye import dyed
from visavis.rigs.character.units import STORED, face_units
from visavis.rigs.files import RigError, RigFile
from visavis.rigs.types import Framing

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

# layer -> the box of the picture that it covers
LAYERS: Mapping[str, str] = {
    "front": "face", "rest": "face", "half": "eyes", "blink": "eyes", "open": "jaw",
    "wide": "jaw", "round": "jaw", "lash-rest": "eyes", "lash-half": "eyes",
    "lash-blink": "eyes", "eyes": "eyes", "upper": "mouth", "lower": "mouth", "tongue": "mouth",
}  # fmt: skip

FACES = ("rest", "half", "blink", "open", "wide", "round")
"""Layers that are opaque: the face, and around it whatever the picture shows there."""

BLINK_HALF = 0.55
_BLED = 12.0
"""Pixels to which the colours of a rim are carried on."""
_RIM = 2
"""Pixels around a layer that its scaled edge reaches into."""
_ALIGN, _LEAST = 48, 12
"""How many pixels are looked at, at full size and at least, for one that lies on whole pixels."""
KEYS: Mapping[str, Mapping[str, float]] = {
    "rest": {},
    "half": {"eyeBlinkLeft": BLINK_HALF, "eyeBlinkRight": BLINK_HALF},
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "open": {
        "jawOpen": 0.75, "mouthUpperUpLeft": 0.35, "mouthUpperUpRight": 0.35,
        "mouthLowerDownLeft": 0.5, "mouthLowerDownRight": 0.5,
    },
    "wide": {
        "jawOpen": 0.14, "mouthSmileLeft": 0.7, "mouthSmileRight": 0.7,
        "mouthStretchLeft": 0.25, "mouthStretchRight": 0.25, "mouthUpperUpLeft": 0.4,
        "mouthUpperUpRight": 0.4, "mouthLowerDownLeft": 0.4, "mouthLowerDownRight": 0.4,
        "cheekSquintLeft": 0.3, "cheekSquintRight": 0.3,
    },
    "round": {"mouthPucker": 0.65, "mouthFunnel": 0.45, "jawOpen": 0.25},
}  # fmt: skip
"""The poses that were rendered, as curves; the gallery's bake must hold the same."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole: (3, 4) from head coordinates to homogeneous pixels, the third being depth."""

    matrix: Floats

    def scaled(self, x: float, y: float) -> "Camera":
        matrix = self.matrix.copy()
        # pixel centres lie at halves, so that scaling keeps the picture's edges in place
        matrix[0] = matrix[0] * x + matrix[2] * np.float32(-0.5)
        matrix[1] = matrix[1] * y + matrix[2] * np.float32(-0.5)
        return Camera(matrix)

    def __call__(self, points: Floats) -> Floats:
        """(..., 3) points to (..., 3) pixel x, pixel y and depth."""
        flat = points @ self.matrix[:, :3].T + self.matrix[:, 3]
        flat[..., :2] /= flat[..., 2:]
        return np.asarray(flat, np.float32)


@dataclass(frozen=True, slots=True)
class Pack:
    """A presenter's file, decoded.

    Attributes:
        name, card: what the catalogue says.
        size: native width and height.
        layers: name to (h, w, 4) uint8 RGBA, straight alpha; ``full`` is the whole picture.
        boxes: name to left, top, right, bottom in native pixels.
        points: (n, 3) smooth vertices of the face at rest, from the middle between the eyes.
        puff: (n,) how far hair stands off the skin, in the same unit.
        unit: size of the head; offsets of the face units are times this.
        camera: from head coordinates to native pixels.
        eyes: (2, 4) centre and radius of the subject's left and right eye.
        framing: where the person is in the picture.
    """

    name: str
    card: Mapping[str, Any]
    size: tuple[int, int]
    layers: Mapping[str, Bytes]
    boxes: Mapping[str, tuple[int, int, int, int]]
    points: Floats
    puff: Floats
    unit: float
    camera: Camera
    eyes: Floats
    framing: Framing


def _decode(name: str, data: bytes) -> Bytes:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise RigError(f"The layer {name!r} of the presenter is damaged.", "Install it again.")
    if picture.shape[2] == 3:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGBA), np.uint8)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA), np.uint8)


def read_pack(content: RigFile) -> Pack:
    """Decode a presenter.

    Raises:
        RigError: a member is missing or damaged.
    """
    meta = content.meta
    try:
        size = int(meta["size"][0]), int(meta["size"][1])
        boxes = {name: _box(box) for name, box in meta["boxes"].items()}
        framing = Framing(**meta["framing"])
        origin = np.array(meta["origin"], np.float32)
        matrix = np.array(meta["projection"], np.float64)
        eyes = np.array(meta["eyes"], np.float32)
        unit = float(meta["unit"])
        with np.load(BytesIO(content.member("shape.npz"))) as stored:
            coarse = stored["points"].astype(np.float32) / np.float32(STORED)
            puff = stored["puff"].astype(np.float32) / np.float32(STORED)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise RigError(
            f"The presenter's description is damaged ({error}).", "Install it again."
        ) from error
    layers = {name: _decode(name, content.member(f"{name}.webp")) for name in ("full", *LAYERS)}
    # the front is part of the whole picture; each of its own compression would show as a seam
    left, top, right, bottom = boxes[LAYERS["front"]]
    layers["front"][..., :3] = layers["full"][top:bottom, left:right, :3]
    if "dye" in meta:
        layers = _dye(content, layers, boxes)
    matrix[:, 3] += matrix[:, :3] @ origin
    eyes[:, :3] -= origin
    smooth = face_units().refine.apply(np.concatenate([coarse, puff[:, None]], axis=1))
    return Pack(
        str(meta.get("name", "")),
        dict(meta.get("card", {})),
        size,
        layers,
        boxes,
        np.ascontiguousarray(smooth[:, :3]),
        np.ascontiguousarray(smooth[:, 3]),
        unit,
        Camera(matrix.astype(np.float32)),
        eyes,
        framing,
    )


def _dye(
    content: RigFile, layers: dict[str, Bytes], boxes: Mapping[str, tuple[int, int, int, int]]
) -> dict[str, Bytes]:
    """The layers with the garment in the colour that the file's ``dye`` says."""
    mask = _decode("dyed", content.member("dyed.webp"))[..., 0]
    # the keys of the face show skin under the cloth, and the front covers what they show of cloth
    dressed = {"front": boxes[LAYERS["front"]]}
    red, green, blue = (int(value) for value in content.meta["dye"])
    return dyed(layers, dressed, mask, (red, green, blue))


def _box(box: list[int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = (int(edge) for edge in box)
    return left, top, right, bottom


def placed(pack: Pack, name: str, size: tuple[int, int]) -> Bytes:
    """One layer at its place in a picture of `size`, transparent around it."""
    layer = bled(pack.layers[name])
    box = (0, 0, *pack.size) if name == "full" else pack.boxes[LAYERS[name]]
    left, right, from_x, to_x = _span(box[0], box[2], pack.size[0], size[0])
    top, bottom, from_y, to_y = _span(box[1], box[3], pack.size[1], size[1])
    # what reaches the edge of its box is carried on, or scaling would fade it out there
    whole = cv2.copyMakeBorder(
        layer[: box[3] - box[1], : box[2] - box[0]],
        box[1] - top, bottom - box[3], box[0] - left, right - box[2], cv2.BORDER_REPLICATE,
    )  # fmt: skip
    shrinks = size[0] < pack.size[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    out = np.zeros((size[1], size[0], 4), np.uint8)
    out[from_y:to_y, from_x:to_x] = cv2.resize(
        whole, (to_x - from_x, to_y - from_y), interpolation=how
    )
    return out


def _span(start: int, end: int, native: int, wanted: int) -> tuple[int, int, int, int]:
    """A stretch around start..end whose ends are whole pixels at both sizes, and itself there.

    Layers that are scaled as such stretches stay aligned as parts of one picture, to a few
    hundredths of a pixel.
    """
    scaled = np.arange(wanted + 1)
    # in this order, so that the last one is exactly the end
    pixels = scaled * native / wanted
    off = np.abs(pixels - np.round(pixels))
    near = max(_LEAST, _ALIGN * wanted // native)
    before = np.flatnonzero(pixels <= max(0, start - _RIM))[-near:]
    after = np.flatnonzero(pixels >= min(native, end + _RIM))[:near]
    first, last = before[off[before].argmin()], after[off[after].argmin()]
    return round(pixels[first]), round(pixels[last]), int(scaled[first]), int(scaled[last])


def bled(picture: Bytes) -> Bytes:
    """The same picture with the colours of its rim carried on into what is transparent.

    Bilinear sampling at a silhouette then finds no black.
    """
    solid = picture[..., 3] > 200
    if solid.all() or not solid.any():
        return picture
    away, nearest = cv2.distanceTransformWithLabels(
        (~solid).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    y, x = np.nonzero(solid)
    lookup = np.zeros(int(nearest.max()) + 1, np.int64)
    lookup[nearest[y, x]] = np.arange(len(y))
    rows, columns = np.nonzero((picture[..., 3] < 128) & (away < _BLED))
    source = lookup[nearest[rows, columns]]
    out = picture.copy()
    out[rows, columns, :3] = picture[y[source], x[source], :3]
    return out
