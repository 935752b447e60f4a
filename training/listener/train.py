"""Train the listener: ``python -m training.listener.train DATA OUT``.

DATA holds the shards written by `make_data`. Every batch is cut and degraded anew. OUT gets the
averaged weights after every evaluation, so a stopped run can be resumed with ``--resume``. Shards
that appear while it runs are taken up.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.listener.augment import Backgrounds, degrade, level
from training.listener.groups import GROUP_OF, GROUPS
from training.listener.model import MEMORY, WIDTH, Listener
from training.listener.shards import Shard
from visavis.performance.listener.features import (
    BANDS,
    HOP,
    LOOKAHEAD,
    PROMPT,
    STACK,
    STEP,
    WINDOW,
    log_mel,
)

SECONDS = 4.0
STEPS = int(SECONDS * 50)
SILENT_SHARE = 0.12
"""Share of the examples in which nobody speaks: whatever sounds, the mouth rests."""


def _cut(shard: Shard, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Sound, phones and articulators of `SECONDS`, played up to an eighth slower or faster.

    Source: Ko et al., "Audio augmentation for speech recognition", Interspeech 2015.
    """
    speed = rng.uniform(0.88, 1.14) if rng.random() < 0.6 else 1.0
    wanted = int(STEPS * speed) + 1
    total = len(shard.phones)
    at = int(rng.integers(0, max(1, total - wanted - 1)))
    sound = shard.sound[at * STEP : (at + wanted) * STEP].astype(np.float32) / 32768
    times = np.arange(STEPS * STEP) * speed
    played = np.interp(times, np.arange(len(sound)), sound).astype(np.float32)
    steps = np.minimum(at + ((np.arange(STEPS) + 0.5) * speed).astype(int), total - 1)
    return played, shard.phones[steps], shard.channels[steps]


