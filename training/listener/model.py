"""The listener network: sound to phones and articulators, causal with a fixed look-ahead."""

import torch
from torch import Tensor, nn

from visavis.performance.listener.features import BANDS, STACK

WIDTH = 272
DILATIONS = (1, 2, 4, 8, 16, 1, 2, 4, 8, 1, 2, 4)
MEMORY = 2 * sum(DILATIONS)
"""Steps that the network remembers: 2.12 s."""


class Block(nn.Module):
    """A step seen together with two before it, added to what is known of it.

    A new one adds nothing yet, so blocks can be put behind those of a trained network (Chen,
    Goodfellow and Shlens, "Net2Net", ICLR 2016).
    """

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(WIDTH)
        self.look = nn.Linear(3 * WIDTH, WIDTH)
        self.say = nn.Linear(WIDTH, WIDTH)
        nn.init.zeros_(self.say.weight)
        nn.init.zeros_(self.say.bias)

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, steps, WIDTH) and the 2 * dilation steps before; the same of the answer."""
        steps = x.shape[1]
        full = torch.cat([before, x], 1)
        seen = self.norm(full)
        parts = [seen[:, k * self.dilation : k * self.dilation + steps] for k in range(3)]
        heard = torch.nn.functional.silu(self.look(torch.cat(parts, 2)))
        return x + self.say(heard), full[:, steps:]


class Listener(nn.Module):
    """Dilated causal convolutions with three heads, 50 steps a second.

    Convolutions rather than recurrence: they remember a known, finite time, so hours of sound are
    no different from seconds, and they train many times faster on a processor.

    Source: van den Oord et al., "WaveNet: a generative model for raw audio", 2016; Bai, Kolter and
    Koltun, "An empirical evaluation of generic convolutional and recurrent networks", 2018.

    Args:
        phones: number of phone classes, silence included.
        channels: number of articulator channels.
    """

    def __init__(self, phones: int, channels: int) -> None:
        super().__init__()
        self.front = nn.Linear(BANDS * STACK, WIDTH)
        self.blocks = nn.ModuleList(Block(dilation) for dilation in DILATIONS)
        self.norm = nn.LayerNorm(WIDTH)
        self.phones = nn.Linear(WIDTH, phones)
        self.prompt = nn.Linear(WIDTH, phones)
        self.channels = nn.Linear(WIDTH, channels)

    def forward(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Hear a stretch of sound.

        Args:
            features: (batch, steps, BANDS * STACK) normalised log-mel.
            state: (batch, MEMORY, WIDTH), zeros at the start.

        Returns:
            Phone logits (batch, steps, phones), articulators (batch, steps, channels) in 0..1, of
            the sound `LOOKAHEAD` steps before; prompt phone logits (batch, steps, phones), of the
            sound `PROMPT` steps before; and the state after the last step.
        """
        x = self.front(features)
        after = []
        start = 0
        for block in self.blocks:
            end = start + 2 * block.dilation
            x, kept = block(x, state[:, start:end])
            after.append(kept)
            start = end
        x = self.norm(x)
        moved = torch.sigmoid(self.channels(x))
        return self.phones(x), moved, self.prompt(x), torch.cat(after, 1)
