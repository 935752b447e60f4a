"""A person's voice: matching, fitting, and what speaking with it costs.

    python -m benchmarks.bench_voice

Reads the clips of the folder VISAVIS_TEST_CLIPS, or ../shared/clips; fits only where torch is.
"""

import os
import resource
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from visavis.errors import SourceError
from visavis.media import decode_audio
from visavis.speech.kokoro import RATE, Timbre
from visavis.speech.person import PersonVoice, can_fit, fit_voice, match_voice
from visavis.speech.person.judging import quality
from visavis.speech.person.stock import stock_table
from visavis.speech.person.studio import Studio
from visavis.speech.person.trials import misheard
from visavis.speech.types import Samples
from visavis.speech.voices import find_voice

Row = tuple[str, str, str]

CLIPS = Path(os.environ.get("VISAVIS_TEST_CLIPS", Path(__file__).parents[2] / "shared" / "clips"))
SENTENCE = "The museum opens at nine, but the garden behind it is always quiet before noon."
HELD_OUT = (
    "Bob's big pumpkin won first prize, and five very fine vans drove it home.",
    "We choose to push the large garage door open before the storm arrives.",
    "My sister teaches music to young children on Thursday afternoons.",
    "The train to the coast leaves from platform four at half past six.",
    "He measured the wood twice, cut it once, and built a simple chair.",
    "Nothing in the letter explained why they had moved to another town.",
)

OWN_LANGUAGE = {
    "fr-FR": (
        "Le train pour la côte part du quai principal dans une heure.",
        "Ma sœur enseigne la musique aux jeunes enfants le jeudi après-midi.",
        "Rien dans la lettre n'expliquait pourquoi ils avaient quitté la ville.",
    ),
    "zh-CN": (
        "去海边的火车半个小时以后从这个站台出发。",
        "我的妹妹每个星期四下午教孩子们学习音乐。",
        "这封信没有说明他们为什么搬到了别的城市。",
    ),
}
"""Further sentences for those who speak these; they need the extra ``languages``."""


def recordings() -> dict[str, Samples]:
    """Every clip and recording with sound, at 24 kHz."""
    paths = [*(CLIPS / "video").glob("speaker-*.mp4"), *(CLIPS / "audio").glob("*.wav")]
    return {path.stem: np.concatenate(list(decode_audio(path, RATE))) for path in sorted(paths)}


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _speaking(studio: Studio, voice: PersonVoice) -> Row:
    timbre = voice.timbre(studio.kokoro.style)
    plain = Timbre(studio.kokoro.style(find_voice(voice.nearest).kokoro_id))
    spent = []
    for one, colour in ((plain, None), (timbre, voice.colour)):
        studio.say(SENTENCE, one)
        start = time.process_time()
        sound = studio.say(SENTENCE, one)
        if colour is not None:
            colour(sound)
        spent.append((time.process_time() - start) / (len(sound) / RATE))
    figure = f"{spent[1]:.3f} s a second of sound, stock {spent[0]:.3f}"
    return f"Speaking as {voice.name}, {voice.method} (CPU)", figure, "within 10 %"


def _similarity(voice: PersonVoice, target: str) -> Row:
    known = voice.similarity
    figure = (
        f"{known.after:.2f} from {known.before:.2f}, itself {known.itself:.2f}" if known else ""
    )
    return f"Similarity of {voice.name}, {voice.method}", figure, target


def held_out(studio: Studio, voice: PersonVoice, heard: Samples) -> Row:
    """A voice on sentences that neither matching, fitting nor a gate uses, against a recording."""
    timbre = voice.speaking("en-US").timbre(studio.kokoro.style)
    plain = [studio.say(text, timbre) for text in HELD_OUT]
    sounds = [voice.colour(one) if voice.colour else one for one in plain]
    wrong, total = misheard(HELD_OUT, sounds)
    alike = float(studio.embedding(sounds) @ studio.embed(heard, RATE))
    clean = quality(np.concatenate(sounds), RATE)
    figure = f"{alike:.2f}, {wrong} of {total} words misheard, DNSMOS {clean or 0:.2f}"
    return f"{voice.name}, {voice.method}, held-out sentences", figure, ">= .82, <= 3 %"


