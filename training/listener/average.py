"""Weights between two networks: ``python -m training.listener.average FIRST SECOND SHARE OUT``.

SECOND was trained on from FIRST. The longer a network learns synthesised voices the better it hears
those and the worse people; between the two lies one that hears both.

Source: Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor


def average(first: dict[str, Tensor], second: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The state dictionary a share, 0..1, of the way from `first` to `second`.

    Blocks that `first` has not yet add nothing to it.
    """

    def before(name: str) -> Tensor:
        absent = torch.zeros_like(second[name]) if ".say." in name else second[name]
        return first.get(name, absent)

    return {name: torch.lerp(before(name), after, share) for name, after in second.items()}


def main() -> None:
    """Average from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("share", type=float)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    first, second = (
        torch.load(path, map_location="cpu") for path in (options.first, options.second)
    )
    torch.save(average(first, second, options.share), options.out)


if __name__ == "__main__":
    main()
