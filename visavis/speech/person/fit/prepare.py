"""The first half of a fit: what the frozen part of the model makes of every sentence (no torch)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from visavis import models
from visavis.speech.kokoro import RATE, Timbre, inputs, patched
from visavis.speech.person.alignment import aligned
from visavis.speech.person.envelope import HOP_SECONDS, Envelopes
from visavis.speech.person.stock import stock_table
from visavis.speech.person.studio import phonemes_of
from visavis.speech.person.voice import PersonVoice
from visavis.speech.types import Samples

TEXTS = (
    "The kitchen smells of coffee and toast.",
    "The harbour was calm and grey this morning.",
    "Please take your umbrella along.",
    "We should talk about it tomorrow.",
    "Nobody knew where the children went.",
    "Three large boats crossed the bay.",
    "I think that is a very good idea.",
    "She found the old key under a rug.",
)
"""What the voice is fitted on beside the person's own words."""

_TAPS = (
    "/decoder/decoder/Concat_output_0",
    "/decoder/decoder/asr_res/asr_res.0/Conv_output_0",
    "/decoder/decoder/generator/noise_convs.0/Conv_output_0",
    "/decoder/decoder/generator/noise_convs.1/Conv_output_0",
)

Arrays = dict[str, npt.NDArray[Any]]


def prepare(folder: Path) -> None:
    """Read the job in `folder` and leave ``sentences.npz`` there.

    Raises:
        VoiceError: the transcript's language needs an extra that is not installed.
        ModelError: weights are missing and cannot be fetched.
    """
    job = json.loads((folder / "job.json").read_text("utf-8"))
    members = {file.name: file.read_bytes() for file in (folder / "voice").iterdir()}
    voice = PersonVoice.from_members(members)
    styles = stock_styles()
    table = dict(zip(stock_table().ids, styles, strict=True))
    session = _session(models.ensure("kokoro")["model.onnx"])
    kept: Arrays = {"weights": voice.weights}
    english = [part for text in TEXTS for part in phonemes_of(text, "en-US")]
    timbre = voice.speaking("en-US").timbre(table.__getitem__)
    for number, text in enumerate(english):
        spoken, _ = _driven(session, text, timbre, styles)
        kept |= {f"stock{number}_{name}": array for name, array in spoken.items()}
    if job["transcript"]:
        timbre, sounds = voice.timbre(table.__getitem__), []
        for number, text in enumerate(phonemes_of(job["transcript"], voice.language)):
            spoken, samples = _driven(session, text, timbre, styles)
            kept |= {f"own{number}_{name}": array for name, array in spoken.items()}
            sounds.append(samples)
        kept |= _pairs(sounds, np.load(folder / "sound.npy"))
    np.savez(folder / "sentences.npz", allow_pickle=False, **kept)


def _pairs(sounds: Sequence[Samples], heard: Samples) -> Arrays:
    """Frames of 10 ms of each part that belong to frames of the recording."""
    rows, columns = aligned(Envelopes.of(np.concatenate(sounds)), Envelopes.of(heard))
    at = rows * HOP_SECONDS
    ends = np.cumsum([len(sound) / RATE for sound in sounds])
    pairs: Arrays = {}
    for number, (end, sound) in enumerate(zip(ends, sounds, strict=True)):
        start = end - len(sound) / RATE
        inside = (at >= start) & (at < end)
        pairs[f"own{number}_rows"] = ((at[inside] - start) * 100).astype(np.int64)
        pairs[f"own{number}_columns"] = columns[inside] // 2
    return pairs


def stock_styles() -> npt.NDArray[np.float32]:
    """All stock styles, (54, 510, 256), in the order of the stock table."""
    files = models.ensure("kokoro-voices")
    return np.stack(
        [np.fromfile(files[f"{name}.bin"], "<f4").reshape(-1, 256) for name in stock_table().ids]
    )


def _session(model: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(
        bytes(patched(model, _TAPS)), options, providers=["CPUExecutionProvider"]
    )


def _driven(
    session: Any, text: str, timbre: Timbre, styles: npt.NDArray[np.float32]
) -> tuple[Mapping[str, npt.NDArray[Any]], npt.NDArray[np.float32]]:
    """What drives the decoder through one pass, and how it sounds before the fit."""
    samples, spoken, side, slow, fast = session.run(["audio", *_TAPS], inputs(text, timbre))
    row = styles[:, min(len(text), styles.shape[1]) - 1, :128]
    driven = {"text": spoken, "side": side, "slow": slow, "fast": fast, "styles": row}
    return driven, samples.ravel()
