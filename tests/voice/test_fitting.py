"""The fit: its process, and where torch is installed its decoder and its gradients."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from visavis import models
from visavis.errors import VoiceError
from visavis.speech.kokoro import BIAS_COUNT, RATE
from visavis.speech.person import PersonVoice, fitter
from visavis.speech.person.fit.prepare import TEXTS, prepare
from visavis.speech.person.fit.weights import OnnxWeights, stock_biases
from visavis.speech.person.fitter import FitError, FitStoppedError, fit_voice
from visavis.speech.person.judging import Verdict
from visavis.speech.person.studio import SENTENCES, Studio, phonemes_of
from visavis.speech.types import Samples

from .test_person import person

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="fitting needs torch: visavis[clone]")


def test_without_torch_the_extra_is_named(
    michael: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitter, "can_fit", lambda: False)
    with pytest.raises(VoiceError, match=r"visavis\[clone\]"):
        fit_voice(michael, RATE, person())


def test_a_fit_stops_when_nobody_wants_it(
    michael: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitter, "can_fit", lambda: True)
    with pytest.raises(FitStoppedError):
        fit_voice(michael, RATE, person(), transcript="", wanted=lambda: False)


def test_a_process_that_fails_says_why(
    michael: Samples, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "numpy.py").write_text("raise RuntimeError('no numbers today')")
    monkeypatch.setattr(fitter, "can_fit", lambda: True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(FitError, match="no numbers today"):
        fit_voice(michael, RATE, person(), transcript="")


WORDS = "We walked along the river, and then we had a cup of tea by the fire."


def fitted_by(
    monkeypatch: pytest.MonkeyPatch, scores: dict[str, float], colour: str
) -> Callable[[Samples, PersonVoice, Studio], PersonVoice]:
    """`fit_voice` whose process found nothing new; `scores` are what voices are judged by: the
    stock one, the fitted one, and that with its filter, or less of it."""
    heard: list[str] = []

    def judge(*_: object, **__: object) -> Verdict:
        heard.append(("stock", "fitted", "coloured")[min(len(heard), 2)])
        return Verdict(scores[heard[-1]], None, None)

    def found(*_: object) -> tuple[np.ndarray, np.ndarray]:
        return person().weights, np.zeros(BIAS_COUNT, np.float32)

    monkeypatch.setattr(fitter, "can_fit", lambda: True)
    monkeypatch.setattr(fitter, "_fitted", found)
    monkeypatch.setattr(fitter, "judged", judge)
    monkeypatch.setattr(fitter, "tried", lambda *_: [np.ones(RATE, np.float32)])
    return lambda sound, matched, studio: fit_voice(
        sound, RATE, matched, transcript=colour, studio=studio
    )


@pytest.mark.parametrize(
    ("coloured", "words", "kept"),
    [(0.86, WORDS, True), (0.79, WORDS, False), (0.86, "", False)],
)
def test_a_filter_stays_on_a_fit_where_it_helps(
    michael: Samples,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    coloured: float,
    words: str,
    kept: bool,
) -> None:
    fit = fitted_by(monkeypatch, {"stock": 0.6, "fitted": 0.82, "coloured": coloured}, words)
    voice = fit(michael, person(), studio)
    assert voice.method == "fitted"
    assert (voice.colour is not None) == kept
    assert voice.similarity is not None
    assert voice.similarity.after == (coloured if kept else 0.82)


def test_a_fit_that_is_less_alike_than_the_match_is_not_taken(
    michael: Samples, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = fitted_by(monkeypatch, {"stock": 0.6, "fitted": 0.75}, "")
    voice = fit(michael, person(), studio)
    assert voice.method == "matched"
    assert "0.75 of the matched voice's 0.80" in voice.notes[-1]


def test_a_fit_that_sounds_bad_is_taken_part_of_the_way(
    michael: Samples, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stock voice, the whole fit, and three quarters of it are judged in turn."""
    verdicts = iter([Verdict(0.6, 0.0, 3.4), Verdict(0.9, 0.0, 3.0), Verdict(0.86, 0.0, 3.2)])
    fitted_by(monkeypatch, {}, "")
    monkeypatch.setattr(fitter, "judged", lambda *_, **__: next(verdicts))
    stock = stock_biases(models.ensure("kokoro")["model.onnx"])
    weights = np.full(len(person().weights), 1 / 54, np.float32)
    monkeypatch.setattr(fitter, "_fitted", lambda *_: (weights, stock + 1))
    voice = fit_voice(michael, RATE, person(), transcript="", studio=studio)
    assert voice.method == "fitted"
    assert voice.biases is not None
    assert np.allclose(voice.biases, stock + 0.75, atol=1e-5)
    assert np.allclose(voice.weights, 0.25 * person().weights + 0.75 * weights, atol=1e-6)
    assert "75% of the way" in voice.notes[-1]


