"""How well lips follow sound alone, beside two plain ways of doing it.

Run as a script: ``python -m benchmarks.bench_listener [FOLDER]``. Without a folder of tracked
footage (or ``VISAVIS_TEST_CLIPS``) only synthetic speech of voices that were never trained on is
measured; the words of footage are by ear of Whisper (extra ``live``). The baselines are the
loudness of the sound alone, and ridge regression from the same log-mel energies with 100 ms to
either side, fitted here on voices that the listener was trained on.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.listener.groups import GROUP_OF, GROUPS
from visavis.face import FaceTracker
from visavis.line.recording import Script, aligned
from visavis.line.stream import single_threaded
from visavis.media import decode_audio, decode_video, probe, resample
from visavis.performance import CURVE_INDEX, Performance, perform
from visavis.performance.articulation import Articulator
from visavis.performance.listener import Listener, PromptListener, heard_curves
from visavis.performance.listener.alignment import Sound, align
from visavis.performance.listener.classes import CHANNEL_NAMES, phone_class
from visavis.performance.listener.features import HOP, RATE, STEP, WINDOW, log_mel
from visavis.performance.listener.network import Heard, State, hear
from visavis.speech import Phone, Speech, Synthesiser, join
from visavis.speech.phones import INVENTORY

Row = tuple[str, str, str]
Floats = npt.NDArray[np.float32]

UNSEEN = ("en-US-michael", "en-US-bella", "en-GB-emma")
SEEN = ("en-US-heart", "en-US-puck", "en-GB-george", "en-US-nicole")
TESTED = (
    "My brother bought five very big maps before the long trip to Bombay. Whose shoes are those? "
    "The weather should improve by tomorrow morning, although nobody would bet on it."
)
FITTED = (
    "Please measure both pumps twice, then push the blue button and wait for a beep. We chose "
    "fresh fruit and warm bread. How many people voted above the average, and why did they move?"
)
CURVES = ("jaw", "lip closure", "width", "rounding")
_REACH = 5
_PAUSE = 0.03  # seconds between phones that may hold silence
_SHIFTS = range(-4, 5)


@dataclass(frozen=True)
class Case:
    """One stretch of speech with its truth, 50 times a second.

    Attributes:
        sound: (n,) float32 at 16 kHz.
        visemes: (steps,) group of the phone that is said.
        truth: (steps, channels) articulators as the performance stage makes them of exact phones.
    """

    sound: Floats
    visemes: npt.NDArray[np.intp]
    truth: Floats


def case(speech: Speech, *, by_ear: bool = False) -> Case:
    """The truth about a synthesised speech, by the synthesiser's own times of its phones; `by_ear`
    by where the listener's forced alignment of the same phones finds them in the sound."""
    sound = resample(speech.samples, speech.rate, RATE)
    steps = len(sound) // STEP
    times = (np.arange(steps) + 0.5) * STEP / RATE
    phones = _by_ear(speech.phones, listener(sound)[1]) if by_ear else speech.phones
    classes = np.zeros(steps, np.intp)
    for phone in phones:
        classes[(times >= phone.start) & (times < phone.end)] = phone_class(phone.symbol)
    return Case(sound[: steps * STEP], GROUP_OF[classes], _articulated(phones, times))


def _by_ear(phones: tuple[Phone, ...], heard: Heard) -> list[Phone]:
    before = [-1.0, *(phone.end for phone in phones)]
    sounds = [
        Sound(phone.symbol, phone.stress, begins=phone.start - end > _PAUSE)
        for phone, end in zip(phones, before, strict=False)
    ]
    found = align(heard.phones, sounds)
    return [
        replace(phone, start=at.start, end=at.end) if at else phone
        for phone, at in zip(phones, found, strict=True)
    ]


def _articulated(
    phones: tuple[Phone, ...] | list[Phone],
    times: npt.NDArray[np.float64],
    seeds: Iterable[int] = range(8),
) -> Floats:
    """What the performance stage makes of phones, mean of `seeds`.

    No two tokens of a phone are alike there; what differs by chance can be in no sound.
    """
    made = []
    for seed in seeds:
        articulator = Articulator(RATE / STEP, seed=seed)
        for phone in phones:
            articulator.add(phone)
        mouth = articulator.at(times)
        columns = [mouth.channels, mouth.closure, mouth.tuck, mouth.activity]
        made.append(np.column_stack(columns))
    return np.mean(made, axis=0).astype(np.float32)


