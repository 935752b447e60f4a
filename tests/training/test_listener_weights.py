"""What becomes of weights between trainings; needs torch."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the listener is trained in torch")

import torch

from training.listener.average import average
from training.listener.model import MEMORY, WIDTH, Listener
from training.listener.train import resume
from visavis.performance.listener.features import BANDS, STACK

PHONES, CHANNELS = 9, 11
SHORT = 8
"""Blocks of a network that is to grow."""


def net(seed: int) -> Listener:
    """A network in which every block says something."""
    torch.manual_seed(seed)
    made = Listener(PHONES, CHANNELS)
    for block in made.blocks:
        torch.nn.init.normal_(block.say.weight, std=0.05)
    return made


def answer(weights: dict[str, "torch.Tensor"]) -> np.ndarray:
    """What a network with these weights hears in some sound."""
    made = Listener(PHONES, CHANNELS)
    resume(made, weights)
    features = torch.randn(1, 12, BANDS * STACK, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return made(features, torch.zeros(1, MEMORY, WIDTH))[0].numpy()


def short(weights: dict[str, "torch.Tensor"]) -> dict[str, "torch.Tensor"]:
    """The weights of the first blocks only."""
    late = tuple(f"blocks.{number}." for number in range(SHORT, 100))
    return {name: value for name, value in weights.items() if not name.startswith(late)}


def test_a_network_that_grows_hears_what_it_heard() -> None:
    whole = net(0)
    for block in whole.blocks[SHORT:]:
        torch.nn.init.zeros_(block.say.weight)
        torch.nn.init.zeros_(block.say.bias)
    np.testing.assert_allclose(
        answer(short(whole.state_dict())), answer(whole.state_dict()), atol=1e-5
    )


def test_weights_of_another_network_are_refused() -> None:
    weights = net(0).state_dict()
    del weights["front.weight"]
    with pytest.raises(ValueError, match="front"):
        answer(weights)


def test_an_average_lies_between_a_network_and_what_it_became() -> None:
    first, second = short(net(0).state_dict()), net(1).state_dict()
    np.testing.assert_allclose(answer(average(first, second, 0.0)), answer(first), atol=1e-5)
    np.testing.assert_allclose(answer(average(first, second, 1.0)), answer(second), atol=1e-5)
    half = average(first, second, 0.5)["front.weight"]
    torch.testing.assert_close(half, (first["front.weight"] + second["front.weight"]) / 2)
