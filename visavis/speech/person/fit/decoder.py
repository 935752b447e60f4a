"""Kokoro's decoder in torch, made to be differentiated by its style and biases and nothing else.

The architecture is that of StyleTTS 2 (Li et al. 2023) and iSTFTNet (Kaneko et al. 2022), after the
reference code of Kokoro-82M (Apache-2.0). Text, durations, pitch and excitation do not depend on
what is fitted, so they come from onnxruntime as numbers. Convolutions keep nothing for the way
back, and normalisation with its non-linearity keeps only its input: this holds the memory down.
"""

import re
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from visavis.speech.kokoro import BIASES
from visavis.speech.person.fit.weights import OnnxWeights, bias_name

_DILATIONS = (1, 3, 5)
_EPSILON = 1e-5


class _FrozenConv(torch.autograd.Function):
    """A convolution whose weight is never fitted: nothing of its input is kept."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, dilation: int) -> Tensor:
        ctx.weight, ctx.dilation = weight, dilation
        padding = dilation * (weight.shape[2] - 1) // 2
        return F.conv1d(x, weight, bias, padding=padding, dilation=dilation)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        padding = ctx.dilation * (ctx.weight.shape[2] - 1) // 2
        back = F.conv_transpose1d(grads[0], ctx.weight, padding=padding, dilation=ctx.dilation)
        return back, None, None, None


class _FrozenUp(torch.autograd.Function):
    """A transposed convolution whose weight is never fitted."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int, groups: int
    ) -> Tensor:
        ctx.weight, ctx.stride, ctx.groups = weight, stride, groups
        ctx.padding = (weight.shape[2] - stride + 1) // 2
        spare = 2 * ctx.padding + stride - weight.shape[2]
        return F.conv_transpose1d(
            x, weight, bias, stride, ctx.padding, output_padding=spare, groups=groups
        )

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None, None]:
        back = F.conv1d(
            grads[0], ctx.weight, stride=ctx.stride, padding=ctx.padding, groups=ctx.groups
        )
        return back, None, None, None, None


