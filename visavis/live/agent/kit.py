"""What an agent loads before it knows its session: the part that takes seconds."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from visavis import models
from visavis.line.avatars import open_avatar
from visavis.line.stream import single_threaded
from visavis.live.agent.config import FPS, RATE, AgentConfig
from visavis.live.answers.builtin import BuiltinAnswerer
from visavis.live.answers.chat import ChatAnswerer
from visavis.live.answers.library import Library
from visavis.live.answers.local import LocalAnswerer
from visavis.live.answers.types import Answerer, Document
from visavis.live.avatar.elevenlabs import ElevenLabs
from visavis.live.avatar.painter import Painter
from visavis.live.avatar.publisher import quality_named
from visavis.live.hearing.cloud import CloudEar
from visavis.live.hearing.ear import Ear
from visavis.live.hearing.local import LocalEar
from visavis.live.hearing.whisper import Whisper
from visavis.speech import Delivery, Speech, Synthesiser, find_voice
from visavis.speech.person import PersonVoice


@dataclass(frozen=True, slots=True)
class _Ready:
    """An avatar that was opened before anybody asked."""

    asked: tuple[str, str, str, str]
    painter: Painter


class Kit:
    """Models and makers of one process."""

    def __init__(self) -> None:
        single_threaded()
        self.synthesiser = Synthesiser()
        for _ in self.synthesiser.synthesise("Hello, nice to meet you.", "en-US-heart", soon=True):
            pass  # the first pass of a model is slow: let it not be the first thing somebody hears
        self.whisper = Whisper()
        self._ready: _Ready | None = None

    def prepare(self, config: AgentConfig) -> None:
        """Open what a session like this would need; one that asks for it then need not wait.

        Raises:
            VisavisError: the avatar cannot be opened, or there are no weights to hear with.
        """
        self._ready = _Ready(_asked(config), self._open(config, random.getrandbits(31)))
        models.ensure("silero-vad")
        self.whisper.load()

    def painter(self, config: AgentConfig, seed: int) -> Painter:
        """Open the avatar.

        Raises:
            VisavisError: it cannot be opened.
        """
        ready, self._ready = self._ready, None
        if ready is not None and ready.asked == _asked(config):
            return ready.painter
        return self._open(config, seed)

    @staticmethod
    def _open(config: AgentConfig, seed: int) -> Painter:
        source: str | Path = config.avatar
        if "/" in config.avatar:
            source = Path(config.avatar)
        return Painter(
            open_avatar(source),
            quality_named(config.quality).size,
            Fraction(FPS),
            background=config.background or None,
            emotion=config.emotion,
            seed=seed,
        )

    def speak(self, config: AgentConfig) -> "Voice | ElevenLabs":
        """The session's voice.

        Raises:
            VisavisError: it cannot be had.
        """
        if config.elevenlabs:
            return ElevenLabs(config.elevenlabs, RATE, config.speed)
        return Voice(self.synthesiser, config)

    def ear(self, config: AgentConfig) -> Ear:
        """What writes down what the person says.

        Raises:
            PluginError: the plugin of the service that is asked for is not installed.
        """
        if config.hearing:
            asked = config.hearing
            return CloudEar(asked["provider"], asked["key"], asked["url"], config.language)
        return LocalEar(self.whisper, config.language)

    @staticmethod
    def answerer(config: AgentConfig) -> Answerer:
        """What answers in this session.

        Raises:
            AnswerError: the folder of the local model holds none.
        """
        library = Library([Document(item["title"], item["text"]) for item in config.documents])
        if config.model.get("url"):
            return ChatAnswerer(
                config.model["url"],
                config.model.get("model", ""),
                config.model.get("key", ""),
                config.prompt,
                library,
            )
        if folder := config.model.get("folder"):
            return LocalAnswerer(Path(folder), config.prompt, library)
        return BuiltinAnswerer(library)


def _asked(config: AgentConfig) -> tuple[str, str, str, str]:
    """What a painter depends on."""
    return config.avatar, config.quality, config.background, config.emotion


class Voice:
    """Speaks texts with the session's voice.

    Raises:
        VoiceError: there is no such voice, or its file is damaged.
    """

    def __init__(self, synthesiser: Synthesiser, config: AgentConfig) -> None:
        self._synthesiser = synthesiser
        own = config.own_voice
        self._voice = PersonVoice.load(Path(own)) if own else find_voice(config.voice)
        self._delivery = Delivery(speed=config.speed)

    def __call__(self, text: str, spoken: int) -> Iterator[Speech]:
        """Clause by clause, the opening of the first one by itself."""
        return self._synthesiser.synthesise(
            text, self._voice, self._delivery, spoken=spoken, soon=not spoken
        )

    async def close(self) -> None:
        """Nothing to give back: the synthesiser is the process's."""
