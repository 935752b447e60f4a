"""Speak thousands of sentences and note what mouth and tongue do: ``python -m
training.listener.make_data TEXTS OUT --hours 2``.

TEXTS is a folder of unpacked text packages (see README.md). Every utterance is written with its
phone classes and articulators per 20 ms, as the performance stage shapes them from the exact phone
times. Voices named in `UNSEEN` go into shards of their own, which training never reads. A stopped
run goes on with the next shard; the same seed gives the same shards.
"""

import argparse
import json
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

UNSEEN = ("en-US-michael", "en-US-bella", "en-GB-emma", "es-ES-alex", "it-IT-nicola", "hi-IN-omega",
          "zh-CN-yunyang", "ja-JP-nezumi")  # fmt: skip
MINUTES_PER_SHARD = 5.0
_CORPUS = {"es-ES": "es", "fr-FR": "fr", "hi-IN": "hi", "it-IT": "it", "ja-JP": "ja", "zh-CN": "zh"}
_WEIGHT = {"en-US": 8, "en-GB": 3, "ja-JP": 1, "hi-IN": 1}


def _utterances(
    synthesiser: Synthesiser, chosen: list[Voice], texts: Path, seed: int
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
        try:
            yield join(synthesiser.synthesise(text, voice, delivery))
        except VisavisError as error:
            print(f"skipped a sentence of {corpus}: {error.message}", flush=True)


def _labelled(speech: Speech) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sound at 16 kHz, phone classes and articulators per step of 20 ms."""
    sound = resample(speech.samples, speech.rate, RATE)
    steps = len(sound) // STEP
    times = (np.arange(steps) + 0.5) * STEP / RATE
    articulator = Articulator(RATE / STEP)
    classes = np.zeros(steps, np.uint8)
    for phone in speech.phones:
        articulator.add(phone)
        classes[(times >= phone.start) & (times < phone.end)] = phone_class(phone.symbol)
    mouth = articulator.at(times)
    channels = np.column_stack([mouth.channels, mouth.closure, mouth.tuck, mouth.activity])
    return sound[: steps * STEP], classes, channels


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
    synthesiser = Synthesiser()
    offered = [v for v in voices() if not options.languages or v.language in options.languages]
    for kind, minutes in (("unseen", options.unseen_minutes), ("train", options.hours * 60)):
        chosen = [voice for voice in offered if (voice.slug in UNSEEN) == (kind == "unseen")]
        for number in range(round(minutes / MINUTES_PER_SHARD)):
            path = options.out / f"{kind}-{options.seed}-{number:04d}.npz"
            if path.exists():
                continue
            seed = options.seed * 100_000 + number + (50_000 if kind == "unseen" else 0)
            started = time.time()
            made = write_shard(
                path, _utterances(synthesiser, chosen, options.texts, seed), MINUTES_PER_SHARD
            )
            print(f"{path.name}: {made:.0f} s in {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
