"""A language model on this machine: the real engine and a real tokenizer, with random weights."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from visavis.live.answers.library import Library
from visavis.live.answers.local import BEGIN, CONTEXT, END, LONGEST, LocalAnswerer
from visavis.live.answers.types import AnswerError, Said

ctranslate2 = pytest.importorskip("ctranslate2")
tokenizers = pytest.importorskip("tokenizers")

WORDS = ["<unk>", "<s>", "</s>", BEGIN, END, "system", "user", "assistant", "the", "library",
         "opens", "at", "ten", "on", "sunday", "yes", "no", "we"]  # fmt: skip
SIZE = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder of one layer, as CTranslate2 keeps it, and its tokenizer."""
    made = tmp_path_factory.mktemp("model")
    random = np.random.default_rng(7)
    spec = ctranslate2.specs.TransformerDecoderModelSpec.from_config(
        1, 2, pre_norm=True, activation=ctranslate2.specs.Activation.SWISH, ffn_glu=True,
        rms_norm=True, rotary_dim=8, rotary_interleave=False, num_heads_kv=2,
    )  # fmt: skip

    def weights(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) * 0.5).astype(np.float32)

    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = weights(len(WORDS), SIZE)
    decoder.layer_norm.gamma = np.ones(SIZE, np.float32)
    decoder.projection.weight = weights(len(WORDS), SIZE)
    for layer in decoder.layer:
        layer.self_attention.layer_norm.gamma = np.ones(SIZE, np.float32)
        layer.ffn.layer_norm.gamma = np.ones(SIZE, np.float32)
        layer.self_attention.linear[0].weight = weights(SIZE * 3, SIZE)
        layer.self_attention.linear[1].weight = weights(SIZE, SIZE)
        layer.ffn.linear_0.weight = weights(32, SIZE)
        layer.ffn.linear_0_noact.weight = weights(32, SIZE)
        layer.ffn.linear_1.weight = weights(SIZE, 32)
    spec.register_vocabulary(WORDS)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<s>", "</s>", "<unk>"
    spec.validate()
    spec.save(str(made))
    words = tokenizers.models.WordLevel({word: n for n, word in enumerate(WORDS)}, "<unk>")
    tokenizer = tokenizers.Tokenizer(words)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens([BEGIN, END, "<s>", "</s>", "<unk>"])
    tokenizer.save(str(made / "tokenizer.json"))
    return made


def test_it_says_words_of_its_own_and_comes_to_an_end(folder: Path) -> None:
    async def run() -> list[str]:
        model = LocalAnswerer(folder, "You are a library.", Library([]))
        history = [Said("user", "yes " * CONTEXT), Said("assistant", "no")]
        return [piece async for piece in model.answer(history, "the library opens")]

    pieces = asyncio.run(run())
    words = "".join(pieces).split()
    assert 0 < len(words) <= LONGEST
    assert set(words) <= set(WORDS)
    assert len(pieces) > 1, "it comes piece by piece"


def test_whoever_stops_listening_stops_it(folder: Path) -> None:
    async def run() -> None:
        model = LocalAnswerer(folder, "", Library([]))
        answer = model.answer([], "the library opens")
        async for _ in answer:
            break
        await answer.aclose()  # type: ignore[attr-defined]
        assert [piece async for piece in model.answer([], "yes")], "the next is answered"

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_folder_without_a_model_says_what_is_missing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(AnswerError, match=r"model\.bin"):
        LocalAnswerer(tmp_path, "", Library([]))
    for name in ("model.bin", "config.json", "vocabulary.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["added_tokens"] = []
    del tokenizer["model"]["vocab"][BEGIN]
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(AnswerError, match="ChatML"):
        LocalAnswerer(tmp_path, "", Library([]))
