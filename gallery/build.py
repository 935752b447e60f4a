"""Build presenters: ``python -m gallery.build [names] [--out DIR] [--scale 1] [--samples 14]``.

Run with the environment of ``requirements.txt``, from the repository root. What is already
rendered is kept, so a stopped build goes on where it was; delete a presenter's folder to render
it anew.
"""

import argparse
import logging
from pathlib import Path

from gallery import bake, spec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="presenters to build; all when left out")
    parser.add_argument("--out", type=Path, default=Path("build/gallery"))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--samples", type=int, default=14)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    known = {one.name: one for one in spec.read_all()}
    for name in options.names or known:
        bake.bake(known[name], options.out / name, options.scale, options.samples, options.threads)


if __name__ == "__main__":
    main()
