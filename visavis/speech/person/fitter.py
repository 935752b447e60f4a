"""Fitting a voice from outside: the child process, its progress, its gates."""

import importlib.util
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt

from visavis import models
from visavis.errors import VisavisError, VoiceError
from visavis.speech.kokoro import BIAS_COUNT, RATE, Timbre
from visavis.speech.loudness import loudness
from visavis.speech.person import pocket
from visavis.speech.person.envelope import ColourFilter
from visavis.speech.person.fit.weights import stock_biases
from visavis.speech.person.judging import LEAST_GAIN, SHARES, Verdict, judged
from visavis.speech.person.matching import itself, parallel, reference
from visavis.speech.person.studio import Studio
from visavis.speech.person.transcript import Heard, transcribed
from visavis.speech.person.trials import language_of, tried
from visavis.speech.person.voice import PersonVoice, Similarity
from visavis.speech.transcription import can_listen
from visavis.speech.types import Samples
from visavis.speech.voices import find_voice

_LOOK_EVERY = 0.25
_LONGEST = 1800.0
_FITS = (1.0, 0.75, 0.5)
"""Of the way from the matched to the fitted voice, tried in this order: less sounds cleaner."""


class FitError(VisavisError):
    """The fit did not work; the voice before it stays."""

    code = "fit_failed"
    retryable = True


class FitStoppedError(VisavisError):
    """The fit was stopped because nobody wants it any more."""

    code = "fit_stopped"


def can_fit() -> bool:
    """Whether voices can be fitted here: the extra ``clone`` is installed."""
    return importlib.util.find_spec("torch") is not None


def fit_voice(
    samples: Samples,
    rate: int,
    matched: PersonVoice,
    *,
    backend: Literal["kokoro", "pocket-tts"] = "kokoro",
    transcript: str | None = None,
    progress: Callable[[float], None] | None = None,
    wanted: Callable[[], bool] | None = None,
    studio: Studio | None = None,
    steps: int = 60,
    threads: int = 2,
) -> PersonVoice:
    """Fit the model to a person, in a process of its own that dies with this one.

    The result replaces `matched` where it passes the gates of `visavis.speech.person.judging`;
    where it does not, `matched` comes back with a note that says what failed. Where the words are
    known, the filter of a matched voice is learnt anew on top of the fit, and kept where it helps.

    Args:
        samples, rate: the recording that was matched.
        matched: what `match_voice` made of it.
        backend: ``"pocket-tts"`` clones from the recording and fits nothing; it is taken as it is.
        transcript: what is said; found by listening where None and something can listen.
        progress: told the share that is done, 0..1, from this thread.
        wanted: asked four times a second; the fit is stopped when it says no.
        studio: a model that is already loaded.
        steps: gradient steps; 60 take two to three minutes on two cores.
        threads: of the process.

    Raises:
        VoiceError: the extra of the backend is not installed.
        FitError: the process failed.
        FitStoppedError: `wanted` said no.
        SourceError: as `match_voice`.
        ModelError: weights are missing and cannot be fetched.
    """
    if backend == "pocket-tts":
        return pocket.cloned(reference(samples, rate), matched, studio or Studio())
    if not can_fit():
        raise VoiceError(
            "Fitting a voice needs torch, which is not installed.",
            "Install it by `pip install 'visavis[clone]'`.",
        )
    sound = reference(samples, rate)
    if transcript is None:
        transcript = transcribed(sound, RATE, matched.language).text if can_listen() else ""
    weights, biases = _fitted(
        sound,
        matched,
        {"transcript": transcript, "steps": steps, "threads": threads},
        progress or (lambda share: None),
        wanted or (lambda: True),
    )
    fitted = replace(matched, method="fitted", weights=weights, biases=biases, colour=None)
    return _accepted(fitted, matched, sound, transcript, studio or Studio())


def _accepted(
    fitted: PersonVoice, matched: PersonVoice, sound: Samples, transcript: str, studio: Studio
) -> PersonVoice:
    """As much of a fit as passes the gates, or `matched` with a note of what failed."""
    person = studio.embed(sound, RATE)
    nearest = find_voice(matched.nearest).kokoro_id
    language = language_of(matched)
    neutral = tried(studio, Timbre(studio.kokoro.style(nearest)), language)
    stock = judged(studio, neutral, person, language)
    now = matched.similarity.after if matched.similarity else 0.0
    note = ""
    for share in _FITS:
        voice = fitted if share == 1 else _part(fitted, matched, share)
        timbre = voice.speaking(language).timbre(studio.kokoro.style)
        plain = tried(studio, timbre, language)
        made = judged(studio, plain, person, language)
        if transcript:
            # What the numbers of the model cannot reach, a filter on the finished sound may.
            voice = parallel(voice, sound, Heard(transcript, matched.language), studio)
            if voice.colour is not None:
                judge = partial(judged, studio, person=person, language=language)
                colour, made = _coloured(voice.colour, plain, (stock, made), judge)
                voice = replace(voice, colour=colour)
        failed = made.passes(stock)
        nearer = made.similarity >= max(now, stock.similarity + LEAST_GAIN)
        if made.similarity < now:
            failed.append(f"similarity {made.similarity:.2f} of the matched voice's {now:.2f}")
        if not failed:
            return replace(
                voice,
                loudness=loudness(np.concatenate(plain), RATE),
                similarity=Similarity(stock.similarity, made.similarity, itself(sound, studio)),
                notes=(*_without_colour(voice.notes), _told(made, stock, share)),
            )
        note = note or f"The fitted voice was not taken: {', '.join(failed)}."
        if not nearer:
            break  # less of it would be less like the person still
    return replace(matched, notes=(*matched.notes, note))


