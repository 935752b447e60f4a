"""The stock presenters that ship with the product."""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from visavis.rigs.character.rig import CharacterRig
from visavis.rigs.files import RigError

FILE = "presenters.json"
SUFFIX = ".avatar"


@dataclass(frozen=True, slots=True)
class Presenter:
    """What the catalogue says of one presenter.

    Attributes:
        name: slug, also the stem of the file.
        title: name to show.
        gender: ``female`` or ``male``.
        age: ``young_adult``, ``adult`` or ``senior``.
        style: ``professional`` or ``social``.
        scene: ``lifestyle``, ``outdoors``, ``business``, ``studio``, ``health_fitness``,
            ``education`` or ``news``.
        ethnicity: ``european``, ``african``, ``south_asian``, ``east_asian``,
            ``middle_eastern``, ``south_american`` or ``north_american``.
        tags: words to search by.
        voice: slug of the voice that suits.
    """

    name: str
    title: str
    gender: str
    age: str
    style: str
    scene: str
    ethnicity: str
    tags: tuple[str, ...]
    voice: str

    def open(self) -> CharacterRig:
        """The presenter's rig.

        Raises:
            RigError: the installation is damaged.
        """
        folder = resources.files("visavis.assets") / "presenters"
        with resources.as_file(folder / f"{self.name}{SUFFIX}") as path:
            return CharacterRig.load(path)


@lru_cache(maxsize=1)
def catalogue() -> tuple[Presenter, ...]:
    """All presenters of this installation, in the order to show them."""
    text = (resources.files("visavis.assets") / FILE).read_text()
    return tuple(Presenter(**{**entry, "tags": tuple(entry["tags"])}) for entry in json.loads(text))


def presenter(name: str) -> Presenter:
    """One presenter by name.

    Raises:
        RigError: there is none of that name.
    """
    for one in catalogue():
        if one.name == name:
            return one
    known = ", ".join(one.name for one in catalogue())
    raise RigError(f"There is no presenter {name!r}.", f"Choose one of {known}.")
