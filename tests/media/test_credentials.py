"""Content credentials, checked with the reference reader of the C2PA project."""

import stat
from pathlib import Path
from typing import Any

import av
import pytest

from tests.media.material import at_48k, grey, heard, lag, noise, write
from visavis.errors import MediaError
from visavis.media import write_cover
from visavis.media.credentials import Identity, identity, read_credentials, sign


@pytest.fixture(scope="module")
def who(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return identity(tmp_path_factory.mktemp("credentials"))


def assertion(found: dict[str, Any], label: str) -> Any:
    manifest = found["manifests"][found["active_manifest"]]
    return next(each["data"] for each in manifest["assertions"] if each["label"] == label)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_film_says_that_it_is_synthetic(tmp_path: Path, who: Identity, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    sound = noise(24_000, 2)
    write(path, sound, 24_000)
    assert read_credentials(path) is None
    holder = sign(path, who, title="Good morning", facts={"avatar": "portrait"})
    assert holder.exists()
    found = read_credentials(path)
    assert found is not None
    assert found["validation_state"] == "Valid"
    (action,) = assertion(found, "c2pa.actions.v2")["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"].endswith("compositeWithTrainedAlgorithmicMedia")
    assert assertion(found, "org.visavis.production") == {"avatar": "portrait"}
    # Still a whole film, in step, its header first.
    got, first = heard(path)
    assert abs(first + lag(got, at_48k(sound, 24_000)) / 48_000) < 0.001
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 50
    if suffix == ".mp4":
        data = path.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_changed_film_is_found_out(tmp_path: Path, who: Identity, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write(path, noise(24_000, 1), 24_000)
    sign(path, who)
    data = bytearray(path.read_bytes())
    data[-200] ^= 0xFF
    path.write_bytes(data)
    found = read_credentials(path)
    assert found is not None
    assert found["validation_state"] == "Invalid"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_covers_carry_them_too(tmp_path: Path, who: Identity, suffix: str) -> None:
    path = tmp_path / f"cover{suffix}"
    write_cover(path, grey(120))
    sign(path, who)
    found = read_credentials(path)
    assert found is not None
    assert found["validation_state"] == "Valid"


def test_the_identity_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first = identity(tmp_path / "keys")
    assert identity(tmp_path / "keys") == first
    assert stat.S_IMODE((tmp_path / "keys" / "credentials.key").stat().st_mode) == 0o600
    assert b"PRIVATE KEY" in first.key
    assert first.chain.count(b"BEGIN CERTIFICATE") == 2


def test_half_an_identity_is_refused(tmp_path: Path) -> None:
    identity(tmp_path)
    (tmp_path / "credentials.key").unlink()
    with pytest.raises(MediaError, match=r"credentials\.key"):
        identity(tmp_path)


def test_an_identity_that_cannot_sign_is_refused_and_the_film_stays(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    write(path, noise(24_000, 1), 24_000)
    before = path.read_bytes()
    with pytest.raises(MediaError, match="credentials"):
        sign(path, Identity(b"nonsense", b"nonsense"))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
