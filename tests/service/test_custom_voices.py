"""Voices of people: made of a recording, listed, spoken with, deleted."""

import io
from pathlib import Path
from typing import Any

import calls
import numpy as np
import pytest
import soundfile
from conftest import Client, Receiver
from flows import until
from material import silence, tone

from visavis.domain.errors import FieldError
from visavis.jobs.render_child import _own_voice
from visavis.store.tables import Asset


@pytest.fixture(scope="package")
def recording() -> bytes:
    """Somebody speaking for some five seconds."""
    return _said(("en-GB-george",))


def _said(voices: tuple[str, ...]) -> bytes:
    """A sentence by each of the voices, one after the other."""
    from visavis.speech import Synthesiser

    said = "I agree that a voice is made of this recording, and that it says what I write."
    synthesiser = Synthesiser()
    parts = [part.samples for voice in voices for part in synthesiser.synthesise(said, voice)]
    out = io.BytesIO()
    soundfile.write(out, np.concatenate(parts), 24_000, format="WAV")
    return out.getvalue()


def settled(client: Client, voice: str) -> dict[str, Any]:
    def told() -> dict[str, Any]:
        body: dict[str, Any] = client.get(f"/v2/voices/custom/{voice}").json()["data"]
        return body if body["status"] != 0 else {}

    return until(told)


def test_a_voice_is_made_listed_and_deleted(
    one_machine_client: Client, receiver: Receiver, recording: bytes, tmp_path: Path
) -> None:
    client = one_machine_client
    receiver.files["/ada.wav"] = ("audio/wav", recording)
    body = {"name": "Ada Ünal", "audio_url": f"{receiver.url}/ada.wav", "consent": "I agree."}
    headers = {"Idempotency-Key": "ada"}
    made = client.post("/v2/voices/custom", json=body, headers=headers).json()["data"]
    assert made["voice_id"].startswith("ada-unal-")
    again = client.post("/v2/voices/custom", json=body, headers=headers).json()["data"]
    assert again["voice_id"] == made["voice_id"]
    waiting = {"avatar_id": "avatar-1", "voice_id": made["voice_id"], "text": "Hi."}
    done = settled(client, made["voice_id"])
    assert done["status_name"] == "completed", done
    assert made["voice_similarity"] is None
    alike = done["voice_similarity"]
    assert set(alike) == {"before", "after", "itself"}
    assert all(-1 <= value <= 1 for value in alike.values())
    assert calls.get(done["audio_url"]).content == recording
    assert made["voice_id"] in [row["id"] for row in client.get("/v1/voices").json()["voices"]]
    job = client.post("/v1/video-avatars", json=waiting)
    assert job.status_code == 200, job.text
    with client.place.opened() as service:
        owner = service.keys.authenticate(client.text).workspace_id
        key = service.voices.find(owner, made["voice_id"]).key
        assert key is not None
        service.core.blobs.fetch(key, tmp_path / "own.voice")
    given = _own_voice(tmp_path / "own.voice")
    assert given.name == "Ada Ünal"
    assert given.language.startswith("en")
    assert client.delete(f"/v2/voices/custom/{made['voice_id']}").status_code == 200
    assert client.get("/v2/voices/custom").json()["data"]["total"] == 0
    refused = client.post("/v1/video-avatars", json=waiting)
    assert refused.status_code in (400, 404)
    with client.place.opened() as service:
        assert service.core.blobs.keys(f"voices/{owner}") == []


def test_two_people_are_no_voice(one_machine_client: Client, receiver: Receiver) -> None:
    client = one_machine_client
    receiver.files["/two.wav"] = ("audio/wav", _said(("en-GB-george", "en-US-heart")))
    body = {"name": "Two", "audio_url": f"{receiver.url}/two.wav", "consent": "We agree."}
    made = client.post("/v2/voices/custom", json=body).json()["data"]
    failed = settled(client, made["voice_id"])
    assert failed["status_name"] == "failed", failed
    assert "More than one voice is heard" in failed["fail_msg"]
    assert failed["voice_similarity"] is None


def test_what_is_wrong_is_refused_at_once(one_machine_client: Client, receiver: Receiver) -> None:
    client = one_machine_client
    asked = {"name": "Ada", "audio_url": "http://10.0.0.1/a.wav"}
    refused = client.post("/v2/voices/custom", json=asked)
    assert refused.status_code == 400
    assert "public internet" in refused.json()["msg"]
    with client.place.opened() as service:
        owner = service.keys.authenticate(client.text).workspace_id
        good: dict[str, Any] = {"duration": 6.0, "has_sound": True}
        for name, language, meta, word in (
            ("Ada", "", good | {"duration": 2.0}, "2.0 s"),
            ("Ada", "", good | {"duration": 16.0}, "16.0 s"),
            ("Ada", "", good | {"has_sound": False}, "sound"),
            ("Ada", "xx-XX", good, "xx-XX"),
            ("  ", "", good, "name"),
        ):
            recording = Asset(id="none", workspace_id=owner, kind="audio", meta=meta)
            with pytest.raises(FieldError, match=word):
                service.voices.create(owner, name, recording, language=language, consent={})
    assert client.get("/v2/voices/custom").json()["data"]["total"] == 0


@pytest.mark.parametrize(
    ("sound", "reason"),
    [(silence(5.0), "The sound is silent"), (tone(5.0), "speaks for 0.0 of 5.0 s")],
    ids=["silence", "tone"],
)
def test_a_recording_without_speech_fails_with_the_reason(
    one_machine_client: Client, receiver: Receiver, sound: bytes, reason: str
) -> None:
    client = one_machine_client
    receiver.files["/silent.wav"] = ("audio/wav", sound)
    body = {"name": "Nobody", "audio_url": f"{receiver.url}/silent.wav"}
    made = client.post("/v2/voices/custom", json=body).json()["data"]
    done = settled(client, made["voice_id"])
    assert done["status_name"] == "failed"
    assert reason in done["fail_msg"]
    refused = client.post(
        "/v1/video-avatars",
        json={"avatar_id": "avatar-1", "voice_id": made["voice_id"], "text": "Hi."},
    )
    assert refused.status_code == 400
    assert "failed" in refused.text
