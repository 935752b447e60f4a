"""Render every layer of one presenter that the runtime rig needs. A layer on disk is kept."""

import logging
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt

from gallery import source
from gallery.keys import KEYS, OPEN
from gallery.spec import Spec
from gallery.studio import Box, Studio

log = logging.getLogger("gallery")

SKIN = ("skin", "brows", "beard")
"""Seen in a face key; eyes fill the holes of the lids so that no light leaks through."""
COVERS = ("cover", "dyed", "front")
"""Layers that know only how much of each pixel is covered."""
SOLID = 160
"""Alpha from which on a pixel of few samples shows enough of the person to have a colour."""


def boxes(studio: Studio) -> dict[str, Box]:
    person = studio.person
    mouth = (person.mouth[1] - person.eye_y) / person.k
    return {
        "face": studio.box(-1.02, 1.02, 0.66, mouth - 1.15),
        "jaw": studio.box(-0.80, 0.80, mouth + 0.62, mouth - 0.85),
        "mouth": studio.box(-0.50, 0.50, mouth + 0.22, mouth - 0.45),
        "eyes": studio.box(-0.72, 0.72, 0.34, -0.26),
    }


def layers(studio: Studio) -> dict[str, tuple[dict, tuple, tuple, bool, str | None]]:
    """Per layer: the pose, the parts seen, the parts held out, whether bare, the box."""
    everything = tuple(studio.parts)
    face = (*SKIN, "eyes", "lashes")
    # skin that comes out from under a scarf must not bring its shadow along
    bare = studio.spec.clothes.covering != "none"
    out = {
        "full": ({}, everything, (), False, None),
        "face-rest": ({}, (*SKIN, "eyes"), (), bare, "face"),
    }
    for key, box in (("half", "eyes"), ("blink", "eyes"),
                     ("open", "jaw"), ("wide", "jaw"), ("round", "jaw")):  # fmt: skip
        out[f"face-{key}"] = (KEYS[key], (*SKIN, "eyes"), (), bare, box)
    # covers come after what has light: other materials make the renderer build everything anew
    out["cover"] = ({}, everything, (), False, None)
    out["dyed"] = ({}, ("dyed",), (*face, "hair", "clothes", "extras"), False, None)
    out["front"] = ({}, ("hair", "dyed", "clothes", "extras"), face, False, "face")
    for key in ("rest", "half", "blink"):
        out[f"lash-{key}"] = (KEYS[key], ("lashes",), (), True, "eyes")
    out["eyes"] = ({}, ("eyes",), (), True, "eyes")
    for part in ("upper", "lower", "tongue"):
        out[part] = (OPEN, (part,), (), True, "mouth")
    return out


def _colour(cover: Path, full: Path, box: Box) -> None:
    """Give a layer that knows only what it covers the colours of the whole picture."""
    picture = Image.open(full).convert("RGBA").crop((box.left, box.top, box.right, box.bottom))
    picture.putalpha(Image.open(cover).convert("RGBA").getchannel("A"))
    picture.save(cover)


def _smooth(picture: Path, cover: Path) -> None:
    """Give a picture of few samples the finer edge of its cover, and its rim the colours inside."""
    pixels = np.array(Image.open(picture).convert("RGBA"))
    solid = pixels[..., 3] > SOLID
    rows, columns = distance_transform_edt(~solid, return_distances=False, return_indices=True)
    pixels[..., :3] = pixels[rows, columns, :3]
    pixels[..., 3] = np.asarray(Image.open(cover).convert("RGBA"))[..., 3]
    Image.fromarray(pixels).save(picture)


def bake(spec: Spec, folder: Path, scale: float, samples: int, threads: int) -> None:
    """Render the missing layers of a presenter into `folder`, then its geometry."""
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio(spec, scale, samples, threads)
    frames = boxes(studio)
    wanted = layers(studio)
    for name, (pose, seen, held, bare, box) in wanted.items():
        path = folder / f"{name}.png"
        if path.exists():
            continue
        start = time.process_time()
        studio.pose(pose)
        studio.show(seen, held, bare)
        part = folder / f"{name}.part.png"
        shoot = studio.shoot_cover if name in COVERS else studio.shoot
        shoot(part, frames[box] if box else None)
        if name == "front":
            _colour(part, folder / "full.png", frames["face"])
        elif name == "cover":
            _smooth(folder / "full.png", part)
        part.rename(path)
        log.info("%s %s %.1f s of CPU", spec.name, name, time.process_time() - start)
    person = studio.person
    np.savez_compressed(
        folder / "geometry.npz",
        points=person.points.astype(np.float32),
        unit=person.k,
        projection=studio.projection(),
        size=np.array(studio.size),
        eyes=np.array([[*person.eyes[s].centre, person.eyes[s].radius] for s in "lr"]),
        beard=np.pad(person.beard_area, (0, source.VERTICES - source.SKIN))
        * (spec.beard.length if spec.beard.style != "none" else 0.0),
        **{
            f"box_{name}": np.array([b.left, b.top, b.right, b.bottom])
            for name, b in frames.items()
        },
    )
