"""Voices that are made better in the background: what is swapped, and what stays."""

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from installations import environment, settings_of
from material import tone

from visavis.jobs import fit_child, fitting
from visavis.jobs.processes import ChildError, StoppedError
from visavis.jobs.queue import FITS, Queue
from visavis.jobs.render_child import _own_voice
from visavis.jobs.service import Service, open_service
from visavis.speech.kokoro import BIAS_COUNT
from visavis.speech.person import PersonVoice, Similarity
from visavis.speech.person.stock import stock_table
from visavis.speech.types import Samples
from visavis.speech.voices import find_voice
from visavis.store.tables import Asset, Voice

MATCHED = "voices/{}/ada/matched.voice"
ALIKE = {"before": 0.5, "after": 0.8, "itself": 0.9}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A workspace's voice that was matched, with its recording, and nobody who works."""
    opened = open_service(settings_of(environment(tmp_path)), "test")
    owner = opened.keys.workspace("w")
    key = MATCHED.format(owner)
    for name, content in (("recording", b"RIFF"), (key, b"matched")):
        (tmp_path / "file").write_bytes(content)
        opened.core.blobs.put(name, tmp_path / "file", "application/octet-stream")
    with opened.core.database.write() as session:
        session.add(
            Asset(
                id="sound",
                workspace_id=owner,
                kind="audio",
                mime="audio/wav",
                status="ready",
                key="recording",
                meta={"format": "wav"},
            )
        )
        session.add(
            Voice(
                id="ada",
                workspace_id=owner,
                name="Ada",
                language="en-US",
                status="ready",
                base="en-US-heart",
                key=key,
                source="sound",
            )
        )
    yield opened
    opened.close()


def kept(service: Service, folder: Path) -> bytes:
    """What the voice speaks with."""
    with service.core.database.read() as session:
        voice = session.get(Voice, "ada")
        assert voice is not None
        assert voice.status == "ready"
        assert voice.key is not None
        service.core.blobs.fetch(voice.key, folder / "spoken")
    return (folder / "spoken").read_bytes()


def child(method: str) -> Any:
    """A child that has fitted, or says that the gates did not let it pass."""

    def run(program: str, job: dict[str, Any], **_: Any) -> dict[str, Any]:
        assert program == "visavis.jobs.fit_child"
        assert Path(job["recording"]).read_bytes() == b"RIFF"
        assert Path(job["voice"]).read_bytes() == b"matched"
        Path(job["output"]).write_bytes(b"fitted")
        return {"method": method, "similarity": ALIKE}

    return run


@pytest.mark.parametrize(
    ("method", "spoken"), [("fitted", b"fitted"), ("matched", b"matched")], ids=str
)
def test_a_fit_that_passes_its_gates_takes_the_place(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, spoken: bytes
) -> None:
    monkeypatch.setattr(fitting, "run_child", child(method))
    fitting.fit_voice(service, "ada")
    assert kept(service, tmp_path) == spoken
    with service.core.database.read() as session:
        voice = session.get_one(Voice, "ada")
        assert voice.similarity == (ALIKE if method == "fitted" else {})


@pytest.mark.parametrize("error", [ChildError("fit_failed", "No.", True), StoppedError()], ids=str)
def test_a_fit_that_fails_leaves_the_voice(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(fitting, "run_child", fail)
    fitting.fit_voice(service, "ada")
    assert kept(service, tmp_path) == b"matched"


def test_a_voice_made_anew_meanwhile_is_not_overwritten(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = child("fitted")

    def slow(program: str, job: dict[str, Any], **more: Any) -> dict[str, Any]:
        assert more["wanted"]()
        (tmp_path / "file").write_bytes(b"anew")
        service.core.blobs.put("voices/anew", tmp_path / "file", "application/zip")
        with service.core.database.write() as session:
            voice = session.get(Voice, "ada")
            assert voice is not None
            voice.key = "voices/anew"
        assert not more["wanted"]()
        return dict(run(program, job))

    monkeypatch.setattr(fitting, "run_child", slow)
    fitting.fit_voice(service, "ada")
    assert kept(service, tmp_path) == b"anew"
    with service.core.database.read() as session:
        voice = session.get(Voice, "ada")
        assert voice is not None
        folder = f"voices/{voice.workspace_id}/ada"
    assert len(list(service.core.blobs.keys(folder))) == 1


@pytest.mark.parametrize("torch", [True, False])
def test_only_a_machine_that_can_fit_is_asked(
    service: Service, monkeypatch: pytest.MonkeyPatch, torch: bool
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object() if torch else None)
    monkeypatch.setattr(Queue, "_enqueue", lambda _self, _session, *what: asked.append(what))
    with service.core.database.write() as session:
        fitting.enqueue_fit(service, session, "ada")
    assert asked == ([(FITS, "fit_voice", "fit:ada", "ada")] if torch else [])


def test_the_child_fits_what_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the fit itself, which needs torch and minutes."""
    stock = find_voice("en-US-michael")
    matched = PersonVoice(
        name="Ada",
        language="en-US",
        method="matched",
        nearest=stock.slug,
        pitch=stock_table().pitch(stock.kokoro_id),
        rate=1.0,
        loudness=stock.loudness,
        melodies={"en-US": stock.slug},
        weights=np.array([n == stock.kokoro_id for n in stock_table().ids], np.float32),
    )
    matched.save(tmp_path / "matched.voice")
    (tmp_path / "a.wav").write_bytes(tone(4.0))

    def fit(samples: Samples, rate: int, voice: PersonVoice, **_: Any) -> PersonVoice:
        assert len(samples) == 4 * rate
        biases = np.full(BIAS_COUNT, 0.5, np.float32)
        return replace(voice, method="fitted", biases=biases, similarity=Similarity(**ALIKE))

    monkeypatch.setattr("visavis.speech.person.fit_voice", fit)
    job = {
        "recording": str(tmp_path / "a.wav"),
        "voice": str(tmp_path / "matched.voice"),
        "output": str(tmp_path / "fitted.voice"),
    }
    made = fit_child.work(job, lambda _stage, _percent: None)
    assert made == {"method": "fitted", "similarity": ALIKE}
    spoken = _own_voice(tmp_path / "fitted.voice")
    assert spoken.method == "fitted"
    assert spoken.name == "Ada"
    assert spoken.biases is not None
    assert np.allclose(spoken.biases, 0.5)
