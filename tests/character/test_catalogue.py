"""What is promised of every presenter, read from the files that ship."""

from importlib import resources
from io import BytesIO

import pytest
from PIL import Image

from visavis.rigs.character import catalogue
from visavis.rigs.files import read_rig
from visavis.speech.voices import find_voice

SCENES = {"lifestyle", "outdoors", "business", "studio", "health_fitness", "education", "news"}
PEOPLES = {
    "european", "african", "south_asian", "east_asian", "middle_eastern", "south_american",
    "north_american",
}  # fmt: skip
LARGEST = 400_000


@pytest.fixture(scope="module")
def assets():
    return resources.files("visavis.assets")


def test_every_entry_can_be_searched_by_what_the_dialects_filter_by():
    names = [one.name for one in catalogue()]
    assert len(set(names)) == len(names)
    for one in catalogue():
        assert one.title
        assert one.gender in {"female", "male"}
        assert one.age in {"young_adult", "adult", "senior"}
        assert one.style in {"professional", "social"}
        assert one.scene in SCENES, one.name
        assert one.ethnicity in PEOPLES, one.name
        assert one.tags


def test_every_voice_exists_and_speaks_english_as_somebody_of_that_sex():
    for one in catalogue():
        found = find_voice(one.voice)
        assert found.slug == one.voice
        assert found.slug.startswith("en-"), one.name
        assert found.gender == one.gender, one.name


def test_files_and_entries_are_the_same_people(assets):
    names = {one.name for one in catalogue()}
    packs = {e.name.removesuffix(".avatar") for e in (assets / "presenters").iterdir()
             if e.name.endswith(".avatar")}  # fmt: skip
    covers = {e.name.removesuffix(".webp") for e in (assets / "covers").iterdir()}
    assert packs == names
    assert covers == names


def test_packs_are_small_and_covers_are_cut_out(assets, tmp_path):
    for one in catalogue():
        data = (assets / "presenters" / f"{one.name}.avatar").read_bytes()
        assert len(data) < LARGEST, one.name
        path = tmp_path / "one.avatar"
        path.write_bytes(data)
        size = tuple(read_rig(path).meta["size"])
        cover = Image.open(BytesIO((assets / "covers" / f"{one.name}.webp").read_bytes()))
        assert cover.size == size
        assert cover.mode == "RGBA"
        alpha = cover.getchannel("A")
        assert alpha.getpixel((2, 2)) == 0
        assert alpha.getpixel((size[0] // 2, size[1] // 2)) == 255
