"""What acting costs, and how near the lips come to people's.

Run as a script: ``python -m benchmarks.bench_performance``. The figures of the lips are taken from
the 478 points of the ARKit basis, in distances between the outer eye corners, on 53 s of three
voices at 25 frames a second. The targets were measured on tracked clips of real speakers.
"""

import time
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face.arkit import ArkitBasis
from visavis.face.contact import lip_gap
from visavis.performance import CURVE_INDEX, LOOK_AHEAD, Director, Performance, idle, perform
from visavis.performance.articulation import OPENING_LEAD
from visavis.speech import Speech, Synthesiser, join

FPS = Fraction(25)
TEXTS = {
    "en-US-heart": (
        "Hello! My name is Ava, and I'm very happy to meet you. People often move their lips "
        "before a sound is heard. Would you buy a big blue bowl for Bob, or five fine wolves? We "
        "choose fresh fruit, a huge moon, and simple wooden shoes. Maybe tomorrow the weather will "
        "improve, but I wouldn't count on it."
    ),
    "en-US-michael": (
        "The quarterly numbers look better than we expected. Revenue grew by twelve percent, "
        "mostly because shipping became cheaper. Please have a look at the map before the meeting, "
        "and tell Pam about the problem with the pump. What else should we measure? Everybody "
        "above the fifth floor must move."
    ),
    "en-GB-emma": (
        "Good morning, and welcome to the programme. Over the past few weeks, farmers have been "
        "waiting for rain. Both pubs were full of people, and the mayor gave a very brief speech "
        "about the future of the valley."
    ),
}
Row = tuple[str, str, str]
Floats = npt.NDArray[np.floating]


def rows() -> list[Row]:
    """What was measured, and what it should be."""
    synthesiser = Synthesiser()
    speeches = [join(synthesiser.synthesise(text, voice)) for voice, text in TEXTS.items()]
    return [*_cost(join(speeches)), *_lips(speeches), *_life(speeches)]


def _cost(speech: Speech) -> list[Row]:
    started = time.process_time()
    whole = perform(speech, FPS)
    once = time.process_time() - started
    director, slowest, started = Director(FPS), 0.0, time.process_time()
    step = speech.rate // 10
    for low in range(0, len(speech.samples), step):
        before = time.process_time()
        director.push(_cut(speech, low, low + step))
        slowest = max(slowest, time.process_time() - before)
    director.finish()
    chunked = time.process_time() - started
    return [
        ("whole speech, ms of one core a second", f"{1000 * once / speech.duration:.1f}", "<= 10"),
        ("whole speech, ms of one core a frame", f"{1000 * once / len(whole):.2f}", "<= 0.4"),
        (
            "chunks of 100 ms, ms of one core a second",
            f"{1000 * chunked / speech.duration:.1f}",
            "<= 40",
        ),
        ("slowest chunk of 100 ms, ms", f"{1000 * slowest:.1f}", "<= 20"),
        ("look-ahead, ms", f"{1000 * float(LOOK_AHEAD):.0f}", "<= 200"),
    ]


def _cut(speech: Speech, low: int, high: int) -> Speech:
    start, end = low / speech.rate, high / speech.rate
    phones = tuple(
        type(p)(p.symbol, p.start - start, p.end - start, p.stress)
        for p in speech.phones
        if start <= p.start < end
    )
    return Speech(speech.samples[low:high], speech.rate, phones)


def _lips(speeches: Iterable[Speech]) -> list[Row]:
    measured = [_measure(speech) for speech in speeches]

    def spread(key: str, form: str = ".2f") -> str:
        return " ".join(format(figures[key], form) for figures in measured)

    return [
        ("opening against loudness in speech, r", spread("loudness"), "about .2, never .5"),
        ("opening speed p90, eye distances a second", spread("speed"), "about 1.3 (1.0-1.8)"),
        ("opening range p5-p95, eye distances", spread("range", ".3f"), "about .15 (.13-.21)"),
        ("rounded against spread width, d'", spread("contrast"), "1.3-3.1"),
        ("p, b, m: widest gap left, eye distances", spread("contact", ".4f"), "<= .01"),
        ("movement of the lips in silence, a frame", spread("silence", ".5f"), "<= .003"),
    ]


def _measure(speech: Speech) -> dict[str, float]:
    performance = perform(speech, FPS, seed=1)
    points = ArkitBasis.load().shape(performance.curves)
    gap = lip_gap(points)[:, 4].astype(np.float64)
    corners = points[:, at.LEFT_MOUTH_CORNER, :2] - points[:, at.RIGHT_MOUTH_CORNER, :2]
    width = np.linalg.norm(corners, axis=1)
    times = np.arange(len(performance)) / float(FPS)
    loudness = np.array([_rms(speech, now) for now in times])
    voiced = _within(speech, times, 0.0, 0.0)
    silent = ~_within(speech, times, OPENING_LEAD + 0.01, 0.16)
    speed = np.abs(np.diff(gap)) * float(FPS)
    rounded, spread = (_at(speech, width, symbols) for symbols in ("uʊoɔw", "iɪeɛjæ"))
    contacts = [
        gap[(times >= p.start - 0.03) & (times <= p.end + 0.03)].min()
        for p in speech.phones
        if p.symbol in "pbm"
    ]
    return {
        "loudness": float(np.corrcoef(gap[voiced], loudness[voiced])[0, 1]),
        "speed": float(np.percentile(speed[voiced[1:] & voiced[:-1]], 90)),
        "range": float(np.ptp(np.percentile(gap[voiced], [5, 95]))),
        "contrast": float(
            (spread.mean() - rounded.mean()) / np.sqrt((spread.var() + rounded.var()) / 2)
        ),
        "contact": max(contacts),
        "silence": float((speed / float(FPS))[silent[1:] & silent[:-1]].max(initial=0.0)),
    }


def _rms(speech: Speech, now: float) -> float:
    low, high = (max(0, int((now + side) * speech.rate)) for side in (-0.02, 0.02))
    return float(np.sqrt(np.mean(np.square(speech.samples[low : high + 1])) + 1e-12))


def _within(speech: Speech, times: Floats, before: float, after: float) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(times), bool)
    for phone in speech.phones:
        inside |= (times >= phone.start - before) & (times <= phone.end + after)
    return inside


def _at(speech: Speech, values: Floats, symbols: str) -> Floats:
    middles = [(p.start + p.end) / 2 for p in speech.phones if p.symbol in symbols]
    return values[[round(middle * float(FPS)) for middle in middles]]


def _life(speeches: list[Speech]) -> list[Row]:
    talking = perform(join([*speeches] * 6), FPS, seed=1)
    resting = idle(600, FPS, seed=1)
    degrees = np.degrees(np.abs(talking.rotation)).max(axis=0)
    return [
        ("seconds between blinks, talking", f"{_blink_interval(talking):.1f}", "3-6"),
        ("seconds between blinks, idle", f"{_blink_interval(resting):.1f}", "3-6"),
        (
            "head, most degrees of yaw, pitch, roll",
            " ".join(f"{value:.1f}" for value in degrees),
            "<= 6 4 3",
        ),
    ]


def _blink_interval(performance: Performance) -> float:
    shut = performance.curves[:, CURVE_INDEX["eyeBlinkLeft"]] > 0.5
    onsets = np.flatnonzero(shut[1:] & ~shut[:-1])
    return float(np.diff(onsets).mean() / performance.fps)


if __name__ == "__main__":
    for what, measured, target in rows():
        print(f"{what:45} {measured:>20}   {target}")
