"""Previews and stills."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.material import grey, raw
from visavis.errors import MediaError
from visavis.media import picture_at, write_preview


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    pictures = [np.dstack([grey(4 * n)[..., 0], grey(200 - 4 * n)[..., 0], grey(90)[..., 0]])
                for n in range(50)]  # fmt: skip
    raw(path, pictures)
    return path


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_a_preview_moves_and_repeats(film: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"preview{suffix}"
    write_preview(film, path, seconds=1.5, width=64, fps=10)
    data = path.read_bytes()
    if suffix == ".gif":
        assert b"NETSCAPE2.0\x03\x01\x00\x00" in data
        with av.open(str(path)) as container:
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(frames) == 15
        assert frames[0].shape == (48, 64, 3)
        assert frames[-1][..., 0].mean() > frames[0][..., 0].mean() + 80
        assert abs(frames[0][..., 1].mean() - 200) < 12
    else:
        assert data[:4] == b"RIFF"
        assert data.count(b"ANMF") == 15


def test_a_still_is_what_the_film_shows_then(film: Path) -> None:
    assert picture_at(film, 1.0)[..., 0].mean() == pytest.approx(100, abs=5)
    with pytest.raises(MediaError):
        picture_at(film, 100.0)


def test_impossible_previews_are_refused(film: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="gif"):
        write_preview(film, tmp_path / "x.png")
    with pytest.raises(MediaError, match="range"):
        write_preview(film, tmp_path / "x.gif", seconds=60)
    with pytest.raises(MediaError):
        write_preview(film, tmp_path / "x.gif", start=50)
    assert not list(tmp_path.glob("x.*"))
