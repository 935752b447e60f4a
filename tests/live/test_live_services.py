"""Hearing and voices of paid services: their real plugins against the edge of each service."""

import asyncio
import sys
from typing import Any

import numpy as np
import pytest
from live_services import KEY, WORDS, Services

from visavis.live.avatar.elevenlabs import ElevenLabs, VoiceServiceError
from visavis.live.hearing.cloud import MODULES, RATE, CloudEar
from visavis.live.hearing.ear import HearingError, Transcript
from visavis.live.plugins import PluginError, plugin

SOUND = np.full(512, 0.1, np.float32)


def _url(services: Services, provider: str) -> str:
    return str(getattr(services, provider))


def hear(services: Services, provider: str, key: str = KEY, language: str = "en") -> Transcript:
    """What a service makes of a second of sound."""

    async def run() -> Transcript:
        ear = CloudEar(provider, key, _url(services, provider), language)
        try:
            for _ in range(RATE // len(SOUND)):
                ear.follow(SOUND)
            return await ear.transcribe(SOUND)
        finally:
            await ear.close()

    return asyncio.run(run())


@pytest.mark.parametrize("provider", sorted(MODULES))
def test_a_service_writes_down_what_is_said(services: Services, provider: str) -> None:
    pytest.importorskip(f"livekit.plugins.{MODULES[provider]}")
    heard = hear(services, provider)
    assert heard.text == WORDS
    assert heard.confidence > 0.8
    assert heard.language == "en"
    assert services.heard[MODULES[provider]] >= RATE * 0.9, "all of the sound was sent"


@pytest.mark.parametrize("provider", sorted(MODULES))
def test_a_wrong_key_is_an_error_that_says_so(services: Services, provider: str) -> None:
    pytest.importorskip(f"livekit.plugins.{MODULES[provider]}")
    with pytest.raises(HearingError, match=provider) as caught:
        hear(services, provider, key="wrong")
    assert "key" in caught.value.remedy
    assert "wrong" not in str(caught.value)


def test_the_words_so_far_are_known_before_the_turn_ends(services: Services) -> None:
    pytest.importorskip("livekit.plugins.deepgram")

    async def run() -> None:
        ear = CloudEar("deepgram", KEY, services.deepgram)
        for _ in range(RATE // len(SOUND)):
            ear.follow(SOUND)
        while not (await ear.guess(SOUND)).text:
            await asyncio.sleep(0)
        assert (await ear.guess(SOUND)).text == WORDS[:10].strip()
        ear.drop()
        assert (await ear.transcribe(SOUND)).text == ""
        await ear.close()

    asyncio.run(asyncio.wait_for(run(), 30))


def speak(services: Services, key: str = KEY, **settings: Any) -> np.ndarray:
    """What a voice of ElevenLabs says, as the thread of the speaker calls it."""

    async def run() -> np.ndarray:
        asked = {"voice": "a-voice", "key": key, "url": services.elevenlabs, **settings}
        voice = ElevenLabs(asked, 24_000, 3.0)
        try:
            parts = await asyncio.to_thread(lambda: list(voice("La la la la la.", 0)))
        finally:
            await voice.close()
        assert parts[0].text == "La la la la la."
        assert any(part.phones for part in parts), "the lips move"
        return np.concatenate([part.samples for part in parts])

    return asyncio.run(run())


def test_a_voice_of_elevenlabs_speaks_with_its_settings(services: Services) -> None:
    pytest.importorskip("livekit.plugins.elevenlabs")
    samples = speak(services, stability=0.2, style=0.4, model_id="eleven_flash_v2_5")
    assert len(samples) >= round(0.06 * len("La la la la la.") * 24_000)
    asked = services.spoken[-1]
    assert asked["voice"] == "a-voice"
    assert asked["model_id"] == "eleven_flash_v2_5"
    assert asked["voice_settings"]["stability"] == 0.2
    assert asked["voice_settings"]["style"] == 0.4
    assert asked["voice_settings"]["speed"] == 1.2, "as fast as the service takes"


def test_a_voice_that_may_not_speak_is_an_error(services: Services) -> None:
    pytest.importorskip("livekit.plugins.elevenlabs")
    with pytest.raises(VoiceServiceError, match="401"):
        speak(services, key="wrong")


@pytest.mark.parametrize("name", [*MODULES.values(), "elevenlabs"])
def test_a_missing_plugin_names_its_extra(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, f"livekit.plugins.{name}", None)
    with pytest.raises(PluginError) as caught:
        plugin(name)
    assert f"visavis[live,{name}]" in caught.value.remedy
