import av
import cv2
import numpy as np
import pytest

from visavis.rigs import RigError
from visavis.rigs.footage.film import GROUP, Film, FilmReader, FilmWriter


@pytest.fixture(scope="module")
def film() -> Film:
    writer = FilmWriter((96, 64))
    for index in range(3 * GROUP + 2):
        picture = np.full((64, 96, 3), 60, np.uint8)
        cv2.circle(picture, (8 + 3 * index, 32), 7, (220, 180, 90), -1)
        writer.write(picture)
    return writer.finish()


def test_every_picture_comes_back_in_any_order(film: Film) -> None:
    forwards = FilmReader(film)
    expected = [forwards.picture(index).copy() for index in range(len(film))]
    assert len(film) == 3 * GROUP + 2
    hopping = FilmReader(film)
    for index in np.random.default_rng(0).permutation(len(film)):
        assert np.array_equal(hopping.picture(int(index)), expected[index])
    # The ball is where it was drawn: no picture has been taken for another.
    for index, picture in enumerate(expected):
        columns = np.flatnonzero(picture[32, :, 0] > 140)
        assert abs(columns.mean() - (8 + 3 * index)) < 1


def test_a_picture_is_approached_step_by_step(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures before one that is wanted soon are decoded one at a time, and only once."""
    expected = FilmReader(film).picture(2 * GROUP + 5)
    reader = FilmReader(film)
    reader.picture(3)
    decoded: list[int] = []
    decode = FilmReader._decoded

    def counted(self: FilmReader) -> av.VideoFrame:
        decoded.append(self.at + 1)
        return decode(self)

    monkeypatch.setattr(FilmReader, "_decoded", counted)
    for times in range(1, GROUP + 3):
        reader.approach(2 * GROUP + 5)
        assert len(decoded) == min(times, 5)
    assert np.array_equal(reader.picture(2 * GROUP + 5), expected)
    assert decoded == list(range(2 * GROUP, 2 * GROUP + 6))


def test_a_film_survives_being_written(film: Film) -> None:
    again = Film.from_bytes(film.to_bytes())
    assert again.size == (96, 64)
    assert again.packets == film.packets


@pytest.mark.parametrize("damage", ["empty", "short", "name", "longer"])
def test_a_damaged_film_is_named(film: Film, damage: str) -> None:
    data = film.to_bytes()
    broken = {"empty": b"", "short": data[:-5], "name": b"XXXX" + data[4:], "longer": data + b"x"}
    with pytest.raises(RigError):
        Film.from_bytes(broken[damage])


def test_a_picture_that_is_no_picture_is_named(film: Film) -> None:
    packets = (b"\x00\x00\x00\x01\x09" + b"\xff" * 40, *film.packets[1:])
    with pytest.raises(RigError):
        FilmReader(Film(film.size, packets)).picture(3)