def test_no_part_of_a_fit_is_taken_that_is_not_understood(
    michael: Samples, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = iter([Verdict(0.6, 0.0, 3.4), *[Verdict(0.9, 0.2, 3.4)] * 3])
    fitted_by(monkeypatch, {}, "")
    monkeypatch.setattr(fitter, "judged", lambda *_, **__: next(verdicts))
    voice = fit_voice(michael, RATE, person(), transcript="", studio=studio)
    assert voice.method == "matched"
    assert "20% misheard" in voice.notes[-1]
    assert next(verdicts, None) is None


def test_weights_are_read_without_a_library() -> None:
    weights = OnnxWeights(models.ensure("kokoro")["model.onnx"])
    assert weights.weight("/decoder/decoder/encode/conv1").shape == (1024, 514, 3)
    assert weights.weight("/decoder/decoder/encode/norm1/fc").shape == (128, 1028)
    assert weights.weight("/decoder/decoder/generator/ups.0").shape == (512, 256, 20)
    assert np.abs(weights.weight("/decoder/decoder/encode/conv1")).max() < 20
    with pytest.raises(KeyError):
        weights.weight("/decoder/nothing")


def test_the_frozen_half_is_prepared_without_torch(tmp_path: Path, michael: Samples) -> None:
    (tmp_path / "voice").mkdir()
    for name, content in person().members().items():
        (tmp_path / "voice" / name).write_bytes(content)
    (tmp_path / "job.json").write_text('{"transcript": "We had a cup of tea by the fire."}')
    np.save(tmp_path / "sound.npy", michael)
    prepare(tmp_path)
    with np.load(tmp_path / "sentences.npz") as kept:
        frames = kept["own0_text"].shape[2]
        assert kept["own0_text"].shape == (1, 514, frames)
        assert kept["own0_slow"].shape == (1, 256, 20 * frames)
        assert kept["own0_fast"].shape == (1, 128, 120 * frames + 1)
        assert kept["own0_styles"].shape == (54, 128)
        assert kept["own0_rows"].max() < 2.5 * frames
        assert f"stock{len(TEXTS) - 1}_text" in kept.files


def test_long_texts_are_read_in_passes_between_words() -> None:
    text = "Everybody who was there remembers how the bridge was opened " * 3
    parts = phonemes_of(text, "en-US")
    assert all(len(part) <= 80 for part in parts)
    whole = " ".join(parts)
    assert whole.count(" ") >= 25
    assert set(SENTENCES).isdisjoint(TEXTS)


@needs_torch
def test_the_decoder_is_the_models(studio: Studio, tmp_path: Path, michael: Samples) -> None:
    import torch

    from visavis.speech.person.fit.decoder import Decoder
    from visavis.speech.person.fit.fitting import read_sentences

    test_the_frozen_half_is_prepared_without_torch(tmp_path, michael)
    stock, own = read_sentences(tmp_path, michael)
    assert len(stock) >= len(TEXTS)
    assert len(own) == 1
    decoder = Decoder(OnnxWeights(models.ensure("kokoro")["model.onnx"]))
    weights = torch.tensor(person().weights)
    with torch.no_grad():
        made = decoder(stock[0].excitation, weights @ stock[0].styles).numpy()
    spoken = phonemes_of(TEXTS[0], "en-US")[0]
    wanted, _ = studio.kokoro(spoken, person().timbre(studio.kokoro.style))
    assert np.corrcoef(made, wanted)[0, 1] > 0.95


@needs_torch
def test_gradients_are_those_of_differences() -> None:
    import torch

    from visavis.speech.person.fit.decoder import _FrozenConv, _FrozenUp, _Styled

    def numbers(*shape: int) -> "torch.Tensor":
        return torch.randn(*shape, dtype=torch.float64, generator=chance)

    chance = torch.Generator().manual_seed(0)
    x = numbers(1, 4, 9).requires_grad_(True)
    scale, shift = (numbers(1, 4, 1).requires_grad_(True) for _ in range(2))
    alpha = numbers(1, 4, 1).abs() + 0.5
    checked = torch.autograd.gradcheck
    for dilation in (1, 3):
        weight, bias = numbers(3, 4, 5), numbers(3)
        assert checked(lambda x, w=weight, b=bias, d=dilation: _FrozenConv.apply(x, w, b, d), x)
    for weight, stride, groups in (
        (numbers(4, 2, 20), 10, 1),
        (numbers(4, 2, 12), 6, 1),
        (numbers(4, 1, 3), 2, 4),
    ):
        bias = numbers(weight.shape[1] * groups)
        made = _FrozenUp.apply(x, weight, bias, stride, groups)
        assert made.shape[2] == stride * x.shape[2]
        assert checked(
            lambda x, w=weight, b=bias, s=stride, g=groups: _FrozenUp.apply(x, w, b, s, g), x
        )
    for bend in (None, alpha):
        assert checked(lambda *given, b=bend: _Styled.apply(*given, b), (x, scale, shift))
