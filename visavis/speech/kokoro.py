"""Kokoro-82M: phonemes and a style to samples, with the frames each phoneme took.

The model file also tells the frames of every phoneme. Two things are added to its bytes on loading,
without a library for ONNX, because protobuf messages merge on concatenation: inputs that move the
fundamental frequency before the decoder and leave formants and timing alone, and the right to
replace the biases by which a style acts on the decoder, so that one model speaks for everybody. Its
convolutions run as matrix products (`visavis.speech.convolutions`). The result is kept for the next
time (`visavis.speech.prepared`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from visavis import models
from visavis.errors import ModelError
from visavis.settings import settings
from visavis.speech.convolutions import as_products
from visavis.speech.fusion import fused
from visavis.speech.prepared import open_prepared
from visavis.speech.protobuf import (
    constant,
    graph,
    graph_input,
    graph_output,
    node,
)
from visavis.speech.types import Samples
from visavis.speech.windows import F0, Window, phase, renamed, windowed

RATE = 24000
FRAME = 600
"""Samples per duration frame: 25 ms."""

OPENING = 34
"""Frames of what `Kokoro.begin` speaks: six of silence, 0.6 s of sound, and what the end of a
window needs to sound right."""

_LEAD = 6

MAX_PHONEMES = 508
"""Longest input of one pass, in characters of the alphabet."""

_REWRITING = ("kokoro", "convolutions", "fusion", "protobuf", "windows")
"""Modules that say how the graph is rewritten."""

_DURATIONS = "/encoder/Clip_output_0"
_F0 = "/encoder/F0_proj/Conv_output_0"
_F0_RAW = "/encoder/F0_proj/Conv_output_R"
_LOWEST_F0 = 50.0

_ALPHABET = (
    '; : , . ! ? 9 — … " ( ) “ ” 17 ̃ ʣ ʥ ʦ ʨ ᵝ ꭧ 24 A I 31 O 33 Q 35 S T 39 W 41 Y ᵊ '
    "a b c d e f 50 h i j k l m n o p q r s t u v w x y z ɑ ɐ ɒ æ 75 β ɔ ɕ ç 80 ɖ ð ʤ ə 85 ɚ ɛ ɜ "
    "90 ɟ 92 ɡ 99 ɥ 101 ɨ ɪ ʝ 110 ɯ ɰ ŋ ɳ ɲ ɴ ø 118 ɸ θ œ 123 ɹ 125 ɾ ɻ 128 ʁ ɽ ʂ ʃ ʈ ʧ 135 ʊ ʋ "
    "138 ʌ ɣ ɤ 142 χ ʎ 147 ʒ ʔ 156 ˈ ˌ ː 162 ʰ 164 ʲ 169 ↓ 171 → ↗ ↘ 177 ᵻ"
)


def _alphabet() -> dict[str, int]:
    """Character to token number; a number in the table sets the next one."""
    numbers: dict[str, int] = {" ": 16}
    following = 1
    for entry in _ALPHABET.split(" "):
        if entry.isdecimal():
            following = int(entry)
        else:
            numbers[entry] = following
            following += 1
    return numbers


ALPHABET: Mapping[str, int] = _alphabet()
"""Every character Kokoro was trained on, with its token number."""


def _bias_sizes() -> dict[str, int]:
    """The 58 layers in which a style bends the decoder, and how many numbers each has."""
    sizes = {"encode.norm1": 1028, "encode.norm2": 2048, "decode.3.norm2": 1024}
    for block in range(4):
        sizes[f"decode.{block}.norm1"] = 2180
        sizes.setdefault(f"decode.{block}.norm2", 2048)
    for group, wide, count in (("noise_res", 1, 2), ("resblocks", 3, 6)):
        for block in range(count):
            for layer in (f"adain{first}.{second}" for first in (1, 2) for second in range(3)):
                size = 512 if block < wide else 256
                sizes[f"generator.{group}.{block}.{layer}"] = size
    return dict(sorted(sizes.items()))


BIASES: Mapping[str, int] = _bias_sizes()
"""Layer to numbers, in the order in which `Timbre.biases` holds them."""

BIAS_COUNT = sum(BIASES.values())


@dataclass(frozen=True, slots=True, eq=False)
class Timbre:
    """How a voice sounds to the model.

    Attributes:
        style: (510, 256) float32, one row per length of the input; the first half of a row is the
            colour of the voice, the second its melody and rhythm.
        pitch: factor on the fundamental frequency.
        bend: 0 leaves the range of the melody, above widens it, below narrows it: F0 becomes
            ``F0 * pitch * F0 ** bend``.
        biases: (`BIAS_COUNT`,) float32 in the order of `BIASES`; None for those of the model.
    """

    style: npt.NDArray[np.float32]
    pitch: float = 1.0
    bend: float = 0.0
    biases: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """The opening of a clause.

    Attributes:
        samples: (n,) at `RATE`, from frame `start` on.
        frames: those of the whole clause, as `Kokoro.__call__` gives them.
        start: frame at which the samples begin.
        f0: two values for each frame of the whole clause, in Hz.
    """

    samples: Samples
    frames: npt.NDArray[np.int64]
    start: int
    f0: npt.NDArray[np.float32]


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # planning whose memory may be used again takes as long as all the rest of opening, and sets
    # memory aside for every length of clause
    options.enable_mem_reuse = options.enable_mem_pattern = False
    # a thread that waits must leave its core to the other stages
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


class Kokoro:
    """The acoustic model; one instance may be shared by threads.

    Args:
        model: the ONNX file.
        styles: the style table of each voice, by Kokoro id; (510, 256) float32 little-endian.
        threads: threads of one pass.

    Raises:
        ModelError: a file is not the graph or the table this code was written for.
    """

    def __init__(self, model: Path, styles: Mapping[str, Path], threads: int = 1) -> None:
        self._session: Any = open_prepared(
            model,
            lambda path: fused(as_products(patched(path))),
            [Path(__file__).with_name(f"{name}.py") for name in _REWRITING],
            settings().cache_dir / "prepared",
            lambda: _options(threads),
        )
        self._paths = dict(styles)
        self._styles: dict[str, npt.NDArray[np.float32]] = {}

    def style(self, kokoro_id: str) -> npt.NDArray[np.float32]:
        """The style table of a voice, (510, 256), one row per length of the input."""
        if kokoro_id not in self._styles:
            path = self._paths.get(kokoro_id)
            if path is None:
                raise ModelError(
                    f"The style table of {kokoro_id} is missing.", "Run `visavis models verify`."
                )
            self._styles[kokoro_id] = np.fromfile(path, "<f4").reshape(-1, 256)
        return self._styles[kokoro_id]

    def __call__(
        self,
        phonemes: str,
        timbre: Timbre,
        speed: float = 1.0,
        pitch: float = 1.0,
    ) -> tuple[Samples, npt.NDArray[np.int64]]:
        """Speak one clause.

        Args:
            phonemes: 1..`MAX_PHONEMES` characters of `ALPHABET`.
            timbre: whose voice.
            speed: 1 as trained, larger is faster.
            pitch: factor on the fundamental frequency, beside that of the timbre.

        Returns:
            samples (n,) at `RATE`, and frames (len(phonemes) + 2,): the first and last are the
            silence before and after; the sum of all times `FRAME` is n.
        """
        samples, durations = self._session.run(
            ["audio", _DURATIONS], inputs(phonemes, timbre, speed, pitch)
        )
        frames = np.rint(durations).astype(np.int64).ravel()
        return np.ascontiguousarray(samples, np.float32).ravel(), frames

    def begin(self, phonemes: str, timbre: Timbre, speed: float = 1.0, pitch: float = 1.0) -> Begun:
        """Speak the first `OPENING` frames of a clause, without most of the silence before it; see
        `__call__`."""
        samples, durations, f0 = self._session.run(
            ["audio", _DURATIONS, F0],
            inputs(phonemes, timbre, speed, pitch, Window(lead=_LEAD, length=OPENING)),
        )
        frames = np.rint(durations).astype(np.int64).ravel()
        start = max(0, int(frames[0]) - _LEAD)
        return Begun(np.ascontiguousarray(samples, np.float32).ravel(), frames, start, f0)

    def go_on(
        self,
        begun: Begun,
        start: int,
        size: int,
        phonemes: str,
        timbre: Timbre,
        speed: float = 1.0,
        pitch: float = 1.0,
    ) -> Samples:
        """Speak `size` frames of a clause from frame `start` on, or all of them where `size` is 0;
        `begin` began it."""
        passed = phase(begun.f0, begun.start, start, RATE)
        window = Window(start, length=size, phase=passed) if size else Window(start, phase=passed)
        made = self._session.run(["audio"], inputs(phonemes, timbre, speed, pitch, window))[0]
        samples = np.array(made, np.float32).ravel()
        samples[:FRAME] = 0.0  # a voice that is cut into cracks
        return samples


def load(threads: int = 2) -> Kokoro:
    """The model with all its styles.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """
    styles = models.ensure("kokoro-voices")
    paths = {name.removesuffix(".bin"): path for name, path in styles.items()}
    return Kokoro(models.ensure("kokoro")["model.onnx"], paths, threads)


def inputs(
    phonemes: str,
    timbre: Timbre,
    speed: float = 1.0,
    pitch: float = 1.0,
    window: Window | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """What the graph of `patched` reads to speak `phonemes`, or a window of them, see
    `Kokoro.__call__`."""
    tokens = [0, *(ALPHABET[character] for character in phonemes), 0]
    fed: dict[str, npt.NDArray[Any]] = {
        "tokens": np.array([tokens], np.int64),
        "style": timbre.style[min(len(phonemes), len(timbre.style)) - 1][None],
        "speed": np.array([speed], np.float32),
        "pitch": np.array([timbre.pitch * pitch], np.float32),
        "bend": np.array([timbre.bend], np.float32),
        **(window or Window()).inputs(),
    }
    if timbre.biases is not None:
        ends = np.cumsum(list(BIASES.values()))
        parts = np.split(timbre.biases.astype(np.float32), ends[:-1])
        fed.update({bias_name(layer): part for layer, part in zip(BIASES, parts, strict=True)})
    return fed


def bias_name(layer: str) -> str:
    """What the graph calls the biases of a layer."""
    return f"decoder.decoder.{layer}.fc.bias"


def patched(path: Path, outputs: Sequence[str] = ()) -> bytes | bytearray:
    """The model file with the inputs for pitch, biases and windows, and more outputs if wanted.

    The node that makes F0 (Hz, about 0 where unvoiced) has its output renamed, and appended nodes
    make the old name. What is raised to the power is held above 50 Hz, so that what is unvoiced
    stays so.

    Raises:
        ModelError: the file is not the graph this was written for.
    """
    model = bytearray(path.stat().st_size)
    with path.open("rb") as file:
        file.readinto(model)
    renamed(model, _F0, _F0_RAW)
    model += graph(
        constant("lowest_f0", np.array([_LOWEST_F0], np.float32)),
        node("Max", [_F0_RAW, "lowest_f0"], "held_f0"),
        node("Pow", ["held_f0", "bend"], "bend_f0"),
        node("Mul", [_F0_RAW, "bend_f0"], "bent_f0"),
        node("Mul", ["bent_f0", "pitch"], _F0),
        graph_input("pitch"),
        graph_input("bend"),
        *(graph_input(bias_name(layer), (size,)) for layer, size in BIASES.items()),
        *(graph_output(name) for name in outputs),
    )
    return windowed(model, _DURATIONS)