def example(
    shards: list[Shard],
    rng: np.random.Generator,
    backgrounds: Backgrounds,
    *,
    clean: bool = False,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Features, phone classes and articulators of one random cut, degraded unless `clean`."""
    sound, phones, channels = _cut(shards[rng.integers(len(shards))], rng)
    if not clean and rng.random() < SILENT_SHARE:
        sound = level(backgrounds.draw(), rng.uniform(-60, -10))
        phones, channels = np.zeros_like(phones), np.zeros_like(channels)
    elif not clean and rng.random() < 0.8:
        crowd = sum(_cut(shards[rng.integers(len(shards))], rng)[0] for _ in range(6))
        sound = degrade(sound, rng, backgrounds, np.asarray(crowd, np.float32))
    padded = np.concatenate([np.zeros(WINDOW - HOP, np.float32), sound])
    mel = log_mel(padded)[: STEPS * STACK].reshape(STEPS, -1)
    return mel, phones, channels.astype(np.float32)


class Pool:
    """Degraded examples, most of them used more than once: degrading costs more than learning.

    Args:
        folder: where the shards are; new ones are taken up as they appear.
        rng: where chance comes from.
        size: examples kept; the oldest make room.
    """

    def __init__(self, folder: Path, rng: np.random.Generator, size: int = 1500) -> None:
        self._folder, self._rng, self._size = folder, rng, size
        self._shards: dict[Path, Shard] = {}
        self._backgrounds = Backgrounds(STEPS * STEP, rng, 40)
        self._examples: list[tuple[Any, Any, Any]] = []
        self._next = 0
        self.look()

    def look(self) -> None:
        """Take up shards that were written since."""
        for path in sorted(self._folder.glob("train-*.npz")):
            if path not in self._shards and ".part" not in path.name:
                self._shards[path] = Shard.load(path)

    @property
    def minutes(self) -> float:
        """Minutes of speech at hand."""
        return sum(len(shard.phones) for shard in self._shards.values()) / 3000

    def batch(self, size: int, fresh: int) -> tuple[Tensor, Tensor, Tensor]:
        """`size` examples, `fresh` of them degraded anew, all bent anew."""
        shards = list(self._shards.values())
        for _ in range(fresh):
            made = example(shards, self._rng, self._backgrounds)
            if len(self._examples) < self._size:
                self._examples.append(made)
            else:
                self._examples[self._next] = made
            self._next = (self._next + 1) % self._size
        newest = [self._examples[(self._next - 1 - k) % len(self._examples)] for k in range(fresh)]
        again = [
            self._examples[self._rng.integers(len(self._examples))] for _ in range(size - fresh)
        ]
        mel, phones, channels = (np.stack(part) for part in zip(*newest, *again, strict=True))
        return (
            torch.from_numpy(bent(mel.astype(np.float32), self._rng)),
            torch.from_numpy(phones).long(),
            torch.from_numpy(channels),
        )


def bent(mel: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Other vocal tracts, levels and microphones, made from (n, steps, features) log-mel.

    The bands are stretched by up to a twelfth (a longer or shorter vocal tract), tilted and raised;
    sometimes a few are missing (Park et al., "SpecAugment", Interspeech 2019).
    """
    count = len(mel)
    bands = mel.reshape(count, -1, BANDS)
    grid = np.arange(BANDS, dtype=np.float64)
    out = np.empty_like(bands)
    for k in range(count):
        at = np.clip(grid * rng.uniform(0.92, 1.08) + rng.uniform(-0.7, 0.7), 0, BANDS - 1.001)
        low = at.astype(int)
        share = (at - low).astype(np.float32)
        out[k] = bands[k][:, low] * (1 - share) + bands[k][:, low + 1] * share
        tilt = np.linspace(-1, 1, BANDS) * rng.normal(0, 0.12) + rng.normal(0, 0.15)
        out[k] += tilt.astype(np.float32)
        if rng.random() < 0.4:
            first = int(rng.integers(0, BANDS - 8))
            out[k][:, first : first + int(rng.integers(1, 9))] = 0.0
    return out.reshape(mel.shape)


def balance(folder: Path, classes: int) -> Tensor:
    """(classes,) weights of the phones: rare ones count for more, by the root of their share."""
    counts = np.ones(classes)
    for path in folder.glob("train-*.npz"):
        if ".part" not in path.name:
            counts += np.bincount(Shard.load(path).phones, minlength=classes)
    share = counts / counts.sum()
    weights = np.clip(share, 1e-3, None) ** -0.2
    return torch.tensor(weights / (weights * share).sum(), dtype=torch.float32)


def loss(
    net: Listener,
    batch: tuple[Tensor, Tensor, Tensor],
    weights: Tensor,
    scale: Tensor,
    *,
    half: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Cross-entropy of the phones, of the prompt phones, and squared error of the articulators.

    Args:
        net: what is trained.
        batch: log-mel, phone classes and articulators.
        weights: (classes,) of the phones.
        scale: (channels,) of the articulators.
        half: multiply in bfloat16.
    """
    mel, phones, channels = batch
    with torch.autocast(mel.device.type, torch.bfloat16, enabled=half):
        logits, moved, prompt, _ = net(mel, torch.zeros(len(mel), MEMORY, WIDTH, device=mel.device))
    named = _named(logits, phones, LOOKAHEAD, weights)
    at_once = _named(prompt, phones, PROMPT, weights)
    apart = moved[:, LOOKAHEAD:].float() - channels[:, :-LOOKAHEAD]
    return named, at_once, ((apart * scale) ** 2).mean()


def _named(logits: Tensor, phones: Tensor, late: int, weights: Tensor) -> Tensor:
    """How wrong the phones are, and what a viewer sees of it: a phone that is taken for one that
    looks alike is half right."""
    said = logits[:, late:].float().flatten(0, 1)
    true = phones[:, :-late].flatten()
    belongs = torch.from_numpy(np.eye(len(GROUPS), dtype=np.float32)[GROUP_OF]).to(said.device)
    seen = torch.log(functional.softmax(said, 1) @ belongs + 1e-6)
    alike = torch.from_numpy(GROUP_OF).to(said.device)[true]
    return functional.cross_entropy(said, true, weights) + functional.nll_loss(seen, alike)


def articulator_scale(folder: Path) -> Tensor:
    """(channels,) one over the spread of each articulator: all weigh the same."""
    path = next(iter(sorted(folder.glob("train-*.npz"))))
    spread = Shard.load(path).channels.astype(np.float32).std(0)
    return torch.from_numpy(1 / (spread + 0.02))


def correlation(
    net: Listener, batch: tuple[Tensor, Tensor, Tensor]
) -> tuple[list[float], float, float]:
    """Correlation of each articulator, the share of visemes named right, and promptly right."""
    net.eval()
    with torch.no_grad():
        mel, phones, channels = batch
        memory = torch.zeros(len(mel), MEMORY, WIDTH, device=mel.device)
        logits, moved, prompt, _ = net(mel, memory)
        a = moved[:, LOOKAHEAD:].flatten(0, 1).cpu().numpy()
        b = channels[:, :-LOOKAHEAD].flatten(0, 1).cpu().numpy()
        right, at_once = (
            _seen_right(said[:, late:], phones[:, :-late])
            for said, late in ((logits, LOOKAHEAD), (prompt, PROMPT))
        )
    net.train()
    rows = [float(np.corrcoef(a[:, k], b[:, k])[0, 1]) for k in range(b.shape[1])]
    return rows, right, at_once


def _seen_right(logits: Tensor, phones: Tensor) -> float:
    said = functional.softmax(logits, -1).cpu().numpy() @ np.eye(len(GROUPS))[GROUP_OF]
    return float((said.argmax(-1) == GROUP_OF[phones.cpu().numpy()]).mean())


def resume(net: Listener, weights: dict[str, Tensor]) -> None:
    """Give `net` what was learned, also by a network with fewer blocks.

    Raises:
        ValueError: weights of another network.
    """
    found = net.load_state_dict(weights, strict=False)
    new = [name for name in found.missing_keys if not name.startswith("blocks.")]
    if new or found.unexpected_keys:
        raise ValueError(f"weights of another network: {[*new, *found.unexpected_keys]}")


def main() -> None:
    """Train until the time is over, saving the averaged weights after every evaluation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long to train")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--fresh", type=int, default=2, help="examples of a batch degraded anew")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--every", type=int, default=100, help="steps between evaluations")
    parser.add_argument("--bf16", action="store_true", help="for processors that have it: faster")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    facts = json.loads((options.data / "facts.json").read_text())
    net = Listener(len(facts["phones"]), len(facts["channels"])).to(device)
    options.out.mkdir(parents=True, exist_ok=True)
    saved = options.out / "listener.pt"
    if options.resume:
        resume(net, torch.load(saved, map_location=device))
    mean = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.997)
    )
    optimiser = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=0.02)
    pool = Pool(options.data, np.random.default_rng(1))
    weights = balance(options.data, len(facts["phones"])).to(device)
    scale = articulator_scale(options.data).to(device)
    checks = {kind: _held(options.data, kind, device) for kind in ("clean", "degraded")}
    log = (options.out / "curve.jsonl").open("a")
    started = time.monotonic()
    step, done = 0, 0.0
    while done < 1.0:
        done = (time.monotonic() - started) / (options.minutes * 60)
        slow = 0.5 * (1 + np.cos(np.pi * min(done, 1.0)))
        optimiser.param_groups[0]["lr"] = (
            options.rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * slow)
        )
        batch = pool.batch(options.batch, options.fresh)
        batch = (batch[0].to(device), batch[1].to(device), batch[2].to(device))
        named, at_once, error = loss(net, batch, weights, scale, half=options.bf16)
        optimiser.zero_grad()
        (named + 0.3 * at_once + error).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        mean.update_parameters(net)
        step += 1
        if step % options.every and done < 1.0:
            continue
        pool.look()
        found = {kind: correlation(mean.module, check) for kind, check in checks.items()}
        part = saved.with_suffix(".part")
        torch.save(mean.module.state_dict(), part)
        part.replace(saved)
        line: dict[str, Any] = {
            "step": step,
            "seconds": round(time.monotonic() - started),
            "minutes_of_speech": round(pool.minutes, 1),
            "phone_loss": round(float(named.detach()), 4),
            "channel_loss": round(float(error.detach()), 4),
        }
        for kind, (rows, right, prompt) in found.items():
            line[kind] = {
                "visemes": round(right, 4),
                "prompt": round(prompt, 4),
                **dict(zip(facts["channels"], (round(r, 3) for r in rows), strict=True)),
            }
        log.write(json.dumps(line) + "\n")
        log.flush()


def _held(folder: Path, kind: str, device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Clean or degraded examples of voices that are never trained on."""
    rng = np.random.default_rng(12345)
    unseen = [Shard.load(p) for p in sorted(folder.glob("unseen-*.npz")) if ".part" not in p.name]
    backgrounds = Backgrounds(STEPS * STEP, rng, 12)
    held = [example(unseen, rng, backgrounds, clean=kind == "clean") for _ in range(48)]
    mel, phones, channels = (np.stack(part) for part in zip(*held, strict=True))
    return (
        torch.from_numpy(mel).to(device),
        torch.from_numpy(phones).long().to(device),
        torch.from_numpy(channels).to(device),
    )


if __name__ == "__main__":
    main()
