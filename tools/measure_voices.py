"""Measure the stock voices, so that the one nearest to a person can be found.

    python tools/measure_voices.py visavis/speech/person/stock.npz

Every voice speaks the same two English sentences; kept are its speaker embedding, its pitch and its
spread of pitch. Takes some minutes.
"""

import sys
from pathlib import Path

import numpy as np

from visavis.speech.kokoro import RATE, Timbre
from visavis.speech.person.pitch import pitch_of
from visavis.speech.person.studio import SENTENCES, Studio
from visavis.speech.voices import voices


def main(target: Path) -> None:
    """Measure all voices and write the table."""
    studio = Studio()
    ids = sorted(voice.kokoro_id for voice in voices())
    embeddings, pitches = [], []
    for name in ids:
        timbre = Timbre(studio.kokoro.style(name))
        sounds = [studio.say(sentence, timbre) for sentence in SENTENCES]
        embeddings.append(studio.embedding(sounds))
        pitch = pitch_of(np.concatenate(sounds), RATE)
        pitches.append((pitch.centre, pitch.spread))
        sys.stdout.write(f"{name} {pitch.hertz:.0f} Hz, {pitch.spread:.2f}\n")
        sys.stdout.flush()
    np.savez_compressed(
        target,
        ids=np.array(ids),
        embeddings=np.array(embeddings, np.float16),
        pitches=np.array(pitches, np.float32),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
