"""Covers of presenters in their looks, drawn by the product itself.

``python -m gallery.covers [names] [--sheet OUT.png]``, with the product's environment: one small
picture for each entry of the catalogue that is a look; those of entries that are gone are removed.
"""

import argparse
import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from visavis.performance.types import Pose
from visavis.rigs import Framing
from visavis.rigs.character import Presenter, catalogue, people
from visavis.rigs.character.dye import dyed
from visavis.scene import compose

COVERS = Path(__file__).parent.parent / "visavis" / "assets" / "covers"
SIZE = (384, 480)
QUALITY = 80
FPS = Fraction(25)
SMILE = Pose.neutral(mouthSmileLeft=0.22, mouthSmileRight=0.22)


@dataclass(frozen=True)
class Stand:
    """What composing asks of a look's rig; the picture is drawn once for all looks."""

    size: tuple[int, int]
    framing: Framing
    background: str
    zoom: float
    opaque: bool = False


def covers(person: Presenter, looks: list[Presenter]) -> list[np.ndarray]:
    """(height, width, 3) RGB of each look of a person before its own background."""
    rig = person.open()
    mask = Image.open(io.BytesIO(rig.content.member("dyed.webp"))).convert("L")
    drawn: dict[tuple[int, int], np.ndarray] = {}
    out = []
    for one in looks:
        stand = Stand(rig.size, rig.framing, one.look.place.background, one.look.zoom)
        scene = compose(stand, SIZE, None, fps=FPS)
        size = scene.rig_size
        if size not in drawn:
            drawn[size] = rig.open(size, FPS).render(SMILE)
        cloth = np.asarray(mask.resize(size, Image.Resampling.BILINEAR))
        dressed = dyed({"full": drawn[size]}, {}, cloth, one.look.dye[1])["full"]
        out.append(scene.compose(dressed, 0.0))
    return out


def sheet(pictures: list[np.ndarray], columns: int) -> Image.Image:
    """All pictures, a quarter as large, in rows."""
    small = [Image.fromarray(one).resize((SIZE[0] // 4, SIZE[1] // 4)) for one in pictures]
    wide, high = small[0].size
    out = Image.new("RGB", (columns * wide, -(-len(small) // columns) * high))
    for index, one in enumerate(small):
        out.paste(one, (index % columns * wide, index // columns * high))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="people to draw; all when left out")
    parser.add_argument("--sheet", type=Path, help="write a picture of all covers here")
    options = parser.parse_args()
    pictures = []
    for person in people():
        if options.names and person.name not in options.names:
            continue
        looks = [one for one in catalogue() if one.person == person.name and one.look]
        for one, picture in zip(looks, covers(person, looks), strict=True):
            Image.fromarray(picture).save(
                COVERS / f"{one.name}.webp", "WEBP", quality=QUALITY, method=4
            )
            pictures.append(picture)
    names = {one.name for one in catalogue()}
    for path in COVERS.glob("*.webp"):
        if path.stem not in names:
            path.unlink()
    if options.sheet:
        sheet(pictures, 24).save(options.sheet)


if __name__ == "__main__":
    main()