def four(mouth: Floats) -> Floats:
    """(n, 4) of `CURVES` from (n, channels) articulators."""
    part = {name: mouth[:, k] for k, name in enumerate(CHANNEL_NAMES)}
    rounding = part["pucker"] + 0.6 * part["funnel"]
    return np.column_stack([part["jaw"], part["closure"], part["spread"], rounding])


def noisy(sound: Floats, decibels: float) -> Floats:
    """With pink noise `decibels` under it."""
    rng = np.random.default_rng(7)
    spectrum = np.fft.rfft(rng.standard_normal(len(sound)))
    noise = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 8), len(sound))
    gain = np.sqrt((sound**2).mean() / (noise**2).mean()) * 10 ** (-decibels / 20)
    return np.asarray(sound + gain * noise, np.float32)


class Ridge:
    """Linear regression from log-mel energies with their neighbours.

    Args:
        cases: what it is fitted on.
    """

    def __init__(self, cases: list[Case]) -> None:
        x = np.concatenate([self._see(one.sound) for one in cases])
        y = np.concatenate([one.truth for one in cases])
        gram = x.T @ x + 30.0 * np.eye(x.shape[1])
        self._weights = np.linalg.solve(gram, x.T @ y)

    def __call__(self, sound: Floats) -> Floats:
        """(steps, channels) articulators."""
        return np.asarray(self._see(sound) @ self._weights, np.float32)

    @staticmethod
    def _see(sound: Floats) -> npt.NDArray[np.float64]:
        padded = np.concatenate([np.zeros(WINDOW - HOP, np.float32), sound])
        steps = len(sound) // STEP
        mel = log_mel(padded)[: 2 * steps].reshape(steps, 2, -1).mean(axis=1)
        around = np.pad(mel, ((_REACH, _REACH), (0, 0)), mode="edge")
        seen = [around[k : k + steps] for k in range(0, 2 * _REACH + 1, 2)]
        return np.column_stack([*seen, np.ones(steps)]).astype(np.float64)


def loudness(sound: Floats) -> Floats:
    """(steps, channels): every articulator follows the loudness."""
    steps = len(sound) // STEP
    power = (sound[: steps * STEP].reshape(steps, STEP) ** 2).mean(axis=1)
    level = np.sqrt(np.convolve(power, np.ones(3) / 3, "same"))
    return np.repeat(level[:, None] / (level.max() + 1e-9), len(CHANNEL_NAMES), axis=1)


def listener(sound: Floats) -> tuple[Floats, Heard]:
    """(steps, channels) as the network says, and all that it heard."""
    _, heard = heard_curves(sound, RATE, Fraction(50))
    return heard.mouth, heard


