"""The process in which a voice is fitted: reads a job, says how far it is, writes the numbers.

    python -m visavis.speech.person.fit.child FOLDER

FOLDER holds ``job.json``, ``sound.npy`` and ``voice/``, and receives ``fitted.npz``. Each line of
standard output is a JSON object: ``{"share": 0..1, "cosine": ...}``, or
``{"error": {"code", "message", "remedy"}}``.

The frozen part of the model runs first, then the process replaces itself before torch is loaded:
so the peak of memory is that of the larger half and not of both.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np

from visavis import models
from visavis.errors import VisavisError

_PR_SET_PDEATHSIG = 1


def main(folder: Path) -> None:
    """Do what is to be done next in `folder`."""
    job = json.loads((folder / "job.json").read_text("utf-8"))
    if (folder / "sentences.npz").exists():
        _fit(folder, job)
        return
    _die_with(job["parent"])
    os.nice(10)
    from visavis.speech.person.fit.prepare import prepare

    try:
        prepare(folder)
    except VisavisError as error:
        found = {"code": error.code, "message": error.message, "remedy": error.remedy}
        _say(sys.stdout.fileno(), {"error": found})
        return
    os.execv(sys.executable, [sys.executable, "-m", __spec__.name, str(folder)])  # noqa: S606


def _fit(folder: Path, job: dict[str, Any]) -> None:
    import torch

    from visavis.speech.person.fit.decoder import Decoder
    from visavis.speech.person.fit.fitting import Fit, read_sentences
    from visavis.speech.person.fit.losses import Likeness, VoiceEncoder
    from visavis.speech.person.fit.prepare import stock_styles
    from visavis.speech.person.fit.weights import OnnxWeights

    torch.set_num_threads(int(job["threads"]))
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not look like progress
    reference = np.load(folder / "sound.npy")
    sentences, own = read_sentences(folder, reference)
    with np.load(folder / "sentences.npz") as kept:
        start = kept["weights"]
    encoder = VoiceEncoder(models.ensure("voice-encoder")["pretrained.pt"])
    decoder = Decoder(OnnxWeights(models.ensure("kokoro")["model.onnx"]))
    weights, biases = Fit(decoder, stock_styles(), start).run(
        sentences,
        Likeness(reference, encoder),
        own,
        lambda share, cosine: _say(out, {"share": share, "cosine": cosine}),
        int(job["steps"]),
    )
    partial = folder / "partial.npz"
    np.savez(partial, weights=weights, biases=biases)
    partial.replace(folder / "fitted.npz")


def _say(descriptor: int, what: dict[str, Any]) -> None:
    os.write(descriptor, json.dumps(what).encode() + b"\n")


def _die_with(parent: int) -> None:
    """Be killed when the parent is (Linux); survives the replacing of the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