def _part(fitted: PersonVoice, matched: PersonVoice, share: float) -> PersonVoice:
    """A voice that goes a share of the way, 0..1, from the matched to the fitted one."""
    stock = stock_biases(models.ensure("kokoro")["model.onnx"])
    weights = matched.weights + np.float32(share) * (fitted.weights - matched.weights)
    biases = fitted.biases if fitted.biases is not None else stock
    return replace(
        fitted, weights=weights, biases=stock + np.float32(share) * (biases - stock), colour=None
    )


def _coloured(
    colour: ColourFilter,
    plain: Sequence[Samples],
    before: tuple[Verdict, Verdict],
    judge: Callable[[Sequence[Samples]], Verdict],
) -> tuple[ColourFilter | None, Verdict]:
    """As much of a filter as brings a voice nearer and costs neither words nor quality.

    Args:
        colour: the whole filter.
        plain: the voice without it, see `tried`.
        before: what was measured of the stock voice, and of the voice without a filter.
        judge: measures what `plain` becomes.

    Returns:
        the filter, None where nothing of it is worth it, and what was measured with it.
    """
    stock, made = before
    for share in SHARES:
        part = colour.softened(share)
        verdict = judge([part(one) for one in plain])
        if verdict.similarity > made.similarity and not verdict.passes(stock):
            return part, verdict
    return None, made


def _without_colour(notes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(note for note in notes if "colour" not in note)


def _told(made: Verdict, stock: Verdict, share: float) -> str:
    """The gates in a sentence, those that could not be measured named."""
    parts = [f"{share:.0%} of the way"] if share < 1 else []
    parts += [f"similarity {stock.similarity:.2f} to {made.similarity:.2f}"]
    for name, before, after in (
        ("misheard", stock.errors, made.errors),
        ("quality", stock.quality, made.quality),
    ):
        if before is None or after is None:
            parts.append(f"{name} not measured")
        else:
            parts.append(f"{name} {before:.2f} to {after:.2f}")
    return f"Fitted: {', '.join(parts)}."


def _fitted(
    sound: Samples,
    voice: PersonVoice,
    job: dict[str, Any],
    progress: Callable[[float], None],
    wanted: Callable[[], bool],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    with tempfile.TemporaryDirectory(prefix="visavis-fit-") as name:
        folder = Path(name)
        np.save(folder / "sound.npy", sound)
        (folder / "voice").mkdir()
        for member, content in voice.members().items():
            (folder / "voice" / member).write_bytes(content)
        (folder / "job.json").write_text(json.dumps(job | {"parent": os.getpid()}), "utf-8")
        _watched(folder, progress, wanted)
        with np.load(folder / "fitted.npz") as result:
            weights, biases = result["weights"], result["biases"]
    if biases.shape != (BIAS_COUNT,) or not all(np.isfinite(a).all() for a in (weights, biases)):
        raise FitError("The fit ran away: its numbers are not finite.", "Try another recording.")
    return weights.astype(np.float32), biases.astype(np.float32)


def _watched(folder: Path, progress: Callable[[float], None], wanted: Callable[[], bool]) -> None:
    """Run the child to its end, or end it."""
    with (folder / "stderr.txt").open("wb") as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "visavis.speech.person.fit.child", str(folder)],
            stdout=subprocess.PIPE,
            stderr=complaints,
            stdin=subprocess.DEVNULL,
            # Threads that spin while they wait for each other take the time of all other work.
            env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},
        )
    if process.stdout is None:
        raise RuntimeError("the child has no pipe")
    lines: queue.Queue[bytes | None] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    try:
        waited = 0.0
        while waited < _LONGEST:
            if not wanted():
                raise FitStoppedError("The fit was stopped.")
            try:
                line = lines.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                waited += _LOOK_EVERY
                continue
            if line is None:
                break
            said = json.loads(line)
            if "error" in said:
                raise FitError(said["error"]["message"], said["error"]["remedy"])
            progress(float(said["share"]))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    if not (folder / "fitted.npz").exists():
        tail = (folder / "stderr.txt").read_text("utf-8", "replace").strip().splitlines()[-1:]
        reason = tail[0] if tail else f"exit {process.returncode}"
        raise FitError(f"The process that fits the voice failed: {reason[:200]}", "Try again.")


def _read(pipe: IO[bytes], lines: "queue.Queue[bytes | None]") -> None:
    for line in pipe:
        lines.put(line)
    lines.put(None)
