"""Put packed presenters, their covers and the catalogue into the package.

``python -m gallery.ship [names] --baked DIR``: all presenters with every layer when no names are
given.
"""

import argparse
import io
import json
import logging
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image

from gallery import pack, spec, units

ASSETS = Path(__file__).parent.parent / "visavis" / "assets"
COVER_QUALITY = 84
DARK = 0.06
"""Luminance under which a garment has too few levels of light for a pale colour."""
log = logging.getLogger("gallery")


def _cloth(packed: Path) -> str:
    """Whether what the wardrobe dyes came out dark or light."""
    with zipfile.ZipFile(packed) as archive:
        mask, full = (
            np.asarray(Image.open(io.BytesIO(archive.read(name))).convert(mode))
            for name, mode in (("dyed.webp", "L"), ("full.webp", "RGB"))
        )
    light = (full[mask > 250].astype(float) / 255) ** 2.2 @ [0.2126, 0.7152, 0.0722]
    return "dark" if np.median(light) < DARK else "light"


def ship(names: list[str], baked: Path) -> None:
    """Pack what is finished and write the catalogue of everything that is in the package."""
    if not (ASSETS / "face_units.npz").exists():
        units.write(ASSETS / "face_units.npz")
    known = {one.name: one for one in spec.read_all()}
    covers, packs = ASSETS / "covers", ASSETS / "presenters"
    covers.mkdir(exist_ok=True)
    for name in names or known:
        folder = baked / name
        if not (folder / "geometry.npz").exists():
            log.warning("%s is not finished", name)
            continue
        target = packs / f"{name}.avatar"
        pack.pack(known[name], folder, target)
        Image.fromarray(pack.whole(folder)).save(
            covers / f"{name}.webp", "WEBP", quality=COVER_QUALITY, method=4
        )
        log.info("%s: %d KB", name, target.stat().st_size // 1024)
    _list(known, packs)


def _list(known: dict[str, spec.Spec], packs: Path) -> None:
    """Write the catalogue of everything that is in the package."""
    listing = ASSETS / "presenters.json"
    before = [entry["name"] for entry in json.loads(listing.read_text())]
    # who is there keeps the place, who is new comes after
    order = [*before, *sorted(set(known) - set(before))]
    entries = [
        {"name": name, **asdict(known[name].card), "cloth": _cloth(packs / f"{name}.avatar")}
        for name in order
        if name in known and (packs / f"{name}.avatar").exists()
    ]
    listing.write_text(json.dumps(entries, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--baked", type=Path, default=Path("build/gallery"))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    ship(options.names, options.baked)


if __name__ == "__main__":
    main()
