"""Music under speech."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visavis.errors import MediaError, SceneError
from visavis.media import Samples, decode_audio
from visavis.speech.loudness import TARGET_LUFS, loudness

MUSIC_LUFS = -24.0
"""How loud music is where nobody speaks; speech stands at -16."""

_STEP = 0.01  # seconds between points of the gain curve
_SPEECH_FLOOR = 10 ** (-42 / 20)
_ATTACK, _HOLD, _RELEASE = 0.06, 0.35, 0.6  # seconds
_FADE_IN = 0.8
_MEASURED_SECONDS = 45
_SILENT = -69.0  # LUFS
_MOST_GAIN = 10 ** (30 / 20)
_KNEE = 0.89


class MusicBed:
    """Music that makes room while somebody speaks; it starts again when it ends.

    Sound streams through `mix`; memory holds a fraction of a second of music.

    Args:
        source: a sound file, or the bytes of one.
        rate: samples per second of the speech.
        volume: gain of the music, 0 to 2; at 1 it stands at `MUSIC_LUFS` between words.
        duck: decibels by which it goes down under speech, 0 to 40.

    Raises:
        SceneError: the file has no sound or cannot be read, or a value is out of range.
    """

    def __init__(
        self, source: Path | bytes, rate: int, volume: float = 1.0, duck: float = 12.0
    ) -> None:
        if not 0 <= volume <= 2 or not 0 <= duck <= 40:
            raise SceneError(
                f"Music at volume {volume:g}, ducked by {duck:g} dB, is out of range.",
                "Use a volume of 0 to 2 and 0 to 40 dB.",
            )
        self._source, self._rate = source, rate
        self._low = 10 ** (-duck / 20)
        self._gain = volume * self._levelled()
        self._music = self._endless()
        self._rest: Samples = np.zeros(0, np.float32)
        self._ducked = 1.0
        self._quiet_for = _HOLD
        self._done = 0
        self._end: tuple[int, int] | None = None

    def _levelled(self) -> float:
        """The gain that brings the music to its loudness, measured on its beginning."""
        try:
            level = _opening_loudness(self._source, self._rate)
        except MediaError as error:
            raise SceneError(error.message, error.remedy) from error
        if level < _SILENT:
            raise SceneError("The music is silent.", "Give another file.")
        return float(10 ** ((MUSIC_LUFS - level) / 20))

    def _endless(self) -> Iterator[Samples]:
        while True:
            yield from decode_audio(self._source, self._rate)

    def end_in(self, seconds: float) -> None:
        """Fade out over the next `seconds`, then be silent."""
        self._end = self._done, max(1, round(seconds * self._rate))

    def mix(self, speech: Samples) -> Samples:
        """The speech with music under it.

        Args:
            speech: (n,) float32, the next samples.

        Returns:
            (n,) float32 within full scale.
        """
        if len(speech) == 0:
            return speech
        music = self._next(len(speech)) * self._curve(speech) * self._fades(len(speech))
        self._done += len(speech)
        return _within_scale(speech + np.float32(self._gain) * music)

    def _next(self, count: int) -> Samples:
        pieces = [self._rest]
        held = len(self._rest)
        while held < count:
            piece = next(self._music)
            pieces.append(piece)
            held += len(piece)
        whole = np.concatenate(pieces)
        self._rest = whole[count:]
        return whole[:count]

    def _curve(self, speech: Samples) -> npt.NDArray[np.float32]:
        """Gain for every sample: down at once when speech comes, up slowly after a hold."""
        step = max(1, round(_STEP * self._rate))
        points = [self._ducked]
        for start in range(0, len(speech), step):
            block = speech[start : start + step]
            seconds = len(block) / self._rate
            loud = float(np.sqrt(np.mean(np.square(block)))) > _SPEECH_FLOOR
            self._quiet_for = 0.0 if loud else self._quiet_for + seconds
            goal = self._low if self._quiet_for < _HOLD else 1.0
            span = _ATTACK if goal < self._ducked else _RELEASE
            self._ducked += (goal - self._ducked) * (1 - float(np.exp(-seconds / span)))
            points.append(self._ducked)
        at = np.minimum(np.arange(len(points)) * step, len(speech))
        return np.interp(np.arange(len(speech)), at, points).astype(np.float32)

    def _fades(self, count: int) -> npt.NDArray[np.float32]:
        at = self._done + np.arange(count)
        fade = np.minimum(1.0, at / (_FADE_IN * self._rate))
        if self._end is not None:
            start, length = self._end
            fade = fade * np.clip(1 - (at - start) / length, 0, 1)
        return fade.astype(np.float32)


def levelled(source: Path | bytes, rate: int) -> Iterator[Samples]:
    """The sound of a file at the loudness of speech; silence stays silence.

    Args:
        source: a file with sound.
        rate: samples per second to give.

    Raises:
        MediaError: the file cannot be read.
    """
    level = _opening_loudness(source, rate)
    gain = np.float32(
        min(10 ** ((TARGET_LUFS - level) / 20), _MOST_GAIN) if level >= _SILENT else 1
    )
    for piece in decode_audio(source, rate):
        yield _within_scale(gain * piece)


def _opening_loudness(source: Path | bytes, rate: int) -> float:
    """Loudness of the beginning in LUFS; minus infinity where it is silent."""
    opening: list[Samples] = []
    heard = 0
    for piece in decode_audio(source, rate):
        opening.append(piece)
        heard += len(piece)
        if heard > _MEASURED_SECONDS * rate:
            break
    return float(loudness(np.concatenate(opening), rate)) if opening else -np.inf


def _within_scale(samples: npt.NDArray[np.float32]) -> Samples:
    """Bend what is above the knee so that it stays below full scale."""
    over = np.abs(samples) > _KNEE
    if over.any():
        room = 1 - _KNEE
        bent = _KNEE + room * np.tanh((np.abs(samples[over]) - _KNEE) / room)
        samples[over] = np.sign(samples[over]) * bent
    return samples
