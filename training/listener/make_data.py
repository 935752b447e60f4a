"""Speak thousands of sentences and note what mouth and tongue do: ``python -m
training.listener.make_data TEXTS OUT --hours 2``.

TEXTS is a folder of unpacked text packages (see README.md). Every utterance is written with its
phone classes and articulators per 20 ms, as the performance stage shapes them from the exact phone
times. Voices named in `UNSEEN` go into shards of their own, which training never reads. A stopped
run goes on with the next shard; the same seed gives the same shards.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.listener.sentences import sentences
from visavis.errors import VisavisError
from visavis.media import resample
from visavis.performance.articulation import Articulator
from visavis.performance.listener.classes import CHANNEL_NAMES, PHONES, phone_class
from visavis.performance.listener.features import RATE, STEP
from visavis.speech import Delivery, Speech, Synthesiser, Voice, join, voices
from visavis.speech.person.pitch import Pitch
from visavis.speech.person.stock import stock_table
from visavis.speech.person.voice import PersonVoice

UNSEEN = ("en-US-michael", "en-US-bella", "en-GB-emma", "es-ES-alex", "it-IT-nicola", "hi-IN-omega",
          "zh-CN-yunyang", "ja-JP-nezumi")  # fmt: skip
MINUTES_PER_SHARD = 5.0
_CORPUS = {"es-ES": "es", "fr-FR": "fr", "hi-IN": "hi", "it-IT": "it", "ja-JP": "ja", "zh-CN": "zh"}
_WEIGHT = {"en-US": 9, "en-GB": 4, "ja-JP": 1, "hi-IN": 1}
_MIXED = 0.6
"""Share of the sentences that a mixture of voices speaks: somebody new."""
_SEEDS = 3
"""Performances whose mean is the truth: no two tokens of a phone are alike, and what differs by
chance is in no sound."""


def blended(voice: Voice, chosen: list[Voice], rng: random.Random) -> PersonVoice:
    """Somebody who speaks with the melody of `voice` and a colour between two to four of `chosen`,
    each of which may also be gone away from a little, at another pitch."""
    table = stock_table()
    weights = np.zeros(len(table.ids), np.float32)
    for one in rng.sample(chosen, rng.randint(2, min(4, len(chosen)))):
        weights[table.ids.index(one.kokoro_id)] += rng.gammavariate(1.0, 1.0) - 0.15
    weights[table.ids.index(voice.kokoro_id)] += 0.3
    own = table.pitch(voice.kokoro_id)
    pitch = Pitch(own.centre + math.log(2) * rng.uniform(-3, 3) / 12, own.spread)
    return PersonVoice(
        "Somebody",
        voice.language,
        "matched",
        voice.slug,
        pitch,
        rate=1.0,
        loudness=voice.loudness,
        melodies={voice.language: voice.slug},
        weights=weights / weights.sum(),
    )


def _utterances(
    synthesiser: Synthesiser, chosen: list[Voice], texts: Path, seed: int, mixed: float
) -> Iterator[Speech]:
    rng = random.Random(seed)
    prose: dict[str, Iterator[str]] = {}
    weights = [_WEIGHT.get(voice.language, 2) / sum(v.language == voice.language for v in chosen)
               for voice in chosen]  # fmt: skip
    while True:
        voice = rng.choices(chosen, weights)[0]
        corpus = _CORPUS.get(voice.language, voice.language)
        if corpus not in prose:
            prose[corpus] = iter(sentences(texts, corpus, seed))
        text = next(prose[corpus], None)
        if text is None:
            prose[corpus] = iter(sentences(texts, corpus, seed + 1))
            continue
        delivery = Delivery(speed=rng.uniform(0.75, 1.35), pitch=rng.uniform(-3, 3))
        speaker = blended(voice, chosen, rng) if rng.random() < mixed else voice
        try:
            yield join(synthesiser.synthesise(text, speaker, delivery))
        except VisavisError as error:
            print(f"skipped a sentence of {corpus}: {error.message}", flush=True)


def _labelled(speech: Speech) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sound at 16 kHz, phone classes and articulators per step of 20 ms."""
    sound = resample(speech.samples, speech.rate, RATE)
    steps = len(sound) // STEP
    times = (np.arange(steps) + 0.5) * STEP / RATE
    classes = np.zeros(steps, np.uint8)
    for phone in speech.phones:
        classes[(times >= phone.start) & (times < phone.end)] = phone_class(phone.symbol)
    return sound[: steps * STEP], classes, _articulated(speech, times)


def _articulated(speech: Speech, times: np.ndarray) -> np.ndarray:
    """(n, channels) articulators at `times`."""
    made = []
    for seed in range(_SEEDS):
        articulator = Articulator(RATE / STEP, seed=seed)
        for phone in speech.phones:
            articulator.add(phone)
        mouth = articulator.at(times)
        columns = [mouth.channels, mouth.closure, mouth.tuck, mouth.activity]
        made.append(np.column_stack(columns))
    return np.mean(made, axis=0)


def write_shard(path: Path, utterances: Iterator[Speech], minutes: float) -> float:
    """Gather utterances until they fill a shard; gives the seconds gathered."""
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    starts = [0]
    while starts[-1] < minutes * 60 * RATE / STEP:
        part = _labelled(next(utterances))
        parts.append(part)
        starts.append(starts[-1] + len(part[1]))
    sound, classes, channels = (np.concatenate(column) for column in zip(*parts, strict=True))
    half = path.with_suffix(".part.npz")
    np.savez(
        half,
        sound=np.clip(sound * 32767, -32768, 32767).astype(np.int16),
        phones=classes,
        channels=channels.astype(np.float16),
        starts=np.array(starts),
    )
    half.rename(path)
    return float(starts[-1] * STEP / RATE)


def main() -> None:
    """Write shards until there are enough hours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--unseen-minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--languages", nargs="*", help="BCP 47 tags; all by default")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    facts = {"phones": list(PHONES), "channels": list(CHANNEL_NAMES), "seed": options.seed}
    (options.out / "facts.json").write_text(json.dumps(facts, ensure_ascii=False))
    synthesiser = Synthesiser(threads=1)
    offered = [v for v in voices() if not options.languages or v.language in options.languages]
    for kind, minutes in (("unseen", options.unseen_minutes), ("train", options.hours * 60)):
        chosen = [voice for voice in offered if (voice.slug in UNSEEN) == (kind == "unseen")]
        for number in range(round(minutes / MINUTES_PER_SHARD)):
            path = options.out / f"{kind}-{options.seed}-{number:04d}.npz"
            if path.exists():
                continue
            seed = options.seed * 100_000 + number + (50_000 if kind == "unseen" else 0)
            started = time.time()
            mixed = _MIXED if kind == "train" else 0.0
            spoken = _utterances(synthesiser, chosen, options.texts, seed, mixed)
            made = write_shard(path, spoken, MINUTES_PER_SHARD)
            print(f"{path.name}: {made:.0f} s in {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
