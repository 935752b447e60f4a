"""The fit itself: the mixture of styles and the decoder's biases, by gradient."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visavis.speech.kokoro import BIASES
from visavis.speech.person.fit.decoder import Decoder, Excitation
from visavis.speech.person.fit.losses import Likeness, Words
from visavis.speech.types import Samples

STEPS = 60
CROP = 66
"""Frames of 25 ms that a step hears: 1.65 s, a little more than the encoder's window."""

OWN_CROP = 50
"""The same for the person's own words, which are compared frame by frame."""

_STYLE_RATE, _BIAS_RATE = 0.1, 0.05
_STYLE_PRIOR, _BIAS_PRIOR = 0.1, 0.05
_WORDS_WEIGHT = 0.5
_AVERAGED = 0.4
"""The last part of the steps, over which the result is averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """A sentence ready for the decoder.

    Attributes:
        excitation: what drives the decoder.
        styles: (54, 128), the acoustic half of each stock style for this length.
    """

    excitation: Excitation
    styles: Tensor


Own = tuple[Sentence, Words]
"""A part of the person's own words, and the loss that compares it with the recording."""


def read_sentences(folder: Path, reference: Samples) -> tuple[list[Sentence], list[Own]]:
    """What `visavis.speech.person.fit.prepare` left: stock text, and the person's own words."""
    stock, own = [], []
    with np.load(folder / "sentences.npz") as kept:
        for name in dict.fromkeys(name.split("_")[0] for name in kept.files if "_" in name):
            sentence = _sentence(name, kept)
            if name.startswith("stock"):
                stock.append(sentence)
            elif len(rows := kept[f"{name}_rows"]):
                own.append((sentence, Words(reference, (rows, kept[f"{name}_columns"]))))
    return stock, own


def _sentence(name: str, kept: Mapping[str, npt.NDArray[np.float32]]) -> Sentence:
    text, side, slow, fast, styles = (
        torch.tensor(kept[f"{name}_{part}"]) for part in ("text", "side", "slow", "fast", "styles")
    )
    return Sentence(Excitation(text, side, (slow, fast)), styles)


class Fit:
    """The numbers that are fitted, in units in which stock voices differ by about one.

    Args:
        decoder: frozen but for its biases.
        styles: (54, 510, 256), all stock styles.
        weights: (54,), the mixture to start from.
    """

    def __init__(
        self,
        decoder: Decoder,
        styles: npt.NDArray[np.float32],
        weights: npt.NDArray[np.float32],
    ) -> None:
        rows = styles[:, 10:120, :128].mean(axis=1)
        centred = rows - rows.mean(axis=0)
        axes = np.linalg.svd(centred, full_matrices=False)[0][:, : len(rows) - 1]
        self._axes = torch.tensor(np.ascontiguousarray(axes)) / len(rows) ** 0.5
        self._weights = torch.tensor(weights)
        self._decoder = decoder
        spread = torch.tensor(np.ascontiguousarray(centred))
        self._scales = {
            layer: (spread @ matrix.T).std(0) + 1e-4
            for layer, matrix in decoder.style_weights.items()
        }
        self._stock = dict(decoder.biases)
        self.shift = torch.zeros(axes.shape[1], requires_grad=True)
        self.changes = {
            layer: torch.zeros(size, requires_grad=True) for layer, size in BIASES.items()
        }

    @property
    def weights(self) -> Tensor:
        """(54,), the mixture as it is now."""
        return self._weights + self._axes @ self.shift

    def bind(self) -> None:
        """Let the decoder use the biases as they are now."""
        for layer, change in self.changes.items():
            self._decoder.biases[layer] = self._stock[layer] + change * self._scales[layer]

    def prior(self) -> Tensor:
        """What keeps the voice near voices that exist."""
        changed = torch.cat(list(self.changes.values()))
        return _BIAS_PRIOR * changed.square().mean() + _STYLE_PRIOR * self.shift.square().mean()

    def say(self, sentence: Sentence, excitation: Excitation) -> Tensor:
        """Part of a sentence in the voice as it is now."""
        return self._decoder(excitation, self.weights @ sentence.styles)

    def run(
        self,
        sentences: Sequence[Sentence],
        likeness: Likeness,
        own: Sequence[Own],
        progress: Callable[[float, float], None],
        steps: int = STEPS,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Fit.

        Args:
            sentences: of stock text.
            likeness: to the person.
            own: the person's own words, where they are known; every other step hears them.
            progress: told the share that is done and the last cosine.
            steps: gradient steps.

        Returns:
            weights (54,) and biases in the order of `BIASES`, averaged over the last steps.
        """
        changes = list(self.changes.values())
        groups = [
            {"params": [self.shift], "lr": _STYLE_RATE},
            {"params": changes, "lr": _BIAS_RATE},
        ]
        rates = (_STYLE_RATE, _BIAS_RATE)
        optimiser = torch.optim.Adam(groups)
        chance = np.random.default_rng(0)
        parameters = [self.shift, *changes]
        sums, counted, cosine = [torch.zeros_like(one) for one in parameters], 0, 0.0
        for step in range(steps):
            self.bind()
            if own and step % 2:
                loss = self._own_words(*own[int(chance.integers(len(own)))], chance)
            else:
                sentence = sentences[int(chance.integers(len(sentences)))]
                part = _cropped(sentence.excitation, chance, CROP)[0]
                loss, cosine = likeness(self.say(sentence, part))
            if loss is not None:
                (loss + self.prior()).backward()
                optimiser.step()
            optimiser.zero_grad()
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * (1 - 0.8 * step / steps)
            if step >= steps * (1 - _AVERAGED):
                counted += 1
                for total, one in zip(sums, parameters, strict=True):
                    total += one.detach()
            progress((step + 1) / steps, cosine)
        with torch.no_grad():
            for total, one in zip(sums, parameters, strict=True):
                one.copy_(total / counted)
            self.bind()
            fitted = torch.cat([self._decoder.biases[layer] for layer in BIASES])
            return self.weights.numpy().copy(), fitted.numpy().copy()

    def _own_words(
        self, sentence: Sentence, words: Words, chance: np.random.Generator
    ) -> Tensor | None:
        part, start = _cropped(sentence.excitation, chance, OWN_CROP)
        away = words(self.say(sentence, part), 2.5 * start)
        return None if away is None else _WORDS_WEIGHT * away


def _cropped(
    excitation: Excitation, chance: np.random.Generator, length: int
) -> tuple[Excitation, int]:
    start = int(chance.integers(0, max(1, excitation.frames - length + 1)))
    return excitation.crop(start, min(excitation.frames, start + length)), start
