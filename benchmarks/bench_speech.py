"""How fast text becomes speech on this machine."""

import time

import numpy as np

from visavis.speech import Synthesiser, join
from visavis.speech.loudness import loudness
from visavis.speech.reading import reader
from visavis.speech.text.clean import cleaned
from visavis.speech.text.pronunciation import UserLexicon

VOICE = "en-US-heart"
SCRIPT = (
    "Thank you for joining us today. In the next minute we will look at how the weather changed "
    "over the last ten years, why that matters for everyone who grows food, and what you can do "
    "about it at home. It costs about $5.25 a week; most people spend more on coffee. "
    "On June 3rd, 2024 the new rules came into force, and 42% of all farms have already changed."
)


def rows() -> list[tuple[str, str, str]]:
    """(what, measured, target) for the table of benchmarks."""
    found: list[tuple[str, str, str]] = []
    start = time.perf_counter()
    read = reader("en-US")
    found.append(("dictionaries loaded", f"{time.perf_counter() - start:.2f} s", "< 2 s"))
    long = cleaned(" ".join([SCRIPT] * 100))
    start = time.perf_counter()
    sentences = sum(1 for _ in read(long, UserLexicon({})))
    elapsed = time.perf_counter() - start
    found.append(
        ("text to phonemes", f"{len(long) / elapsed:,.0f} characters/s", "> 10,000 characters/s")
    )
    assert sentences > 100
    for threads in (1, 2):
        start = time.perf_counter()
        synthesiser = Synthesiser(threads)
        load = time.perf_counter() - start
        synthesiser.synthesise("Warm.", VOICE).__next__()
        first, factors, spent = [], [], []
        for _ in range(2):
            start, busy = time.perf_counter(), time.process_time()
            stream = synthesiser.synthesise(SCRIPT, VOICE)
            chunks = [next(stream)]
            first.append(time.perf_counter() - start)
            chunks += stream
            duration = join(chunks).duration
            factors.append((time.perf_counter() - start) / duration)
            spent.append((time.process_time() - busy) / duration)
        name = f"{threads} thread{'s' * (threads > 1)}"
        found += [
            (f"model loaded, {name}", f"{load:.2f} s", "< 3 s"),
            (
                f"first clause, {name}",
                f"{min(first):.2f} s for {chunks[0].duration:.1f} s of speech",
                "< 0.7 s",
            ),
            (
                f"real-time factor, {name}",
                f"{min(factors):.2f} ({min(spent):.2f} of one core's time)",
                "< 0.40",
            ),
        ]
        level = loudness(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate)
    found.append(("loudness of the script", f"{level:.1f} LUFS", "-16 +- 1 LUFS"))
    return found


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")