def decoded(sound: Floats) -> Floats:
    """(steps, channels) as the line shows it: the phones that were heard, articulated."""
    times = (np.arange(len(sound) // STEP) + 0.5) * STEP / RATE
    return _articulated(phones_in(sound), times, range(8, 16))


def prompt_phones(sound: Floats) -> list[Phone]:
    """The phones that are heard at once, 40 ms of sound at a time."""
    ear, chunk, found = PromptListener(RATE), RATE // 25, []
    for at in range(0, len(sound), chunk):
        since = at / RATE
        found += [
            replace(phone, start=phone.start + since, end=phone.end + since)
            for phone in ear(sound[at : at + chunk])
        ]
    return found


def prompt(sound: Floats) -> Floats:
    """(steps, channels) as a conversation shows a voice from outside."""
    times = (np.arange(len(sound) // STEP) + 0.5) * STEP / RATE
    return _articulated(prompt_phones(sound), times, range(8, 16))


def phones_in(sound: Floats) -> list[Phone]:
    """The phones that are heard."""
    ear = Listener(RATE)
    return [*ear.push(sound), *ear.finish()]


def _correlations(cases: list[Case], answers: list[Floats]) -> str:
    truth = np.concatenate([four(one.truth) for one in cases])
    given = np.concatenate([four(a)[: len(c.truth)] for a, c in zip(answers, cases, strict=True)])
    values = [_correlated(truth[:, k], given[:, k]) for k in range(len(CURVES))]
    return ", ".join(f"{n} {v:.2f}" for n, v in zip(CURVES, values, strict=True))


def _correlated(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    if one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _accuracy(cases: list[Case], heard: list[Heard]) -> float:
    right = total = 0
    table = np.eye(len(GROUPS))[GROUP_OF]
    for one, answer in zip(cases, heard, strict=True):
        said = np.argmax(np.exp(answer.phones) @ table, axis=1)[: len(one.visemes)]
        right += int((said == one.visemes).sum())
        total += len(one.visemes)
    return right / total


def synthetic(ridge: Ridge, synthesiser: Synthesiser) -> list[Row]:
    """Voices that were never trained on, clean and in noise."""
    spoken = [join(synthesiser.synthesise(TESTED, voice)) for voice in UNSEEN]
    clean = [case(speech) for speech in spoken]
    found = [case(speech, by_ear=True) for speech in spoken]
    agreed = np.mean(np.concatenate(
        [one.visemes == other.visemes for one, other in zip(clean, found, strict=True)]
    ))  # fmt: skip
    table: list[Row] = [("known phones aligned with the sound: as by their own times",
                         f"{agreed:.2f}", "")]  # fmt: skip
    for name, noise, target in (("clean", None, ">= .90"), ("10 dB SNR", 10.0, ">= .80")):
        cases, aligned_cases = (
            [one if noise is None else replace(one, sound=noisy(one.sound, noise)) for one in part]
            for part in (clean, found)
        )
        answers = [listener(one.sound) for one in cases]
        heard = [answer for _, answer in answers]
        for truth, part in (("own", cases), ("aligned", aligned_cases)):
            what = f"unseen voices, {name}: visemes right by the phones' {truth} times"
            table.append((what, f"{_accuracy(part, heard):.2f}", target))
        shown = [decoded(one.sound) for one in cases]
        table.append((f"  {name}, phones, articulated, by aligned times",
                      _correlations(aligned_cases, shown), target))  # fmt: skip
        ways = (
            ("network", [mouth for mouth, _ in answers]),
            ("phones, articulated", shown),
            ("the same, heard at once", [prompt(one.sound) for one in cases]),
            ("ridge", [ridge(one.sound) for one in cases]),
            ("loudness", [loudness(one.sound) for one in cases]),
        )
        for way, given in ways:
            goal = target if way in ("network", "phones, articulated") else ""
            table.append((f"  {name}, {way}", _correlations(cases, given), goal))
    return table


def cost() -> list[Row]:
    """Time of a chunk, and size."""
    single_threaded()
    sound = np.random.default_rng(0).normal(0, 0.1, RATE * 8).astype(np.float32)
    state, _ = hear(State.fresh(), sound[:RATE])
    chunk, count = RATE // 25, 0
    started = time.process_time()
    for at in range(0, len(sound), chunk):
        state, _ = hear(state, sound[at : at + chunk])
        count += 1
    spent = (time.process_time() - started) / count * 1000
    size = len(files("visavis.performance.listener").joinpath("listener.onnx").read_bytes())
    return [
        ("time per 40 ms of sound, one core", f"{spent:.2f} ms", "<= 0.5 ms"),
        ("size of the ONNX file", f"{size / 1e6:.2f} MB", "<= 5 MB"),
    ]


def opening(mouth: Floats) -> Floats:
    """How far lips are apart, from articulators: arbitrary units."""
    part = {name: mouth[:, k] for k, name in enumerate(CHANNEL_NAMES)}
    free = 1 - part["closure"]
    return np.asarray(free * (part["jaw"] + 0.5 * (part["lower"] + part["upper"])), np.float32)


def acted(performance: Performance) -> Floats:
    """How far lips are apart, from coefficients: arbitrary units."""
    curve = {n: performance.curves[:, k] for n, k in CURVE_INDEX.items()}
    lips = curve["mouthLowerDownLeft"] + curve["mouthUpperUpLeft"]
    return np.asarray(curve["jawOpen"] - curve["mouthClose"] + 0.5 * lips, np.float32)


def tracked(path: Path) -> tuple[Floats, Floats, float]:
    """Gap between the lips per frame, sound at 16 kHz, frames per second."""
    info = probe(path)
    fps = Fraction(25) if info.video is None else info.video.fps
    tracker, gaps = FaceTracker(fps=float(fps)), []
    for frame in decode_video(path, fps=fps):
        face = tracker.update(frame.rgb)
        gaps.append(face.mouth_gap if face is not None else (gaps[-1] if gaps else 0.0))
    sound = np.concatenate(list(decode_audio(path, RATE)))
    return np.array(gaps, np.float32), sound.astype(np.float32), float(fps)


def _best(truth: Floats, ways: list[Floats]) -> tuple[float, int]:
    """Correlation and shift in frames at which it is highest; + where lips come after the sound.

    The correlation is the mean of several ways in which chance may have it.
    """
    found = []
    for shift in _SHIFTS:
        low, high = max(0, shift), min(len(truth), len(ways[0]) + shift)
        each = [_correlated(truth[low:high], way[low - shift : high - shift]) for way in ways]
        found.append((float(np.mean(each)), shift))
    return max(found)


def real(ridge: Ridge, write: Callable[[Floats], str], folder: Path) -> list[Row]:
    """Real speakers, their own tracked lips as truth.

    "text" is what the lips do where the words are known, so the most that hearing can give.
    """
    table: list[Row] = []
    sums: dict[str, list[float]] = {}
    for path in sorted(folder.glob("video/speaker-*.mp4")):
        gaps, sound, fps = tracked(path)
        times = np.arange(len(gaps)) / fps
        middle = (np.arange(len(sound) // STEP) + 0.5) * STEP / RATE
        frames = Fraction(fps).limit_denominator(1001)
        script = Script(write(sound), "en-US", {})
        speeches = {
            "text": aligned(sound, RATE, script),
            "phones": Speech(sound, RATE, tuple(phones_in(sound))),
            "at once": Speech(sound, RATE, tuple(prompt_phones(sound))),
        }
        ways = {
            way: [acted(perform(speech, frames, seed=seed)) for seed in range(8)]
            for way, speech in speeches.items()
        } | {
            "network": [np.interp(times, middle, opening(listener(sound)[0][: len(middle)]))],
            "ridge": [np.interp(times, middle, opening(np.clip(ridge(sound), 0, 1)))],
            "loudness": [np.interp(times, middle, loudness(sound)[:, 0])],
        }
        told = []
        for way, given in ways.items():
            value, shift = _best(gaps, [np.asarray(one, np.float32) for one in given])
            sums.setdefault(way, []).append(value)
            told.append(f"{way} {value:.2f} ({shift:+d})")
        table.append((f"{path.stem}: lip gap, best shift in frames", ", ".join(told), ""))
    if sums:
        means = ", ".join(f"{way} {np.mean(values):.2f}" for way, values in sums.items())
        table.append(("lip gap, mean of speakers", means, ">= .60"))
    return table


def closures(write: Callable[[Floats], str], folder: Path) -> list[Row]:
    """How many p, b and m of real English speech close the lips, by the phones that are heard.

    The truth is the text, by ear of Whisper, aligned with the sound.
    """
    said = hit = wrong = given = 0
    paths = [*sorted(folder.glob("audio/RD_*.wav")), *sorted(folder.glob("video/speaker-*.mp4"))]
    for path in paths:
        sound = np.concatenate(list(decode_audio(path, RATE))).astype(np.float32)
        script = Script(write(sound), "en-US", {})
        truth = [p for p in aligned(sound, RATE, script).phones if _closes(p)]
        found = [p for p in phones_in(sound) if _closes(p)]
        said += len(truth)
        given += len(found)
        hit += sum(any(_meet(one, other) for other in found) for one in truth)
        wrong += sum(not any(_meet(one, other) for other in truth) for one in found)
    if not said:
        return []
    return [
        ("p, b, m found in real English, of those in the text", f"{hit} of {said}", ">= 85 %"),
        ("  closures that are in no text", f"{wrong} of {given}", ""),
    ]


def _closes(phone: Phone) -> bool:
    return phone.symbol in INVENTORY and INVENTORY[phone.symbol].closes_lips


def _meet(one: Phone, other: Phone) -> bool:
    """Whether they overlap, give or take two frames of a video."""
    return one.start - 0.08 < other.end and other.start < one.end + 0.08


def rows(folder: Path | None = None) -> list[Row]:
    """What was measured, and what it should be."""
    given = os.environ.get("VISAVIS_TEST_CLIPS")
    clips = folder or (Path(given) if given else None)
    synthesiser = Synthesiser()
    ridge = Ridge([case(join(synthesiser.synthesise(FITTED, voice))) for voice in SEEN])
    table = [*synthetic(ridge, synthesiser), *cost()]
    if clips is None:
        return table
    from visavis.live.hearing.whisper import Whisper

    whisper = Whisper()

    def write(sound: Floats) -> str:
        return whisper.transcribe(sound, "en").text

    return [*table, *real(ridge, write, clips), *closures(write, clips)]


if __name__ == "__main__":
    for row in rows(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(*row, sep=" | ")