class _Styled(torch.autograd.Function):
    """Instance normalisation, scaled and shifted by the style, then a non-linearity.

    Keeps its input alone. `alpha` (1, c, 1) makes the non-linearity a snake, x + sin²(αx)/α
    (Ziyin et al. 2020); without it, it is a leaky ReLU of slope .2.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor, alpha: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, scale, shift)
        ctx.alpha = alpha
        normal, _ = _normal(x)
        return _bent(torch.addcmul(shift, normal, scale), alpha)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        x, scale, shift = ctx.saved_tensors
        normal, deviation = _normal(x)
        styled = torch.addcmul(shift, normal, scale)
        if ctx.alpha is None:
            slope = torch.where(styled > 0, 1.0, 0.2)
        else:
            slope = 1.0 + torch.sin(2.0 * ctx.alpha * styled)
        grad = grads[0] * slope
        to_shift = grad.sum(2, keepdim=True)
        to_scale = (grad * normal).sum(2, keepdim=True)
        length = x.shape[2]
        back = grad - to_shift / length - normal * (to_scale / length)
        return back * (scale / deviation), to_scale, to_shift, None


def _normal(x: Tensor) -> tuple[Tensor, Tensor]:
    variance, mean = torch.var_mean(x, 2, unbiased=False, keepdim=True)
    deviation = torch.sqrt(variance + _EPSILON)
    return (x - mean) / deviation, deviation


def _bent(x: Tensor, alpha: Tensor | None) -> Tensor:
    if alpha is None:
        return F.leaky_relu(x, 0.2)
    return x + torch.sin(alpha * x) ** 2 / alpha


class Decoder:
    """The decoder with frozen weights.

    Args:
        weights: of the Kokoro graph.

    Attributes:
        biases: layer of `BIASES` to the (size,) biases in use; replace them to fit them.
        style_weights: layer to the (size, 128) matrix by which the style acts.
    """

    def __init__(self, weights: OnnxWeights) -> None:
        self._weights = weights
        self._layers: dict[str, tuple[Tensor, Tensor | None]] = {}
        self.style_weights = {
            layer: torch.tensor(weights.weight(_path(f"{layer}.fc"))).T.contiguous()
            for layer in BIASES
        }
        self.biases: dict[str, Tensor] = {
            layer: torch.tensor(weights.tensor(bias_name(layer))) for layer in BIASES
        }
        self._alphas: dict[str, Tensor] = {}
        self._basis = torch.tensor(
            weights.tensor("decoder.decoder.generator.stft.istft.stft.inverse_basis")
        )
        self._window = torch.hann_window(20)

    def __call__(self, given: "Excitation", style: Tensor) -> Tensor:
        """Samples at 24 kHz.

        Args:
            given: what the decoder is driven by, t frames of 25 ms.
            style: (128,), the acoustic half.

        Returns:
            (600 t,).
        """
        x = self._block("encode", given.text, style)
        side = torch.cat([given.side, given.text[:, 512:]], 1)
        for block in range(4):
            x = self._block(f"decode.{block}", torch.cat([x, side], 1), style)
        for stage in range(2):
            x = self._stage(stage, x, given.noise[stage], style)
        x = self._conv("generator.conv_post", F.leaky_relu(x))
        return self._sound(x)

    def _stage(self, stage: int, x: Tensor, noise: Tensor, style: Tensor) -> Tensor:
        name = f"generator.ups.{stage}"
        weight, bias = self._layer(name)
        if bias is None:
            raise KeyError(f"{name}.bias")
        x = _FrozenUp.apply(F.leaky_relu(x, 0.1), weight, bias, (10, 6)[stage], 1)
        if stage == 1:
            x = torch.cat([x[:, :, 1:2], x], 2)
        x = x + self._snakes(f"generator.noise_res.{stage}", noise, style)
        blocks = range(3 * stage, 3 * stage + 3)
        return sum(self._snakes(f"generator.resblocks.{i}", x, style) for i in blocks) / 3.0

    def _snakes(self, name: str, x: Tensor, style: Tensor) -> Tensor:
        for i, dilation in enumerate(_DILATIONS):
            inner = self._styled(f"{name}.adain1.{i}", x, style, f"{name}.alpha1.{i}")
            inner = self._conv(f"{name}.convs1.{i}", inner, dilation)
            inner = self._styled(f"{name}.adain2.{i}", inner, style, f"{name}.alpha2.{i}")
            x = x + self._conv(f"{name}.convs2.{i}", inner)
        return x

    def _block(self, name: str, x: Tensor, style: Tensor) -> Tensor:
        inner = self._styled(f"{name}.norm1", x, style)
        short = x
        if name == "decode.3":
            weight, bias = self._layer(f"{name}.pool")
            inner = _FrozenUp.apply(inner, weight, bias, 2, weight.shape[0])
            short = x.repeat_interleave(2, 2)
        inner = self._conv(f"{name}.conv1", inner)
        inner = self._conv(f"{name}.conv2", self._styled(f"{name}.norm2", inner, style))
        return (inner + self._conv(f"{name}.conv1x1", short)) * 0.5**0.5

    def _styled(self, layer: str, x: Tensor, style: Tensor, alpha: str = "") -> Tensor:
        acting = self.style_weights[layer] @ style + self.biases[layer]
        scale, shift = acting.reshape(1, 2, -1, 1).unbind(1)
        if alpha and alpha not in self._alphas:
            self._alphas[alpha] = torch.tensor(self._weights.tensor(f"decoder.decoder.{alpha}"))
        styled: Tensor = _Styled.apply(x, 1.0 + scale, shift, self._alphas.get(alpha))
        return styled

    def _conv(self, name: str, x: Tensor, dilation: int = 1) -> Tensor:
        weight, bias = self._layer(name)
        out: Tensor = _FrozenConv.apply(x, weight, bias, dilation)
        return out

    def _layer(self, name: str) -> tuple[Tensor, Tensor | None]:
        if name not in self._layers:
            bias = f"decoder.decoder.{name}.bias"
            self._layers[name] = (
                torch.tensor(self._weights.weight(_path(name))),
                torch.tensor(self._weights.tensor(bias)) if self._weights.holds(bias) else None,
            )
        return self._layers[name]

    def _sound(self, x: Tensor) -> Tensor:
        magnitude, phase = torch.exp(x[:, :11]), torch.sin(x[:, 11:])
        spectrum = torch.polar(magnitude, phase)
        return torch.istft(spectrum, 20, 5, 20, self._window)[0]


class Excitation:
    """What drives the decoder and does not depend on what is fitted.

    Attributes:
        text: (1, 514, t), what is said with pitch and energy.
        side: (1, 64, t), a narrow copy of what is said.
        noise: (1, 256, 20 t) and (1, 128, 120 t + 1), harmonics and noise at two rates.
    """

    def __init__(self, text: Tensor, side: Tensor, noise: tuple[Tensor, Tensor]) -> None:
        self.text, self.side, self.noise = text, side, noise

    @property
    def frames(self) -> int:
        """t, frames of 25 ms."""
        return self.text.shape[2]

    def crop(self, start: int, end: int) -> "Excitation":
        """The frames ``start`` to ``end``."""
        return Excitation(
            self.text[:, :, start:end],
            self.side[:, :, start:end],
            (
                self.noise[0][:, :, 20 * start : 20 * end],
                self.noise[1][:, :, 120 * start : 120 * end + 1],
            ),
        )


def _path(module: str) -> str:
    """The name that the exporter gave to the nodes of a module."""
    inner = re.sub(
        r"\.(convs1|convs2|adain1|adain2|norm1|norm2|conv1x1|conv1|conv2|pool|fc)\b", r"/\1", module
    )
    return "/decoder/decoder/" + inner.replace("generator.", "generator/")
