"""Turn the baked layers of a presenter into the file the product ships."""

import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter, maximum_filter

from gallery import units
from gallery.spec import Spec

QUALITY = 88
MASK_QUALITY = 70
FAINT = 8
"""Alpha under which there is no skin."""
FADE = 0.015
"""Share of the picture's height over which tall hair fades out."""
EDGE = 0.6
"""Pixels over which the edge of a face in motion is smoothed."""


def _read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGBA"))


def _webp(pixels: np.ndarray, quality: int = QUALITY) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", quality=quality, method=4, exact=False)
    return stream.getvalue()


def _over(front: np.ndarray, back: np.ndarray) -> np.ndarray:
    a = front[..., 3:].astype(float) / 255
    b = back[..., 3:].astype(float) / 255 * (1 - a)
    total = np.maximum(a + b, 1e-6)
    colour = (front[..., :3] * a + back[..., :3] * b) / total
    return np.concatenate([colour, (a + b) * 255], -1).round().astype(np.uint8)


def _around(rest: np.ndarray, full: np.ndarray) -> np.ndarray:
    """What is around the skin of the face at rest, carried on under it."""
    seen = maximum_filter(rest[..., 3], 3) < FAINT
    rows, columns = distance_transform_edt(~seen, return_distances=False, return_indices=True)
    return full[rows, columns]


def _soft(layer: np.ndarray) -> np.ndarray:
    """A layer of few samples with a smoother edge."""
    out = layer.copy()
    out[..., 3] = gaussian_filter(layer[..., 3].astype(np.float32), EDGE).round()
    return out


def _ended(full: np.ndarray) -> np.ndarray:
    """The whole picture, its hair fading out where it would leave the picture at the top."""
    out = full.copy()
    rows = max(2, round(FADE * len(full)))
    ramp = (np.arange(rows) + 0.5) / rows
    out[:rows, :, 3] = (full[:rows, :, 3] * ramp[:, None]).round()
    return out


def _framing(geometry: dict[str, np.ndarray], full: np.ndarray) -> dict[str, float]:
    """Crown from the picture, eyes and chin from the shape, in fractions of the picture."""
    height, width = full.shape[:2]
    matrix = geometry["projection"]

    def place(point: np.ndarray) -> np.ndarray:
        flat = matrix[:, :3] @ point + matrix[:, 3]
        return flat[:2] / flat[2]

    eyes = geometry["eyes"]
    points = geometry["points"][:13380]
    unit = float(geometry["unit"])
    eye_line = eyes[:, 1].mean()
    middle = np.abs(points[:, 0]) < 0.12 * unit
    chin_area = (
        middle
        & (points[:, 1] < eye_line - 0.9 * unit)
        & (points[:, 1] > eye_line - 1.5 * unit)
        & (points[:, 2] > eyes[:, 2].mean() - 0.25 * unit)
    )
    chin = points[chin_area][points[chin_area, 1].argmin()]
    cheeks = np.abs(points[:, 1] - (eye_line - 0.35 * unit)) < 0.05 * unit
    cheeks &= points[:, 2] > eyes[:, 2].mean() - 0.75 * unit
    side = points[cheeks][points[cheeks, 0].argmax()]
    left, right = place(side * [-1, 1, 1])[0], place(side)[0]
    rows = np.where((full[..., 3] > 128).any(1))[0]
    return {
        "crown": float(rows[0]) / height,
        "eyes": float(place(eyes[:, :3].mean(0))[1]) / height,
        "chin": float(place(chin)[1]) / height,
        "centre": float((left + right) / 2) / width,
        "face_width": float(right - left) / width,
    }


def whole(folder: Path) -> np.ndarray:
    """The whole picture of a presenter, (h, w, 4)."""
    return _ended(_read(folder / "full.png"))


def pack(spec: Spec, folder: Path, target: Path) -> None:
    """Write ``target`` from the layers in ``folder``."""
    with np.load(folder / "geometry.npz") as stored:
        geometry = {name: stored[name] for name in stored.files}
    full = whole(folder)
    boxes = {name[4:]: geometry[name].tolist() for name in geometry if name.startswith("box_")}

    def crop(name: str) -> np.ndarray:
        left, top, right, bottom = boxes[name]
        return full[top:bottom, left:right]

    members = {"full.webp": _webp(full), "front.webp": _webp(_read(folder / "front.png"))}
    rest = _read(folder / "face-rest.png")
    for key, box in (("rest", "face"), ("half", "eyes"), ("blink", "eyes")):
        members[f"{key}.webp"] = _webp(_over(_read(folder / f"face-{key}.png"), crop(box))[..., :3])
    # a dropped jaw is slimmer: beside it one sees past where it was
    left, top, right, bottom = np.array(boxes["jaw"]) - np.tile(boxes["face"][:2], 2)
    around = _around(rest[top:bottom, left:right], crop("jaw"))
    for key in ("open", "wide", "round"):
        face = _soft(_read(folder / f"face-{key}.png"))
        members[f"{key}.webp"] = _webp(_over(face, around))
    for name in ("lash-rest", "lash-half", "lash-blink", "upper", "lower", "tongue"):
        members[f"{name}.webp"] = _webp(_read(folder / f"{name}.png"))
    mask = _read(folder / "dyed.png")[..., 3:]
    members["dyed.webp"] = _webp(np.repeat(mask, 3, axis=2), MASK_QUALITY)
    members["eyes.webp"] = _webp(_read(folder / "eyes.png")[..., :3])
    vertices, _ = units.region()
    centre = geometry["eyes"][:, :3].mean(0)
    shape = np.round((geometry["points"][vertices] - centre) * 4096).astype(np.int16)
    stream = io.BytesIO()
    np.savez_compressed(
        stream, points=shape, puff=np.round(geometry["beard"][vertices] * 4096).astype(np.int16)
    )
    members["shape.npz"] = stream.getvalue()
    header = {
        "format": "visavis-rig", "version": 1, "kind": "character", "members": sorted(members),
        "meta": {
            "name": spec.name,
            "card": asdict(spec.card),
            "size": geometry["size"].tolist(),
            "unit": float(geometry["unit"]),
            "origin": centre.tolist(),
            "projection": geometry["projection"].tolist(),
            "eyes": geometry["eyes"].tolist(),
            "boxes": boxes,
            "framing": _framing(geometry, full),
        },
    }  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("rig.json", json.dumps(header))
        for name, data in members.items():
            archive.writestr(name, data)
