"""The real weights: small ones really fetched, and Kokoro's added output really there."""

import json
from pathlib import Path

import numpy as np
import pytest

from visavis import models
from visavis.models.errors import NoClientError, NoNetworkError
from visavis.models.manifest import shipped
from visavis.models.store import Store


@pytest.mark.slow
@pytest.mark.parametrize("name", ["selfie-segmentation", "silero-vad"])
def test_a_small_model_really_comes(name: str, tmp_path: Path) -> None:
    store = Store(shipped(), tmp_path)
    try:
        files = store.ensure(name)
    except (NoNetworkError, NoClientError) as error:
        pytest.skip(f"no registry to fetch from: {error}")
    assert store.verify(name) == files


@pytest.mark.slow
def test_durations_of_phones_add_up_to_the_sound() -> None:
    """The output that the manifest adds gives frames of 600 samples for each token."""
    onnxruntime = pytest.importorskip("onnxruntime")
    for name in ("kokoro", "kokoro-voices"):
        if not models.present(name):
            pytest.skip(f"fetch the weights first: visavis models pull {name}")
    files = models.ensure("kokoro")
    vocabulary = json.loads(files["vocab.json"].read_text(encoding="utf-8"))["vocab"]
    phones = "həlˈoʊ wˈɜɹld."
    tokens = [0, *(vocabulary[phone] for phone in phones), 0]
    styles = np.fromfile(models.locate("kokoro-voices", "af_heart.bin"), np.float32)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(files["model.onnx"]), options, providers=["CPUExecutionProvider"]
    )
    assert [output.name for output in session.get_outputs()] == ["audio", "/encoder/Clip_output_0"]
    audio, durations = session.run(
        None,
        {
            "tokens": np.array([tokens], np.int64),
            "style": styles.reshape(510, 256)[len(phones)][None],
            "speed": np.ones(1, np.float32),
        },
    )
    assert durations.shape == (1, len(tokens))
    assert durations.min() >= 1
    assert audio.size == int(durations.sum()) * 600
