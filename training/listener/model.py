"""The listener network: sound to phones and articulators, causal with a fixed look-ahead."""

import torch
from torch import Tensor, nn

from visavis.performance.listener.features import BANDS, STACK

HIDDEN = 192
LAYERS = 2


class Listener(nn.Module):
    """Two gated recurrent layers with two heads, 50 steps a second.

    Args:
        phones: number of phone classes, silence included.
        channels: number of articulator channels.
    """

    def __init__(self, phones: int, channels: int) -> None:
        super().__init__()
        self.front = nn.Sequential(nn.Linear(BANDS * STACK, HIDDEN), nn.SiLU())
        self.memory = nn.GRU(HIDDEN, HIDDEN, LAYERS, batch_first=True)
        self.phones = nn.Linear(HIDDEN, phones)
        self.channels = nn.Sequential(
            nn.Linear(HIDDEN, HIDDEN // 2), nn.SiLU(), nn.Linear(HIDDEN // 2, channels)
        )

    def forward(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Hear a stretch of sound.

        Args:
            features: (batch, steps, BANDS * STACK) normalised log-mel.
            state: (LAYERS, batch, HIDDEN) memory, zeros at the start.

        Returns:
            Phone logits (batch, steps, phones), articulators (batch, steps, channels) in 0..1, and
            the memory after the last step. Step k speaks of the sound `LOOKAHEAD` steps before it.
        """
        heard, state = self.memory(self.front(features), state)
        return self.phones(heard), torch.sigmoid(self.channels(heard)), state
