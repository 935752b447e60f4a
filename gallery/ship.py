"""Put packed presenters, their covers and the catalogue into the package.

``python -m gallery.ship [names] --baked DIR``: all presenters with every layer when no names are
given.
"""

import argparse
import json
import logging
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from gallery import pack, spec, units

ASSETS = Path(__file__).parent.parent / "visavis" / "assets"
COVER_QUALITY = 84
log = logging.getLogger("gallery")


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
        Image.open(folder / "full.png").save(
            covers / f"{name}.webp", "WEBP", quality=COVER_QUALITY, method=6
        )
        log.info("%s: %d KB", name, target.stat().st_size // 1024)
    listing = ASSETS / "presenters.json"
    before = [entry["name"] for entry in json.loads(listing.read_text())]
    # who is there keeps the place, who is new comes after
    order = [*before, *sorted(set(known) - set(before))]
    entries = [
        {"name": name, **asdict(known[name].card)}
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
