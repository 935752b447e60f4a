"""A person's own voice in a call: fetched for the agent, and spoken with."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from visavis.domain.offer import VoiceInfo
from visavis.errors import VoiceError
from visavis.live.agent.config import AgentConfig
from visavis.live.agent.kit import Voice
from visavis.live.service.sessions import Sessions
from visavis.speech import Delivery, Synthesiser
from visavis.speech.kokoro import BIAS_COUNT
from visavis.speech.person import PersonVoice
from visavis.speech.person.studio import Studio
from visavis.speech.types import Samples

from .test_person import person


def packed(path: Path, voice: PersonVoice) -> Path:
    voice.save(path)
    return path


@pytest.mark.parametrize("biases", [None, np.full(BIAS_COUNT, 0.02, np.float32)], ids=["", "fit"])
def test_an_agent_speaks_with_the_persons_voice(
    studio: Studio, tmp_path: Path, biases: Any
) -> None:
    synthesiser = Synthesiser.__new__(Synthesiser)
    synthesiser._kokoro = studio.kokoro
    michael = replace(person("en-US-michael"), biases=biases)
    path = packed(tmp_path / "own.voice", michael)

    def said(config: AgentConfig) -> Samples:
        return np.concatenate([part.samples for part in Voice(synthesiser, config)("Hi.", 0)])

    own = said(AgentConfig(voice="en-US-heart", own_voice=str(path)))
    wanted = synthesiser.synthesise("Hi.", michael, Delivery(), soon=True)
    whole = np.concatenate([part.samples for part in wanted])
    assert np.allclose(own, whole, atol=1e-3)
    stock = said(AgentConfig(voice="en-US-heart"))
    assert len(stock) != len(own) or not np.allclose(stock, own, atol=1e-2)


def test_a_session_fetches_the_persons_voice_once(tmp_path: Path) -> None:
    fetched: list[str] = []

    def fetch(key: str, path: Path) -> None:
        fetched.append(key)
        path.write_bytes(b"voice")

    voices = {
        "ada": VoiceInfo(
            "ada", "Ada", "en-US", "", "", False, "voices/w/ada/1a2b.voice", "en-US-michael"
        ),
        "en-US-heart": VoiceInfo("en-US-heart", "Heart", "en-US", "", ""),
    }
    service = SimpleNamespace(
        voices=SimpleNamespace(find=lambda _workspace, slug: voices[slug]),
        core=SimpleNamespace(blobs=SimpleNamespace(fetch=fetch)),
        work=tmp_path,
    )
    sessions: Any = SimpleNamespace(service=service)
    sessions._kept = partial(Sessions._kept, sessions)
    order: Any = SimpleNamespace(voice="", elevenlabs=None)
    for _ in range(2):
        avatar: Any = SimpleNamespace(voice="ada")
        slug, own, elevenlabs = Sessions._voice(sessions, "w", order, avatar)
        assert (slug, elevenlabs) == ("en-US-michael", {})
        assert Path(own).read_bytes() == b"voice"
    assert fetched == ["voices/w/ada/1a2b.voice"]
    stock: Any = SimpleNamespace(voice="en-US-heart")
    assert Sessions._voice(sessions, "w", order, stock) == ("en-US-heart", "", {})


def test_a_damaged_voice_is_named(tmp_path: Path) -> None:
    for content in (b"PK nothing", b""):
        (tmp_path / "own.voice").write_bytes(content)
        with pytest.raises(VoiceError):
            PersonVoice.load(tmp_path / "own.voice")
    with pytest.raises(VoiceError):
        PersonVoice.load(tmp_path / "none.voice")
