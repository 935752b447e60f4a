"""What happens to a voice between a mouth and a microphone: noise, rooms, codecs, levels.

Every function takes and gives mono float32 at 16 kHz and keeps the timing to the sample, so that
phone times stay true. All of it is made from numbers or from the training speech itself; no
recording of anybody is needed.
"""

import io
from collections.abc import Callable

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
Samples = npt.NDArray[np.float32]
Rng = np.random.Generator


def level(samples: Samples, decibels: float) -> Samples:
    """Scale so that the loud parts lie `decibels` below full scale."""
    loud = float(np.sqrt(np.mean(np.sort(samples**2)[-len(samples) // 4 :]))) + 1e-9
    return (samples * (10 ** (decibels / 20) / loud)).astype(np.float32)


def coloured_noise(count: int, slope: float, rng: Rng) -> Samples:
    """Unit-variance noise whose power falls with frequency to the power `slope`."""
    spectrum = rng.standard_normal(count // 2 + 1) + 1j * rng.standard_normal(count // 2 + 1)
    spectrum *= np.maximum(np.arange(count // 2 + 1), 8.0) ** (-slope / 2)
    noise = np.fft.irfft(spectrum, count)
    return (noise / (noise.std() + 1e-9)).astype(np.float32)


def music(count: int, rng: Rng) -> Samples:
    """Chords of harmonic tones with a beat; unit variance."""
    time = np.arange(count) / RATE
    sound = np.zeros(count)
    beat = rng.uniform(0.3, 0.7)
    for start in np.arange(0, count / RATE, beat * rng.choice([1, 2, 4])):
        root = 55 * 2 ** (rng.integers(0, 30) / 12)
        since = time - start
        envelope = np.where(since >= 0, np.exp(-np.maximum(since, 0) * rng.uniform(1, 6)), 0)
        for interval in rng.choice([0, 3, 4, 7, 10, 12], 3, replace=False):
            tone = root * 2 ** (interval / 12)
            for harmonic in range(1, 6):
                if tone * harmonic < RATE / 2:
                    sound += envelope * np.sin(2 * np.pi * tone * harmonic * time) / harmonic**1.3
        if rng.random() < 0.5:
            sound += envelope**6 * rng.standard_normal(count) * rng.uniform(0, 2)
    return (sound / (sound.std() + 1e-9)).astype(np.float32)


def clicks(count: int, rng: Rng) -> Samples:
    """Keyboard strokes and knocks: short bursts of filtered noise; unit variance."""
    sound = np.zeros(count)
    for start in np.cumsum(rng.exponential(0.18, 200)):
        at = int(start * RATE)
        if at >= count:
            break
        length = min(int(rng.uniform(0.004, 0.05) * RATE), count - at)
        burst = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 5))
        sound[at : at + length] += burst * rng.uniform(0.3, 1)
    return (sound / (sound.std() + 1e-9)).astype(np.float32)


def cough(count: int, rng: Rng) -> Samples:
    """Bursts of breath noise shaped by a vocal tract; unit variance."""
    sound = np.zeros(count)
    for start in np.sort(rng.uniform(0, count / RATE, rng.integers(1, 4))):
        at = int(start * RATE)
        length = min(int(rng.uniform(0.1, 0.35) * RATE), count - at)
        if length < 200:
            continue
        burst = coloured_noise(length, rng.uniform(0.2, 1.2), rng)
        sound[at : at + length] += burst * np.exp(-np.arange(length) / (length / 3))
    return (sound / (sound.std() + 1e-9)).astype(np.float32)


def room(samples: Samples, rng: Rng) -> Samples:
    """Add the tail of a room: decaying noise after the direct sound (Polack's model)."""
    decay = rng.uniform(0.1, 0.7)
    count = int(decay * RATE)
    tail = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    tail[: int(rng.uniform(0.002, 0.02) * RATE)] = 0
    tail *= rng.uniform(0.1, 0.8) / np.sqrt((tail**2).sum() + 1e-9)
    tail[0] = 1.0
    size = 1 << (len(samples) + count - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return wet[: len(samples)].astype(np.float32)


def band(samples: Samples, rng: Rng) -> Samples:
    """Cut and tilt the spectrum as microphones and telephones do."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    high = rng.choice([3400.0, 4000.0, 5500.0, 8000.0])
    low = rng.choice([20.0, 80.0, 150.0, 300.0])
    gain = 1 / (1 + (frequency / high) ** 12) * (1 - 1 / (1 + (frequency / low) ** 6))
    gain *= 10 ** (rng.uniform(-9, 9) * np.log2(np.maximum(frequency, 50) / 1000) / 6 / 20)
    return np.fft.irfft(spectrum * gain, len(samples)).astype(np.float32)


def mu_law(samples: Samples, _rng: Rng) -> Samples:
    """Through G.711: companded to eight bits."""
    peak = np.abs(samples).max() + 1e-9
    x = samples / peak
    companded = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    steps = np.round(companded * 127) / 127
    return (np.sign(steps) * (256 ** np.abs(steps) - 1) / 255 * peak).astype(np.float32)


def _through(codec: str, container: str, bitrate: int, samples: Samples) -> Samples:
    """Encode, decode and line up again by cross-correlation."""
    buffer = io.BytesIO()
    sent = np.clip(samples, -1, 1)
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=RATE)
        stream.codec_context.layout = "mono"
        stream.codec_context.bit_rate = bitrate
        frame = av.AudioFrame.from_ndarray(sent[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(stream.codec_context.format, "mono", RATE)
        for piece in resampler.resample(frame) + resampler.resample(None):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer) as file:
        back = av.AudioResampler("flt", "mono", RATE)
        parts = [p.to_ndarray().ravel() for f in file.decode(audio=0) for p in back.resample(f)]
    got = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    size = 1 << (len(got) + len(sent)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(got, size) * np.conj(np.fft.rfft(sent, size)), size)
    lag = int(np.argmax(cross[: RATE // 5]))
    got = got[lag : lag + len(sent)]
    return np.pad(got, (0, len(sent) - len(got))).astype(np.float32)


def opus(samples: Samples, rng: Rng) -> Samples:
    """Through Opus at call bit rates."""
    return _through("libopus", "ogg", int(rng.choice([12_000, 16_000, 24_000])), samples)


def mp3(samples: Samples, rng: Rng) -> Samples:
    """Through MP3 at low bit rates."""
    return _through("libmp3lame", "mp3", int(rng.choice([24_000, 32_000, 48_000])), samples)


def clip(samples: Samples, rng: Rng) -> Samples:
    """Overdrive the converter."""
    limit = np.quantile(np.abs(samples), rng.uniform(0.97, 0.998)) + 1e-6
    return np.clip(samples, -limit, limit).astype(np.float32)


class Backgrounds:
    """What is not the speaker, made once and used again from another point.

    Args:
        count: samples of each.
        rng: where chance comes from.
        size: how many are kept.
    """

    def __init__(self, count: int, rng: Rng, size: int = 160) -> None:
        makers: tuple[Callable[[], Samples], ...] = (
            lambda: coloured_noise(count, rng.uniform(0, 2), rng),
            lambda: music(count, rng),
            lambda: clicks(count, rng),
            lambda: cough(count, rng),
        )
        self._made = [makers[number % len(makers)]() for number in range(size)]
        self._rng = rng

    def draw(self, babble: Samples | None = None) -> Samples:
        """(count,) of unit variance; sometimes `babble`, where there is any."""
        if babble is not None and self._rng.random() < 0.2:
            return (babble / (babble.std() + 1e-9)).astype(np.float32)
        chosen = self._made[self._rng.integers(len(self._made))]
        return np.roll(chosen, self._rng.integers(len(chosen)))


def degrade(
    samples: Samples, rng: Rng, backgrounds: Backgrounds, babble: Samples | None = None
) -> Samples:
    """A random chain of all the above at a random level.

    Args:
        samples: (n,) clean speech.
        rng: where chance comes from.
        backgrounds: noise to draw from.
        babble: (n,) a crowd of other voices, never a single one that could be taken for speech.
    """
    sound = samples
    if rng.random() < 0.4:
        sound = room(sound, rng)
    if rng.random() < 0.5:
        sound = band(sound, rng)
    loud = float(np.sqrt(np.mean(np.sort(sound**2)[-len(sound) // 4 :]))) + 1e-6
    if rng.random() < 0.75:
        ratio = rng.uniform(0, 24)
        sound = sound + backgrounds.draw(babble) * loud * 10 ** (-ratio / 20)
    sound = level(sound.astype(np.float32), rng.uniform(-40, -8))
    if rng.random() < 0.1:
        sound = clip(sound, rng)
    chosen = rng.random()
    if chosen < 0.1:
        sound = mu_law(sound, rng)
    elif chosen < 0.14:
        sound = opus(sound, rng)
    elif chosen < 0.18:
        sound = mp3(sound, rng)
    return sound
