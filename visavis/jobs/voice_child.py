"""Let a voice say a sentence: ``python -m visavis.jobs.voice_child``."""

import wave
from pathlib import Path
from typing import Any

import numpy as np

from visavis.jobs.child import Progress, run

SENTENCES = {
    "en": "Hello! This is how I sound. I would be glad to speak for you.",
    "es": "¡Hola! Así sueno yo. Me encantaría hablar por ti.",
    "fr": "Bonjour ! Voici ma voix. Je serais ravie de parler pour vous.",
    "hi": "नमस्ते! मेरी आवाज़ ऐसी है।",
    "it": "Ciao! Questa è la mia voce. Sarei felice di parlare per te.",
    "ja": "こんにちは。これが私の声です。",
    "pt": "Olá! É assim que eu soo. Ficaria feliz em falar por você.",
    "zh": "你好！这是我的声音。很高兴为你说话。",
}


def work(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Write what the voice says to ``output`` as a WAV file."""
    progress("speaking", 0.0)
    from visavis.speech import Synthesiser, find_voice

    voice = find_voice(job["voice"])
    sentence = SENTENCES[voice.language.partition("-")[0]]
    parts = list(Synthesiser().synthesise(sentence, voice))
    samples = np.concatenate([part.samples for part in parts])
    with wave.open(str(Path(job["output"])), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(parts[0].rate)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return {"duration": sum(part.duration for part in parts)}


if __name__ == "__main__":
    run(work)