def rows() -> list[Row]:
    """What was measured, and what it should be."""
    studio = Studio()
    found: list[Row] = []
    for name, sound in recordings().items():
        start, wall = time.process_time(), time.perf_counter()
        voice = match_voice(sound, RATE, name=name, studio=studio)
        figure = f"{time.process_time() - start:.1f} s CPU, {time.perf_counter() - wall:.1f} s"
        stock = replace(
            voice,
            method="stock",
            colour=None,
            weights=np.array(
                [one == find_voice(voice.nearest).kokoro_id for one in stock_table().ids],
                np.float32,
            ),
        )
        found += [
            (f"Matching {name}, {len(sound) / RATE:.1f} s", figure, "10 s CPU"),
            _similarity(voice, ">= .70"),
            held_out(studio, stock, sound),
            held_out(studio, voice, sound),
            *own_language(studio, stock, sound),
            *own_language(studio, voice, sound),
        ]
        if name == "speaker-a":
            found.append(_speaking(studio, voice))
        if can_fit():
            found += _fit(sound, voice, studio)
        found += _halves(name, sound, studio)
    return found


def own_language(studio: Studio, voice: PersonVoice, heard: Samples) -> list[Row]:
    """A voice on sentences of its own language where that is no English; none where it is."""
    texts = OWN_LANGUAGE.get(voice.language)
    if texts is None or find_spec("pypinyin") is None:
        return []
    timbre = voice.timbre(studio.kokoro.style)
    plain = [studio.say(text, timbre, voice.language) for text in texts]
    sounds = [voice.colour(one) if voice.colour else one for one in plain]
    wrong, total = misheard(texts, sounds, voice.language)
    alike = float(studio.embedding(sounds) @ studio.embed(heard, RATE))
    clean = quality(np.concatenate(sounds), RATE)
    figure = f"{alike:.2f}, {wrong} of {total} sounds misheard, DNSMOS {clean or 0:.2f}"
    return [(f"{voice.name}, {voice.method}, sentences in {voice.language}", figure, ">= .82")]


def _halves(name: str, sound: Samples, studio: Studio) -> list[Row]:
    """Made of the first half, scored on the second, which nothing has heard."""
    first, second = np.array_split(sound, 2)
    try:
        voice = match_voice(first, RATE, name=f"{name}, first half", studio=studio)
    except SourceError as error:
        return [(f"{name}, first half", error.message, "")]
    itself = studio.embed.similarity(first, second, RATE)
    found = [
        (f"{name}, the halves themselves", f"{itself:.2f}", ""),
        held_out(studio, voice, second),
    ]
    if can_fit():
        found.append(held_out(studio, fit_voice(first, RATE, voice, studio=studio), second))
    return found


def _fit(sound: Samples, voice: PersonVoice, studio: Studio) -> list[Row]:
    before, wall = _cpu(resource.RUSAGE_CHILDREN), time.perf_counter()
    fitted = fit_voice(sound, RATE, voice, studio=studio)
    spent = _cpu(resource.RUSAGE_CHILDREN) - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        (
            f"Fitting {voice.name}",
            f"{spent:.0f} s CPU, {time.perf_counter() - wall:.0f} s",
            "< 240 s on two quiet cores",
        ),
        (f"Peak memory of fitting {voice.name}", f"{peak:.0f} MB", "< 2000 MB"),
        _similarity(fitted, ">= .82"),
        held_out(studio, fitted, sound),
        *own_language(studio, fitted, sound),
        _speaking(studio, fitted),
    ]


if __name__ == "__main__":
    for row in rows():
        print(" | ".join(row))
