"""Train the letter-to-sound model of one accent from the dictionaries.

    pip install scipy
    python tools/train_letters.py us visavis/speech/g2p/letters_us.npz

Letters are aligned with zero to two sounds each by Viterbi training, then a small network reads a
window of letters and its own last two answers and gives the sounds of the middle letter (after
Sejnowski and Rosenberg, "Parallel networks that learn to pronounce English text", 1987, with
autoregression). One word in twenty is held out; the figures printed at the end are on those.
"""

import argparse
import json
import sys
import time
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.sparse as sparse

from visavis import models
from visavis.speech.g2p.letters import ALPHABET, HISTORY, WINDOW, LetterToSound, split_sounds
from visavis.speech.g2p.lexicon import Lexicon

MARKS = str.maketrans("", "", "ˈˌ")
RARE = 25
HIDDEN = (256, 192)


def load(accent):
    """Words of plain letters with their usual sound, as lists of units."""
    files = models.ensure("english-lexicon")
    names = (f"{accent}_gold.json", f"{accent}_silver.json")
    lexicon = Lexicon(*(files[name] for name in names))
    words = {word for name in names for word in json.loads(files[name].read_text())}
    words = sorted(w for w in words if w.isascii() and w.isalpha() and w.islower() and len(w) > 2)
    return [(word, split_sounds(lexicon.pronounce(word))) for word in words]


def align(word, sounds, cost):
    """The cheapest split of `sounds` over the letters, or None; each letter takes 0 to 2."""
    bare = [sound.translate(MARKS) for sound in sounds]
    n = len(sounds)
    best = [0.0] + [1e9] * n
    back = []
    for letter in word:
        row, step = [1e9] * (n + 1), [0] * (n + 1)
        for end in range(n + 1):
            for take in range(min(2, end) + 1):
                before = best[end - take]
                if before < 1e9:
                    total = before + cost.get((letter, "".join(bare[end - take : end])), 12.0)
                    if total < row[end]:
                        row[end], step[end] = total, take
        best = row
        back.append(step)
    if best[n] >= 1e9:
        return None
    chunks, end = [], n
    for step in reversed(back):
        chunks.append("".join(sounds[end - step[end] : end]))
        end -= step[end]
    return chunks[::-1]


def costs(pairs):
    counts, letters = Counter(pairs), Counter(letter for letter, _ in pairs)
    return {pair: -np.log(count / letters[pair[0]]) for pair, count in counts.items()}


def aligned(entries, rng):
    """Entries with one chunk per letter, after five rounds of Viterbi training on a sample."""
    sample = [entries[i] for i in rng.permutation(len(entries))[:20000]]
    pairs = []
    for word, sounds in sample:
        for at, letter in enumerate(word):
            near = round(at * len(sounds) / len(word))
            pairs += [(letter, s.translate(MARKS)) for s in sounds[max(0, near - 1) : near + 2]]
            pairs.append((letter, ""))
    cost = costs(pairs)
    for _ in range(5):
        found = [(word, align(word, sounds, cost)) for word, sounds in sample]
        cost = costs(
            [
                (x, c.translate(MARKS))
                for w, chunks in found
                if chunks
                for x, c in zip(w, chunks, strict=True)
            ]
        )
    full = [(word, align(word, sounds, cost)) for word, sounds in entries]
    counts = Counter(chunk for _, chunks in full if chunks for chunk in chunks)
    return [
        (word, chunks) for word, chunks in full if chunks and all(counts[c] >= RARE for c in chunks)
    ]


def features(entries, chunks):
    """Sparse one-hot rows and target numbers, one row per letter."""
    number = {chunk: at for at, chunk in enumerate(chunks)}
    rows, targets = [], []
    for word, answer in entries:
        answers = [number[chunk] for chunk in answer]
        rows += [LetterToSound.indices(word, at, answers[:at], chunks) for at in range(len(word))]
        targets += answers
    return np.array(rows, np.int32), np.array(targets, np.int32)


def onehot(rows, width):
    n, k = rows.shape
    values = np.ones(n * k, np.float32)
    return sparse.csr_matrix((values, rows.ravel(), np.arange(0, n * k + 1, k)), (n, width))


def train(rows, targets, width, classes, rng, epochs):
    """Adam on cross entropy; three layers, rectified."""
    sizes = [(width, HIDDEN[0]), (HIDDEN[0], HIDDEN[1]), (HIDDEN[1], classes)]
    weights = [rng.normal(0, np.sqrt(2 / min(a, 400)), (a, b)).astype(np.float32) for a, b in sizes]
    weights[0] *= 0.5
    weights += [np.zeros(b, np.float32) for _, b in sizes]
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    step, batch = 0, 1024
    total = epochs * (len(rows) // batch)
    for epoch in range(epochs):
        order, loss, start = rng.permutation(len(rows)), 0.0, time.time()
        for at in range(0, len(order) - batch + 1, batch):
            pick = order[at : at + batch]
            x, y = onehot(rows[pick], width), targets[pick]
            a = np.maximum(x @ weights[0] + weights[3], 0)
            b = np.maximum(a @ weights[1] + weights[4], 0)
            logits = b @ weights[2] + weights[5]
            logits -= logits.max(1, keepdims=True)
            p = np.exp(logits)
            p /= p.sum(1, keepdims=True)
            loss -= np.log(p[np.arange(batch), y] + 1e-9).mean()
            p[np.arange(batch), y] -= 1
            p /= batch
            db = (p @ weights[2].T) * (b > 0)
            da = (db @ weights[1].T) * (a > 0)
            gradients = [x.T @ da, a.T @ db, b.T @ p, da.sum(0), db.sum(0), p.sum(0)]
            step += 1
            rate = 2e-3 * 0.5 * (1 + np.cos(np.pi * step / total)) + 1e-5
            for w, g, (m, v) in zip(weights, gradients, moments, strict=True):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                w -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        mean = loss / (len(order) // batch)
        sys.stderr.write(f"epoch {epoch} loss {mean:.4f} {time.time() - start:.0f} s\n")
    return weights


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("accent", choices=("us", "gb"))
    parser.add_argument("output", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    arguments = parser.parse_args()
    rng = np.random.default_rng(7)
    entries = load(arguments.accent)
    held = [entry for entry in entries if zlib.crc32(entry[0].encode()) % 20 == 0]
    kept = aligned([entry for entry in entries if zlib.crc32(entry[0].encode()) % 20], rng)
    chunks = sorted({chunk for _, answer in kept for chunk in answer})
    sys.stderr.write(f"{len(entries)} words, {len(kept)} aligned, {len(chunks)} chunks\n")
    rows, targets = features(kept, chunks)
    width = WINDOW * len(ALPHABET) + HISTORY * (len(chunks) + 1) + 2
    weights = train(rows, targets, width, len(chunks), rng, arguments.epochs)
    LetterToSound.save(arguments.output, chunks, weights)
    model = LetterToSound(arguments.output)
    wrong = bare = units = exact = 0
    sample = [held[i] for i in rng.permutation(len(held))[:2000]]
    for word, sounds in sample:
        said = split_sounds(model(word))
        wrong += distance(said, sounds)
        bare += distance([s.translate(MARKS) for s in said], [s.translate(MARKS) for s in sounds])
        units += len(sounds)
        exact += said == sounds
    sys.stderr.write(
        f"held out, {len(sample)} words: phone error {bare / units:.1%}, with stress "
        f"{wrong / units:.1%}; words exactly right {exact / len(sample):.1%}; "
        f"{arguments.output.stat().st_size // 1024} KiB\n"
    )


if __name__ == "__main__":
    main()
