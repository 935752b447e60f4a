"""The presenters that ship, in a store of their own, filtered as JoggAI's API filters them."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
from installations import plain, settings_of

from visavis.domain.avatars import Avatars
from visavis.domain.catalogue import stock
from visavis.server import joggai_catalogue
from visavis.store.blobs import Blobs
from visavis.store.database import Database
from visavis.store.migrate import migrate

ANY = "00000000-0000-0000-0000-000000000000"
WORDS = {
    "gender": joggai_catalogue.Gender, "age": joggai_catalogue.Age,
    "style": joggai_catalogue.Style, "scene": joggai_catalogue.Scene,
    "ethnicity": joggai_catalogue.Ethnicity, "aspect_ratio": joggai_catalogue.Aspect,
}  # fmt: skip


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The stores alone."""
    settings = settings_of(plain(tmp_path_factory.mktemp("stock")))
    Path(settings.work_dir).mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    migrate(database)
    yield SimpleNamespace(database=database, blobs=Blobs(settings))
    database.close()


@pytest.fixture(scope="module")
def avatars(core: Any) -> Avatars:
    """Seeded with what ships."""
    made = Avatars(core, cast(Any, None))
    made.seed(stock())
    return made


def test_every_entry_is_in_the_store_with_its_cover(avatars: Avatars, core: Any) -> None:
    rows, total = avatars.page(ANY, "public", size=1000)
    assert total == len(rows) == len(stock()) >= 300
    for row in rows:
        assert row.name
        assert row.voice
        assert core.blobs.head(row.cover_key).size > 1000


@pytest.mark.parametrize("name", WORDS)
def test_every_word_of_every_filter_finds_entries(avatars: Avatars, name: str) -> None:
    found = {}
    for word in get_args(WORDS[name]):
        rows, found[word] = avatars.page(ANY, "public", attributes={name: word}, size=1000)
        assert all(row.attributes.get(name, word) == word for row in rows)
    assert all(found.values()), found
    if name != "aspect_ratio":  # a presenter fits every shape
        assert sum(found.values()) == len(stock())


def test_filters_work_together(avatars: Avatars) -> None:
    asked = {"gender": "female", "scene": "business", "style": "professional"}
    rows, total = avatars.page(ANY, "public", attributes=asked, page=2, size=5)
    assert total > 5
    assert len(rows) == 5
    assert all(row.attributes[key] == value for row in rows for key, value in asked.items())
