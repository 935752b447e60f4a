"""What is promised of every presenter, read from the files that ship."""

from importlib import resources
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from visavis.rigs.character import catalogue, people
from visavis.rigs.files import read_rig
from visavis.scene import parse_background
from visavis.scene.framing import place
from visavis.speech.voices import find_voice

SCENES = {"lifestyle", "outdoors", "business", "studio", "health_fitness", "education", "news"}
PEOPLES = {
    "european", "african", "south_asian", "east_asian", "middle_eastern", "south_american",
    "north_american",
}  # fmt: skip
AGES = {"young_adult", "adult", "senior"}
LARGEST = 400_000
PROMISED = 300


@pytest.fixture(scope="module")
def assets():
    return resources.files("visavis.assets")


@pytest.fixture(scope="module")
def covers(assets):
    return {
        entry.name.removesuffix(".webp"): Image.open(BytesIO(entry.read_bytes()))
        for entry in (assets / "covers").iterdir()
    }


def test_there_are_as_many_entries_as_promised_each_of_its_own_name():
    entries = catalogue()
    assert len(entries) >= PROMISED
    assert len({one.name for one in entries}) == len(entries)
    assert len({one.title for one in entries}) == len(entries)
    assert entries[: len(people())] == people()


def test_every_entry_can_be_searched_by_what_the_dialects_filter_by():
    for one in catalogue():
        assert one.gender in {"female", "male"}
        assert one.age in AGES
        assert one.style in {"professional", "social"}
        assert one.scene in SCENES, one.name
        assert one.ethnicity in PEOPLES, one.name
        assert one.tags


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("gender", {"female", "male"}), ("age", AGES), ("style", {"professional", "social"}),
        ("scene", SCENES), ("ethnicity", PEOPLES),
    ],
)  # fmt: skip
def test_every_value_of_every_filter_finds_somebody(attribute, values):
    for value in values:
        found = {one.person for one in catalogue() if getattr(one, attribute) == value}
        assert found, value


def test_every_voice_exists_and_speaks_english_as_somebody_of_that_sex():
    for one in catalogue():
        found = find_voice(one.voice)
        assert found.slug == one.voice
        assert found.slug.startswith("en-"), one.name
        assert found.gender == one.gender, one.name


def test_files_and_entries_are_the_same_people(assets, covers):
    packs = {e.name.removesuffix(".avatar") for e in (assets / "presenters").iterdir()
             if e.name.endswith(".avatar")}  # fmt: skip
    assert packs == {one.name for one in people()}
    assert set(covers) == {one.name for one in catalogue()}


def test_packs_are_small_and_covers_of_people_are_cut_out(assets, covers, tmp_path):
    for one in people():
        data = (assets / "presenters" / f"{one.name}.avatar").read_bytes()
        assert len(data) < LARGEST, one.name
        path = tmp_path / "one.avatar"
        path.write_bytes(data)
        size = tuple(read_rig(path).meta["size"])
        cover = covers[one.name]
        assert cover.size == size
        assert cover.mode == "RGBA"
        alpha = cover.getchannel("A")
        assert alpha.getpixel((2, 2)) == 0
        assert alpha.getpixel((size[0] // 2, size[1] // 2)) == 255


def test_looks_of_one_person_differ_in_place_and_in_colour(covers):
    for person in people():
        entries = [one for one in catalogue() if one.person == person.name and one.look]
        assert len({(one.look.place.name, one.look.close) for one in entries}) == len(entries)
        assert len({(one.look.place.name, one.look.dye) for one in entries}) == len(entries)
        assert len({one.look.dye for one in entries}) > 10
        small = {
            one.name: np.asarray(covers[one.name].convert("RGB").resize((24, 30)), float)
            for one in entries
        }
        for (name, first), (other, second) in combinations(small.items(), 2):
            # a fifth of the picture is the same face
            assert np.abs(first - second).mean() > 6, (name, other)


def test_the_place_of_a_look_is_a_background_that_can_be_asked_for():
    for one in catalogue():
        if one.look:
            assert parse_background(one.look.place.background)


def test_a_look_keeps_the_person_and_changes_the_cloth():
    one = next(entry for entry in catalogue() if entry.look)
    plain = next(entry for entry in people() if entry.name == one.person).open()
    dressed = one.open()
    assert dressed.background == one.look.place.background
    assert (plain.background, plain.zoom) == ("studio", 1.0)
    before, after = plain.pack.layers["full"], dressed.pack.layers["full"]
    assert np.array_equal(before[..., 3], after[..., 3])
    face = slice(
        *(round(share * len(before)) for share in (plain.framing.eyes, plain.framing.chin))
    )
    middle = slice(int(0.42 * before.shape[1]), int(0.58 * before.shape[1]))
    assert np.array_equal(before[face, middle], after[face, middle])
    changed = np.abs(before[..., :3].astype(int) - after[..., :3]).sum(-1) > 30
    assert changed[-len(before) // 5 :].mean() > 0.2
    cloth = after[changed & (after[..., 3] == 255), :3]
    assert np.abs(np.median(cloth, 0) - one.look.dye[1]).max() < 40


def test_a_saved_look_opens_as_the_same_look(tmp_path):
    one = next(entry for entry in catalogue() if entry.look)
    rig = one.open()
    rig.save(tmp_path / "look.avatar")
    again = type(rig).load(tmp_path / "look.avatar")
    assert again.background == rig.background
    assert np.array_equal(again.pack.layers["full"], rig.pack.layers["full"])


def test_from_near_the_person_is_larger_in_every_shape():
    far, near = (
        next(entry for entry in catalogue() if entry.look and entry.look.close is close).open()
        for close in (False, True)
    )
    for size in ((640, 360), (360, 640), (400, 400)):
        boxes = [place(rig, size, cut_out=True) for rig in (far, near)]
        heads = [
            box.height * (rig.framing.chin - rig.framing.crown)
            for box, rig in zip(boxes, (far, near), strict=True)
        ]
        assert heads[1] > 1.2 * heads[0]
        assert all(box.y + round(box.height * far.framing.crown) >= 0 for box in boxes)
        assert all(box.y + box.height >= size[1] for box in boxes)
