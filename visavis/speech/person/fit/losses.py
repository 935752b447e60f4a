"""What a fitted voice is compared by, differentiable: speaker vector, long-term spectrum, words."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from visavis.speech.person.spectra import mel_filters, trimmed
from visavis.speech.types import Samples

RATE = 16_000
HOP = 160
_SIZE, _BANDS = 400, 40
_FRAMES, _STRIDE = 160, 40
_LEVEL = 10 ** (-30 / 20)
_QUIET = 10**-2.5

_FILTERS = torch.tensor(mel_filters(RATE, _SIZE, _BANDS))
_WINDOW = torch.hann_window(_SIZE)


def _half_band() -> Tensor:
    """The low-pass filter of going from 24 to 16 kHz by way of 48."""
    taps, cut = 97, 0.95 / 3
    at = torch.arange(taps, dtype=torch.float64) - taps // 2
    kernel = cut * torch.sinc(cut * at) * torch.hamming_window(taps, False, dtype=torch.float64)
    return (2 * kernel / kernel.sum()).float()[None, None]


_LOW_PASS = _half_band()


def mel(samples: Tensor) -> Tensor:
    """Mel energies every 10 ms, (frames, 40), of sound (n,) at 24 kHz."""
    doubled = torch.stack([samples, torch.zeros_like(samples)], -1).reshape(1, 1, -1)
    halved = F.conv1d(doubled, _LOW_PASS, stride=3, padding=48).reshape(-1)
    spectrum = torch.stft(
        halved, _SIZE, HOP, _SIZE, _WINDOW, pad_mode="constant", return_complex=True
    )
    return (_FILTERS @ (spectrum.real**2 + spectrum.imag**2)).T


def log_mel(energies: Tensor) -> Tensor:
    """Natural logarithm with a floor 60 dB under the loudest."""
    return torch.log(energies + 1e-6 * energies.detach().max())


def levelled(samples: Tensor) -> Tensor:
    """At -30 dB; the encoder reads energies that are not logarithms, so it hears the level."""
    return samples * (_LEVEL / samples.square().mean().clamp(min=1e-12).sqrt())


class VoiceEncoder(nn.Module):
    """The speaker encoder of Resemblyzer (after Wan et al. 2018, GE2E), frozen.

    Args:
        path: its weights.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.lstm = nn.LSTM(_BANDS, 256, 3, batch_first=True)
        self.linear = nn.Linear(256, 256)
        stored = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
        self.load_state_dict(stored, strict=False)
        self.requires_grad_(False)

    def forward(self, energies: Tensor) -> Tensor:
        """The vector (256,) of length 1 of mel energies (frames, 40)."""
        if len(energies) < _FRAMES:
            energies = F.pad(energies, (0, 0, 0, _FRAMES - len(energies)))
        starts = range(0, len(energies) - _FRAMES + 1, _STRIDE)
        _, (hidden, _) = self.lstm(torch.stack([energies[at : at + _FRAMES] for at in starts]))
        vectors = torch.relu(self.linear(hidden[-1]))
        mean = (vectors / vectors.norm(dim=1, keepdim=True)).mean(0)
        return mean / mean.norm()


class Likeness:
    """How unlike the person some sound is.

    Args:
        reference: the person's recording at 24 kHz.
        encoder: a loaded encoder.
    """

    def __init__(self, reference: Samples, encoder: VoiceEncoder) -> None:
        self._encoder = encoder
        speech = np.ascontiguousarray(trimmed(reference, 24_000))
        with torch.no_grad():
            energies = mel(levelled(torch.tensor(speech)))
            self._vector = encoder(energies)
            self._mean, self._spread = _long_term(energies)

    def __call__(self, samples: Tensor) -> tuple[Tensor, float]:
        """The loss of a sound at 24 kHz, and its cosine with the person."""
        energies = mel(levelled(samples))
        cosine = self._encoder(energies) @ self._vector
        mean, spread = _long_term(energies)
        spectrum = (mean - self._mean).abs().mean() + 0.5 * (spread - self._spread).abs().mean()
        return 1.0 - cosine + 0.3 * spectrum, float(cosine.detach())


def _long_term(energies: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each band's logarithm over the frames that sound, level removed."""
    total = energies.sum(1).detach()
    loud = energies[total > torch.quantile(total, 0.9) * _QUIET]
    logarithm = torch.log(loud + 1e-8 * loud.detach().mean())
    mean = logarithm.mean(0)
    return mean - mean.mean(), logarithm.std(0)


class Words:
    """How unlike the person the same words sound, frame by frame.

    Args:
        reference: the person's recording at 24 kHz.
        pairs: frames of 10 ms of the synthesis, and the frames of `reference` that belong to them.
    """

    def __init__(self, reference: Samples, pairs: tuple[np.ndarray, np.ndarray]) -> None:
        with torch.no_grad():
            aim = log_mel(mel(torch.tensor(np.ascontiguousarray(reference))))
        sources, targets = pairs
        length = int(sources.max()) + 1
        sums, counts = np.zeros(length), np.zeros(length)
        np.add.at(sums, sources, targets)
        np.add.at(counts, sources, 1)
        nearest = np.rint(sums / np.maximum(counts, 1)).astype(int).clip(0, len(aim) - 1)
        self._aim = aim[torch.tensor(nearest)]
        self._known = torch.tensor(counts > 0)

    def __call__(self, samples: Tensor, start: float, guard: int = 6) -> Tensor | None:
        """The loss of a piece of the synthesis, None where too little of it is known.

        Args:
            samples: at 24 kHz.
            start: frames of 10 ms into the synthesis.
            guard: frames at both ends that do not count, for they lack context.
        """
        made = log_mel(mel(samples))
        at = torch.arange(guard, len(made) - guard)
        there = at + round(start)
        inside = there < len(self._known)
        at, there = at[inside], there[inside]
        known = self._known[there]
        if int(known.sum()) < 30:
            return None
        away = self._aim[there[known]] - made[at[known]]
        return (away - away.mean().detach()).abs().mean()
