"""Train the listener: ``python -m training.listener.train DATA OUT``.

DATA holds the shards written by `make_data`. Every batch is cut and degraded anew. OUT gets the
best weights so far after every evaluation, so a stopped run can be resumed with ``--resume``.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from queue import Full
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.listener.augment import Backgrounds, degrade, level
from training.listener.model import HIDDEN, LAYERS, Listener
from visavis.performance.listener.features import HOP, LOOKAHEAD, STACK, STEP, WINDOW, log_mel

SECONDS = 4.0
STEPS = int(SECONDS * 50)
BATCH = 32
SILENT_SHARE = 0.08
"""Share of the examples in which nobody speaks: whatever sounds, the mouth rests."""


@dataclass(frozen=True)
class Shard:
    """Utterances end to end.

    Attributes:
        sound: (n,) int16 at 16 kHz.
        phones: (steps,) uint8 class per 20 ms.
        channels: (steps, c) float16 articulators per 20 ms.
        starts: (utterances + 1,) first step of each utterance.
    """

    sound: npt.NDArray[np.int16]
    phones: npt.NDArray[np.uint8]
    channels: npt.NDArray[np.float16]
    starts: npt.NDArray[np.int64]

    @classmethod
    def load(cls, path: Path) -> "Shard":
        with np.load(path) as data:
            return cls(data["sound"], data["phones"], data["channels"], data["starts"])


def _cut(shard: Shard, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    total = len(shard.phones)
    at = int(rng.integers(0, max(1, total - STEPS - 1)))
    sound = shard.sound[at * STEP : (at + STEPS) * STEP].astype(np.float32) / 32768
    return sound, shard.phones[at : at + STEPS], shard.channels[at : at + STEPS]


def example(
    shards: list[Shard], rng: np.random.Generator, backgrounds: Backgrounds
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Features, phone classes and articulators of one random degraded cut."""
    sound, phones, channels = _cut(shards[rng.integers(len(shards))], rng)
    if rng.random() < SILENT_SHARE:
        sound = level(backgrounds.draw(), rng.uniform(-60, -10))
        phones, channels = np.zeros_like(phones), np.zeros_like(channels)
    else:
        if rng.random() < 0.85:
            crowd = sum(_cut(shards[rng.integers(len(shards))], rng)[0] for _ in range(6))
            sound = degrade(sound, rng, backgrounds, np.asarray(crowd, np.float32))
    padded = np.concatenate([np.zeros(WINDOW - HOP, np.float32), sound])
    mel = log_mel(padded)[: STEPS * STACK].reshape(STEPS, -1)
    return mel, phones, channels.astype(np.float32)


def _producer(paths: list[Path], seed: int, queue: Any) -> None:
    torch.set_num_threads(1)
    shards = [Shard.load(path) for path in paths]
    rng = np.random.default_rng(seed)
    backgrounds = Backgrounds(STEPS * STEP, rng)
    while True:
        drawn = [example(shards, rng, backgrounds) for _ in range(BATCH)]
        batch = tuple(np.stack(part) for part in zip(*drawn, strict=True))
        while True:
            try:
                queue.put(batch, timeout=60)
                break
            except Full:
                continue


def batches(paths: list[Path], workers: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Endless degraded batches from processes of their own."""
    context = get_context("spawn")
    queue = context.Queue(maxsize=2 * workers)
    for seed in range(workers):
        context.Process(target=_producer, args=(paths, seed, queue), daemon=True).start()
    while True:
        mel, phones, channels = queue.get()
        yield torch.from_numpy(mel), torch.from_numpy(phones).long(), torch.from_numpy(channels)


def loss(
    net: Listener, mel: Tensor, phones: Tensor, channels: Tensor, closure: int
) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the phones plus weighted squared error of the articulators."""
    logits, moved, _ = net(mel, torch.zeros(LAYERS, len(mel), HIDDEN, device=mel.device))
    logits, moved = logits[:, LOOKAHEAD:], moved[:, LOOKAHEAD:]
    phones, channels = phones[:, :-LOOKAHEAD], channels[:, :-LOOKAHEAD]
    named = functional.cross_entropy(logits.flatten(0, 1), phones.flatten())
    # Closed lips are rare and short, and a viewer misses them first.
    weight = torch.ones_like(channels)
    weight[..., closure:] = 1.0 + 3.0 * channels[..., closure:]
    scale = 1.0 / (channels.flatten(0, 1).std(0) + 0.02)
    error = (((moved - channels) * scale) ** 2 * weight).mean()
    return named, error


def correlation(net: Listener, batch: tuple[Tensor, Tensor, Tensor]) -> tuple[list[float], float]:
    """Correlation of each articulator, and the share of phones named right."""
    net.eval()
    with torch.no_grad():
        mel, phones, channels = batch
        logits, moved, _ = net(mel, torch.zeros(LAYERS, len(mel), HIDDEN, device=mel.device))
        a = moved[:, LOOKAHEAD:].flatten(0, 1).cpu().numpy()
        b = channels[:, :-LOOKAHEAD].flatten(0, 1).cpu().numpy()
        right = (logits[:, LOOKAHEAD:].argmax(-1) == phones[:, :-LOOKAHEAD]).float().mean()
    net.train()
    rows = [float(np.corrcoef(a[:, k], b[:, k])[0, 1]) for k in range(b.shape[1])]
    return rows, float(right)


def main() -> None:
    """Train until the steps are done, saving after every evaluation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    facts = json.loads((options.data / "facts.json").read_text())
    net = Listener(len(facts["phones"]), len(facts["channels"])).to(device)
    closure = facts["channels"].index("closure")
    options.out.mkdir(parents=True, exist_ok=True)
    weights = options.out / "listener.pt"
    if options.resume:
        net.load_state_dict(torch.load(weights, map_location=device))
    optimiser = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options.rate, total_steps=options.steps, pct_start=0.05
    )
    rng = np.random.default_rng(12345)
    unseen = [Shard.load(path) for path in sorted(options.data.glob("unseen-*.npz"))]
    backgrounds = Backgrounds(STEPS * STEP, rng)
    held = [example(unseen, rng, backgrounds) for _ in range(96)]
    check = tuple(torch.from_numpy(np.stack(part)).to(device) for part in zip(*held, strict=True))
    check = (check[0], check[1].long(), check[2])
    log = (options.out / "curve.jsonl").open("a")
    started = time.time()
    stream = batches(sorted(options.data.glob("train-*.npz")), options.workers)
    for step in range(1, options.steps + 1):
        mel, phones, channels = (part.to(device) for part in next(stream))
        named, error = loss(net, mel, phones, channels, closure)
        optimiser.zero_grad()
        (named + error).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 200 == 0 or step == options.steps:
            rows, right = correlation(net, check)
            torch.save(net.state_dict(), weights)
            line = {
                "step": step,
                "seconds": round(time.time() - started),
                "phone_loss": round(float(named), 4),
                "channel_loss": round(float(error), 4),
                "unseen_phones": round(right, 4),
                "unseen": dict(zip(facts["channels"], (round(r, 3) for r in rows), strict=True)),
            }
            log.write(json.dumps(line) + "\n")
            log.flush()


if __name__ == "__main__":
    main()
